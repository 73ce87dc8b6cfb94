//! Programs from seeds.
//!
//! A program has a theme, which says what queues there are and what is done more often than else; so that what is rare in
//! programs of all things meets itself in some.

use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{basic, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldArray, FieldTable};

use super::random::Random;
use super::step::{Act, Line, Program, Settling, Step, Which};

/// What programs are about, each as often as it says.
const THEMES: &[(usize, &str)] = &[
    (10, "classic"),
    (10, "quorum"),
    (10, "streams"),
    (10, "prefetch"),
    (10, "single active"),
    (12, "deaths"),
    (10, "time"),
    (10, "transactions"),
    (8, "routing"),
    (10, "declaring"),
    (8, "priorities"),
    (8, "errors"),
];

/// What can be done, besides that which only one theme does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Do {
    Publish,
    Burst,
    Confirm,
    Qos,
    QosGlobal,
    Consume,
    Cancel,
    Get,
    Ack,
    Nack,
    Reject,
    Recover,
    Select,
    Commit,
    Rollback,
    CloseChannel,
    CloseConnection,
    DeclareAgain,
    DeclareNew,
    Delete,
    Purge,
    Bind,
    Unbind,
    BindExchange,
    DeleteExchange,
    Error,
}

/// How often each is done when a theme says nothing.
const OFTEN: &[(usize, Do)] = &[
    (22, Do::Publish),
    (4, Do::Burst),
    (2, Do::Confirm),
    (3, Do::Qos),
    (1, Do::QosGlobal),
    (9, Do::Consume),
    (3, Do::Cancel),
    (6, Do::Get),
    (9, Do::Ack),
    (7, Do::Nack),
    (5, Do::Reject),
    (3, Do::Recover),
    (0, Do::Select),
    (0, Do::Commit),
    (0, Do::Rollback),
    (2, Do::CloseChannel),
    (1, Do::CloseConnection),
    (1, Do::DeclareAgain),
    (0, Do::DeclareNew),
    (1, Do::Delete),
    (1, Do::Purge),
    (1, Do::Bind),
    (1, Do::Unbind),
    (0, Do::BindExchange),
    (0, Do::DeleteExchange),
    (1, Do::Error),
];

const LINES: [Line; 4] = [
    Line {
        connection: 0,
        number: 1,
    },
    Line {
        connection: 0,
        number: 2,
    },
    Line {
        connection: 1,
        number: 1,
    },
    Line {
        connection: 1,
        number: 2,
    },
];

/// The program of a seed.
pub fn program(seed: u64) -> Program {
    let mut random = Random::new(seed);
    let theme = random.weighed(THEMES);
    let mut maker = Maker {
        random,
        theme,
        often: often(theme),
        steps: Vec::new(),
        queues: Vec::new(),
        exchanges: Vec::new(),
        consumers: Vec::new(),
        bound: Vec::new(),
        bodies: 0,
        tags: 0,
    };
    maker.queues_and_exchanges();
    maker.begin();
    let steps = maker.steps.len() + 10 + maker.random.below(14);
    while maker.steps.len() < steps {
        maker.step();
    }
    Program {
        seed,
        theme,
        timed: theme == "time",
        steps: maker.steps,
    }
}

/// How often a theme does each.
fn often(theme: &str) -> Vec<(usize, Do)> {
    let more: &[(usize, Do)] = match theme {
        "streams" => &[
            (5, Do::Recover),
            (8, Do::Qos),
            (2, Do::Burst),
            (0, Do::Nack),
            (5, Do::Error),
        ],
        "prefetch" => &[
            (10, Do::Qos),
            (5, Do::QosGlobal),
            (14, Do::Consume),
            (14, Do::Ack),
        ],
        "single active" => &[
            (14, Do::Consume),
            (8, Do::Cancel),
            (4, Do::CloseChannel),
            (12, Do::Ack),
        ],
        "deaths" => &[
            (10, Do::Reject),
            (14, Do::Nack),
            (8, Do::Burst),
            (8, Do::Get),
        ],
        "time" => &[
            (8, Do::Burst),
            (10, Do::Get),
            (9, Do::Nack),
            (6, Do::Reject),
        ],
        "transactions" => &[
            (9, Do::Select),
            (9, Do::Commit),
            (6, Do::Rollback),
            (0, Do::Confirm),
            (12, Do::Ack),
        ],
        "routing" => &[
            (30, Do::Publish),
            (12, Do::Bind),
            (5, Do::Unbind),
            (6, Do::BindExchange),
            (2, Do::DeleteExchange),
            (3, Do::Delete),
            (3, Do::Consume),
        ],
        "declaring" => &[
            (20, Do::DeclareNew),
            (14, Do::DeclareAgain),
            (5, Do::Delete),
            (3, Do::Purge),
        ],
        "priorities" => &[(30, Do::Publish), (8, Do::Burst), (9, Do::Get)],
        "errors" => &[
            (30, Do::Error),
            (3, Do::Select),
            (3, Do::Confirm),
            (3, Do::QosGlobal),
        ],
        _ => &[],
    };
    let base = OFTEN.iter().map(|(weight, it)| {
        let more = more.iter().find(|more| more.1 == *it);
        (more.map_or(*weight, |more| more.0), *it)
    });
    base.collect()
}

