//! What is refused has changed nothing (C1): random brokers, random commands.

use leveret::broker::{
    Alarm, ApplyTo, ChannelId, Command, Configuration, ConnectionId, CopyId, EventId, ExchangeKind,
    ExchangeSpec, Hangup, Method, Micros, Name, Operation, PermissionsSpec, PolicySpec, Profile,
    Properties, Publication, QueueSpec, Reply, Table, Target, UserSpec, Value,
};
use proptest::prelude::*;

use crate::lab::{Lab, table};

/// Small choices out of a large number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        let chosen = self.0 % count;
        self.0 = (self.0 / count).rotate_left(29) ^ self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chosen
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 1
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }

    fn queue(&mut self) -> Name {
        let long = "q".repeat(256);
        let names = [
            "q",
            "r",
            "mine",
            "quorum",
            "stream",
            "full",
            "single",
            "",
            "missing",
            "amq.x",
            "amq.rabbitmq.reply-to",
            "amq.rabbitmq.reply-to.none",
            &long,
        ];
        self.of(&names).into()
    }

    fn exchange(&mut self) -> Name {
        let names = [
            "x",
            "y",
            "topic",
            "headers",
            "amq.fanout",
            "amq.rabbitmq.trace",
            "amq.new",
            "missing",
            "",
        ];
        self.of(&names).into()
    }

    fn key(&mut self) -> Name {
        self.of(&["", "k", "q", "a.b", "a.#", "#.#.#"]).into()
    }

    fn value(&mut self) -> Value {
        let values = [
            Value::Int(1),
            Value::Int(-1),
            "x".into(),
            "1D".into(),
            "quorum".into(),
            "stream".into(),
            "classic".into(),
            "reject-publish".into(),
            "any".into(),
            Value::Bool(true),
            Value::Void,
            Value::Array(vec!["q".into()]),
        ];
        self.of(&values)
    }

    fn arguments(&mut self) -> Table {
        let names = [
            "x-queue-type",
            "x-max-length",
            "x-overflow",
            "x-message-ttl",
            "x-expires",
            "x-max-priority",
            "x-dead-letter-exchange",
            "x-dead-letter-routing-key",
            "x-single-active-consumer",
            "x-priority",
            "x-stream-offset",
            "x-match",
            "alternate-exchange",
        ];
        let count = self.below(3);
        let entries = (0..count).map(|_| (Name::from(self.of(&names)), self.value()));
        entries.collect()
    }

    fn queue_spec(&mut self) -> QueueSpec {
        QueueSpec {
            name: self.queue(),
            durable: self.below(4) > 0,
            exclusive: self.below(4) == 0,
            auto_delete: self.below(4) == 0,
            arguments: self.arguments(),
        }
    }

    fn exchange_spec(&mut self) -> ExchangeSpec {
        ExchangeSpec {
            name: self.exchange(),
            kind: self.of(&ExchangeKind::ALL),
            plugin: None,
            durable: self.yes(),
            auto_delete: self.below(4) == 0,
            internal: self.below(4) == 0,
            arguments: self.arguments(),
        }
    }

    fn properties(&mut self) -> Properties {
        Properties {
            headers: match self.below(4) {
                0 => table("CC", self.value()),
                1 => table("BCC", self.value()),
                _ => Table::new(),
            },
            delivery_mode: self.yes().then_some(2),
            priority: self.yes().then_some(3),
            reply_to: (self.below(4) == 0).then(|| "amq.rabbitmq.reply-to".into()),
            expiration: (self.below(4) == 0).then(|| self.of(&["10", "-1", "x"]).into()),
            user_id: (self.below(6) == 0).then(|| self.of(&["guest", "ann"]).into()),
            ..Properties::default()
        }
    }

    fn target(&mut self) -> Target {
        if self.yes() {
            Target::Queue(self.queue())
        } else {
            Target::Exchange(self.exchange())
        }
    }

    fn operation(&mut self) -> Operation {
        match self.below(12) {
            0 => Operation::DeclareExchange(self.exchange_spec()),
            1 => Operation::DeleteExchange(self.exchange()),
            2 => Operation::DeclareQueue(self.queue_spec()),
            3 => Operation::DeleteQueue(self.queue()),
            4 => Operation::PurgeQueue(self.queue()),
            5 => Operation::Bind {
                source: self.exchange(),
                destination: self.target(),
                key: self.key(),
                arguments: self.arguments(),
            },
            6 => Operation::Unbind {
                source: self.exchange(),
                destination: self.target(),
                key: self.key(),
                arguments: self.arguments(),
            },
            7 => {
                let keys = ["max-length", "message-ttl", "unknown"];
                Operation::SetPolicy(PolicySpec {
                    name: "p".into(),
                    pattern: self.of(&["^q", "(", ".*"]).into(),
                    apply_to: ApplyTo::All,
                    priority: 0,
                    operator: self.yes(),
                    definition: table(self.of(&keys), self.value()),
                })
            }
            8 => Operation::ClearPolicy {
                name: "p".into(),
                operator: self.yes(),
            },
            9 => {
                let mut user = UserSpec::new(self.of(&["ann", "bob"]));
                user.permissions = self.yes().then(|| PermissionsSpec {
                    configure: self.of(&[".*", "^q$", "("]).into(),
                    write: self.of(&[".*", "^x$", ""]).into(),
                    read: self.of(&[".*", "^q$"]).into(),
                });
                Operation::SetUser(user)
            }
            10 => Operation::RaiseAlarm(Alarm::Memory),
            _ => Operation::ClearAlarm(Alarm::Memory),
        }
    }

    fn method(&mut self, lab: &mut Lab) -> Method {
        let (tag, multiple, requeue) = (self.below(7), self.yes(), self.below(5) > 0);
        match self.below(27) {
            0 => Method::Close,
            1 => Method::Flow { active: self.yes() },
            2 => Method::DeclareExchange {
                spec: self.exchange_spec(),
                passive: self.below(4) == 0,
            },
            3 => Method::DeleteExchange {
                exchange: self.exchange(),
                if_unused: self.yes(),
            },
            4 => Method::BindExchange {
                destination: self.exchange(),
                source: self.exchange(),
                key: self.key(),
                arguments: self.arguments(),
            },
            5 => Method::UnbindExchange {
                destination: self.exchange(),
                source: self.exchange(),
                key: self.key(),
                arguments: self.arguments(),
            },
            6 => Method::DeclareQueue {
                spec: self.queue_spec(),
                passive: self.below(4) == 0,
            },
            7 => Method::BindQueue {
                queue: self.queue(),
                source: self.exchange(),
                key: self.key(),
                arguments: self.arguments(),
            },
            8 => Method::UnbindQueue {
                queue: self.queue(),
                source: self.exchange(),
                key: self.key(),
                arguments: self.arguments(),
            },
            9 => Method::PurgeQueue {
                queue: self.queue(),
            },
            10 => Method::DeleteQueue {
                queue: self.queue(),
                if_unused: self.yes(),
                if_empty: self.yes(),
            },
            11 => Method::Qos {
                prefetch_size: u32::from(self.below(6) == 0),
                prefetch: self.below(3) as u16,
                global: self.below(3) == 0,
            },
            12..=13 => Method::Consume {
                queue: self.queue(),
                tag: self.of(&["", "a", "b"]).into(),
                no_ack: self.yes(),
                exclusive: self.below(4) == 0,
                arguments: self.arguments(),
            },
            14 => Method::Cancel {
                tag: self.of(&["a", "b", "none"]).into(),
            },
            15..=17 => {
                let message = lab.broker.take(std::sync::Arc::new(Publication {
                    exchange: self.exchange(),
                    routing_key: self.queue(),
                    properties: std::sync::Arc::new(self.properties()),
                    body: "x".into(),
                    ..Publication::default()
                }));
                Method::Publish {
                    message,
                    mandatory: self.yes(),
                    immediate: self.below(8) == 0,
                }
            }
            18..=19 => Method::Get {
                queue: self.queue(),
                no_ack: self.below(4) == 0,
            },
            20 => Method::Ack { tag, multiple },
            21 => Method::Reject { tag, requeue },
            22 => Method::Nack {
                tag,
                multiple,
                requeue,
            },
            23 => Method::Recover { requeue },
            24 => Method::ConfirmSelect,
            25 => Method::TxSelect,
            _ => self.of(&[Method::TxCommit, Method::TxRollback]),
        }
    }

    fn channel(&mut self, lab: &Lab) -> ChannelId {
        // Mostly one of the newest, which are open.
        let count = lab.broker.channels().given() as u64;
        let back = self.below(5).min(self.below(9));
        ChannelId(count.saturating_sub(back) as u32)
    }

    fn connection(&mut self, lab: &Lab) -> ConnectionId {
        let count = lab.broker.connections().given() as u64;
        ConnectionId(self.below(count + 1) as u32)
    }

    fn command(&mut self, lab: &mut Lab) -> Command {
        match self.below(20) {
            0 => Command::OpenConnection {
                name: "client".into(),
                user: self.of(&["guest", "ann", "nobody"]).into(),
                capabilities: Default::default(),
            },
            1 => Command::CloseConnection {
                connection: self.connection(lab),
                how: self.of(&[Hangup::ByClient, Hangup::Lost, Hangup::ByOperator]),
            },
            2..=3 => Command::OpenChannel {
                connection: self.connection(lab),
                number: self.of(&[None, None, Some(1), Some(2048)]),
            },
            4..=5 => Command::Operate(self.operation()),
            6 => Command::Operate(self.of(&[
                Operation::Start,
                Operation::Start,
                Operation::Stop { clean: true },
                Operation::Stop { clean: false },
            ])),
            7 => Command::Arrive {
                copy: CopyId(self.below(lab.broker.totals().copies + 1)),
            },
            8 => Command::Tick,
            _ => {
                let channel = self.channel(lab);
                let method = self.method(lab);
                Command::Call { channel, method }
            }
        }
    }
}

