//! What clients are answered: by Leveret, and by a real RabbitMQ.
//!
//! A case is a small program of a client. It runs against any server that speaks AMQP 0-9-1, and what it was answered is a
//! transcript: lines of text in which nothing depends on when or where it ran. So two servers can be compared, and what one
//! of them said can be kept: `answers/4.3.6.txt` is what RabbitMQ 4.3.6 said, and `answers/4.0.5.txt` and `answers/3.10.8.txt`
//! what these releases said otherwise.
//!
//! Cases show what somebody thought of. What nobody thought of is found by random [`programs`], played on both at once.
//!
//! Leveret runs as a process of its own, as it would for anybody ([`server`]); so it is compiled once, and not again with
//! the features that lapin needs.

pub mod answers;
pub mod cases;
pub mod differences;
pub mod programs;
pub mod release;
pub mod scene;
pub mod server;
mod words;

pub use cases::Case;
pub use scene::Scene;
