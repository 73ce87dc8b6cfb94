//! A server that runs beside a window, in a thread of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::amqp::{Hand, Server, Unrecorded};
use crate::broker::Name;
use crate::recording::Header;

use super::{Copied, Feed, Live, News, Recorder, RecorderNews, Target, Trouble};

/// The port of AMQP.
pub const PORT: u16 = 5672;
/// So many ports after it are tried if it is taken.
const OTHERS: u16 = 10;

/// No recording that nobody has asked for takes more room than this.
const MOST_RECORDED: u64 = 256 * 1024 * 1024;

/// A server beside the window. Dropped, it ends, and its recording is gone: that has no name, so nothing of it stays behind
/// however the program ends.
pub struct Companion {
    live: Live,
    vhost: Name,
    address: SocketAddr,
    network: Option<SocketAddr>,
    recorder: Recorder,
    orders: UnboundedSender<Order>,
    thread: Option<JoinHandle<()>>,
}

/// What its thread is told.
enum Order {
    /// To hear this machine.
    Local(TcpListener),
    /// To hear other machines as well, or no more.
    Network(Option<TcpListener>),
    /// To end.
    End,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum CompanionError {
    /// No port could be had.
    #[error("no port from {PORT} to {last} could be had: {0}. End another broker on this computer, and try again", last = PORT + OTHERS)]
    Port(#[source] io::Error),
    /// Its recording could not be begun.
    #[error("{}", .0.told(&crate::t!("record-own")))]
    Recording(Trouble),
    /// It could not be started.
    #[error("it could not be started: {0}")]
    Start(#[source] io::Error),
    /// The machine is in no network.
    #[error(
        "this computer is in no network; connect it to the one that the class uses, and try again"
    )]
    NoNetwork,
}

impl Companion {
    /// Starts a server on this machine, at AMQP's port or, if that is taken, at the next one that is free. All that
    /// comes to it is recorded, and told to `feed`; what befalls the recording is told by `tell_of_recording`.
    ///
    /// # Errors
    /// When no port could be had, or no file be written.
    pub fn start(
        server: Server<Unrecorded>,
        header: &Header,
        feed: Feed,
        tell: impl Fn(News) + Send + Sync + 'static,
        tell_of_recording: impl Fn(RecorderNews) + Send + 'static,
    ) -> Result<Self, CompanionError> {
        let listener = free_port(Ipv4Addr::LOCALHOST).map_err(CompanionError::Port)?;
        let address = listener.local_addr().map_err(CompanionError::Port)?;
        let target = Target::Unnamed {
            most: MOST_RECORDED,
        };
        let recorder = Recorder::create(target, header, tell_of_recording);
        let recorder = recorder.map_err(CompanionError::Recording)?;
        let vhost = header.vhosts.first().cloned().unwrap_or_default();
        let live = Live::new(server, Some(&recorder), tell);
        live.feed(vhost.clone(), feed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            // Sockets are looked at often, so that one client who has much to say keeps nobody waiting.
            .event_interval(8)
            .build()
            .map_err(CompanionError::Start)?;
        let (orders, told) = unbounded_channel();
        let served = live.clone();
        let thread = std::thread::Builder::new().name("leveret-live".to_owned());
        let thread = thread.spawn(move || runtime.block_on(serve(served, told)));
        let companion = Self {
            live,
            vhost,
            address,
            network: None,
            recorder,
            orders,
            thread: Some(thread.map_err(CompanionError::Start)?),
        };
        companion.order(Order::Local(listener));
        Ok(companion)
    }

    fn order(&self, order: Order) {
        // A thread that is gone serves nobody any more, which its clients have seen.
        let _ = self.orders.send(order);
    }

    /// Where it is heard on this machine.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is heard from other machines, if it is.
    pub fn network(&self) -> Option<SocketAddr> {
        self.network
    }

    /// Lets other machines in as well, with this password and under names of their own.
    ///
    /// # Errors
    /// When there is no network, or the port is taken there.
    pub fn open_to_network(&mut self, password: String) -> Result<SocketAddr, CompanionError> {
        let here = network_address().ok_or(CompanionError::NoNetwork)?;
        let port = self.address.port();
        let listener = bound((here, port)).map_err(CompanionError::Port)?;
        self.live.lock().server.set_lesson(Some(password));
        self.order(Order::Network(Some(listener)));
        let address = SocketAddr::new(here.into(), port);
        self.network = Some(address);
        Ok(address)
    }

    /// Lets nobody in any more from other machines. Who is in stays.
    pub fn close_to_network(&mut self) {
        self.live.lock().server.set_lesson(None);
        self.order(Order::Network(None));
        self.network = None;
    }

    /// Does something to the broker, or to a connection.
    pub fn act(&self, hand: Hand) {
        let vhost = self.vhost.clone();
        self.live
            .with(|inner, now| inner.server.act(now, &vhost, hand));
    }

    /// Ends the connection of the client that is called so: told by the broker, or cut.
    pub fn disconnect(&self, client: &str, told: bool) {
        let session = self.live.lock().server.session_named(client);
        if let Some(session) = session {
            self.act(match told {
                true => Hand::Close { session },
                false => Hand::Lose { session },
            });
        }
    }

    /// Writes a recording of all that came so far to a file, and says when that is done; nobody waits for it.
    pub fn save(&self, to: PathBuf, done: Copied) {
        self.recorder.copy(to, done);
    }

    /// Ends the server, and its clients are told. It can still be saved.
    pub fn end(&mut self) {
        self.order(Order::End);
        if let Some(thread) = self.thread.take() {
            // One that panicked serves nobody any more either.
            let _ = thread.join();
        }
    }

    /// Whether it serves.
    pub fn is_serving(&self) -> bool {
        self.thread.is_some()
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.end();
    }
}

/// Serves until it is told to end.
async fn serve(live: Live, mut told: UnboundedReceiver<Order>) {
    let ticker = tokio::spawn(super::ticker::run(live.clone()));
    let hears = |listener: TcpListener| {
        let listener = tokio::net::TcpListener::from_std(listener).ok()?;
        let live = live.clone();
        Some(tokio::spawn(async move { live.accept_all(listener).await }))
    };
    let (mut local, mut network) = (None, None);
    while let Some(order) = told.recv().await {
        let (place, listener) = match order {
            Order::Local(listener) => (&mut local, Some(listener)),
            Order::Network(listener) => (&mut network, listener),
            Order::End => break,
        };
        let before = std::mem::replace(place, listener.and_then(hears));
        before.inspect(|task| task.abort());
    }
    for task in [local, network].into_iter().flatten() {
        task.abort();
    }
    ticker.abort();
    live.shut_down().await;
}

/// AMQP's port on an address or, if it is taken, the next that is free.
fn free_port(address: Ipv4Addr) -> io::Result<TcpListener> {
    let mut taken = None;
    for port in PORT..=PORT + OTHERS {
        match bound((address, port)) {
            Ok(listener) => return Ok(listener),
            Err(error) => taken = taken.or(Some(error)),
        }
    }
    Err(taken.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

fn bound(address: (Ipv4Addr, u16)) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The address by which other machines know this one. Nothing is sent for it: a system says which of its addresses it
/// would use.
fn network_address() -> Option<Ipv4Addr> {
    /// Of a network that is only for documentation (RFC 5737).
    const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    match socket.local_addr().ok()? {
        SocketAddr::V4(address) if !address.ip().is_loopback() => Some(*address.ip()),
        _ => None,
    }
}
