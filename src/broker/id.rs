//! The numbers by which the broker knows its things.
//!
//! A number is given once and never again, so an event may name a thing that is gone.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($number:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl $name {
            /// The number as an index into a table with one row for each ever given.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An exchange.
    ExchangeId(u32)
);
id!(
    /// A queue.
    QueueId(u32)
);
id!(
    /// A binding that was made by hand or by a client (the default exchange's are implicit, E2).
    BindingId(u32)
);
id!(
    /// A connection.
    ConnectionId(u32)
);
id!(
    /// A channel, of whichever connection; its number there is another.
    ChannelId(u32)
);
id!(
    /// A consumer: one `basic.consume` on one channel.
    ConsumerId(u32)
);
id!(
    /// A message as it was published; counts from 1.
    MessageId(u64)
);
id!(
    /// One queue's copy of a message (E12); counts from 1.
    CopyId(u64)
);
id!(
    /// Something that happened, in order; counts from 1. 0 is the world's own start, the cause of what nothing else caused.
    EventId(u64)
);
