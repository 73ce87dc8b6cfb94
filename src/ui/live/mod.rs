//! A server for real clients beside the window: what is wanted of it, and what comes of that.

mod bar;
mod lesson;
mod notice;
#[cfg(feature = "live")]
mod password;
mod server;
mod welcome;

pub(super) use bar::{has_room_for_address, now, switch};
pub(super) use lesson::show as lesson;
pub(super) use notice::show as notice;
pub(super) use server::Beside;
pub(super) use welcome::show as welcome;
