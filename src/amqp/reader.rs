//! Reading AMQP's fields from octets.

use crate::broker::{InnerTable, Name, Table, Value, Width, octets};

/// Tables and arrays stand within each other no deeper than this: a few octets each could else fill the stack.
const DEEPEST: usize = 64;

/// What cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It ends too early.
    Short,
    /// It goes on where it should end.
    Long,
    /// A field's type that AMQP does not know, or RabbitMQ does not.
    UnknownType(u8),
    /// A floating-point number that is none, or has no end.
    NoNumber,
    /// Tables within tables within tables.
    Deep,
    /// A name that is not UTF-8.
    NotText,
}

/// Octets that are read from the front.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
}

type Read<T> = Result<T, Malformed>;

impl<'a> Reader<'a> {
    /// Begins at the first of them.
    pub fn new(octets: &'a [u8]) -> Self {
        Self { left: octets }
    }

    /// What is not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.left
    }

    /// That all is read.
    pub fn end(&self) -> Read<()> {
        match self.left {
            [] => Ok(()),
            _ => Err(Malformed::Long),
        }
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(count).ok_or(Malformed::Short)?;
        self.left = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, left) = self.left.split_first_chunk().ok_or(Malformed::Short)?;
        self.left = left;
        Ok(*taken)
    }

    /// `octet`
    pub fn octet(&mut self) -> Read<u8> {
        self.array().map(u8::from_be_bytes)
    }

    /// `short`
    pub fn short(&mut self) -> Read<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// `long`
    pub fn long(&mut self) -> Read<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// `longlong`
    pub fn long_long(&mut self) -> Read<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// `shortstr`: at most 255 octets of any kind.
    pub fn short_string(&mut self) -> Read<Name> {
        let length = self.octet()?;
        self.take(length.into()).map(octets::read)
    }

    /// `longstr`
    pub fn long_string(&mut self) -> Read<&'a [u8]> {
        let length = self.long()?;
        self.take(length as usize)
    }

    /// `table`. Of a name that comes twice the first value counts.
    pub fn table(&mut self) -> Read<Table> {
        Ok(self.inner_table(0)?.into())
    }

    fn inner_table(&mut self, depth: usize) -> Read<InnerTable> {
        if depth > DEEPEST {
            return Err(Malformed::Deep);
        }
        let mut inner = Self::new(self.long_string()?);
        let mut table = InnerTable::default();
        while !inner.left.is_empty() {
            let name = inner.short_string()?;
            let value = inner.value(depth)?;
            table.push(name, value);
        }
        Ok(table)
    }

    fn value(&mut self, depth: usize) -> Read<Value> {
        let sized = |width, value: i64| Value::Sized(width, value);
        Ok(match self.octet()? {
            b't' => Value::Bool(self.octet()? != 0),
            b'b' => sized(Width::I8, i8::from_be_bytes(self.array()?).into()),
            b'B' => sized(Width::U8, self.octet()?.into()),
            b's' => sized(Width::I16, i16::from_be_bytes(self.array()?).into()),
            b'u' => sized(Width::U16, self.short()?.into()),
            b'I' => sized(Width::I32, i32::from_be_bytes(self.array()?).into()),
            b'i' => sized(Width::U32, self.long()?.into()),
            b'l' | b'L' => sized(Width::I64, i64::from_be_bytes(self.array()?)),
            b'f' => match f32::from_be_bytes(self.array()?) {
                number if number.is_finite() => Value::Float(number),
                _ => return Err(Malformed::NoNumber),
            },
            b'd' => match f64::from_be_bytes(self.array()?) {
                number if number.is_finite() => Value::Double(number),
                _ => return Err(Malformed::NoNumber),
            },
            b'D' => Value::Decimal(self.octet()?, self.long()?),
            b'S' => Value::Text(octets::read(self.long_string()?)),
            b'x' => Value::Octets(octets::read(self.long_string()?)),
            b'T' => Value::Timestamp(self.long_long()?),
            b'V' => Value::Void,
            b'F' => Value::Table(self.inner_table(depth + 1)?),
            b'A' => {
                if depth > DEEPEST {
                    return Err(Malformed::Deep);
                }
                let mut inner = Self::new(self.long_string()?);
                let mut values = Vec::new();
                while !inner.left.is_empty() {
                    values.push(inner.value(depth + 1)?);
                }
                Value::Array(values)
            }
            other => return Err(Malformed::UnknownType(other)),
        })
    }
}
