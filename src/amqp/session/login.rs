//! Logging in: the mechanisms and what they say (C6).

use crate::broker::octets;

use crate::amqp::reader::Reader;

/// The mechanisms there are, as `connection.start` lists them.
pub(super) const MECHANISMS: &str = "PLAIN AMQPLAIN";

/// Who a client says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: Vec<u8>,
}

/// Why there are no credentials in a client's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoCredentials {
    /// There is no such mechanism.
    Unknown,
    /// It is not what the mechanism says it must be.
    Malformed,
}

/// Reads a client's answer.
pub(super) fn credentials(mechanism: &str, response: &[u8]) -> Result<Credentials, NoCredentials> {
    match mechanism {
        "PLAIN" => plain(response),
        "AMQPLAIN" => amqplain(response),
        _ => return Err(NoCredentials::Unknown),
    }
    .ok_or(NoCredentials::Malformed)
}

/// Who, and the password, with a zero before each. Nobody acts for somebody else here.
fn plain(response: &[u8]) -> Option<Credentials> {
    let mut parts = response.strip_prefix(&[0])?.splitn(2, |&octet| octet == 0);
    let (user, password) = (parts.next()?, parts.next()?);
    Some(Credentials {
        user: octets::read(user).to_string(),
        password: password.to_vec(),
    })
}

/// A table without its length, with `LOGIN` and `PASSWORD`.
fn amqplain(response: &[u8]) -> Option<Credentials> {
    let length = u32::try_from(response.len()).ok()?;
    let mut table = length.to_be_bytes().to_vec();
    table.extend_from_slice(response);
    let table = Reader::new(&table).table().ok()?;
    let text = |key: &str| table.get(key)?.text().map(ToString::to_string);
    Some(Credentials {
        user: text("LOGIN")?,
        password: octets::write(&text("PASSWORD")?).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(user: &str, password: &str) -> Result<Credentials, NoCredentials> {
        let (user, password) = (user.to_owned(), password.as_bytes().to_vec());
        Ok(Credentials { user, password })
    }

    #[test]
    fn a_client_says_who_it_is_in_either_way() {
        // C6
        assert_eq!(credentials("PLAIN", b"\0ann\0a\0b"), said("ann", "a\0b"));
        assert_eq!(credentials("PLAIN", b"\0ann\0"), said("ann", ""));
        let table = b"\x05LOGINS\0\0\0\x03ann\x08PASSWORDS\0\0\0\x02pw";
        assert_eq!(credentials("AMQPLAIN", table), said("ann", "pw"));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        // C6
        for (mechanism, response) in [
            ("PLAIN", &b"ann"[..]),
            ("PLAIN", b"\0ann"),
            ("PLAIN", b"bob\0ann\0pw"),
            ("AMQPLAIN", b"\x05LOGINS\0\0\0\xFFann"),
            ("AMQPLAIN", b"\x05LOGINS\0\0\0\x03ann"),
        ] {
            let malformed = Err(NoCredentials::Malformed);
            assert_eq!(credentials(mechanism, response), malformed);
        }
        let unknown = Err(NoCredentials::Unknown);
        assert_eq!(credentials("EXTERNAL", b""), unknown);
    }
}
