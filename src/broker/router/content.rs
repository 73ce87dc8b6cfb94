//! What exchanges look at in a message beside its keys.

use crate::broker::{Name, Properties, Table};

/// A message's headers, and those of its properties that a hash may be made of (E41).
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The headers.
    pub headers: &'a Table,
    /// What a reply refers to.
    pub correlation_id: Option<&'a Name>,
    /// The application's own identifier.
    pub message_id: Option<&'a Name>,
    /// When it was made, in seconds since 1970.
    pub timestamp: Option<u64>,
}

/// Of a message that has headers only.
impl<'a> From<&'a Table> for Content<'a> {
    fn from(headers: &'a Table) -> Self {
        Self {
            headers,
            correlation_id: None,
            message_id: None,
            timestamp: None,
        }
    }
}

impl<'a> From<&'a Properties> for Content<'a> {
    fn from(properties: &'a Properties) -> Self {
        Self {
            headers: &properties.headers,
            correlation_id: properties.correlation_id.as_ref(),
            message_id: properties.message_id.as_ref(),
            timestamp: properties.timestamp,
        }
    }
}
