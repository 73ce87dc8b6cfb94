//! Leveret's integration tests: one binary, one module for each thing to be shown.

mod cli;
mod compare;
mod compare_command;
mod comparing_runs;
mod definitions;
mod definitions_files;
mod definitions_plugins;
mod definitions_worlds;
mod draw;
mod drawn;
mod fidelity;
mod frames;
mod golden;
mod lab;
mod lab_queues;
mod language;
mod lively;
mod long_runs;
mod picture;
mod program_scenario;
mod programs;
mod props_broker;
mod props_director;
mod props_history;
mod props_refusal;
mod props_routing;
mod props_world;
mod readme;
mod recordings;
mod rooms;
mod rules_connections;
mod rules_consuming;
mod rules_deaths;
mod rules_durability;
mod rules_exchanges;
mod rules_flow;
mod rules_http;
mod rules_plugins;
mod rules_policies;
mod rules_publishing;
mod rules_queue_types;
mod rules_queues;
mod rules_routing;
mod rules_seen_live;
mod rules_users;
mod rules_world;
#[cfg(all(feature = "live", unix))]
mod serving;
mod setups;
mod sources;
mod standstill;
mod support;
mod terminal;
mod theory;
mod verdict;
#[cfg(feature = "gui")]
mod window;
#[cfg(feature = "gui")]
mod window_asking;
#[cfg(feature = "gui")]
mod window_broker;
#[cfg(feature = "gui")]
mod window_comparing;
#[cfg(feature = "gui")]
mod window_comparing_looks;
#[cfg(feature = "gui")]
mod window_definitions;
#[cfg(feature = "gui")]
mod window_files;
#[cfg(feature = "gui")]
mod window_live;
#[cfg(feature = "gui")]
mod window_looks;
#[cfg(feature = "gui")]
mod window_pace;
#[cfg(feature = "gui")]
mod window_playing;
#[cfg(feature = "gui")]
mod window_sizes;
#[cfg(feature = "gui")]
mod window_time;
#[cfg(feature = "gui")]
mod window_why;
mod wire;
mod wire_class;
mod wire_fuzz;
mod wire_room;
mod words;
mod words_rules;
