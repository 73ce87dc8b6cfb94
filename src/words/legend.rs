//! What each sign of the picture means.

use crate::t;

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
        /// A sign of the picture.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Sign {
            $($(#[$doc])* $name,)*
        }

        impl Sign {
            /// All of them, in the order a legend lists them.
            pub const ALL: [Self; [$($key),*].len()] = [$(Self::$name),*];

            /// What it means, in a sentence.
            pub fn meaning(self) -> String {
                match self { $(Self::$name => t!($key)),* }
            }
        }
    };
}

signs! {
    /// Ready messages in a queue.
    Ready = "legend-ready";
    /// Delivered messages, not yet settled.
    Unacked = "legend-unacked";
    /// A message that may have been delivered before (S12).
    Redelivered = "legend-redelivered";
    /// A consumer's prefetch (S7).
    Prefetch = "legend-prefetch";
    /// The time a message has left (Q20–Q22).
    Ttl = "legend-ttl";
    /// A queue's lanes by priority (Q40, Q42).
    Lanes = "legend-lanes";
    /// A queue's length limit (Q25).
    Fill = "legend-fill";
    /// A binding that matches, while its exchange decides (E12).
    Matched = "legend-matched";
    /// A binding that does not.
    Unmatched = "legend-unmatched";
    /// From a queue to its dead-letter exchange (D2).
    DeadLetter = "legend-dead-letter";
    /// From an exchange to its alternate exchange (E13).
    Alternate = "legend-alternate";
    /// A message that an exchange keeps for a while (E45).
    Delay = "legend-delay";
    /// An exchange of a type that is not known here (E47).
    Unknown = "legend-unknown";
    /// A connection round those who share it.
    Connection = "legend-connection";
    /// A channel of a connection.
    Channel = "legend-channel";
    /// The single active consumer (Q43).
    Active = "legend-active";
    /// A connection that is not read, because of an alarm (F3).
    Blocked = "legend-blocked";
    /// A connection that is not read, until queues have caught up (F1).
    Flow = "legend-flow";
    /// A confirm on its way to the publisher (P7).
    Confirm = "legend-confirm";
    /// A nack on its way to the publisher (P9).
    Nack = "legend-nack";
    /// A mandatory message on its way back (P2).
    Return = "legend-return";
    /// An exclusive queue (Q5).
    Exclusive = "legend-exclusive";
    /// A queue or exchange that goes with its last user (Q6, E9).
    AutoDelete = "legend-auto-delete";
    /// What survives a restart (R3).
    Durable = "legend-durable";
    /// What does not (R3).
    Transient = "legend-transient";
    /// A quorum queue.
    Quorum = "legend-quorum";
    /// A stream (Q47).
    Stream = "legend-stream";
    /// How far a reader of a stream is (Q47).
    Position = "legend-position";
    /// What is not declared yet, or gone.
    Absent = "legend-absent";
    /// The broker is down.
    Down = "legend-down";
    /// A resource runs short (F2).
    Alarm = "legend-alarm";
    /// An acknowledgement on its way back.
    Ack = "legend-ack";
    /// A delivery that comes back (S10).
    Requeue = "legend-requeue";
    /// A delivery rejected without requeue (D1).
    Reject = "legend-reject";
    /// A message whose time is over (D1).
    Expired = "legend-expired";
    /// A message dropped for a length limit (D1).
    Dropped = "legend-dropped";
    /// A method that was refused (C1).
    Refused = "legend-refused";
    /// Users who wait for their answers.
    Users = "legend-users";
    /// A service's workers, or a consumer's.
    Workers = "legend-workers";
    /// Requests that wait for a worker.
    Backlog = "legend-backlog";
    /// A response with its status code.
    Response = "legend-response";
    /// Requests to a service that gives no answer.
    Unanswered = "legend-unanswered";
    /// What was on a way too short to be seen.
    Echo = "legend-echo";
    /// More tokens than can be told apart.
    Band = "legend-band";
}
