//! The keys a message is routed by.

use crate::broker::{Name, Refusal, ReplyCode, Table, Value};

/// A message's routing key, and the further ones that its headers name (E14).
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    /// The routing key.
    pub key: &'a Name,
    /// Keys out of the headers `CC` and `BCC`.
    pub also: &'a [Name],
}

impl<'a> Keys<'a> {
    /// A routing key alone.
    pub fn only(key: &'a Name) -> Self {
        Self { key, also: &[] }
    }

    /// All of them, the routing key first.
    pub fn iter(self) -> impl Iterator<Item = &'a Name> {
        std::iter::once(self.key).chain(self.also)
    }
}

/// The keys that the headers `CC` and `BCC` add to the routing key; what is no text among them is passed over (E14).
///
/// # Errors
/// 406 when one of the two is no array.
pub fn cc_keys(headers: &Table) -> Result<(Vec<Name>, Vec<Name>), Refusal> {
    let keys = |header| {
        let values = further(headers, header)?.iter();
        let texts = values.filter_map(|value| match value {
            Value::Text(key) => Some(key.clone()),
            _ => None,
        });
        Ok(texts.collect())
    };
    Ok((keys("CC")?, keys("BCC")?))
}

/// What stands in the header `CC` or `BCC`.
///
/// # Errors
/// 406 when it is no array.
pub(in crate::broker) fn further<'h>(
    headers: &'h Table,
    header: &str,
) -> Result<&'h [Value], Refusal> {
    match headers.get(header) {
        None => Ok(&[]),
        Some(Value::Array(values)) => Ok(values),
        Some(other) => Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "E14",
            format!(
                "invalid message: {{unacceptable_type_in_header,\"{header}\",{}}}",
                other.type_name()
            ),
        )),
    }
}
