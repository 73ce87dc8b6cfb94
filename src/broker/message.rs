//! What a publisher sends.

use std::fmt;
use std::iter;
use std::sync::{Arc, LazyLock};

use super::argument::too_long;
use super::octets;
use super::router::further;
use super::{Held, MessageId, Micros, Name, Refusal, ReplyCode, Table, Value};

/// A message's body: octets the broker never reads, cheap to copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(Arc<[u8]>);

impl Body {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Body {
    fn from(octets: &[u8]) -> Self {
        Self(Arc::from(octets))
    }
}

impl From<Vec<u8>> for Body {
    fn from(octets: Vec<u8>) -> Self {
        Self(Arc::from(octets))
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(Arc::from(text.as_bytes()))
    }
}

/// As text; octets that are not UTF-8 show as replacement characters.
impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// A message's properties (AMQP's `basic` class). All are optional, and the broker passes them on unchanged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties {
    /// MIME type of the body.
    pub content_type: Option<Name>,
    /// MIME encoding of the body.
    pub content_encoding: Option<Name>,
    /// Application headers; the headers exchange routes by them (E30–E34).
    pub headers: Table,
    /// Whether the application wrote a table of headers though there is nothing in it, so that it is passed on.
    pub empty_headers: bool,
    /// 1 for a transient message, 2 for a persistent one; anything else counts as transient, and is passed on.
    pub delivery_mode: Option<u8>,
    /// Priority.
    pub priority: Option<u8>,
    /// What a reply refers to.
    pub correlation_id: Option<Name>,
    /// Where a reply is expected.
    pub reply_to: Option<Name>,
    /// Time to live in milliseconds, as digits (Q20).
    pub expiration: Option<Name>,
    /// The application's own identifier.
    pub message_id: Option<Name>,
    /// When it was made, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// What kind of message it is.
    pub kind: Option<Name>,
    /// The user who says to have published it.
    pub user_id: Option<Name>,
    /// The application that published it.
    pub app_id: Option<Name>,
    /// A property without a meaning any more.
    pub cluster_id: Option<Name>,
}

impl Properties {
    /// Whether it survives a restart, in a queue that does (R1).
    pub fn is_persistent(&self) -> bool {
        self.delivery_mode == Some(2)
    }

    /// Roughly how much memory they take, in octets.
    pub fn memory(&self) -> u64 {
        let texts = self.texts().into_iter().flatten();
        let texts = texts.map(|text| text.memory()).sum::<u64>();
        size_of::<Self>() as u64 + texts + Value::table_memory(self.headers.iter())
    }

    fn texts(&self) -> [&Option<Name>; 10] {
        [
            &self.content_type,
            &self.content_encoding,
            &self.correlation_id,
            &self.reply_to,
            &self.expiration,
            &self.message_id,
            &self.kind,
            &self.user_id,
            &self.app_id,
            &self.cluster_id,
        ]
    }

    /// How many octets they are on the wire: two of flags, and the properties that are there.
    pub(super) fn octets(&self) -> u32 {
        const FLAGS: usize = 2;
        let texts = self
            .texts()
            .into_iter()
            .flatten()
            .map(|text| 1 + octets::write(text).len());
        let headers = match self.headers.is_empty() && !self.empty_headers {
            true => 0,
            false => Value::table_octets(self.headers.iter()),
        };
        let numbers = self.delivery_mode.iter().chain(&self.priority).count();
        let timestamp = self.timestamp.map_or(0, |_| 8);
        let all = FLAGS + texts.sum::<usize>() + headers + numbers + timestamp;
        u32::try_from(all).unwrap_or(u32::MAX)
    }
}

/// A message's own time to live, from its property `expiration` (Q20).
pub fn expiration(text: &str) -> Result<Micros, Refusal> {
    let wrong = |reason: &str| {
        Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "Q20",
            format!("invalid expiration '{text}': {reason}"),
        ))
    };
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let end = unsigned
        .find(|digit: char| !digit.is_ascii_digit())
        .unwrap_or(unsigned.len());
    let (digits, rest) = unsigned.split_at(end);
    if digits.is_empty() {
        return wrong("no_integer");
    }
    if !rest.is_empty() {
        return wrong(&format!("{{leftover_string,\"{rest}\"}}"));
    }
    // More digits than fit are too many in any case.
    let millis = digits.parse().unwrap_or(i64::MAX);
    if negative && millis > 0 {
        return wrong(&format!("{{value_negative,{text}}}"));
    }
    match too_long(millis) {
        None => Ok(Micros::from_millis(millis.unsigned_abs())),
        Some(_) => wrong(&format!("{{value_too_large,{digits}}}")),
    }
}

