//! Names of entities, and routing and binding keys.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Refusal, ReplyCode};

/// The most octets of a name: what an AMQP short string holds (C17).
const MAX: usize = 255;

/// An AMQP short string that is cheap to copy: an entity's name, a routing key or a binding key.
///
/// Compared octet by octet (E15, E24). `""` is the default exchange's name and a legal key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Roughly how much memory its text takes, in octets.
    pub(super) fn memory(&self) -> u64 {
        const COUNTS: u64 = 32;
        COUNTS + self.0.len() as u64
    }

    /// The text without line breaks, as an entity's name is kept (C17).
    #[must_use]
    pub fn without_breaks(&self) -> Self {
        let broken = |octet| matches!(octet, b'\r' | b'\n');
        match self.bytes().any(broken) {
            true => Self::from(self.replace(['\r', '\n'], "")),
            false => self.clone(),
        }
    }
}

/// An entity's name as it is kept: without line breaks (C17).
///
/// # Errors
/// 502 when it is too long.
pub(super) fn clean_name(name: &Name) -> Result<Name, Refusal> {
    let name = name.without_breaks();
    if name.len() > MAX {
        let start: String = name.chars().take(20).collect();
        return Err(Refusal::new(
            ReplyCode::SyntaxError,
            "C17",
            format!(
                "the name '{start}…' has {} octets; a name has at most {MAX}",
                name.len()
            ),
        ));
    }
    Ok(name)
}

impl Default for Name {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
