//! A connection in raw frames: what is sent goes out in just this order, and what comes is seen as it came.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use amq_protocol::frame::{AMQPContentHeader, AMQPFrame, WriteContext, gen_frame, parse_frame};
use amq_protocol::protocol::{AMQPClass, basic, connection};
use amq_protocol::types::{AMQPValue, FieldTable};
use anyhow::{Context as _, bail};

/// How long an answer may take that has to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Type, channel and size.
const HEAD: usize = 7;
/// The class of what has a body.
const BASIC: u16 = 60;

/// An open connection.
#[derive(Debug)]
pub struct Wire {
    socket: TcpStream,
    unread: Vec<u8>,
    ended: bool,
}

impl Wire {
    /// Connects to `host:port`, logs in and opens `/`.
    ///
    /// # Errors
    /// When nobody is there, or it is not ready to serve.
    pub fn connect(address: &str) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(address).with_context(|| address.to_owned())?;
        socket.set_nodelay(true)?;
        let mut wire = Self {
            socket,
            unread: Vec::new(),
            ended: false,
        };
        wire.socket.write_all(b"AMQP\0\0\x09\x01")?;
        wire.answer()?;
        let mut capabilities = FieldTable::default();
        for name in [
            "authentication_failure_close",
            "basic.nack",
            "consumer_cancel_notify",
            "publisher_confirms",
        ] {
            capabilities.insert(name.into(), AMQPValue::Boolean(true));
        }
        let mut properties = FieldTable::default();
        properties.insert("capabilities".into(), AMQPValue::FieldTable(capabilities));
        let login = connection::StartOk {
            client_properties: properties,
            mechanism: "PLAIN".into(),
            response: "\0guest\0guest".into(),
            locale: "en_US".into(),
        };
        wire.say(0, connection::AMQPMethod::StartOk(login));
        wire.answer()?;
        let tuned = connection::TuneOk {
            channel_max: 2047,
            frame_max: 131_072,
            heartbeat: 0,
        };
        wire.say(0, connection::AMQPMethod::TuneOk(tuned));
        let open = connection::Open {
            virtual_host: "/".into(),
        };
        wire.say(0, connection::AMQPMethod::Open(open));
        let answer = wire.answer()?;
        let AMQPFrame::Method(0, AMQPClass::Connection(connection::AMQPMethod::OpenOk(_))) = answer
        else {
            bail!("{address} does not open a connection: {answer:?}");
        };
        Ok(wire)
    }

    /// Whether the other side has ended it.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Sends a method. If the connection has ended, that is seen by who waits for the answer.
    pub fn say(&mut self, channel: u16, method: impl Into<Method>) {
        let frame = AMQPFrame::Method(channel, method.into().0);
        self.send(&[frame]);
    }

    /// Sends a message.
    pub fn publish(
        &mut self,
        channel: u16,
        publish: basic::Publish,
        properties: basic::AMQPProperties,
        body: &str,
    ) {
        let method = AMQPClass::Basic(basic::AMQPMethod::Publish(publish));
        let header = AMQPContentHeader {
            class_id: BASIC,
            body_size: body.len() as u64,
            properties,
        };
        let mut frames = vec![
            AMQPFrame::Method(channel, method),
            AMQPFrame::Header(channel, header),
        ];
        if !body.is_empty() {
            frames.push(AMQPFrame::Body(channel, body.as_bytes().to_vec()));
        }
        self.send(&frames);
    }

    fn send(&mut self, frames: &[AMQPFrame]) {
        let mut octets = Vec::new();
        for frame in frames {
            let context = WriteContext::from(std::mem::take(&mut octets));
            match gen_frame(frame)(context) {
                Ok(context) => octets = context.into_inner().0,
                Err(error) => panic!("{frame:?} is no frame: {error:?}"),
            }
        }
        if self.socket.write_all(&octets).is_err() {
            self.ended = true;
        }
    }

    /// The next frame, if one comes until then.
    pub fn next(&mut self, until: Instant) -> Option<AMQPFrame> {
        loop {
            if let Some(frame) = self.whole() {
                return Some(frame);
            }
            if self.ended {
                return None;
            }
            // A timeout of nothing would be none at all.
            let left = until.saturating_duration_since(Instant::now());
            let left = left.max(Duration::from_micros(100));
            if self.socket.set_read_timeout(Some(left)).is_err() {
                self.ended = true;
                return None;
            }
            let mut octets = [0; 16 * 1024];
            match self.socket.read(&mut octets) {
                Ok(0) => self.ended = true,
                Ok(read) => self.unread.extend_from_slice(&octets[..read]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return None;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.ended = true,
            }
        }
    }

    /// A frame that was read whole.
    fn whole(&mut self) -> Option<AMQPFrame> {
        let head = self.unread.get(..HEAD)?;
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
        let whole = self.unread.get(..HEAD + size + 1)?;
        let frame = match parse_frame(whole) {
            Ok((_, frame)) => frame,
            Err(error) => panic!("what came is no frame: {error:?}"),
        };
        self.unread.drain(..HEAD + size + 1);
        Some(frame)
    }

    fn answer(&mut self) -> anyhow::Result<AMQPFrame> {
        let answer = self.next(Instant::now() + PATIENCE);
        answer.context("no answer while connecting")
    }
}

/// A method of any class.
#[derive(Clone, Debug)]
pub struct Method(pub AMQPClass);

/// A method of a class is a method.
macro_rules! methods {
    ($($class:ident: $room:ident,)*) => {$(
        impl From<amq_protocol::protocol::$room::AMQPMethod> for Method {
            fn from(method: amq_protocol::protocol::$room::AMQPMethod) -> Self {
                Self(AMQPClass::$class(method))
            }
        }
    )*};
}
methods! {
    Basic: basic,
    Channel: channel,
    Confirm: confirm,
    Connection: connection,
    Exchange: exchange,
    Queue: queue,
    Tx: tx,
}
