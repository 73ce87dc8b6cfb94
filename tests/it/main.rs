//! Leveret's integration tests: one binary, one module for each thing to be shown.

mod cli;
mod draw;
mod language;
mod props_broker;
mod props_routing;
mod rules_queues;
mod rules_routing;
mod sources;
mod support;
mod words;
