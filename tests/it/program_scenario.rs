//! A random program as a scenario, so that what went wrong can be watched.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use leveret::broker::{
    Broker, ChannelId, Command, ConnectionId, Method, Micros, Name, Operation, Properties,
    Publication, QueueSpec, Refusal, Reply, Totals,
};
use leveret::scenario::{Scenario, VERSION, load_str};
use leveret::world::{Act, Deed, Latency, MessageSetup, Pace, PublisherSetup, Setup, World};
use proptest::prelude::*;

use crate::programs::{self, Done, How, Program, Run, Say, Tape, Watch, Which, program};
use crate::setups::AT_ONCE;
use crate::support::cases;

/// Writes down what is done, as a scenario's script says it.
#[derive(Default)]
struct Recorder {
    /// Kept by somebody else too, in case the broker falls over.
    setup: Rc<RefCell<Setup>>,
    now: Micros,
    connections: BTreeMap<ConnectionId, Name>,
    channels: BTreeMap<ChannelId, Name>,
}

impl Watch for Recorder {
    type Error = std::convert::Infallible;

    /// What is about to be done, since it may be what goes wrong.
    fn before(&mut self, _: &Broker, at: Micros, done: &Done) -> Result<(), Self::Error> {
        self.now = at;
        let deed = match done {
            Done::Serve(
                channel,
                Method::Publish {
                    message, mandatory, ..
                },
            ) => {
                let connection = self.channels.get(channel).cloned();
                if let Some(connection) = connection {
                    self.publish(connection, &message.publication, *mandatory);
                }
                return Ok(());
            }
            Done::Serve(channel, method) => {
                let connection = self.channels.get(channel).cloned();
                let method = method.clone();
                connection.map(|connection| Deed::Call { connection, method })
            }
            Done::Command(Command::Operate(operation)) => Some(Deed::Operate(operation.clone())),
            Done::Command(Command::OpenChannel { connection, .. }) => {
                let connection = self.connections.get(connection).cloned();
                connection.map(|connection| Deed::Connect {
                    connection,
                    user: None,
                })
            }
            Done::Command(Command::CloseConnection { connection, how }) => {
                let connection = self.connections.get(connection).cloned();
                let how = *how;
                connection.map(|connection| Deed::Disconnect { connection, how })
            }
            // Time and ways are the world's own.
            Done::Command(_) => None,
        };
        let mut setup = self.setup.borrow_mut();
        setup.script.extend(deed.map(|deed| Act { at, deed }));
        Ok(())
    }

    fn after(
        &mut self,
        _: &Broker,
        done: &Done,
        reply: &Result<Reply, Refusal>,
        _: &mut Tape,
    ) -> Result<(), Self::Error> {
        match (done, reply) {
            (Done::Command(Command::OpenConnection { name, .. }), Ok(Reply::Connection(id))) => {
                self.connections.insert(*id, name.clone());
            }
            (Done::Command(Command::OpenChannel { connection, .. }), Ok(Reply::Channel(id))) => {
                let name = self.connections.get(connection).cloned();
                self.channels.insert(*id, name.unwrap_or_default());
            }
            (Done::Command(Command::Operate(_)), Err(_)) => {
                // No scenario does what is refused to an operator.
                self.setup.borrow_mut().script.pop();
            }
            _ => {}
        }
        Ok(())
    }
}

impl Recorder {
    /// A message is a publisher's, who publishes on the same connection.
    fn publish(&mut self, connection: Name, publication: &Publication, mandatory: bool) {
        let message = MessageSetup {
            at: self.now,
            exchange: Some(publication.exchange.clone()),
            key: publication.routing_key.clone(),
            body: publication.body.clone(),
            properties: publication.properties.clone(),
        };
        let kind = if mandatory { " mandatory" } else { "" };
        let name = Name::from(format!("publisher of {connection}{kind}"));
        let publishers = &mut self.setup.borrow_mut().publishers;
        match publishers.iter_mut().find(|known| known.name == name) {
            Some(publisher) => publisher.messages.push(message),
            None => publishers.push(PublisherSetup {
                name,
                pace: Pace::Script,
                messages: vec![message],
                connection: Some(connection),
                mandatory,
                ..PublisherSetup::default()
            }),
        }
    }
}

/// A program as a scenario in which everything is there at once.
///
/// Where a program lets copies arrive in an order of its own, the scenario does not follow.
pub fn scenario(program: &Program) -> Scenario {
    let setup = Setup {
        profile: program.profile,
        latency: Latency {
            write: program.write_delay,
            // Without services no file says it.
            http: Latency::default().http,
            ..AT_ONCE
        },
        ..Setup::default()
    };
    let setup = Rc::new(RefCell::new(setup));
    let recorder = Recorder {
        setup: setup.clone(),
        ..Recorder::default()
    };
    let mut until = Micros::ZERO;
    // What goes wrong may be that the broker falls over: what led there is written down by then.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let Ok(mut run) = Run::new(program, recorder);
        for deed in &program.deeds {
            let Ok(()) = run.carry_out(deed);
            until = run.now;
        }
    }));
    let setup = setup.borrow().clone();
    let last = setup.script.last().map_or(Micros::ZERO, |act| act.at);
    Scenario {
        version: VERSION,
        title: "A program".into(),
        teaches: Default::default(),
        about: Default::default(),
        until: until.max(last) + Micros::from_secs(1),
        open: false,
        setup,
        comparison: None,
        lesson: Default::default(),
        expect: Vec::new(),
        definitions: None,
        notices: Vec::new(),
        traffic: Default::default(),
    }
}

