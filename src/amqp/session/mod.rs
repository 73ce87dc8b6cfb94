//! One connection, as its client lives through it (C1–C18): a state machine over octets.
//!
//! [`Session::take`] takes what the client sent. [`Session::read_on`] reads on until there is something that the session cannot
//! answer by itself: a [`Request`]. Whoever has it answered says so, and asks for the next. What is to be sent stands in
//! [`Session::out`].

mod content;
mod handshake;
mod login;
mod say;
mod tell;
mod time;
mod veil;

use std::collections::{BTreeMap, BTreeSet};

use crate::broker::{
    Capabilities, ChannelId, ConnectionId, Gauge, Held, Micros, Name, Profile, Refusal, Reply,
    ReplyCode, Scope, Switches, Table, Violation,
};
use crate::world::Said;

use super::frame::{self, Frame, FrameKind, NoFrame};
use super::method::{Method, MethodId, NoMethod};
use super::reader::Malformed;

use content::Content;
pub use login::Credentials;
use say::Answer;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The client is to say which protocol it speaks.
    Header,
    /// It is to log in.
    Login,
    /// It is to agree on sizes.
    Tune,
    /// It is to open a virtual host.
    Open,
    /// It uses it.
    Running,
    /// The server has closed it, and waits to be told that the client knows.
    Closing,
    /// Its client has closed it, and has been told that the server knows; whatever else it says is not heard.
    Parting,
    /// All has been said.
    Closed,
}

/// What a session cannot answer by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Whether these are a user's credentials.
    Login(Credentials),
    /// Whether the user may use that virtual host.
    Open(Name),
    /// What the broker says to this.
    Say(Said),
    /// The client closes its connection.
    Close,
}

/// What a client says of itself (C8).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Client {
    /// All that it says.
    pub properties: Table,
    /// What it understands.
    pub capabilities: Capabilities,
    /// Whether it wants to be told that its login failed (C6).
    pub wants_failure: bool,
}

/// A channel, as its client lives through it.
#[derive(Clone, Debug)]
struct Channel {
    id: ChannelId,
    /// The server has closed it, and the client has not said yet that it knows (C11).
    closing: bool,
    /// What is being published on it, piece by piece.
    content: Option<Content>,
    confirms: Confirmed,
}

/// What a channel's publisher has been told.
#[derive(Clone, Debug, Default)]
struct Confirmed {
    /// All up to this one.
    to: u64,
    /// Those beyond it.
    ahead: BTreeSet<u64>,
    /// Where in what is to be sent the last acknowledgement's tag stands, if nothing must come between.
    last: Option<usize>,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Session {
    stage: Stage,
    profile: Profile,
    input: Vec<u8>,
    /// How many octets of it are dealt with.
    dealt: usize,
    /// What is to be sent.
    pub out: Vec<u8>,
    frame_max: usize,
    channel_max: u16,
    heartbeat: u16,
    client: Client,
    mechanism: Name,
    user: Name,
    /// The broker's number for it, once it is open.
    connection: Option<ConnectionId>,
    channels: BTreeMap<u16, Channel>,
    /// Channels that were closed though they were not open (C16), until the client says that it knows.
    turned_away: BTreeSet<u16>,
    /// The method that is being carried out.
    current: MethodId,
    current_channel: u16,
    answer: Answer,
    paused: bool,
    /// Whether it is not read on while there is much of messages that are not all there (F3).
    held_back: bool,
    /// When something came last, and when something went.
    heard: Micros,
    sent: Micros,
    began: Micros,
    /// How many octets the client has been sent and not taken yet, and since when it takes nothing.
    untaken: usize,
    untaken_since: Micros,
    /// Counts the memory of what it publishes, and of what its client says of itself.
    gauge: Gauge,
    introduction: Held,
    /// What was dealt with since it was asked for last, if anybody asks: without passwords.
    log: Option<Vec<u8>>,
    /// How much of what is to be sent somebody has been told of.
    told: usize,
}

/// A frame where none of its kind may be (C9).
fn unexpected(frame: Frame<'_>) -> Breach {
    let (kind, octets) = (frame.kind.octet(), binary(frame.payload));
    let text = format!("type {kind}, all octets = {octets}");
    Breach::new(ReplyCode::UnexpectedFrame, "C9", text)
}

/// What reading a frame led to.
enum Read {
    /// Nothing that anybody else needs to know of.
    On,
    /// Somebody else must answer.
    Ask(Request),
}

/// A breach of the protocol.
struct Breach {
    /// The channel, if it closes no more than that.
    channel: Option<u16>,
    /// The method it is about.
    method: MethodId,
    refusal: Refusal,
}

impl Breach {
    fn new(code: ReplyCode, rule: &'static str, text: impl Into<String>) -> Self {
        Self {
            channel: None,
            method: MethodId::default(),
            refusal: Refusal::new(code, rule, text),
        }
    }

