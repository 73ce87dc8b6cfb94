//! The program's state, what can be done to it, and the one place where it is done.
//!
//! A panel reads [`State`] and emits [`Command`]s; menu, shortcut and button emit the same ones, from one table
//! ([`ACTIONS`]). Only [`update`] changes the state.

mod carrying;
mod coming;
mod command;
mod comparing;
mod conversations;
mod dial;
mod draft;
mod inspection;
mod live;
mod loading;
mod playing;
mod quantity;
mod seen;
mod state;
mod update;

pub use coming::{COMING, Standstill};
pub use command::{ACTIONS, Action, ActionEntry, Command};
pub use comparing::Comparing;
pub use conversations::{Conversation, Conversations, FrameId, Said};
pub use dial::Dial;
pub use draft::{Draft, DraftError};
pub use inspection::{Inspection, Routing, Subject};
pub use live::{Lesson, Live, LiveNews, Order, Told, header};
pub use loading::{Loaded, Opening};
pub use quantity::Quantity;
pub use seen::Seen;
pub use state::{
    Camera, Document, Find, Hint, Notices, OpenError, Playback, Run, SCALE_MAX, SCALE_MIN,
    SPEED_MAX, SPEED_MIN, SPEEDS, Session, Source, State, VhostChoice, View, ZOOM_MAX, ZOOM_MIN,
};
pub use update::update;