/// What is published: where to, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Publication {
    /// The exchange's name; `""` is the default exchange.
    pub exchange: Name,
    /// The routing key.
    pub routing_key: Name,
    /// The properties, headers among them; shared where several messages have the same.
    pub properties: Arc<Properties>,
    /// The body, opaque to the broker.
    pub body: Body,
    /// The keys of its `BCC` header, once the broker has taken that header away (E14).
    pub bcc: Vec<Name>,
    /// Whether a dead-letter routing key took the place of all its keys. Its `CC` header is kept, but no longer routes
    /// (D10, W3).
    pub rekeyed: bool,
    /// Whether its `x-death` header was written by the broker rather than by a publisher (D9).
    pub died: bool,
    /// The memory that it takes, where somebody counts that.
    pub held: Held,
}

impl Default for Publication {
    /// An empty message for the default exchange. What has no properties shares them.
    fn default() -> Self {
        static NONE: LazyLock<Arc<Properties>> = LazyLock::new(Arc::default);
        Self {
            exchange: Name::default(),
            routing_key: Name::default(),
            properties: NONE.clone(),
            body: Body::default(),
            bcc: Vec::new(),
            rekeyed: false,
            died: false,
            held: Held::default(),
        }
    }
}

impl Publication {
    /// All keys it is routed by: the routing key, then those of `CC` and `BCC` (E14).
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.shown_keys().chain(&self.bcc)
    }

    /// The keys a consumer may know of: all but those of `BCC` (D7).
    pub fn shown_keys(&self) -> impl Iterator<Item = &Name> {
        let copies = match self.properties.headers.get("CC") {
            Some(Value::Array(keys)) if !self.rekeyed => keys.as_slice(),
            _ => &[],
        };
        iter::once(&self.routing_key).chain(texts(copies))
    }

    /// Roughly how much memory it takes, in octets.
    pub fn memory(&self) -> u64 {
        size_of::<Self>() as u64
            + self.exchange.memory()
            + self.routing_key.memory()
            + self.properties.memory()
            + self.body.as_bytes().len() as u64
    }

    /// The same, but its memory is not counted: for who keeps it apart from the broker.
    #[must_use]
    pub fn uncounted(&self) -> Self {
        Self {
            held: Held::default(),
            exchange: self.exchange.clone(),
            routing_key: self.routing_key.clone(),
            properties: self.properties.clone(),
            body: self.body.clone(),
            bcc: self.bcc.clone(),
            rekeyed: self.rekeyed,
            died: self.died,
        }
    }

    /// Takes the `BCC` header away, so that no consumer sees it, and remembers its keys (E14). Headers that held nothing
    /// else are empty headers then.
    pub fn hide_bcc(mut self) -> Result<Self, Refusal> {
        for header in ["CC", "BCC"] {
            further(&self.properties.headers, header)?;
        }
        if self.properties.headers.contains_key("BCC") {
            let properties = Arc::make_mut(&mut self.properties);
            if let Some(Value::Array(keys)) = properties.headers.remove("BCC") {
                properties.empty_headers |= properties.headers.is_empty();
                self.bcc = texts(&keys).cloned().collect();
            }
        }
        Ok(self)
    }
}

/// The texts among `values`; others are ignored (E14).
fn texts(values: &[Value]) -> impl Iterator<Item = &Name> {
    values.iter().filter_map(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    })
}

/// A message the broker has taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its number, in order of publishing, from 1.
    pub id: MessageId,
    /// What was published. Shared by all copies, so that a copy costs no more than a pointer.
    pub publication: Arc<Publication>,
    /// How often its delivery had failed when it died last, where the release passes that on (D4).
    pub failures: u32,
}

impl Message {
    /// Roughly how many octets it is on the wire.
    pub fn weight(&self) -> u64 {
        const AROUND: usize = 128;
        (self.publication.body.as_bytes().len() + AROUND) as u64
    }

