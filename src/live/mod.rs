//! Sockets in front of a server: octets from clients to [`Server`], and back. All that is decided is decided there.
//!
//! Each connection has two tasks, one that reads and one that writes, so that a client that does not read does not keep
//! anybody from being heard. They share the server behind one lock, which is held for as long as one piece of input takes.

mod clock;
mod companion;
mod connection;
mod feed;
mod pace;
mod recorder;
mod target;
mod ticker;
mod trouble;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::amqp::{Server, SessionId, Unrecorded};
use crate::broker::{Micros, Name};

use clock::Clock;
pub use clock::began;
pub use companion::{Companion, CompanionError};
pub use feed::Feed;
pub use recorder::{Copied, Recorder};
pub use target::Target;
pub use trouble::{RecorderNews, Trouble};

/// The server, and whom to wake when there is something for a client.
struct Inner {
    server: Server<Unrecorded>,
    clock: Clock,
    writers: BTreeMap<SessionId, Arc<Notify>>,
    /// When the ticker is going to look.
    tick_at: Option<Micros>,
    /// Where what comes from outside goes, if anywhere.
    records: Option<recorder::Records>,
    /// Who else is told what a virtual host hears, if anybody.
    feed: Option<(Name, Feed)>,
}

/// What happens to connections, for whoever wants to tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A client opened its connection.
    Opened {
        /// What it is called.
        name: String,
        /// Whom it logged in as.
        user: String,
        /// Where it is.
        address: String,
    },
    /// A connection ended.
    Closed {
        /// What its client was called, if it got so far.
        name: Option<String>,
        /// Where it was.
        address: String,
    },
}

/// A server that listens.
#[derive(Clone)]
pub struct Live {
    inner: Arc<Mutex<Inner>>,
    /// That the ticker is to look again.
    sooner: Arc<Notify>,
    tell: Arc<dyn Fn(News) + Send + Sync>,
}

impl Live {
    /// A server that hears nobody yet, tells of connections by `tell`, and may be recorded.
    pub fn new(
        mut server: Server<Unrecorded>,
        recorder: Option<&Recorder>,
        tell: impl Fn(News) + Send + Sync + 'static,
    ) -> Self {
        if recorder.is_some() {
            server.keep_records();
        }
        let inner = Inner {
            server,
            clock: Clock::start(),
            writers: BTreeMap::new(),
            tick_at: None,
            records: recorder.map(Recorder::records),
            feed: None,
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
            sooner: Arc::new(Notify::new()),
            tell: Arc::new(tell),
        }
    }

    /// Tells `feed` from now on all that a virtual host hears, and what is said on connections that come.
    pub fn feed(&self, vhost: Name, feed: Feed) {
        let mut inner = self.lock();
        inner.server.keep_traffic();
        if let Some(host) = inner.server.host_mut(&vhost) {
            host.keep_heard();
        }
        inner.feed = Some((vhost, feed));
    }

    /// Hears clients until `stop` comes; then all connections are closed.
    ///
    /// # Errors
    /// When nobody can be heard any more.
    pub async fn listen(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let ticker = tokio::spawn(ticker::run(self.clone()));
        tokio::select! {
            () = stop => {}
            () = self.accept_all(listener) => {}
        }
        ticker.abort();
        self.shut_down().await;
        Ok(())
    }

    /// Takes whoever comes, for ever.
    async fn accept_all(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => self.accept(socket, peer),
                // A client that left already, or too many open files: others may still come, once there is room.
                Err(_) => {
                    self.with(|inner, now| inner.server.make_room(now));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    fn accept(&self, socket: tokio::net::TcpStream, peer: SocketAddr) {
        // Small frames are not to wait for each other; without it, all works, but slower.
        let _ = socket.set_nodelay(true);
        tokio::spawn(connection::run(self.clone(), socket, peer));
    }

    /// Tells all clients that it is over, and gives them a moment to hear so.
    async fn shut_down(&self) {
        self.with(|inner, now| inner.server.shut_down(now));
        for _ in 0..20 {
            if self.lock().writers.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.lock().records = None;
    }

    /// Whether more of what a client sends can be dealt with.
    fn reads(&self, id: SessionId) -> bool {
        let inner = self.lock();
        let has_room = inner.feed.as_ref().is_none_or(|(_, feed)| !feed.is_full());
        has_room && inner.server.reads(id)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Whoever panicked has left a server that still keeps its own rules.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the server at the present time, and wakes all for whom there is something to be sent.
    fn with<T>(&self, act: impl FnOnce(&mut Inner, Micros) -> T) -> T {
        let mut inner = self.lock();
        let now = inner.clock.now();
        let done = act(&mut inner, now);
        let records = inner.server.take_records();
        if let Some(recorded) = inner.records.as_ref().filter(|_| !records.is_empty()) {
            recorded.write(records);
        }
        let Inner { server, feed, .. } = &mut *inner;
        if let Some((vhost, feed)) = feed {
            let host = server.host_mut(vhost);
            let heard = host.map_or_else(Vec::new, |host| host.take_heard());
            feed.give(now, heard, server.take_traffic());
        }
        for id in inner.server.take_touched() {
            if let Some(writer) = inner.writers.get(&id) {
                writer.notify_one();
            }
        }
        let next = inner.server.next_at();
        if next.is_some_and(|next| inner.tick_at.is_none_or(|at| next < at)) {
            self.sooner.notify_one();
        }
        done
    }
}
