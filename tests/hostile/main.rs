//! Programs that mean harm, or do it by accident: each against a server of its own, over real sockets on this machine, bounded
//! in what it does. Whatever they do, somebody who behaves is served meanwhile, and the server ends well.
#![cfg(all(feature = "live", unix))]

#[path = "../it/frames.rs"]
mod frames;
mod server;

mod churn;
mod handshakes;
mod nonsense;
mod unread;
