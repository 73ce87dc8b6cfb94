//! What time does to a connection, and how its client takes what it is sent.

use crate::broker::{Micros, Switches};

use crate::amqp::frame::{self, FrameKind};
use crate::amqp::method::MethodId;

use super::{Session, Stage};

/// How long a client that has closed its connection may take to leave; as long as RabbitMQ waits.
const PATIENCE: Micros = Micros::from_secs(30);
/// A client that takes nothing of what it is sent for so long, though it may give signs of life, is let go. RabbitMQ keeps it,
/// and what waits for it, for ever.
const STALLED: Micros = Micros::from_secs(180);

impl Session {
    /// Does what time alone does: signs of life, and patience that ends (C3, C5). Whether the connection goes on.
    pub fn tick(&mut self, now: Micros) -> bool {
        match self.stage {
            // That it is over is known.
            Stage::Closed => return true,
            Stage::Closing => return now.since(self.sent) < Switches::HANDSHAKE,
            // The client is to leave first, so that nothing it still says breaks its socket.
            Stage::Parting => return now.since(self.sent) < PATIENCE,
            Stage::Header | Stage::Login | Stage::Tune | Stage::Open => {
                return now.since(self.began) < Switches::HANDSHAKE;
            }
            Stage::Running => {}
        }
        if self.untaken > 0 && now.since(self.untaken_since) >= STALLED {
            return false;
        }
        if self.heartbeat == 0 {
            return true;
        }
        let beat = Micros::from_secs(self.heartbeat.into());
        if now.since(self.sent).0 * 2 >= beat.0 && self.out.is_empty() {
            frame::write(&mut self.out, FrameKind::Heartbeat, 0, |_| {});
        }
        // While it is not read, it cannot be heard (F3).
        let waits = self.paused || (self.held_back && self.has_large_parts());
        waits || now.since(self.heard).0 <= beat.0 * 2
    }

    /// The client has had its time: what it does not say by now it says no more.
    pub fn give_up(&mut self) {
        self.stage = Stage::Closed;
    }

    /// Nothing is said any more, not even what was to be.
    pub fn cut(&mut self) {
        self.stage = Stage::Closed;
        (self.out, self.told) = (Vec::new(), 0);
    }

    /// What happens next is no method's doing.
    pub fn nothing_said(&mut self) {
        self.current = MethodId::default();
    }

    /// What is to be sent is on its way, until the client has [taken](Self::taken) it.
    pub fn take_out(&mut self, now: Micros) -> Vec<u8> {
        if !self.out.is_empty() {
            self.sent = now;
            if self.untaken == 0 {
                self.untaken_since = now;
            }
        }
        for channel in self.channels.values_mut() {
            channel.confirms.last = None;
        }
        self.told = 0;
        self.untaken += self.out.len();
        std::mem::take(&mut self.out)
    }

    /// The client takes what is on its way, though it has not taken all of it.
    pub fn takes(&mut self, now: Micros) {
        self.untaken_since = now;
    }

    /// The client has taken all that is on its way.
    pub fn taken(&mut self) {
        self.untaken = 0;
    }

    /// The memory that is taken by what came and is not dealt with, and by what goes and is not taken, in octets.
    pub fn memory(&self) -> u64 {
        (self.input.capacity() + self.out.capacity() + self.untaken) as u64
    }
}
