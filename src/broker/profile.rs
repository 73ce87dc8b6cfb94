//! Which RabbitMQ is meant: all that differs between releases stands in this one table.

use std::fmt;

use super::Micros;

/// A release whose behaviour is reproduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// RabbitMQ 3.13 (2024).
    V3_13,
    /// RabbitMQ 4.2 (2025).
    V4_2,
    /// RabbitMQ 4.3 (2026), as of 4.3.6.
    #[default]
    V4_3,
}

/// What a release does its own way. A rule that no release differs in has no switch.
#[derive(Debug, PartialEq, Eq)]
pub struct Switches {
    /// How many returns a quorum queue allows a message that nothing else limits (Q44).
    pub delivery_limit: Option<u32>,
    /// Whether every return counts towards the delivery limit, rather than only rejections and lost holders (Q44).
    pub every_return_counts: bool,
    /// Whether `basic.qos` with global=true limits the channel as a whole (S8).
    pub global_prefetch: bool,
    /// How a quorum queue orders by priority (Q42).
    pub quorum_priorities: QuorumPriorities,
    /// Whether a queue knows `x-delayed-retry-*` and counts acquisitions (Q45, Q46).
    pub delayed_retry: bool,
    /// Whether quorum queues and their consumers know `x-consumer-timeout` (S15).
    pub consumer_timeouts: bool,
    /// Whether `x-queue-mode` may have any value (Q13, W8).
    pub any_queue_mode: bool,
    /// The least `x-queue-version` (Q12).
    pub least_queue_version: i64,
    /// Whether `x-max-age` is compared as the milliseconds it means, rather than as it is written (Q4).
    pub compares_ages: bool,
    /// Whether `x-queue-master-locator` is still permitted.
    pub master_locator: bool,
    /// What a refused `basic.get` calls the type of queue (Q43).
    pub quorum_in_text: &'static str,
    /// Whether what a quorum queue drops at once reaches the dead-letter exchange newest first (Q26).
    pub drops_newest_first: bool,
    /// Whether a quorum queue counts a message's properties towards its limit in octets, as they are on the wire (Q25).
    pub properties_count: bool,
    /// What a dead letter's next queue learns of its deliveries (D4).
    pub failures_told: FailuresTold,
    /// The most octets of a body (P5).
    pub max_message_size: u64,
    /// Whether an `x-death` header that a publisher set is continued (D9).
    pub continues_published_deaths: bool,
    /// Whether `x-local-random` is an exchange type (E16).
    pub local_random: bool,
    /// Whether `x-modulus-hash` is an exchange type (E16).
    pub modulus_hash: bool,
    /// The highest weight that `x-consistent-hash` takes of a binding (E40).
    pub most_weight: Option<u64>,
    /// Whether what exchanges of plugins keep survives a restart, since the metadata store keeps it (E42, E44).
    pub keeps_plugin_state: bool,
    /// The most `#` words of a topic pattern (E25).
    pub hash_words: Option<usize>,
    /// Whether non-durable exchanges survive a restart, since the metadata store keeps them (R4).
    pub keeps_transient_exchanges: bool,
    /// Whether `mandatory` returns a reply whose requester has gone (S16).
    pub returns_lost_replies: bool,
    /// Whether binding a direct reply-to address is refused (E17).
    pub refuses_reply_to_bindings: bool,
    /// Whether only quorum queues end a consumer that does not acknowledge in time, and end it alone (S15).
    pub times_out_consumer: bool,
    /// Whether a passive declaration asks for any permission (C18).
    pub checks_passive: bool,
    /// Whether single active consumers of a quorum queue give way to one of higher priority (Q43).
    pub active_gives_way: bool,
    /// Whether `ha-*` are keys a policy may have (O3).
    pub mirroring: bool,
    /// The least a client may ask for as the size of its frames, in octets (C4). For 4.2 it is what a live 4.0 takes: from
    /// 4.1 on it is twice that, with which many a client that is in use could not connect.
    pub least_frame_max: u32,
    /// Memory alarm at this share of the machine's memory, in hundredths (F2).
    pub memory_watermark: u8,
}

/// How a quorum queue orders by priority (Q42).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumPriorities {
    /// Not at all.
    None,
    /// Above 4 is high; two high for each normal.
    TwoToOne,
    /// Strictly, 0 to 31; without one, [`USUAL`](Self::USUAL).
    Strict,
}

impl QuorumPriorities {
    /// The priority of a message that has none, where they are ordered strictly.
    pub const USUAL: u8 = 4;
}

