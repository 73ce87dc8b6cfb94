//! Leveret's integration tests: one binary, one module for each thing to be shown.

mod draw;
mod golden;
mod props_broker;
mod props_director;
mod props_history;
mod props_routing;
mod rules_queues;
mod rules_routing;
mod setups;
mod support;