/// A program on its way.
struct Maker {
    random: Random,
    theme: &'static str,
    often: Vec<(usize, Do)>,
    steps: Vec<Step>,
    queues: Vec<queue::Declare>,
    exchanges: Vec<exchange::Declare>,
    consumers: Vec<(Line, String)>,
    bound: Vec<(Line, queue::Bind)>,
    bodies: usize,
    tags: usize,
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

fn kind(queue: &queue::Declare) -> &[u8] {
    match queue.arguments.inner().get("x-queue-type") {
        Some(AMQPValue::LongString(kind)) => kind.as_bytes(),
        _ => b"classic",
    }
}

impl Maker {
    fn add(&mut self, on: Line, act: Act) {
        self.steps.push(Step { on, act });
    }

    /// A channel; the first ones are more often taken.
    fn line(&mut self) -> Line {
        self.random
            .weighed(&[(5, LINES[0]), (3, LINES[1]), (3, LINES[2]), (1, LINES[3])])
    }

    fn queue(&mut self) -> String {
        let some = self.queues.len();
        // The first is more often taken.
        let at = if self.random.chance(50) {
            0
        } else {
            self.random.below(some)
        };
        self.queues[at].queue.to_string()
    }

    fn exchange(&mut self) -> String {
        let some = self.exchanges.len();
        let at = self.random.below(some);
        self.exchanges[at].exchange.to_string()
    }

    /// An integer, of whatever type.
    fn integer(&mut self, it: i64) -> AMQPValue {
        match self.random.below(12) {
            0 => AMQPValue::LongLongInt(it),
            1 => AMQPValue::ShortInt(it as i16),
            2 if it >= 0 => AMQPValue::LongUInt(it as u32),
            3 if (-128..128).contains(&it) => AMQPValue::ShortShortInt(it as i8),
            4 if (0..256).contains(&it) => AMQPValue::ShortShortUInt(it as u8),
            5 if it >= 0 => AMQPValue::ShortUInt(it as u16),
            _ => AMQPValue::LongInt(it as i32),
        }
    }

    // --- what there is at the beginning

    fn queues_and_exchanges(&mut self) {
        let kinds: &[&str] = match self.theme {
            "classic" | "routing" => &["classic", "classic", "classic"],
            "priorities" if self.random.chance(60) => &["classic"],
            "priorities" => &["quorum"],
            "quorum" => &["quorum", "quorum"],
            "streams" => &["stream", "classic"],
            "transactions" if self.random.chance(75) => &["classic", "classic"],
            "time" | "single active" | "prefetch" if self.random.chance(55) => {
                &["classic", "classic"]
            }
            "time" | "single active" | "prefetch" => &["quorum", "classic"],
            "deaths" => {
                let some: [&[&str]; 5] = [
                    &["classic", "classic", "classic"],
                    &["quorum", "classic"],
                    &["classic", "quorum"],
                    &["quorum", "quorum"],
                    &["classic", "quorum", "classic"],
                ];
                self.random.of(&some)
            }
            _ => {
                let some: [&[&str]; 4] = [
                    &["classic", "quorum"],
                    &["quorum", "classic"],
                    &["classic", "classic"],
                    &["classic", "stream"],
                ];
                self.random.of(&some)
            }
        };
        let exchanges = match self.theme {
            "routing" => 3,
            "deaths" | "classic" | "quorum" | "transactions" => 1,
            _ => usize::from(self.random.chance(30)),
        };
        for number in 0..exchanges {
            let types = ["direct", "fanout", "topic", "headers"];
            let kind = self.random.of(&types);
            let mut arguments = FieldTable::default();
            if self
                .random
                .chance(if self.theme == "routing" { 35 } else { 5 })
            {
                let other = format!("x{}", self.random.below(3));
                arguments.insert("alternate-exchange".into(), text(&other));
            }
            let declare = exchange::Declare {
                exchange: format!("x{number}").into(),
                kind: kind.into(),
                durable: self.random.chance(80),
                auto_delete: self.random.chance(8),
                internal: self.random.chance(4),
                arguments,
                ..exchange::Declare::default()
            };
            self.exchanges.push(declare.clone());
            self.add(LINES[0], Act::DeclareExchange(declare));
        }
        for (number, kind) in kinds.iter().enumerate() {
            let arguments = self.queue_arguments(number, kind, kinds.len());
            let plain = *kind == "classic" && self.theme != "deaths";
            let declare = queue::Declare {
                queue: format!("q{number}").into(),
                durable: true,
                exclusive: plain && self.random.chance(4),
                auto_delete: plain && self.random.chance(8),
                arguments,
                ..queue::Declare::default()
            };
            self.queues.push(declare.clone());
            self.add(LINES[0], Act::DeclareQueue(declare));
        }
        for _ in 0..exchanges {
            for _ in 0..1 + self.random.below(3) {
                self.bind();
            }
        }
        if self.random.chance(25) {
            let line = self.line();
            let act = if self.theme == "transactions" {
                Act::Select
            } else {
                Act::Confirm
            };
            self.add(line, act);
        }
    }