/// A broker with some of everything, and channels to use it on.
fn furnished(profile: Profile, on_the_way: bool) -> Lab {
    let mut lab = Lab::configured(Configuration {
        profile,
        on_the_way,
        write_delay: Micros::from_millis(5),
        ..Configuration::default()
    });
    for spec in [
        QueueSpec::new("q"),
        QueueSpec::new("quorum").with("x-queue-type", "quorum"),
        QueueSpec::new("stream").with("x-queue-type", "stream"),
        QueueSpec::new("full")
            .with("x-max-length", 1)
            .with("x-overflow", "reject-publish"),
        QueueSpec::new("single").with("x-single-active-consumer", true),
    ] {
        lab.operate(Operation::DeclareQueue(spec)).expect("a queue");
    }
    for (name, kind) in [
        ("x", ExchangeKind::Direct),
        ("topic", ExchangeKind::Topic),
        ("headers", ExchangeKind::Headers),
    ] {
        let spec = ExchangeSpec::new(name, kind);
        lab.operate(Operation::DeclareExchange(spec))
            .expect("an exchange");
    }
    for _ in 0..2 {
        let connection = lab.connect();
        for _ in 0..2 {
            lab.channel(connection);
        }
    }
    let mut mine = QueueSpec::new("mine");
    mine.exclusive = true;
    lab.declare(ChannelId(0), mine);
    lab.open_as("ann", ["^q$", "^x$", "^q$"]);
    lab
}