    fn of(mut self, method: MethodId) -> Self {
        self.method = method;
        self
    }
}

impl Breach {
    /// What is no method.
    fn no_method(wrong: NoMethod, payload: &[u8], channel: u16) -> Self {
        match wrong {
            NoMethod::Unknown(id) => {
                let MethodId { class, method } = id;
                let text = format!("unknown method {class}.{method} on channel {channel}");
                Self::new(ReplyCode::CommandInvalid, "C9", text)
            }
            NoMethod::Malformed(_, Malformed::NotText) => {
                Self::new(ReplyCode::FrameError, "C17", "Malformed UTF-8 in shortstr")
            }
            NoMethod::Malformed(id, _) => {
                let arguments = payload.get(4..).unwrap_or_default();
                let text = format!("cannot decode {}", binary(arguments));
                Self::new(ReplyCode::FrameError, "C9", text).of(id)
            }
            NoMethod::Short => Self::unknown_frame(FrameKind::Method.octet(), payload),
        }
    }

    /// A frame with something in it that belongs into no such frame.
    fn unknown_frame(kind: u8, payload: &[u8]) -> Self {
        let text = format!(
            "type {kind}, all octets = {}: unknown_frame",
            binary(payload)
        );
        Self::new(ReplyCode::FrameError, "C9", text)
    }
}

/// Octets as RabbitMQ's texts show them; no more than fit into one.
pub(super) fn binary(octets: &[u8]) -> String {
    let shown = octets.get(..MOST_SHOWN).unwrap_or(octets);
    let is_text = |octet: &u8| matches!(octet, b' '..=b'~');
    if !shown.is_empty() && shown.iter().all(is_text) {
        return format!("<<\"{}\">>", String::from_utf8_lossy(shown));
    }
    let numbers: Vec<_> = shown.iter().map(u8::to_string).collect();
    format!("<<{}>>", numbers.join(","))
}

const MOST_SHOWN: usize = 255;

/// How much a client may send that is not dealt with, in octets, while it is not read.
const MOST_UNREAD: usize = 256 * 1024;
/// How much of messages that are not all there is taken while memory is short, in octets.
const MOST_IN_PARTS: usize = 64 * 1024;
/// With more than this to be sent, in octets, nothing more is read that may be answered.
const MOST_UNSENT: usize = 256 * 1024;

impl Session {
    /// A connection that a client has just made, at `now`. Memory that it takes shows at `gauge`.
    pub fn new(profile: Profile, now: Micros, gauge: Gauge) -> Self {
        Self {
            stage: Stage::Header,
            profile,
            input: Vec::new(),
            dealt: 0,
            out: Vec::new(),
            frame_max: profile.switches().least_frame_max as usize,
            channel_max: Switches::CHANNEL_MAX,
            heartbeat: 0,
            client: Client::default(),
            mechanism: Name::default(),
            user: Name::default(),
            connection: None,
            channels: BTreeMap::new(),
            turned_away: BTreeSet::new(),
            current: MethodId::default(),
            current_channel: 0,
            answer: Answer::None,
            paused: false,
            held_back: false,
            heard: now,
            sent: now,
            began: now,
            untaken: 0,
            untaken_since: now,
            gauge,
            introduction: Held::default(),
            log: None,
            told: 0,
        }
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// What its client says of itself.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whom its client logged in as.
    pub fn user(&self) -> &Name {
        &self.user
    }

    /// The broker's number for it, once it was open.
    pub fn connection(&self) -> Option<ConnectionId> {
        self.connection
    }

    /// Whether more of what the client sends can be taken.
    pub fn reads(&self) -> bool {
        self.stage != Stage::Closed && self.input.len() - self.dealt < MOST_UNREAD
    }

    /// Takes what the client sent.
    pub fn take(&mut self, octets: &[u8], now: Micros) {
        self.heard = now;
        if self.dealt > 0 {
            self.input.drain(..self.dealt);
            self.dealt = 0;
        }
        self.input.extend_from_slice(octets);
    }

    /// Reads on until somebody else must answer; none if there is no more to read.
    pub fn read_on(&mut self) -> Option<Request> {
        let input = std::mem::take(&mut self.input);
        let asked = self.read(&input);
        self.input = input;
        if self.dealt == self.input.len() {
            // Most clients are silent for most of the time.
            (self.input, self.dealt) = (Vec::new(), 0);
        }
        asked
    }

    /// Whether more of what its client sent may be dealt with.
    fn may_read(&self) -> bool {
        let held_back = self.held_back && self.has_large_parts();
        !self.paused
            && !held_back
            && self.stage != Stage::Closed
            && self.out.len() + self.untaken < MOST_UNSENT
    }

    /// Whether there is much of messages that are not all there. Of what is all there, the broker says whether it is read.
    fn has_large_parts(&self) -> bool {
        let parts = self.channels.values().filter_map(|it| it.content.as_ref());
        parts.map(|it| it.body.len()).sum::<usize>() > MOST_IN_PARTS
    }

    /// While memory is short, messages that are not all there get no longer, once there is much of them.
    pub fn hold_back(&mut self, on: bool) {
        self.held_back = on;
    }

    fn read(&mut self, input: &[u8]) -> Option<Request> {
        while self.may_read() {
            let left = input.get(self.dealt..).unwrap_or_default();
            if self.stage == Stage::Header {
                let length = self.header(left)?;
                self.deal(left, length);
                continue;
            }
            let read = match Frame::first(left, self.frame_max) {
                Ok(None) => return None,
                Ok(Some((frame, length))) => {
                    self.deal(left, length);
                    self.frame(frame)
                }
                Err(wrong) => {
                    self.deal(left, left.len());
                    Err(self.no_frame(&wrong))
                }
            };
            let read = match read {
                Ok(read) => read,
                Err(_) if matches!(self.stage, Stage::Closing | Stage::Parting) => Read::On,
                Err(breach) => self.breach(breach),
            };
            if let Read::Ask(request) = read {
                return Some(request);
            }
        }
        None
    }

    /// So many octets are dealt with.
    fn deal(&mut self, octets: &[u8], length: usize) {
        self.dealt += length;
        let Some(log) = &mut self.log else {
            return;
        };
        let octets = octets.get(..length).unwrap_or_default();
        match self.stage {
            // Nobody may see a password.
            Stage::Login | Stage::Running => veil::append(log, octets, self.frame_max),
            _ => log.extend_from_slice(octets),
        }
    }

    /// Remembers from now on what is dealt with.
    pub fn keep_log(&mut self) {
        self.log = Some(Vec::new());
    }

    /// What was dealt with since, but for the first so many octets.
    pub fn log_from(&self, start: usize) -> &[u8] {
        let log = self.log.as_deref().unwrap_or_default();
        log.get(start..).unwrap_or_default()
    }

    /// What is to be sent and nobody has been told of. It stays as it is now.
    pub fn tell(&mut self) -> Vec<u8> {
        let untold = self.out.get(self.told..).unwrap_or_default().to_vec();
        self.told = self.out.len();
        untold
    }

    /// What was dealt with since, if it is remembered; passwords are not in it.
    pub fn take_log(&mut self) -> Vec<u8> {
        self.log.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn frame(&mut self, frame: Frame<'_>) -> Result<Read, Breach> {
        if matches!(self.stage, Stage::Closing | Stage::Parting) {
            self.last_words(frame);
            return Ok(Read::On);
        }
        match (frame.kind, frame.channel) {
            (FrameKind::Heartbeat, 0) if frame.payload.is_empty() => Ok(Read::On),
            (FrameKind::Heartbeat, 0) => {
                Err(Breach::unknown_frame(frame.kind.octet(), frame.payload))
            }
            (FrameKind::Method, channel) => {
                if channel > 0 && self.stage != Stage::Running {
                    return Err(unexpected(frame));
                }
                let method = Method::read(frame.payload)
                    .map_err(|wrong| Breach::no_method(wrong, frame.payload, channel))?;
                match channel {
                    0 => self.on_connection(method),
                    _ => self.on_channel(channel, method),
                }
            }
            (FrameKind::Header | FrameKind::Body, 1..) if self.stage == Stage::Running => {
                self.content(frame)
            }
            _ => Err(unexpected(frame)),
        }
    }

    /// Hears a client whose connection is closed: that it knows, or closes it too (C2).
    fn last_words(&mut self, frame: Frame<'_>) {
        if (frame.kind, frame.channel) != (FrameKind::Method, 0) {
            return;
        }
        match Method::read(frame.payload) {
            Ok(Method::ConnectionCloseOk {}) if self.stage == Stage::Closing => {
                self.stage = Stage::Closed;
            }
            Ok(Method::ConnectionClose { .. }) => self.send(0, &Method::ConnectionCloseOk {}),
            _ => {}
        }
    }

    fn no_frame(&self, wrong: &NoFrame) -> Breach {
        let (kind, payload, why) = match wrong {
            NoFrame::Kind { kind, payload } => return Breach::unknown_frame(*kind, payload),
            NoFrame::TooLarge { kind, size } => {
                let most = self.frame_max - frame::AROUND;
                (kind, &[][..], format!("{{frame_too_large,{size},{most}}}"))
            }
            NoFrame::End { kind, payload, end } => {
                let why = format!("{{invalid_frame_end_marker,{end}}}");
                (kind, payload.as_slice(), why)
            }
        };
        let text = format!("type {kind}, all octets = {}: {why}", binary(payload));
        Breach::new(ReplyCode::FrameError, "C9", text)
    }

    /// Closes what a breach closes.
    fn breach(&mut self, breach: Breach) -> Read {
        let Breach {
            channel,
            method,
            refusal,
        } = breach;
        self.current = method;
        let Some(connection) = self.connection else {
            // Before somebody has logged in, nobody is told anything.
            let told = Some(&refusal).filter(|_| self.stage == Stage::Open);
            self.close_connection(told);
            return Read::On;
        };
        let channel = match refusal.scope() {
            Scope::Channel => channel
                .and_then(|it| self.channels.get(&it))
                .map(|it| it.id),
            Scope::Connection => None,
        };
        self.answer = Answer::None;
        Read::Ask(Request::Say(Said::Violate(Box::new(Violation {
            connection,
            channel,
            method: method.name(),
            refusal,
        }))))
    }

    /// The broker does not read what its client says, for now (F3).
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// It does again.
    pub fn resume(&mut self) {
        self.paused = false;
    }

    /// The broker carried out what was asked for.
    pub fn answered(&mut self, reply: &Reply) {
        let answer = std::mem::replace(&mut self.answer, Answer::None);
        self.give(answer, reply);
    }

    /// Whether the answer comes behind all that the broker sends meanwhile: a cancelled consumer gets no more (S4), a
    /// commit returns first what nobody took (P10).
    pub fn answers_last(&self) -> bool {
        matches!(self.answer, Answer::CancelOk(_))
            || matches!(self.answer, Answer::Method(Method::TxCommitOk {}))
    }

    fn send(&mut self, channel: u16, method: &Method) {
        frame::write(&mut self.out, FrameKind::Method, channel, |out| {
            method.write(out);
        });
    }
}
