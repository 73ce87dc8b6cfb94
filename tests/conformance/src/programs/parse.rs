//! Programs as text: what a program is shown as can be read again.

use amq_protocol::protocol::basic::AMQPProperties;
use amq_protocol::protocol::{basic, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldArray, FieldTable};
use anyhow::{Context as _, bail, ensure};

use super::step::{Act, DEFAULT, Line, Settling, Step, Which};

/// Reads a step, such as `a1 queue.declare q0 durable {x-max-length: 2}`.
///
/// # Errors
/// When it is none.
pub fn step(text: &str) -> anyhow::Result<Step> {
    let mut words = Words(text.trim());
    let step = words.step().with_context(|| format!("no step: {text:?}"))?;
    ensure!(words.0.is_empty(), "{text:?}: what is {:?}?", words.0);
    Ok(step)
}

/// What is left of a line.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// Whether this comes next; then it is taken.
    fn takes(&mut self, what: &str) -> bool {
        match self.0.strip_prefix(what) {
            Some(rest) if rest.is_empty() || rest.starts_with(' ') => {
                self.0 = rest.trim_start();
                true
            }
            _ => false,
        }
    }

    fn word(&mut self) -> anyhow::Result<&'a str> {
        let (word, rest) = self.0.split_once(' ').unwrap_or((self.0, ""));
        ensure!(!word.is_empty(), "something is missing at the end");
        self.0 = rest.trim_start();
        Ok(word)
    }

    fn number<T: std::str::FromStr>(&mut self) -> anyhow::Result<T> {
        let word = self.word()?;
        word.parse()
            .ok()
            .with_context(|| format!("{word} is no such number"))
    }

    fn exchange(&mut self) -> anyhow::Result<&'a str> {
        let word = self.word()?;
        Ok(if word == DEFAULT { "" } else { word })
    }

    /// A text in quotation marks.
    fn text(&mut self) -> anyhow::Result<&'a str> {
        let inner = self
            .0
            .strip_prefix('"')
            .context("a text begins with a quotation mark")?;
        let (text, rest) = inner
            .split_once('"')
            .context("a text ends with a quotation mark")?;
        self.0 = rest.trim_start();
        Ok(text)
    }

    fn key(&mut self) -> anyhow::Result<&'a str> {
        ensure!(self.takes("key"), "a key is missing");
        self.text()
    }

    /// A table, or none.
    fn table(&mut self) -> anyhow::Result<FieldTable> {
        let mut table = FieldTable::default();
        let Some(rest) = self.0.strip_prefix('{') else {
            return Ok(table);
        };
        self.0 = rest.trim_start();
        while !self.ends('}') {
            let (name, rest) = self
                .0
                .split_once(':')
                .context("a table's entry is NAME: VALUE")?;
            self.0 = rest.trim_start();
            let value = self.value()?;
            table.insert(name.trim().into(), value);
        }
        Ok(table)
    }

    /// Whether a list ends here; otherwise the comma before the next is taken.
    fn ends(&mut self, with: char) -> bool {
        let rest = self.0.strip_prefix(',').unwrap_or(self.0).trim_start();
        let (rest, ends) = match rest.strip_prefix(with) {
            Some(rest) => (rest.trim_start(), true),
            None => (rest, rest.is_empty()),
        };
        self.0 = rest;
        ends
    }

    fn value(&mut self) -> anyhow::Result<AMQPValue> {
        if self.0.starts_with('"') {
            return Ok(AMQPValue::LongString(self.text()?.into()));
        }
        if self.0.starts_with('{') {
            return Ok(AMQPValue::FieldTable(self.table()?));
        }
        if let Some(rest) = self.0.strip_prefix('[') {
            self.0 = rest.trim_start();
            let mut all = Vec::new();
            while !self.ends(']') {
                all.push(self.value()?);
            }
            return Ok(AMQPValue::FieldArray(FieldArray::from(all)));
        }
        if let Some(rest) = self.0.strip_prefix("(a time)") {
            self.0 = rest.trim_start();
            return Ok(AMQPValue::Timestamp(1));
        }
        let end = self.0.find([',', '}', ']', ' ']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest.trim_start();
        value(word).with_context(|| format!("{word} is no value"))
    }

    /// Which of some words come next, in whatever order.
    fn flags<const N: usize>(&mut self, names: [&str; N]) -> [bool; N] {
        let mut flags = [false; N];
        while let Some(at) = names.iter().position(|name| self.takes(name)) {
            flags[at] = true;
        }
        flags
    }

    fn step(&mut self) -> anyhow::Result<Step> {
        let line = self.word()?;
        let mut letters = line.chars();
        let connection = match letters.next() {
            Some('a') => 0,
            Some('b') => 1,
            _ => bail!("{line} is none of the channels a1, a2, …, b1, …"),
        };
        let number = letters.as_str().parse()?;
        let on = Line { connection, number };
        let act = self.act()?;
        Ok(Step { on, act })
    }

    fn act(&mut self) -> anyhow::Result<Act> {
        let method = self.word()?;
        Ok(match method {
            "exchange.declare" => {
                let (exchange, kind) = (self.exchange()?.into(), self.word()?.into());
                let [passive, durable, auto_delete, internal] =
                    self.flags(["passive", "durable", "auto-delete", "internal"]);
                Act::DeclareExchange(exchange::Declare {
                    exchange,
                    kind,
                    passive,
                    durable,
                    auto_delete,
                    internal,
                    nowait: false,
                    arguments: self.table()?,
                })
            }
            "exchange.delete" => {
                let exchange = self.exchange()?.into();
                let [if_unused] = self.flags(["if-unused"]);
                Act::DeleteExchange(exchange::Delete {
                    exchange,
                    if_unused,
                    nowait: false,
                })
            }
            "exchange.bind" | "exchange.unbind" => {
                let destination = self.word()?.into();
                let bind = method == "exchange.bind";
                ensure!(
                    self.takes(if bind { "to" } else { "from" }),
                    "an exchange is missing"
                );
                let (source, routing_key) = (self.exchange()?.into(), self.key()?.into());
                let arguments = self.table()?;
                let nowait = false;
                if bind {
                    let it = exchange::Bind {
                        destination,
                        source,
                        routing_key,
                        nowait,
                        arguments,
                    };
                    Act::BindExchange(it)
                } else {
                    let it = exchange::Unbind {
                        destination,
                        source,
                        routing_key,
                        nowait,
                        arguments,
                    };
                    Act::UnbindExchange(it)
                }
            }
            "queue.declare" => {
                let queue = self.word()?.into();
                let [passive, durable, exclusive, auto_delete] =
                    self.flags(["passive", "durable", "exclusive", "auto-delete"]);
                Act::DeclareQueue(queue::Declare {
                    queue,
                    passive,
                    durable,
                    exclusive,
                    auto_delete,
                    nowait: false,
                    arguments: self.table()?,
                })
            }
            "queue.delete" => {
                let queue = self.word()?.into();
                let [if_unused, if_empty] = self.flags(["if-unused", "if-empty"]);
                Act::DeleteQueue(queue::Delete {
                    queue,
                    if_unused,
                    if_empty,
                    nowait: false,
                })
            }
            "queue.bind" | "queue.unbind" => {
                let queue = self.word()?.into();
                let bind = method == "queue.bind";
                ensure!(
                    self.takes(if bind { "to" } else { "from" }),
                    "an exchange is missing"
                );
                let (exchange, routing_key) = (self.exchange()?.into(), self.key()?.into());
                let arguments = self.table()?;
                if bind {
                    let nowait = false;
                    Act::BindQueue(queue::Bind {
                        queue,
                        exchange,
                        routing_key,
                        nowait,
                        arguments,
                    })
                } else {
                    Act::UnbindQueue(queue::Unbind {
                        queue,
                        exchange,
                        routing_key,
                        arguments,
                    })
                }
            }
            "queue.purge" => {
                let queue = self.word()?.into();
                Act::Purge(queue::Purge {
                    queue,
                    nowait: false,
                })
            }
            "basic.publish" => {
                let mut bodies = Vec::new();
                while !self.takes("to") {
                    bodies.push(self.word()?.to_owned());
                }
                let (exchange, routing_key) = (self.exchange()?.into(), self.key()?.into());
                let [mandatory] = self.flags(["mandatory"]);
                let to = basic::Publish {
                    exchange,
                    routing_key,
                    mandatory,
                    immediate: false,
                };
                let properties = Box::new(self.properties()?);
                Act::Publish {
                    to,
                    properties,
                    bodies,
                }
            }
            "confirm.select" => Act::Confirm,
            "basic.qos" => {
                let prefetch_count = self.number()?;
                let [global] = self.flags(["global"]);
                Act::Qos(basic::Qos {
                    prefetch_count,
                    global,
                })
            }
            "basic.consume" => {
                let queue = self.word()?.into();
                ensure!(self.takes("as"), "a consumer's tag is missing");
                let consumer_tag = self.word()?.into();
                let [no_ack, exclusive] = self.flags(["no-ack", "exclusive"]);
                Act::Consume(basic::Consume {
                    queue,
                    consumer_tag,
                    no_ack,
                    exclusive,
                    arguments: self.table()?,
                    ..basic::Consume::default()
                })
            }
            "basic.cancel" => {
                let consumer_tag = self.word()?.into();
                Act::Cancel(basic::Cancel {
                    consumer_tag,
                    nowait: false,
                })
            }
            "basic.get" => {
                let queue = self.word()?.into();
                let [no_ack] = self.flags(["no-ack"]);
                Act::Get(basic::Get { queue, no_ack })
            }
            "basic.ack" => {
                let [multiple] = self.flags(["multiple"]);
                Act::Settle(Settling::Ack(multiple), self.which()?)
            }
            "basic.nack" => {
                let [multiple, requeue] = self.flags(["multiple", "requeue"]);
                Act::Settle(Settling::Nack(multiple, requeue), self.which()?)
            }
            "basic.reject" => {
                let [requeue] = self.flags(["requeue"]);
                Act::Settle(Settling::Reject(requeue), self.which()?)
            }
            "basic.recover" => {
                let [requeue] = self.flags(["requeue"]);
                Act::Recover(requeue)
            }
            "tx.select" => Act::Select,
            "tx.commit" => Act::Commit,
            "tx.rollback" => Act::Rollback,
            "channel.close" => Act::CloseChannel,
            "connection.close" => Act::CloseConnection,
            "waits" => {
                let millis = self.number()?;
                ensure!(self.takes("ms"), "how many ms?");
                Act::Wait(millis)
            }
            other => bail!("{other} is nothing that can be done"),
        })
    }

    fn which(&mut self) -> anyhow::Result<Which> {
        if self.takes("unsettled") {
            return Ok(Which::Unsettled(self.number()?));
        }
        let word = self.word()?;
        let tag = word.strip_prefix('#').and_then(|tag| tag.parse().ok());
        Ok(Which::Tag(
            tag.context("which delivery? unsettled NUMBER, or #TAG")?,
        ))
    }

    fn properties(&mut self) -> anyhow::Result<AMQPProperties> {
        let mut all = AMQPProperties::default();
        while !self.0.is_empty() {
            all = match self.word()? {
                "content_type" => all.with_content_type(self.word()?.into()),
                "delivery_mode" => all.with_delivery_mode(self.number()?),
                "priority" => all.with_priority(self.number()?),
                "expiration" => all.with_expiration(self.word()?.into()),
                "user_id" => all.with_user_id(self.word()?.into()),
                "timestamp" => all.with_timestamp(self.number()?),
                "headers" => all.with_headers(self.table()?),
                other => bail!("{other} is no property"),
            };
        }
        Ok(all)
    }
}

