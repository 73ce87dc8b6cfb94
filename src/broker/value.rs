//! Field tables: headers of messages and arguments of declarations and bindings.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::{InnerTable, Name, octets};

/// A field table. Order does not matter to AMQP (E11), so it is kept by name, as RabbitMQ does.
pub type Table = BTreeMap<Name, Value>;

/// A field's value. An integer keeps its width, which error texts name; comparisons pass over it (E33, Q4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// No value; in a headers binding it asks only for presence (E32).
    Void,
    /// A boolean.
    Bool(bool),
    /// An integer of no width in particular. On the wire it has 64 bits.
    Int(i64),
    /// An integer whose width its application chose: it is passed on so. In a file it is a number like any other.
    #[serde(serialize_with = "number_alone", skip_deserializing)]
    Sized(Width, i64),
    /// A floating-point number of single precision.
    Float(f32),
    /// A floating-point number.
    Double(f64),
    /// A decimal number: the second, with a point before so many of its last digits.
    Decimal(u8, u32),
    /// A text.
    Text(Name),
    /// Octets that are no text, as [`octets`](super::octets) writes them.
    Octets(Name),
    /// A moment in whole seconds, such as `time` in `x-death` (D7). A file writes it as an integer, and reads it as one.
    Timestamp(u64),
    /// An array.
    Array(Vec<Value>),
    /// A table in the table.
    Table(InnerTable),
}

impl Value {
    /// The number, if it is a whole one of any width.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) | Self::Sized(_, value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is one, or octets as one.
    pub fn text(&self) -> Option<&Name> {
        match self {
            Self::Text(text) | Self::Octets(text) => Some(text),
            _ => None,
        }
    }

    /// Whether they are the same but for the types they have: an argument that says 1 says so as a byte, a long or a
    /// timestamp (Q4, E5). Within arrays and tables, types count.
    pub fn is_same(&self, other: &Self) -> bool {
        self.is_same_as(other, 1)
    }

    /// Whether a headers exchange takes a header for what a binding asks for, which is this: types do not count for it
    /// either (E33). But a timestamp that is sent has become milliseconds by then, and one that is bound has not.
    pub fn is_met_by(&self, header: &Self) -> bool {
        self.is_same_as(header, 1_000)
    }

    /// Whether they are the same, if the other counts time in so many parts of a second.
    fn is_same_as(&self, other: &Self, parts: i128) -> bool {
        let int = |value: &Self, parts| match value {
            Self::Timestamp(seconds) => Some(i128::from(*seconds) * parts),
            _ => value.as_int().map(i128::from),
        };
        let float = |value: &Self| match value {
            Self::Float(value) => Some(f64::from(*value)),
            Self::Double(value) => Some(*value),
            _ => None,
        };
        // To RabbitMQ, both are lists.
        let is_nothing = |value: &Self| match value {
            Self::Array(values) => values.is_empty(),
            Self::Table(fields) => fields.is_empty(),
            _ => false,
        };
        match (int(self, 1), int(other, parts)) {
            (Some(this), Some(that)) => return this == that,
            (None, None) => {}
            _ => return false,
        }
        (float(self).is_some() && float(self) == float(other))
            || (self.text().is_some() && self.text() == other.text())
            || (is_nothing(self) && is_nothing(other))
            || self.is_identical(other)
    }

