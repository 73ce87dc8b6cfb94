//! Tests of the whole, in one binary.

mod cli;
mod sources;
mod words;
