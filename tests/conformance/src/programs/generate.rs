//! Programs from seeds.
//!
//! A program has a theme, which says what queues there are and what is done more often than else; so that what is rare in
//! programs of all things meets itself in some.

mod declare;
mod publish;
mod refused;

use amq_protocol::protocol::{basic, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldTable};

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
        // 4.3 lets what the active consumer holds hang when its channel ends and another of the same channel is to follow it.
        let single = |it: &queue::Declare| {
            let single = it.arguments.inner().get("x-single-active-consumer");
            it.queue.as_str() == queue && kind(it) == b"quorum" && single.is_some()
        };
        let consumes = |step: &Step| {
            step.on == line && matches!(&step.act, Act::Consume(it) if it.queue.as_str() == queue)
        };
        if self.queues.iter().any(single) && self.steps.iter().any(consumes) {
            return;
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
                // Not "last": where its last chunk begins is chance when several messages came at once.
                let offsets = [
                    text("first"),
                    text("first"),
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
        // What such a consumer may hold at once is told by the pace at which a quorum queue writes its log.
        let quorum = |it: &queue::Declare| it.queue.as_str() == queue && kind(it) == b"quorum";
        let limits = |step: &Step| step.on == line && matches!(step.act, Act::Qos(_));
        let paced = self.queues.iter().any(quorum) && self.steps.iter().any(limits);
        let consume = basic::Consume {
            queue: queue.as_str().into(),
            consumer_tag: tag.as_str().into(),
            no_ack: self.random.chance(if stream { 4 } else { 18 }) && !paced,
            exclusive: self.random.chance(4),
            arguments,
            ..basic::Consume::default()
        };
        self.consumers.push((line, tag));
        self.add(line, Act::Consume(consume));
    }
}
