//! Leveret's integration tests: one binary, one module for each thing to be shown.

mod draw;
mod props_broker;
mod props_routing;
mod readme;
mod rooms;
mod rules_queues;
mod rules_routing;
mod sources;
mod support;