    /// Arguments that a queue of this type takes.
    fn queue_arguments(&mut self, number: usize, kind: &str, of: usize) -> FieldTable {
        let mut all = FieldTable::default();
        if kind != "classic" || self.random.chance(20) {
            all.insert("x-queue-type".into(), text(kind));
        }
        if kind == "stream" {
            return all;
        }
        let quorum = kind == "quorum";
        let theme = self.theme;
        if self.random.chance(if theme == "deaths" { 50 } else { 22 }) {
            let most = self.random.below(4) as i64;
            let most = self.integer(most);
            all.insert("x-max-length".into(), most);
            if self.random.chance(50) {
                let mut ways = vec!["drop-head", "reject-publish"];
                if !quorum {
                    ways.push("reject-publish-dlx");
                }
                let way = self.random.of(&ways);
                all.insert("x-overflow".into(), text(way));
            }
        } else if self.random.chance(4) {
            let most = self.integer(5);
            all.insert("x-max-length-bytes".into(), most);
        }
        let dies = matches!(theme, "deaths" | "time");
        if of > 1 && self.random.chance(if dies { 85 } else { 25 }) {
            let other = format!("q{}", (number + 1) % of);
            if self.exchanges.is_empty() || self.random.chance(60) {
                all.insert("x-dead-letter-exchange".into(), text(""));
                all.insert("x-dead-letter-routing-key".into(), text(&other));
            } else {
                let exchange = self.exchange();
                all.insert("x-dead-letter-exchange".into(), text(&exchange));
                if self.random.chance(40) {
                    all.insert("x-dead-letter-routing-key".into(), text("k1"));
                }
            }
        }
        if theme == "time" && self.random.chance(50) {
            let millis = self.random.of(&[50, 100, 150]);
            let millis = self.integer(millis);
            all.insert("x-message-ttl".into(), millis);
        } else if self.random.chance(5) {
            let millis = self.random.of(&[0, 60_000]);
            all.insert("x-message-ttl".into(), AMQPValue::LongInt(millis));
        }
        if self
            .random
            .chance(if theme == "single active" { 85 } else { 4 })
        {
            all.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        }
        if !quorum
            && self
                .random
                .chance(if theme == "priorities" { 90 } else { 6 })
        {
            let most = self.random.of(&[1, 3, 5, 10]);
            let most = self.integer(most);
            all.insert("x-max-priority".into(), most);
        }
        if quorum && self.random.chance(if dies { 40 } else { 15 }) {
            let most = self.random.below(4) as i64;
            let most = self.integer(most);
            all.insert("x-delivery-limit".into(), most);
        }
        all
    }

    /// Something to do for what follows: consumers, and messages.
    fn begin(&mut self) {
        let (consumers, messages) = match self.theme {
            "routing" | "declaring" | "errors" => return,
            "prefetch" | "single active" => (2, 1),
            "streams" => (1, 2),
            _ => (1, 1),
        };
        for _ in 0..consumers {
            if self.random.chance(60) {
                let line = self.line();
                if self.theme == "prefetch" || self.random.chance(30) {
                    let prefetch_count = self.random.of(&[1, 1, 2, 3]);
                    self.add(
                        line,
                        Act::Qos(basic::Qos {
                            prefetch_count,
                            global: false,
                        }),
                    );
                }
                self.consume(line);
            }
        }
        for _ in 0..messages {
            if self.random.chance(60) {
                let (line, count) = (self.line(), 1 + self.random.below(4));
                let act = self.publish(count);
                self.add(line, act);
            }
        }
    }

