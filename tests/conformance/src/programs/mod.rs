//! Random programs, played on a real RabbitMQ and on Leveret.
//!
//! A seed makes a program ([`generate`]): what a few clients do, one after the other. It is played on both ([`play`]), in raw
//! frames ([`wire`]), and what the clients were told is compared ([`hold`]). Where they were told otherwise, the program is
//! made as small as it can be ([`shrink`]); what RabbitMQ orders by chance does not count ([`order`]).
//!
//! What is shown of a program can be read again ([`parse`]). Programs that taught something are kept ([`kept`]), and are cases
//! like the others.

pub mod generate;
pub mod hold;
pub mod kept;
mod order;
pub mod parse;
pub mod play;
mod random;
pub mod shrink;
pub mod step;
pub mod wire;
