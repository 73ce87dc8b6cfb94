//! A message written by hand.

use std::sync::Arc;

use crate::broker::{Name, Properties, Publication, Table, Value};

/// A message to be published, as it stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The routing key.
    pub key: String,
    /// The headers, each a line of its own: `name=value`.
    pub headers: String,
    /// The body.
    pub body: String,
    /// Whether it is persistent.
    pub persistent: bool,
    /// Whether it comes back if no queue takes it (P2).
    pub mandatory: bool,
}

/// Why what is written is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// More octets than a short string holds.
    #[error("the routing key has {0} octets, 255 are the most")]
    LongKey(usize),
    /// A header is not `name=value`.
    #[error("the header `{0}` is not name=value")]
    Header(String),
}

impl Draft {
    /// The message, to be published to an exchange.
    ///
    /// # Errors
    /// Where what is written is none.
    pub fn publication(&self, exchange: &Name) -> Result<Publication, DraftError> {
        if self.key.len() > 255 {
            return Err(DraftError::LongKey(self.key.len()));
        }
        Ok(Publication {
            exchange: exchange.clone(),
            routing_key: self.key.as_str().into(),
            properties: Arc::new(Properties {
                headers: headers(&self.headers)?,
                delivery_mode: self.persistent.then_some(2),
                ..Properties::default()
            }),
            body: self.body.as_str().into(),
            ..Publication::default()
        })
    }
}

fn headers(text: &str) -> Result<Table, DraftError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let entries = lines.map(|line| {
        let entry = line.split_once('=');
        let entry = entry.map(|(name, text)| (name.trim(), text.trim()));
        match entry {
            Some((name, text)) if !name.is_empty() && name.len() <= 255 => {
                Ok((Name::from(name), Value::from_line(text)))
            }
            _ => Err(DraftError::Header(line.to_owned())),
        }
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(key: &str, headers: &str) -> Draft {
        Draft {
            key: key.into(),
            headers: headers.into(),
            ..Draft::default()
        }
    }

    #[test]
    fn headers_are_lines_of_names_and_values() {
        let publication = draft(
            "k",
            "format=pdf\n\n pages = 3 \nsigned=true\nempty=\nscale=1.0",
        );
        let publication = publication.publication(&"docs".into()).unwrap();
        let wanted: Table = [
            ("format".into(), "pdf".into()),
            ("pages".into(), Value::Int(3)),
            ("signed".into(), Value::Bool(true)),
            ("empty".into(), "".into()),
            ("scale".into(), Value::Double(1.0)),
        ]
        .into();
        assert_eq!(publication.properties.headers, wanted);
        assert_eq!(publication.exchange.as_str(), "docs");
    }

    #[test]
    fn what_is_no_message_is_told() {
        let exchange = Name::default();
        for line in ["format", "=pdf"] {
            assert_eq!(
                draft("k", line).publication(&exchange),
                Err(DraftError::Header(line.into()))
            );
        }
        let long = "k".repeat(256);
        assert_eq!(
            draft(&long, "").publication(&exchange),
            Err(DraftError::LongKey(256))
        );
    }
}