    // --- steps

    fn step(&mut self) {
        let often = self.often.clone();
        let line = self.line();
        match self.random.weighed(&often) {
            Do::Publish => {
                let act = self.publish(1);
                self.add(line, act);
            }
            Do::Burst => {
                let count = 2 + self.random.below(4);
                let act = self.publish(count);
                self.add(line, act);
            }
            Do::Confirm => self.add(line, Act::Confirm),
            Do::Qos => {
                let prefetch_count = self.random.of(&[1, 1, 1, 2, 2, 3, 5, 0]);
                let qos = basic::Qos {
                    prefetch_count,
                    global: false,
                };
                self.add(line, Act::Qos(qos));
            }
            Do::QosGlobal => {
                let prefetch_count = self.random.of(&[1, 1, 2, 3, 0]);
                let qos = basic::Qos {
                    prefetch_count,
                    global: true,
                };
                self.add(line, Act::Qos(qos));
            }
            Do::Consume => self.consume(line),
            Do::Cancel => {
                if let Some((on, tag)) = self.consumer() {
                    let consumer_tag = tag.as_str().into();
                    self.add(
                        on,
                        Act::Cancel(basic::Cancel {
                            consumer_tag,
                            nowait: false,
                        }),
                    );
                }
            }
            Do::Get => {
                let queue = self.queue().into();
                let no_ack = self.random.chance(25);
                self.add(line, Act::Get(basic::Get { queue, no_ack }));
            }
            Do::Ack => {
                let multiple = self.random.chance(30);
                self.settle(line, Settling::Ack(multiple));
            }
            Do::Nack => {
                let multiple = self.random.chance(45);
                let requeue = self.random.chance(60);
                self.settle(line, Settling::Nack(multiple, requeue));
            }
            Do::Reject => {
                let requeue = self.random.chance(45);
                self.settle(line, Settling::Reject(requeue));
            }
            Do::Recover => self.add(line, Act::Recover(true)),
            Do::Select => self.add(line, Act::Select),
            Do::Commit => self.add(line, Act::Commit),
            Do::Rollback => self.add(line, Act::Rollback),
            Do::CloseChannel => self.add(line, Act::CloseChannel),
            Do::CloseConnection => self.add(line, Act::CloseConnection),
            Do::DeclareAgain => self.declare_again(line),
            Do::DeclareNew => self.declare_new(line),
            Do::Delete => {
                let queue = self.queue().into();
                let (if_unused, if_empty) = (self.random.chance(30), self.random.chance(30));
                let nowait = false;
                let delete = queue::Delete {
                    queue,
                    if_unused,
                    if_empty,
                    nowait,
                };
                self.add(line, Act::DeleteQueue(delete));
            }
            Do::Purge => {
                let queue = self.queue().into();
                self.add(
                    line,
                    Act::Purge(queue::Purge {
                        queue,
                        nowait: false,
                    }),
                );
            }
            Do::Bind => self.bind(),
            Do::Unbind => {
                if let Some((on, bind)) = self.bound.last().cloned() {
                    let unbind = queue::Unbind {
                        queue: bind.queue,
                        exchange: bind.exchange,
                        routing_key: bind.routing_key,
                        arguments: bind.arguments,
                    };
                    self.bound.pop();
                    self.add(on, Act::UnbindQueue(unbind));
                }
            }
            Do::BindExchange if !self.exchanges.is_empty() => {
                let (to, from) = (self.exchange(), self.exchange());
                let bind = exchange::Bind {
                    destination: to.as_str().into(),
                    source: from.as_str().into(),
                    routing_key: self.key().as_str().into(),
                    ..exchange::Bind::default()
                };
                self.add(line, Act::BindExchange(bind));
            }
            Do::DeleteExchange if !self.exchanges.is_empty() => {
                let exchange = self.exchange().as_str().into();
                let if_unused = self.random.chance(40);
                let delete = exchange::Delete {
                    exchange,
                    if_unused,
                    nowait: false,
                };
                self.add(line, Act::DeleteExchange(delete));
            }
            Do::BindExchange | Do::DeleteExchange => {}
            Do::Error => self.error(line),
        }
    }

    /// A consumer that began.
    fn consumer(&mut self) -> Option<(Line, String)> {
        let some = self.consumers.len();
        if some == 0 {
            return None;
        }
        let at = self.random.below(some);
        Some(self.consumers[at].clone())
    }

