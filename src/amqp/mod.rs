//! AMQP 0-9-1 as a server speaks it: octets in, octets out, and no socket.
//!
//! [`Frame`] cuts octets into frames, [`Method`] and `properties` read what is in them, [`Session`] is one connection as
//! its client lives through it, and [`Server`] is all of them before one broker. A session turns what its client says into
//! [`Said`](crate::world::Said), which a [`Host`] hears, and what the broker sends into frames.

mod anatomy;
mod frame;
mod host;
mod method;
mod properties;
mod reader;
mod record;
mod server;
mod session;
mod writer;

pub use anatomy::{Anatomy, channel_of, first_frame};
pub use frame::{Frame, FrameKind, NoFrame};
pub use host::{Heard, Host, Unrecorded};
pub use method::{Method, MethodId, NoMethod};
pub use reader::{Malformed, Reader};
pub use record::{Hand, Peer, Record, SessionId};
pub use server::{Configuration, Server, Speaker, Spoken};
pub use session::{Credentials, Session, Stage};
