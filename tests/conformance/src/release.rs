//! Which release of RabbitMQ a server is, and which profile of Leveret is to be like it.

use std::time::Duration;

use anyhow::{Context as _, bail};
use lapin::uri::AMQPUri;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A release whose answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// Debian 12's.
    V3_10_8,
    /// Debian 13's.
    V4_0_5,
    /// Debian forky's, the newest, which decides.
    V4_3_6,
}

impl Release {
    /// All of them; the one that decides comes first.
    pub const ALL: [Self; 3] = [Self::V4_3_6, Self::V4_0_5, Self::V3_10_8];

    /// As the release writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3_10_8 => "3.10.8",
            Self::V4_0_5 => "4.0.5",
            Self::V4_3_6 => "4.3.6",
        }
    }

    /// The profile of Leveret that is held against it.
    pub fn profile(self) -> &'static str {
        match self {
            Self::V3_10_8 => "3.13",
            Self::V4_0_5 => "4.2",
            Self::V4_3_6 => "4.3",
        }
    }

    /// Which one a server is, by what it says before anybody logs in.
    ///
    /// # Errors
    /// When nothing answers there, or a release whose answers are not kept.
    pub async fn of(address: &str) -> anyhow::Result<Self> {
        let version = tokio::time::timeout(Duration::from_secs(5), version(address))
            .await
            .with_context(|| format!("{address} does not answer"))??;
        let found = Self::ALL.into_iter().find(|it| it.as_str() == version);
        found.with_context(|| format!("{address} is {version}, whose answers are not kept"))
    }
}

/// The version in the server's properties. lapin keeps these to itself, so they are read from the socket.
async fn version(address: &str) -> anyhow::Result<String> {
    let uri: AMQPUri = address.parse().map_err(anyhow::Error::msg)?;
    let authority = uri.authority;
    let mut socket = TcpStream::connect((authority.host.as_str(), authority.port)).await?;
    socket.write_all(b"AMQP\0\0\x09\x01").await?;
    let mut head = [0; 7];
    socket.read_exact(&mut head).await?;
    let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
    let mut start = vec![0; size as usize];
    socket.read_exact(&mut start).await?;
    // A table's entry: the name, S for text, its length, the text.
    let key = b"\x07versionS";
    let Some(at) = start.windows(key.len()).position(|it| it == key) else {
        bail!("{address} does not say its version");
    };
    let Some((length, text)) = start[at + key.len()..].split_first_chunk() else {
        bail!("{address} ends within its version");
    };
    let text = text.get(..u32::from_be_bytes(*length) as usize);
    let text = text.with_context(|| format!("{address} ends within its version"))?;
    Ok(String::from_utf8_lossy(text).into_owned())
}