    fn settle(&mut self, line: Line, how: Settling) {
        // Where something was taken, something may be unsettled.
        let takes = |step: &&Step| match &step.act {
            Act::Consume(it) => !it.no_ack,
            Act::Get(it) => !it.no_ack,
            _ => false,
        };
        let mut taken: Vec<_> = self.steps.iter().filter(takes).map(|it| it.on).collect();
        if taken.is_empty() {
            return self.consume(line);
        }
        taken.push(line);
        let line = self.random.of(&taken);
        let which = match self.random.below(20) {
            0 => Which::Tag(0),
            1 => Which::Tag(1),
            _ => Which::Unsettled(self.random.of(&[0, 0, 0, 1, 2, 3])),
        };
        self.add(line, Act::Settle(how, which));
    }

    fn consume(&mut self, line: Line) {
        let mut queue = self.queue();
        if self.theme == "streams" && self.random.chance(80) {
            queue = "q0".to_owned();
        }
        let tag = format!("c{}", self.tags);
        self.tags += 1;
        let mut arguments = FieldTable::default();
        let priorities = matches!(self.theme, "single active" | "priorities" | "prefetch");
        if self.random.chance(if priorities { 40 } else { 8 }) {
            let priority = self.random.of(&[-1, 1, 2, 5, 10]);
            let priority = self.integer(priority);
            arguments.insert("x-priority".into(), priority);
        }
        let stream = self
            .queues
            .iter()
            .any(|it| it.queue.as_str() == queue && kind(it) == b"stream");
        if stream {
            if self.random.chance(85) {
                let offsets = [
                    text("first"),
                    text("first"),
                    text("last"),
                    text("next"),
                    AMQPValue::LongLongInt(0),
                    AMQPValue::LongLongInt(1),
                    AMQPValue::LongInt(2),
                    AMQPValue::LongInt(5),
                ];
                let offset = self.random.of(&offsets);
                arguments.insert("x-stream-offset".into(), offset);
            }
            if self.random.chance(80) {
                let prefetch_count = self.random.of(&[1, 2, 3, 10]);
                let qos = basic::Qos {
                    prefetch_count,
                    global: false,
                };
                self.add(line, Act::Qos(qos));
            }
        }
        let consume = basic::Consume {
            queue: queue.as_str().into(),
            consumer_tag: tag.as_str().into(),
            no_ack: self.random.chance(if stream { 4 } else { 18 }),
            exclusive: self.random.chance(4),
            arguments,
            ..basic::Consume::default()
        };
        self.consumers.push((line, tag));
        self.add(line, Act::Consume(consume));
    }

    fn key(&mut self) -> String {
        let keys = [
            "k0", "k1", "k0.a", "k0.a.b", "k0.*", "#", "*.a", "k0.#", "a", "", "q0", "q1",
        ];
        self.random.of(&keys).to_owned()
    }

    fn plain_key(&mut self) -> String {
        let keys = ["k0", "k1", "k0.a", "k0.a.b", "a", "", "q0", "q1", "q2"];
        self.random.of(&keys).to_owned()
    }

    fn header(&mut self) -> (&'static str, AMQPValue) {
        let name = self.random.of(&["h0", "h1", "x-h"]);
        let values = [
            AMQPValue::LongInt(1),
            AMQPValue::LongLongInt(1),
            AMQPValue::LongInt(2),
            text("one"),
            AMQPValue::Boolean(true),
            AMQPValue::Double(1.0),
            AMQPValue::Void,
            AMQPValue::Timestamp(1),
            AMQPValue::ShortShortUInt(1),
        ];
        (name, self.random.of(&values))
    }

    fn bind(&mut self) {
        if self.exchanges.is_empty() {
            return;
        }
        let exchange = self.exchange();
        let mut arguments = FieldTable::default();
        let headers = |it: &exchange::Declare| {
            it.exchange.as_str() == exchange && it.kind.as_str() == "headers"
        };
        if self.exchanges.iter().any(headers) || self.random.chance(3) {
            if self.random.chance(80) {
                let ways = ["all", "any", "all-with-x", "any-with-x"];
                let way = self.random.of(&ways);
                arguments.insert("x-match".into(), text(way));
            }
            for _ in 0..self.random.below(3) {
                let (name, value) = self.header();
                arguments.insert(name.into(), value);
            }
        }
        // What goes to several queues of which one lets it die into another arrives there by chance first or last.
        let queue = if self.theme == "routing" {
            self.queue()
        } else {
            let at = self
                .exchanges
                .iter()
                .position(|it| it.exchange.as_str() == exchange);
            let at = at.unwrap_or_default() % self.queues.len();
            self.queues[at].queue.to_string()
        };
        let line = self.line();
        let bind = queue::Bind {
            queue: queue.as_str().into(),
            exchange: exchange.as_str().into(),
            routing_key: self.key().as_str().into(),
            nowait: false,
            arguments,
        };
        self.bound.push((line, bind.clone()));
        self.add(line, Act::BindQueue(bind));
    }