/// A value that is one word. Its last letter tells its type where that is not the usual one.
fn value(word: &str) -> Option<AMQPValue> {
    let last = word
        .len()
        .checked_sub(1)
        .filter(|at| word.is_char_boundary(*at))?;
    let (begin, letter) = word.split_at(last);
    Some(match (word, letter) {
        ("true", _) => AMQPValue::Boolean(true),
        ("false", _) => AMQPValue::Boolean(false),
        ("void", _) => AMQPValue::Void,
        (_, "l") => AMQPValue::LongLongInt(begin.parse().ok()?),
        (_, "b") => AMQPValue::ShortShortInt(begin.parse().ok()?),
        (_, "B") => AMQPValue::ShortShortUInt(begin.parse().ok()?),
        (_, "s") => AMQPValue::ShortInt(begin.parse().ok()?),
        (_, "u") => AMQPValue::ShortUInt(begin.parse().ok()?),
        (_, "i") => AMQPValue::LongUInt(begin.parse().ok()?),
        (_, "f") => AMQPValue::Float(begin.parse().ok()?),
        (_, "d") => AMQPValue::Double(begin.parse().ok()?),
        _ => AMQPValue::LongInt(word.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::super::generate;
    use super::step;

    /// Whatever a seed makes is shown, read again, and shown as before.
    #[test]
    fn what_is_shown_can_be_read() {
        let mut read = 0;
        for seed in 0..2_000 {
            for one in generate::program(seed).steps {
                let shown = one.to_string();
                if has_an_empty_word(&shown) {
                    continue;
                }
                match step(&shown) {
                    Ok(one) => assert_eq!(one.to_string(), shown, "seed {seed}"),
                    Err(error) => panic!("seed {seed}: {error:#}"),
                }
                read += 1;
            }
        }
        assert!(read > 40_000, "{read}");
    }

    /// What the text cannot hold: names and properties that are empty or have spaces.
    fn has_an_empty_word(shown: &str) -> bool {
        shown.contains("  ") || shown.ends_with(' ') || shown.contains("expiration 5 ")
    }
}