/// Gives a broker commands. What is refused has told and changed nothing; how many were refused.
fn drive(profile: Profile, on_the_way: bool, choices: &[u64]) -> usize {
    let mut lab = furnished(profile, on_the_way);
    let mut now = Micros::ZERO;
    let mut refused = 0;
    for &choice in choices {
        let mut dice = Dice(choice);
        now += Micros::from_millis(dice.of(&[0, 1, 10, 60_000]));
        let command = dice.command(&mut lab);
        let shown = format!("{command:?}");
        let before = lab.state();
        let (told, sent) = (lab.tape.events.len(), lab.tape.sent.len());
        let again = command.clone();
        let cause = EventId(0);
        // Not even time that goes on is a reason to do what is due.
        let reply = lab.broker.handle(now, command, cause, &mut lab.tape);
        let reply = match reply {
            Err(refusal) if refusal.rule == "P11" => continue, // not atomic
            reply => reply,
        };
        if let Err(refusal) = &reply {
            refused += 1;
            assert_eq!(lab.state(), before, "{shown}: {refusal}");
            assert_eq!(lab.tape.events.len(), told, "{shown}: {refusal}");
            assert_eq!(lab.tape.sent.len(), sent, "{shown}: {refusal}");
            assert!(refusal.reply_text().len() <= 255, "{refusal}");
            // Some clients meet with what it leads to (C1); others are tried on.
            if let Command::Call { channel, method } = again
                && dice.below(3) == 0
            {
                let again = lab.broker.serve(now, channel, method, cause, &mut lab.tape);
                assert_eq!(again.err().as_ref(), Some(refusal), "it is refused again");
            }
        }
        if matches!(reply, Ok(Reply::NotRead)) {
            // An alarm is not to be the end of it.
            let clear = Command::Operate(Operation::ClearAlarm(Alarm::Memory));
            let cleared = lab.broker.handle(now, clear, cause, &mut lab.tape);
            cleared.expect("is cleared");
        }
        if lab.broker.is_up() && lab.broker.next_due().is_some_and(|due| due <= now) {
            let ticked = lab.broker.handle(now, Command::Tick, cause, &mut lab.tape);
            ticked.expect("a tick is never refused");
        }
        assert_eq!(lab.broker.audit(), Ok(()), "after {shown}");
    }
    refused
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    // C1
    #[test]
    fn a_refused_command_changes_nothing(
        profile in prop::sample::select(Profile::ALL.to_vec()),
        on_the_way: bool,
        choices in prop::collection::vec(any::<u64>(), 1..80),
    ) {
        drive(profile, on_the_way, &choices);
    }
}

// The property above is about something only if random commands are refused often, and taken often.
#[test]
fn random_commands_are_refused_and_taken() {
    let choices: Vec<u64> = (1..400_u64)
        .map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .collect();
    for profile in Profile::ALL {
        let refused = drive(profile, false, &choices);
        assert!(
            (40..360).contains(&refused),
            "{refused} of {}",
            choices.len()
        );
    }
}