    fn publish(&mut self, count: usize) -> Act {
        let theme = self.theme;
        let through = if theme == "routing" { 85 } else { 25 };
        // Of messages that one after the other go to several queues, or to one that refuses only once it has said that it is
        // full, it is chance which is where first.
        let late = |it: &queue::Declare| {
            let overflow = it.arguments.inner().get("x-overflow");
            kind(it) == b"quorum" && overflow.is_some_and(|it| *it != text("drop-head"))
        };
        let count = if self.queues.iter().any(late) {
            1
        } else {
            count
        };
        let (exchange, key) =
            if count == 1 && !self.exchanges.is_empty() && self.random.chance(through) {
                (self.exchange(), self.plain_key())
            } else {
                (String::new(), self.queue())
            };
        let mut properties = AMQPProperties::default();
        if self.random.chance(20) {
            properties = properties.with_delivery_mode(self.random.of(&[1, 2]));
        }
        if self
            .random
            .chance(if theme == "priorities" { 85 } else { 8 })
        {
            properties = properties.with_priority(self.random.of(&[0, 1, 2, 3, 4, 5, 6, 9, 20]));
        }
        if theme == "time" && self.random.chance(45) {
            let millis = self.random.of(&["30", "100", "150", "60000", "0"]);
            properties = properties.with_expiration(millis.into());
        } else if self.random.chance(4) {
            let millis = self.random.of(&["0", "60000"]);
            properties = properties.with_expiration(millis.into());
        }
        let mut headers = FieldTable::default();
        if self.random.chance(if theme == "routing" { 50 } else { 5 }) {
            for _ in 0..1 + self.random.below(2) {
                let (name, value) = self.header();
                headers.insert(name.into(), value);
            }
        }
        if count == 1 && self.random.chance(if theme == "routing" { 15 } else { 3 }) {
            let name = self.random.of(&["CC", "BCC"]);
            let keys: Vec<_> = (0..1 + self.random.below(2))
                .map(|_| text(&self.plain_key()))
                .collect();
            headers.insert(name.into(), AMQPValue::FieldArray(FieldArray::from(keys)));
        }
        if !headers.inner().is_empty() || self.random.chance(4) {
            properties = properties.with_headers(headers);
        }
        let to = basic::Publish {
            exchange: exchange.as_str().into(),
            routing_key: key.as_str().into(),
            mandatory: self.random.chance(25),
            immediate: false,
        };
        let bodies = (0..count)
            .map(|more| format!("m{}", self.bodies + more))
            .collect();
        self.bodies += count;
        Act::Publish {
            to,
            properties,
            bodies,
        }
    }

    fn declare_again(&mut self, line: Line) {
        let at = self.random.below(self.queues.len());
        let mut declare = self.queues[at].clone();
        match self.random.below(7) {
            0 => declare.passive = true,
            1 => declare.durable = !declare.durable,
            2 => declare.auto_delete = !declare.auto_delete,
            3 => declare.exclusive = !declare.exclusive,
            4 | 5 => {
                let (name, value) = self.argument();
                declare.arguments.insert(name.into(), value);
            }
            _ => {}
        }
        self.add(line, Act::DeclareQueue(declare));
    }

    /// A queue beside the others, with whatever arguments.
    fn declare_new(&mut self, line: Line) {
        let kind = self.random.of(&["classic", "classic", "quorum", "stream"]);
        let mut arguments = FieldTable::default();
        if kind != "classic" || self.random.chance(30) {
            arguments.insert("x-queue-type".into(), text(kind));
        }
        for _ in 0..1 + self.random.below(3) {
            let (name, value) = self.argument();
            arguments.insert(name.into(), value);
        }
        let declare = queue::Declare {
            queue: format!("q{}", 3 + self.random.below(3)).into(),
            durable: self.random.chance(90),
            exclusive: self.random.chance(5),
            auto_delete: self.random.chance(8),
            arguments,
            ..queue::Declare::default()
        };
        self.add(line, Act::DeclareQueue(declare));
    }