    /// Whether they are the same and have the same type. Bindings that differ only in that are two (E11).
    pub fn is_identical(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(these), Self::Array(those)) => {
                let mut pairs = these.iter().zip(those);
                these.len() == those.len() && pairs.all(|(this, that)| this.is_identical(that))
            }
            (Self::Table(these), Self::Table(those)) => {
                let mut pairs = these.iter().zip(those.iter());
                these.len() == those.len()
                    && pairs.all(|(this, that)| this.0 == that.0 && this.1.is_identical(that.1))
            }
            _ => {
                self.type_name() == other.type_name()
                    && (self == other
                        || (self.as_int().is_some() && self.as_int() == other.as_int()))
            }
        }
    }

    /// How many octets a table of these fields is on the wire.
    pub(super) fn table_octets<'a>(fields: impl Iterator<Item = (&'a Name, &'a Self)>) -> usize {
        const LENGTH: usize = 4;
        LENGTH
            + fields
                .map(|(name, value)| 1 + octets::write(name).len() + value.octets())
                .sum::<usize>()
    }

    /// Roughly how much memory a table of these fields takes, in octets.
    pub fn table_memory<'a>(fields: impl Iterator<Item = (&'a Name, &'a Self)>) -> u64 {
        fields
            .map(|(name, value)| {
                // A tree's nodes are two thirds full on average.
                let place = size_of::<(Name, Self)>() * 3 / 2;
                place as u64 + name.memory() + value.memory()
            })
            .sum()
    }

    /// Roughly how much memory it takes beside its own place, in octets.
    fn memory(&self) -> u64 {
        match self {
            Self::Text(text) | Self::Octets(text) => text.memory(),
            Self::Array(values) => {
                let place = size_of::<Self>() as u64;
                values.iter().map(|value| place + value.memory()).sum()
            }
            Self::Table(fields) => Self::table_memory(fields.iter()),
            _ => 0,
        }
    }

    /// How many octets it is on the wire, its type included.
    fn octets(&self) -> usize {
        const TYPE: usize = 1;
        const LENGTH: usize = 4;
        let value = match self {
            Self::Void => 0,
            Self::Bool(_) => 1,
            Self::Int(value) if i32::try_from(*value).is_ok() => 4,
            Self::Sized(width, _) => width.octets(),
            Self::Float(_) => 4,
            Self::Decimal(..) => 5,
            Self::Int(_) | Self::Double(_) | Self::Timestamp(_) => 8,
            Self::Text(text) | Self::Octets(text) => LENGTH + octets::write(text).len(),
            Self::Array(values) => LENGTH + values.iter().map(Self::octets).sum::<usize>(),
            Self::Table(fields) => Self::table_octets(fields.iter()),
        };
        TYPE + value
    }

    /// As some of RabbitMQ's error texts write it: its type and its value, as Erlang has them.
    pub(super) fn in_erlang(&self) -> String {
        format!("{{{},{}}}", self.type_name(), self.as_term())
    }

    /// As RabbitMQ's error texts say it: an Erlang term.
    pub fn as_term(&self) -> String {
        let list = |terms: Vec<String>| format!("[{}]", terms.join(","));
        match self {
            Self::Void => "undefined".to_owned(),
            Self::Float(number) => float_term(f64::from(*number)),
            Self::Double(number) => float_term(*number),
            Self::Decimal(places, digits) => format!("{{{places},{digits}}}"),
            Self::Text(text) | Self::Octets(text) => binary_term(text),
            Self::Array(values) => list(
                values
                    .iter()
                    .map(|value| format!("{{{},{}}}", value.type_name(), value.as_term()))
                    .collect(),
            ),
            Self::Table(fields) => list(
                fields
                    .iter()
                    .map(|(name, value)| {
                        let (name, kind) = (binary_term(name), value.type_name());
                        format!("{{{name},{kind},{}}}", value.as_term())
                    })
                    .collect(),
            ),
            Self::Bool(_) | Self::Int(_) | Self::Sized(..) | Self::Timestamp(_) => self.to_string(),
        }
    }

    /// AMQP's name for its type, as RabbitMQ's error texts say it. Clients send an integer in the least width that holds
    /// it, of those that every broker knows.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Bool(_) => "bool",
            Self::Int(value) if i32::try_from(*value).is_ok() => "signedint",
            Self::Int(_) => "long",
            Self::Sized(width, _) => width.type_name(),
            Self::Float(_) => "float",
            Self::Double(_) => "double",
            Self::Decimal(..) => "decimal",
            Self::Text(_) => "longstr",
            Self::Octets(_) => "binary",
            Self::Timestamp(_) => "timestamp",
            Self::Array(_) => "array",
            Self::Table(_) => "table",
        }
    }
}

/// The widths that an integer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Width {
    /// 8 bits.
    I8,
    /// 8 bits, without a sign.
    U8,
    /// 16 bits.
    I16,
    /// 16 bits, without a sign.
    U16,
    /// 32 bits.
    I32,
    /// 32 bits, without a sign.
    U32,
    /// 64 bits.
    I64,
}

impl Width {
    fn octets(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 => 4,
            Self::I64 => 8,
        }
    }

    fn type_name(self) -> &'static str {
        match self {
            Self::I8 => "byte",
            Self::U8 => "unsignedbyte",
            Self::I16 => "short",
            Self::U16 => "unsignedshort",
            Self::I32 => "signedint",
            Self::U32 => "unsignedint",
            Self::I64 => "long",
        }
    }
}

/// JSON's numbers have no width.
fn number_alone<S: Serializer>(_: &Width, number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(*number)
}

