//! One client's socket.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::amqp::{Peer, SessionId};

use super::pace::{Pace, ReadingPace};
use super::{Live, News};

/// So many octets are read at once at the most, and at the least.
const PIECE: usize = 16 * 1024;
const SMALL_PIECE: usize = 1024;
/// Whether a client whose connection is over, or that takes nothing, is to be let go is looked at so often.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long what cannot be dealt with waits until it is looked at again, at the least, and at the most.
const SHORTLY: Duration = Duration::from_millis(2);
const LATER: Duration = Duration::from_millis(50);
/// Others wait no longer than about this for what one client sent at once.
const TURN: Duration = Duration::from_millis(4);

/// Serves a client until it is gone.
pub(super) async fn run(live: Live, socket: TcpStream, address: SocketAddr) {
    let writes = Arc::new(Notify::new());
    let peer = Peer {
        address: address.to_string(),
        is_local: address.ip().to_canonical().is_loopback(),
    };
    let id = live.with(|inner, now| {
        let id = inner.server.connect(now, peer);
        inner.writers.insert(id, writes.clone());
        id
    });
    let (reader, writer) = socket.into_split();
    let mut writing = tokio::spawn(write(live.clone(), id, writer, writes.clone()));
    let name = tokio::select! {
        name = read(&live, id, reader, address) => name,
        // Whatever the client still says, nobody is going to answer.
        _ = &mut writing => live.lock().server.introduction(id).map(|(name, ..)| name.to_string()),
    };
    writing.abort();
    live.with(|inner, now| {
        inner.server.disconnect(now, id);
        inner.writers.remove(&id);
    });
    (live.tell)(News::Closed {
        name,
        address: address.to_string(),
    });
}

/// Reads until the client is gone; what it was called.
async fn read(
    live: &Live,
    id: SessionId,
    reader: OwnedReadHalf,
    address: SocketAddr,
) -> Option<String> {
    let mut name = None;
    let mut most = PIECE;
    let mut pace = ReadingPace::new();
    loop {
        // What cannot be dealt with waits in the socket, and by that with the client.
        let mut wait = SHORTLY;
        while !live.reads(id) {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LATER);
        }
        // Most clients are silent for most of the time, and have nothing to keep then.
        if reader.readable().await.is_err() {
            return name;
        }
        let mut piece = Vec::with_capacity(most);
        match reader.try_read_buf(&mut piece) {
            Ok(count) if count > 0 => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            _ => return name,
        }
        let began = Instant::now();
        let (asked, introduced) = live.with(|inner, now| {
            let asked = inner.server.receive(now, id, &piece);
            let introduced = name.is_none().then(|| inner.server.introduction(id));
            (asked, introduced.flatten())
        });
        // Of what takes long to be dealt with, less is read at once.
        let took = began.elapsed();
        most = match took > TURN {
            true => (most / 2).max(SMALL_PIECE),
            false => (most + most / 4).min(PIECE),
        };
        // Whoever has more to say says it when all others have had their turn.
        tokio::task::yield_now().await;
        if let Some((its, user, _)) = introduced {
            name = Some(its.to_string());
            (live.tell)(News::Opened {
                name: its.to_string(),
                user: user.to_string(),
                address: address.to_string(),
            });
        }
        if pace.pauses(piece.len(), asked) {
            tokio::time::sleep(Pace::PAUSE).await;
        }
    }
}

/// Writes whatever there is for a client, until its connection is over.
async fn write(live: Live, id: SessionId, mut writer: OwnedWriteHalf, wake: Arc<Notify>) {
    let mut pace = Pace::new();
    loop {
        let (octets, over) = live.with(|inner, now| {
            let octets = inner.server.output(now, id);
            (octets, inner.server.is_over(id))
        });
        if octets.is_empty() {
            if over {
                // It may be gone already.
                let _ = writer.shutdown().await;
                return;
            }
            wake.notified().await;
            continue;
        }
        if !give(&live, id, &mut writer, &octets).await {
            return;
        }
        live.with(|inner, now| inner.server.sent(now, id));
        if pace.pauses() {
            pace.paused(pause(&wake).await);
        }
    }
}

/// Gives a client all of this; whether it took it. One that takes nothing is waited for until its connection is over.
async fn give(live: &Live, id: SessionId, writer: &mut OwnedWriteHalf, octets: &[u8]) -> bool {
    let mut given = 0;
    while let Some(rest) = octets.get(given..).filter(|rest| !rest.is_empty()) {
        match timeout(LAST_WORDS, writer.write(rest)).await {
            Ok(Ok(count)) if count > 0 => {
                given += count;
                if given < octets.len() {
                    live.with(|inner, now| inner.server.is_taking(now, id));
                }
            }
            Err(_) if !live.lock().server.is_over(id) => {}
            _ => return false,
        }
    }
    true
}

/// Lets a moment pass; how many times it would have been written meanwhile.
async fn pause(wake: &Notify) -> u32 {
    let mut times = 0;
    // Which ends with the time only.
    let _ = timeout(Pace::PAUSE, async {
        loop {
            wake.notified().await;
            times += 1;
        }
    })
    .await;
    times
}