    /// An argument that a queue may not take.
    fn argument(&mut self) -> (&'static str, AMQPValue) {
        let names = [
            "x-max-length",
            "x-max-length-bytes",
            "x-message-ttl",
            "x-max-priority",
            "x-overflow",
            "x-dead-letter-exchange",
            "x-dead-letter-routing-key",
            "x-dead-letter-strategy",
            "x-delivery-limit",
            "x-single-active-consumer",
            "x-queue-mode",
            "x-queue-version",
            "x-queue-type",
            "x-max-age",
            "x-stream-max-segment-size-bytes",
            "x-quorum-initial-group-size",
            "x-queue-leader-locator",
            "x-max-in-memory-length",
            "x-consumer-timeout",
            "x-consumer-disconnected-timeout",
            "x-something",
        ];
        let name = self.random.of(&names);
        let right = match name {
            "x-overflow" => self.random.of(&[
                text("drop-head"),
                text("reject-publish"),
                text("reject-publish-dlx"),
            ]),
            "x-dead-letter-exchange" => self.random.of(&[text(""), text("x0")]),
            "x-dead-letter-routing-key" => text("k1"),
            "x-dead-letter-strategy" => self
                .random
                .of(&[text("at-most-once"), text("at-least-once")]),
            "x-single-active-consumer" => AMQPValue::Boolean(true),
            "x-queue-mode" => text("lazy"),
            "x-queue-version" => self.integer(2),
            "x-queue-type" => self
                .random
                .of(&[text("classic"), text("quorum"), text("stream")]),
            "x-max-age" => text("1h"),
            "x-queue-leader-locator" => self.random.of(&[text("client-local"), text("balanced")]),
            "x-message-ttl" => AMQPValue::LongInt(60_000),
            "x-max-priority" | "x-delivery-limit" => self.integer(5),
            "x-quorum-initial-group-size" => self.integer(1),
            "x-stream-max-segment-size-bytes" => AMQPValue::LongInt(100_000),
            _ => self.integer(7),
        };
        let wrong = [
            AMQPValue::LongInt(-1),
            AMQPValue::LongInt(0),
            AMQPValue::LongLongInt(-5),
            AMQPValue::LongInt(300),
            AMQPValue::LongLongInt(1 << 40),
            text("odd"),
            text(""),
            text("5"),
            AMQPValue::Boolean(false),
            AMQPValue::Boolean(true),
            AMQPValue::Double(1.5),
            AMQPValue::Void,
            AMQPValue::ShortShortUInt(3),
            AMQPValue::ShortInt(-3),
            AMQPValue::Timestamp(7),
            AMQPValue::FieldTable(FieldTable::default()),
        ];
        let wrong = self.random.of(&wrong);
        let value = if self.random.chance(55) { right } else { wrong };
        (name, value)
    }

