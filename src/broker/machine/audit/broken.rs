//! What the audit may find.

use thiserror::Error;

use crate::broker::{ChannelId, ConnectionId, ConsumerId, CopyId, QueueId};

/// A promise the broker broke: a defect of Leveret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// A copy is in two places.
    #[error("copy {0} is in two places")]
    TwoPlaces(CopyId),
    /// Copies made and copies found or ended differ.
    #[error("{made} copies were made, but {found} are there or ended")]
    CopiesDoNotAddUp {
        /// Made by routing.
        made: u64,
        /// On their way, ready, unacked or ended.
        found: u64,
    },
    /// Something is on its way in a broker where nothing is for long, or a dead message goes on that is not dead.
    #[error("copy {0} is on its way and should not be")]
    Stray(CopyId),
    /// A copy is said to be unwritten that is not there, or will never be said to be written.
    #[error("copy {0} is not written and never will be")]
    Unwritten(CopyId),
    /// A message waits at an exchange for which no time is set, or the other way round.
    #[error("the message that waits as number {0} will never go on, or goes on without waiting")]
    Waiting(u64),
    /// A queue keeps a dead message that nothing is awaited of, or miscounts those it keeps.
    #[error("queue {0} keeps a dead message for nothing, or miscounts them")]
    Kept(QueueId),
    /// A publish is owed to its publisher by other queues than those it waits for.
    #[error("channel {channel} waits for publish {sequence} to be settled, which does not come")]
    Owed {
        /// The publisher's channel.
        channel: ChannelId,
        /// The publish.
        sequence: u64,
    },
    /// A queue's count of unacked copies is off.
    #[error("queue {queue} counts {counted} unacked, but {held} are held")]
    QueueMiscounts {
        /// Which queue.
        queue: QueueId,
        /// Its own count.
        counted: usize,
        /// What is held of it.
        held: usize,
    },
    /// A consumer's count of unacked copies is off.
    #[error("consumer {consumer} counts {counted} unacked, but holds {held}")]
    ConsumerMiscounts {
        /// Which consumer.
        consumer: ConsumerId,
        /// Its own count.
        counted: usize,
        /// What it holds.
        held: usize,
    },
    /// A channel has room again, but queues that wait for that were not told.
    #[error("channel {0} has room, but keeps queues waiting")]
    Withheld(ChannelId),
    /// The count of all unacked copies is off.
    #[error("{counted} unacked are counted in all, but {held} are held")]
    UnackedMiscounted {
        /// Counted.
        counted: usize,
        /// Held.
        held: usize,
    },
    /// A consumer holds more than its prefetch.
    #[error("consumer {consumer} holds {held} unacked with a prefetch of {prefetch}")]
    PrefetchExceeded {
        /// Which consumer.
        consumer: ConsumerId,
        /// What it holds.
        held: usize,
        /// What it may hold.
        prefetch: u32,
    },
    /// A consumer is there for its queue and not for its channel, or the other way round, or for neither.
    #[error("consumer {0} is not where it should be")]
    ConsumerAstray(ConsumerId),
    /// A consumer with capacity is not in its turn, or one without its turn is.
    #[error("consumer {0} has its turn and should not, or has none and should")]
    OutOfTurn(ConsumerId),
    /// Ready messages are not in order, or are miscounted.
    #[error("queue {0} is out of order")]
    OutOfOrder(QueueId),
    /// A message waits although a consumer has capacity.
    #[error("queue {0} holds ready messages although a consumer has capacity")]
    Idle(QueueId),
    /// A message is still ready although its time is up.
    #[error("queue {0} holds a message at its head that has expired")]
    Expired(QueueId),
    /// A queue that drops its oldest holds more than its limit.
    #[error("queue {0} holds more than its limit")]
    TooLong(QueueId),
    /// A queue's clocks will be looked at at another time than is due.
    #[error("queue {0} will not be looked at when it is due")]
    Clock(QueueId),
    /// An exclusive thing has two owners, or a single active consumer is not alone, or nobody is active.
    #[error("queue {0} is used by more than one who should be alone, or by nobody")]
    NotAlone(QueueId),
    /// Something of a connection or queue that is gone is still there.
    #[error("queue {0} is used by somebody who is gone, or is itself gone and still used")]
    Ghost(QueueId),
    /// A channel has ended and still holds something, or its connection does not know it.
    #[error("channel {0} has ended and is still used, or is unknown to its connection")]
    ChannelGhost(ChannelId),
    /// A connection's credit, or whether it is read, is not what it should be.
    #[error("connection {0} is throttled and should not be, or is not and should be")]
    Throttled(ConnectionId),
}