fn say(client: usize, say: Say) -> programs::Deed {
    let careful = false;
    programs::Deed::Call {
        client,
        say,
        careful,
    }
}

fn publish(key: &str, mandatory: bool) -> programs::Deed {
    let properties = Properties {
        delivery_mode: Some(2),
        ..Properties::default()
    };
    let publication = Publication {
        routing_key: key.into(),
        properties: properties.into(),
        body: key.into(),
        ..Publication::default()
    };
    let publish = Say::Publish {
        publication,
        mandatory,
    };
    say(0, publish)
}

fn settle(client: usize, how: How) -> programs::Deed {
    let (which, multiple) = (Which::Held(0), false);
    let settle = Say::Settle {
        which,
        multiple,
        how,
    };
    say(client, settle)
}

/// A program in which something of every kind happens: limits, returns, confirms, deaths, refusals, a restart.
fn small() -> Program {
    let consume = |tag: &str| Method::Consume {
        queue: "work".into(),
        tag: tag.into(),
        no_ack: false,
        exclusive: false,
        arguments: Default::default(),
    };
    let unknown = Say::Settle {
        which: Which::Tag(9),
        multiple: false,
        how: How::Ack,
    };
    let method = |client, method| say(client, Say::Method(method));
    Program {
        profile: Default::default(),
        on_the_way: false,
        write_delay: Micros::from_millis(2),
        exchanges: Vec::new(),
        queues: vec![
            QueueSpec::new("work")
                .with("x-max-length", 2)
                .with("x-dead-letter-exchange", "")
                .with("x-dead-letter-routing-key", "dead"),
            QueueSpec::new("dead").with("x-message-ttl", 40),
        ],
        bindings: Vec::new(),
        deeds: vec![
            method(0, Method::ConfirmSelect),
            publish("work", false),
            publish("nowhere", true),
            publish("work", false),
            publish("work", false),
            method(1, consume("c")),
            settle(1, How::Ack),
            settle(1, How::Reject { requeue: false }),
            say(2, unknown),
            publish("work", false),
            programs::Deed::Restart {
                clean: false,
                after: Micros::from_millis(5),
            },
            publish("work", false),
            method(1, consume("again")),
            settle(1, How::Ack),
            programs::Deed::Pass(Micros::from_millis(100)),
            programs::Deed::Operate(Operation::DeleteQueue("work".into())),
        ],
    }
}

/// Nobody to watch.
struct Nobody;

impl Watch for Nobody {
    type Error = std::convert::Infallible;

    fn before(&mut self, _: &Broker, _: Micros, _: &Done) -> Result<(), Self::Error> {
        Ok(())
    }

    fn after(
        &mut self,
        _: &Broker,
        _: &Done,
        _: &Result<Reply, Refusal>,
        _: &mut Tape,
    ) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn totals_of_scenario(scenario: &Scenario) -> Totals {
    let mut world = World::new(&scenario.setup).expect("a world");
    let mut events = Vec::new();
    while world.next_at().is_some_and(|at| at <= scenario.until) {
        world.step(&mut events);
    }
    world.broker().totals()
}

#[test]
fn a_program_printed_as_a_scenario_loads_and_leads_the_broker_to_the_same() {
    let program = small();
    let Ok(mut run) = Run::new(&program, Nobody);
    for deed in &program.deeds {
        let Ok(()) = run.carry_out(deed);
    }
    let totals = run.broker.totals();
    // All that it is there for did happen.
    let happened = [
        totals.returned,
        totals.confirmed,
        totals.acked,
        totals.rejected,
        totals.dropped,
        totals.expired,
        totals.requeued,
        totals.lost,
        totals.refused,
    ];
    assert!(!happened.contains(&0), "{totals:?}");

    let scenario = scenario(&program);
    let text = scenario.to_ron();
    let loaded = load_str("program.ron", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(loaded.setup, scenario.setup, "{text}");
    assert_eq!(totals_of_scenario(&loaded), totals, "{text}");
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn every_program_is_printed_as_a_scenario_that_loads(program in program(60)) {
        let scenario = scenario(&program);
        let text = scenario.to_ron();
        let loaded = load_str("program.ron", &text);
        prop_assert!(loaded.is_ok(), "{}\n{text}", loaded.unwrap_err());
        let loaded = loaded.map(|loaded| loaded.setup).ok();
        prop_assert_eq!(loaded, Some(scenario.setup), "{}", text);
    }
}