/// Erlang always writes a point, in front of an exponent too.
fn float_term(number: f64) -> String {
    let text = format!("{number:?}");
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

fn binary_term(text: &Name) -> String {
    let octets = octets::write(text);
    match std::str::from_utf8(&octets) {
        Ok("") => "<<>>".to_owned(),
        Ok(text) if !text.chars().any(char::is_control) => {
            let text_of = if text.is_ascii() { "" } else { "/utf8" };
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            format!("<<\"{text}\"{text_of}>>")
        }
        _ => {
            let numbers: Vec<String> = octets.iter().map(u8::to_string).collect();
            format!("<<{}>>", numbers.join(","))
        }
    }
}

impl Value {
    /// A header's value as people write it on a line: whole numbers, numbers with a point and truth values are taken as
    /// such, all else as text; in double quotes it is text whatever it looks like.
    pub fn from_line(text: &str) -> Self {
        let is_number = |text: &str| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.contains('.')
                && digits.ends_with(|c: char| c.is_ascii_digit())
        };
        let quoted = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        match (text, quoted) {
            (_, Some(quoted)) => quoted.into(),
            ("true", _) => Self::Bool(true),
            ("false", _) => Self::Bool(false),
            _ => match (text.parse(), text.parse()) {
                (Ok(whole), _) => Self::Int(whole),
                (_, Ok(number)) if is_number(text) && f64::is_finite(number) => {
                    Self::Double(number)
                }
                _ => text.into(),
            },
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Name> for Value {
    fn from(text: Name) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// As a scenario writes it: text in quotes, no value as `()`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => f.write_str("()"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) | Self::Sized(_, value) => value.fmt(f),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Double(value) => write!(f, "{value:?}"),
            Self::Decimal(places, digits) => {
                let places = usize::from(*places);
                let digits = format!("{digits:0>width$}", width = places + 1);
                match digits.split_at_checked(digits.len() - places) {
                    Some((whole, part)) if !part.is_empty() => write!(f, "{whole}.{part}"),
                    _ => f.write_str(&digits),
                }
            }
            Self::Text(text) | Self::Octets(text) => write!(f, "{text:?}"),
            Self::Timestamp(seconds) => seconds.fmt(f),
            Self::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
            Self::Table(table) => {
                f.write_str("{")?;
                for (index, (key, value)) in table.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{:?}: {value}", key.as_str())?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_line_is_what_it_looks_like_or_text_in_quotes() {
        for (text, value) in [
            ("12", Value::Int(12)),
            ("-3", Value::Int(-3)),
            ("true", Value::Bool(true)),
            ("1.0", Value::Double(1.0)),
            ("-0.5", Value::Double(-0.5)),
            ("1.5e3", Value::Double(1_500.0)),
            ("1e3", "1e3".into()),
            ("1.", "1.".into()),
            (".5", ".5".into()),
            ("1.2.3", "1.2.3".into()),
            ("NaN", "NaN".into()),
            ("inf", "inf".into()),
            ("True", "True".into()),
            ("", "".into()),
            ("\"1.0\"", "1.0".into()),
            ("\"12\"", "12".into()),
            ("\"", "\"".into()),
            ("99999999999999999999", "99999999999999999999".into()),
        ] {
            assert_eq!(Value::from_line(text), value, "{text}");
        }
    }

    // In JSON, a number is a number, whatever its width.
    #[test]
    fn an_integer_of_any_width_is_written_as_a_number() {
        let values = [Value::Sized(Width::I8, 5), Value::Int(5)];
        assert_eq!(serde_json::to_string(&values).unwrap(), "[5,5]");
    }

    #[test]
    fn a_value_is_said_as_an_erlang_term() {
        for (value, term) in [
            (Value::Void, "undefined"),
            (Value::Double(5.0), "5.0"),
            (Value::Double(1e16), "1.0e16"),
            (Value::Double(1.5e-7), "1.5e-7"),
            (Value::Float(0.1), "0.10000000149011612"),
            (Value::Decimal(1, 50), "{1,50}"),
            ("a\"b".into(), "<<\"a\\\"b\">>"),
            ("é".into(), "<<\"é\"/utf8>>"),
            (Value::Octets(octets::read(&[255, 0, 97])), "<<255,0,97>>"),
            (Value::Array(vec![]), "[]"),
            (
                Value::Array(vec![Value::Sized(Width::I64, 5), "a".into(), Value::Void]),
                "[{long,5},{longstr,<<\"a\">>},{void,undefined}]",
            ),
        ] {
            assert_eq!(value.as_term(), term);
        }
    }
}