/// What the queue that a dead letter comes to learns of its failed deliveries (D4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailuresTold {
    /// Nothing.
    Nothing,
    /// A quorum queue learns how often a delivery of quorum queues failed: was turned away, or was out when its channel ended.
    OfQuorumQueues,
    /// How many there were.
    All,
}

static V3_13: Switches = Switches {
    delivery_limit: None,
    every_return_counts: true,
    global_prefetch: true,
    quorum_priorities: QuorumPriorities::None,
    delayed_retry: false,
    consumer_timeouts: false,
    any_queue_mode: false,
    least_queue_version: 1,
    compares_ages: false,
    master_locator: true,
    quorum_in_text: "quorum",
    drops_newest_first: true,
    properties_count: false,
    failures_told: FailuresTold::Nothing,
    max_message_size: 128 * 1024 * 1024,
    continues_published_deaths: true,
    local_random: false,
    modulus_hash: false,
    most_weight: None,
    keeps_plugin_state: false,
    hash_words: None,
    keeps_transient_exchanges: false,
    returns_lost_replies: true,
    refuses_reply_to_bindings: false,
    times_out_consumer: false,
    checks_passive: false,
    active_gives_way: false,
    mirroring: true,
    least_frame_max: 4096,
    memory_watermark: 40,
};

static V4_2: Switches = Switches {
    delivery_limit: Some(20),
    quorum_priorities: QuorumPriorities::TwoToOne,
    failures_told: FailuresTold::OfQuorumQueues,
    max_message_size: 16 * 1024 * 1024,
    continues_published_deaths: false,
    local_random: true,
    most_weight: Some(10_000),
    keeps_plugin_state: true,
    keeps_transient_exchanges: true,
    returns_lost_replies: false,
    active_gives_way: true,
    mirroring: false,
    memory_watermark: 60,
    ..V3_13
};

static V4_3: Switches = Switches {
    every_return_counts: false,
    global_prefetch: false,
    quorum_priorities: QuorumPriorities::Strict,
    delayed_retry: true,
    consumer_timeouts: true,
    any_queue_mode: true,
    least_queue_version: 2,
    compares_ages: true,
    master_locator: false,
    quorum_in_text: "<<\"quorum\">>",
    drops_newest_first: false,
    properties_count: true,
    failures_told: FailuresTold::All,
    modulus_hash: true,
    hash_words: Some(2),
    refuses_reply_to_bindings: true,
    times_out_consumer: true,
    checks_passive: true,
    least_frame_max: 8192,
    ..V4_2
};

impl Switches {
    /// How long a delivery may stay unacknowledged (S15, W9).
    pub const ACK_TIMEOUT: Micros = Micros::from_secs(30 * 60);
    /// How often that is looked at (S15).
    pub const ACK_CHECK: Micros = Micros::from_secs(60);
    /// After how long a dead message that was not taken everywhere is tried again (D6).
    pub const DEAD_LETTER_RETRY: Micros = Micros::from_secs(180);
    /// How often a quorum queue looks whether it has expired (Q24).
    pub const TICK: Micros = Micros::from_secs(5);
    /// How many deliveries a consumer of a quorum queue without a prefetch may hold (S7).
    pub const QUORUM_PREFETCH: u32 = 2000;
    /// The most channels of a connection (C4).
    pub const CHANNEL_MAX: u16 = 2047;
    /// The largest frame, in octets (C4).
    pub const FRAME_MAX: u32 = 131_072;
    /// The time between signs of life that the broker proposes, in seconds (C4).
    pub const HEARTBEAT: u16 = 60;
    /// How long a client may take until its connection is open (C3).
    pub const HANDSHAKE: Micros = Micros::from_secs(10);
}

impl Profile {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::V3_13, Self::V4_2, Self::V4_3];

    /// As a scenario and the command line write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3_13 => "3.13",
            Self::V4_2 => "4.2",
            Self::V4_3 => "4.3",
        }
    }

    /// The release that is meant, as a server says it of itself.
    pub fn release(self) -> &'static str {
        match self {
            Self::V3_13 => "3.13.7",
            Self::V4_2 => "4.2.9",
            Self::V4_3 => "4.3.6",
        }
    }

    /// What it does its own way.
    pub fn switches(self) -> &'static Switches {
        match self {
            Self::V3_13 => &V3_13,
            Self::V4_2 => &V4_2,
            Self::V4_3 => &V4_3,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