    /// Something that is likely refused.
    fn error(&mut self, line: Line) {
        let queue = self.queue();
        let queue = queue.as_str();
        let act = match self.random.below(28) {
            0 => {
                let tag = self.random.of(&[0, 1, 7, 99]);
                Act::Settle(Settling::Ack(self.random.chance(40)), Which::Tag(tag))
            }
            1 => {
                let tag = self.random.of(&[0, 1, 7, 99]);
                Act::Settle(
                    Settling::Nack(true, self.random.chance(50)),
                    Which::Tag(tag),
                )
            }
            2 => Act::Settle(Settling::Reject(true), Which::Tag(5)),
            3 => Act::Consume(basic::Consume {
                queue: "q9".into(),
                consumer_tag: "c90".into(),
                ..basic::Consume::default()
            }),
            4 => match self.consumer() {
                Some((on, tag)) => {
                    let consume = basic::Consume {
                        queue: queue.into(),
                        consumer_tag: tag.as_str().into(),
                        ..basic::Consume::default()
                    };
                    return self.add(on, Act::Consume(consume));
                }
                None => Act::Cancel(basic::Cancel {
                    consumer_tag: "c91".into(),
                    nowait: false,
                }),
            },
            5 => {
                let mut publish = self.publish(1);
                if let Act::Publish { to, .. } = &mut publish {
                    to.exchange = "x9".into();
                }
                publish
            }
            6 => Act::DeclareQueue(queue::Declare {
                queue: "q9".into(),
                passive: true,
                ..queue::Declare::default()
            }),
            7 => Act::DeclareExchange(exchange::Declare {
                exchange: "x9".into(),
                kind: "direct".into(),
                passive: true,
                ..exchange::Declare::default()
            }),
            8 => Act::Purge(queue::Purge {
                queue: "q9".into(),
                nowait: false,
            }),
            9 => Act::Get(basic::Get {
                queue: "q9".into(),
                no_ack: false,
            }),
            10 => Act::Commit,
            11 => Act::Rollback,
            12 => Act::Recover(false),
            13 => {
                let priorities = [
                    text("high"),
                    AMQPValue::Boolean(true),
                    AMQPValue::Double(1.0),
                ];
                let mut arguments = FieldTable::default();
                arguments.insert("x-priority".into(), self.random.of(&priorities));
                Act::Consume(basic::Consume {
                    queue: queue.into(),
                    consumer_tag: "c92".into(),
                    arguments,
                    ..basic::Consume::default()
                })
            }
            14 | 15 => {
                // RabbitMQ trips over most of what is neither text nor a number, and 4.0 over some texts.
                let offsets = [
                    text("5"),
                    text("0h"),
                    text("1h"),
                    AMQPValue::LongInt(-1),
                    text("first"),
                ];
                let mut arguments = FieldTable::default();
                arguments.insert("x-stream-offset".into(), self.random.of(&offsets));
                Act::Consume(basic::Consume {
                    queue: queue.into(),
                    consumer_tag: "c93".into(),
                    no_ack: self.random.chance(30),
                    arguments,
                    ..basic::Consume::default()
                })
            }
            16 => Act::BindQueue(queue::Bind {
                queue: "q9".into(),
                exchange: "amq.direct".into(),
                routing_key: "k".into(),
                ..queue::Bind::default()
            }),
            17 => Act::BindQueue(queue::Bind {
                queue: queue.into(),
                exchange: self.random.of(&["x9", ""]).into(),
                routing_key: "k".into(),
                ..queue::Bind::default()
            }),
            18 => {
                let mut arguments = FieldTable::default();
                let ways = [text("some"), AMQPValue::LongInt(1)];
                arguments.insert("x-match".into(), self.random.of(&ways));
                Act::BindQueue(queue::Bind {
                    queue: queue.into(),
                    exchange: "amq.headers".into(),
                    routing_key: "".into(),
                    arguments,
                    nowait: false,
                })
            }
            19 => Act::DeclareExchange(exchange::Declare {
                exchange: "x8".into(),
                kind: self.random.of(&["odd", "", "Direct"]).into(),
                durable: true,
                ..exchange::Declare::default()
            }),
            20 => Act::DeclareExchange(exchange::Declare {
                exchange: self.random.of(&["amq.direct", "amq.odd", "", "x0"]).into(),
                kind: self.random.of(&["direct", "fanout"]).into(),
                durable: self.random.chance(70),
                ..exchange::Declare::default()
            }),
            21 => Act::DeleteExchange(exchange::Delete {
                exchange: self.random.of(&["amq.direct", "", "x9"]).into(),
                if_unused: false,
                nowait: false,
            }),
            22 => {
                let mut publish = self.publish(1);
                if let Act::Publish { properties, .. } = &mut publish {
                    let wrong = self.random.of(&["abc", "-1", "", "1.5", "5 "]);
                    *properties = properties.clone().with_expiration(wrong.into());
                }
                publish
            }
            23 => {
                let mut publish = self.publish(1);
                if let Act::Publish { properties, .. } = &mut publish {
                    let mut headers = FieldTable::default();
                    let name = self.random.of(&["CC", "BCC"]);
                    let wrong = [
                        text("q0"),
                        AMQPValue::LongInt(1),
                        AMQPValue::FieldArray(FieldArray::from(vec![AMQPValue::LongInt(1)])),
                    ];
                    headers.insert(name.into(), self.random.of(&wrong));
                    *properties = properties.clone().with_headers(headers);
                }
                publish
            }
            24 => {
                let mut publish = self.publish(1);
                if let Act::Publish { properties, .. } = &mut publish {
                    *properties = properties.clone().with_user_id("nobody".into());
                }
                publish
            }
            25 => Act::Consume(basic::Consume {
                queue: queue.into(),
                consumer_tag: "c94".into(),
                exclusive: true,
                ..basic::Consume::default()
            }),
            26 => {
                let (name, value) = self.argument();
                let mut arguments = FieldTable::default();
                arguments.insert(name.into(), value);
                Act::Consume(basic::Consume {
                    queue: queue.into(),
                    consumer_tag: "c95".into(),
                    arguments,
                    ..basic::Consume::default()
                })
            }
            _ => {
                return self.declare_again(line);
            }
        };
        self.add(line, act);
    }
}
