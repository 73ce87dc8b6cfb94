//! What comes from outside, as it can be told again.

use crate::broker::{Alarm, Micros, Name};

/// A connection of the server's, by the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Where a client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address, to be shown.
    pub address: String,
    /// Whether it is on the same machine (C6).
    pub is_local: bool,
}

/// What comes from outside: a server that is told the same at the same times does the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A client connected.
    Connected {
        /// Its connection.
        session: SessionId,
        /// Where it was.
        peer: Peer,
    },
    /// It tried to log in, with what it sends next.
    Login {
        /// Its connection.
        session: SessionId,
        /// Whether it was let in.
        accepted: bool,
    },
    /// It sent something, and this much of it was dealt with. Passwords are not in it.
    Octets {
        /// Its connection.
        session: SessionId,
        /// What it sent.
        octets: Vec<u8>,
    },
    /// Its connection was gone, or given up.
    Gone {
        /// Its connection.
        session: SessionId,
    },
    /// It had taken all that it was sent.
    Taken {
        /// Its connection.
        session: SessionId,
    },
    /// A hand did something to a virtual host.
    Hand {
        /// The virtual host's name.
        vhost: Name,
        /// What it did.
        hand: Hand,
    },
    /// The server was ended.
    ShutDown,
}

/// What a hand can do to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A resource runs short, or is there again (F2).
    Alarm {
        /// Which.
        alarm: Alarm,
        /// Whether it runs short.
        on: bool,
    },
    /// The broker goes down (R1–R8).
    Stop {
        /// Shut down rather than crashed.
        clean: bool,
    },
    /// It comes up again.
    Start,
    /// A connection is closed (C13).
    Close {
        /// Which.
        session: SessionId,
    },
    /// A connection is cut, and nobody is told.
    Lose {
        /// Which.
        session: SessionId,
    },
    /// A queue is emptied (Q11).
    Purge {
        /// Its name.
        queue: Name,
    },
    /// A queue is deleted (Q10).
    Delete {
        /// Its name.
        queue: Name,
    },
    /// From now on, deliveries are so long on their way.
    Delay {
        /// How long.
        span: Micros,
    },
}