    /// The key it was published with.
    pub fn routing_key(&self) -> &Name {
        &self.publication.routing_key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(headers: &[(&str, Value)]) -> Publication {
        Publication {
            routing_key: "a".into(),
            properties: Arc::new(Properties {
                headers: headers
                    .iter()
                    .map(|(name, value)| (Name::from(*name), value.clone()))
                    .collect(),
                ..Properties::default()
            }),
            ..Publication::default()
        }
    }

    fn array(values: &[&str]) -> Value {
        Value::Array(values.iter().map(|value| Value::from(*value)).collect())
    }

    fn keys(publication: &Publication) -> Vec<&str> {
        publication.keys().map(Name::as_str).collect()
    }

    #[test]
    fn bcc_is_taken_away_and_its_keys_still_route() {
        // E14
        let mut cc = vec![Value::from("b"), Value::from(1), Value::Void];
        cc.push(Value::from("c"));
        let given = published(&[("CC", Value::Array(cc)), ("BCC", array(&["d"]))]);
        let taken = given.hide_bcc().unwrap();
        assert_eq!(keys(&taken), ["a", "b", "c", "d"]);
        let shown: Vec<_> = taken.shown_keys().map(Name::as_str).collect();
        assert_eq!(shown, ["a", "b", "c"]);
        assert!(taken.properties.headers.contains_key("CC"));
        assert!(!taken.properties.headers.contains_key("BCC"));
        assert!(!taken.properties.empty_headers);
        // Without it they are empty, and are passed on as that.
        let taken = published(&[("BCC", array(&["d"]))]).hide_bcc().unwrap();
        assert!(taken.properties.headers.is_empty() && taken.properties.empty_headers);
    }

    #[test]
    fn a_message_without_them_is_left_as_it_is() {
        // E14
        let given = published(&[("cc", array(&["b"]))]);
        let properties = given.properties.clone();
        let taken = given.hide_bcc().unwrap();
        assert_eq!(keys(&taken), ["a"]);
        assert!(Arc::ptr_eq(&taken.properties, &properties));
    }

    #[test]
    fn only_an_array_may_hold_more_keys() {
        // E14
        for header in ["CC", "BCC"] {
            for (value, kind) in [
                (Value::from("b"), "longstr"),
                (Value::from(1), "signedint"),
                (Value::Void, "void"),
            ] {
                let refusal = published(&[(header, value)]).hide_bcc().unwrap_err();
                assert_eq!(
                    refusal.to_string(),
                    format!(
                        "406 PRECONDITION_FAILED - invalid message: \
                         {{unacceptable_type_in_header,\"{header}\",{kind}}}"
                    )
                );
                assert_eq!(refusal.rule, "E14");
            }
        }
    }

    #[test]
    fn an_expiration_is_digits() {
        // Q20, Q12
        for (text, millis) in [
            ("0", 0),
            ("1", 1),
            ("60000", 60_000),
            ("007", 7),
            ("+5", 5),
            ("-0", 0),
            ("315360000000", 315_360_000_000),
        ] {
            assert_eq!(
                expiration(text).ok(),
                Some(Micros::from_millis(millis)),
                "{text}"
            );
        }
        for (text, reason) in [
            ("", "no_integer"),
            ("x", "no_integer"),
            (" 5", "no_integer"),
            ("-", "no_integer"),
            ("+-5", "no_integer"),
            (".5", "no_integer"),
            ("٣", "no_integer"),
            ("1.5", "{leftover_string,\".5\"}"),
            ("5 ", "{leftover_string,\" \"}"),
            ("5s", "{leftover_string,\"s\"}"),
            ("-1", "{value_negative,-1}"),
            (
                "-99999999999999999999",
                "{value_negative,-99999999999999999999}",
            ),
            ("315360000001", "{value_too_large,315360000001}"),
            (
                "99999999999999999999",
                "{value_too_large,99999999999999999999}",
            ),
        ] {
            let refusal = expiration(text).unwrap_err();
            assert_eq!(refusal.rule, "Q20");
            assert_eq!(
                refusal.to_string(),
                format!("406 PRECONDITION_FAILED - invalid expiration '{text}': {reason}")
            );
        }
    }
}
