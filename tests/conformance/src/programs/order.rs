//! Differences of order that RabbitMQ does not define.
//!
//! Each queue is a process of its own, so what several queues send one channel at the same time comes in the order in which
//! those processes happen to run; it is the same each time on a machine at rest, but no rule. And readers of a stream on one
//! channel are served chunk by chunk: how messages that are published together are divided into chunks is the writer's pace.

use std::collections::BTreeMap;

use super::play::Transcript;
use super::step::{Act, Program};

/// Whether the first step that two transcripts of a program tell otherwise tells the same deliveries, and only those of
/// different senders in another order. What follows it may then differ as well, since deliveries have other numbers.
pub fn is_undefined(program: &Program, one: &Transcript, other: &Transcript) -> bool {
    let mut both = one.iter().zip(other);
    let Some(at) = both.position(|(one, other)| one != other) else {
        return false;
    };
    let mut queues = BTreeMap::new();
    for step in program.steps.iter().take(at + 1) {
        if let Act::Consume(it) = &step.act {
            let consumer = format!("{} {}", step.on, it.consumer_tag);
            queues.insert(consumer, it.queue.as_str());
        }
    }
    by_sender(&one[at].lines, &queues) == by_sender(&other[at].lines, &queues)
}

/// The lines of each sender, which is a queue on a channel or of a stream the reader, deliveries without their numbers. All
/// other lines have none.
fn by_sender<'a>(
    lines: &'a [String],
    queues: &'a BTreeMap<String, &str>,
) -> BTreeMap<(&'a str, &'a str), Vec<(&'a str, &'a str)>> {
    let mut read = BTreeMap::new();
    for (consumer, text) in lines.iter().filter_map(|line| delivery(line)) {
        *read.entry(consumer).or_insert(0) += usize::from(text.contains("x-stream-offset: "));
    }
    // One message at a time is read by all before the next.
    let together = read.values().any(|count| *count > 1);
    let mut senders: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in lines {
        let (sender, line) = match delivery(line) {
            Some((consumer, text)) if queues.contains_key(consumer) => {
                let channel = consumer.split(' ').next().unwrap_or_default();
                let reads = together && read[consumer] > 0;
                let sender = if reads { consumer } else { queues[consumer] };
                ((channel, sender), (consumer, text))
            }
            _ => (("", ""), ("", line.as_str())),
        };
        senders.entry(sender).or_default().push(line);
    }
    senders
}

/// The consumer of a delivery, and what it gets without its number.
fn delivery(line: &str) -> Option<(&str, &str)> {
    let (consumer, rest) = line.split_once(" gets #")?;
    let (_, text) = rest.split_once(' ')?;
    consumer.contains(' ').then_some((consumer, text))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::play::Told;
    use super::*;

    fn program(steps: &[&str]) -> Program {
        let steps = steps.iter().map(|step| parse::step(step).unwrap());
        Program {
            seed: 0,
            theme: "order",
            timed: false,
            steps: steps.collect(),
        }
    }

    /// Nothing is told of all steps but the last.
    fn told(program: &Program, lines: &[&str]) -> Transcript {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        let last = program.steps.len() - 1;
        let steps = program.steps.iter().enumerate();
        let told = steps.map(|(at, step)| Told {
            step: step.to_string(),
            lines: if at == last {
                lines.clone()
            } else {
                Vec::new()
            },
        });
        told.collect()
    }

    fn undefined(steps: &[&str], one: &[&str], other: &[&str]) -> bool {
        let program = program(steps);
        let (one, other) = (told(&program, one), told(&program, other));
        is_undefined(&program, &one, &other)
    }

    const TWO_QUEUES: [&str; 3] = [
        "a1 basic.consume q0 as c0",
        "a1 basic.consume q1 as c1",
        "b1 basic.publish m0 m1 to x0 key \"k\"",
    ];

    #[test]
    fn two_queues_of_one_channel_have_no_order() {
        let one = ["a1 c0 gets #1 \"m0\"", "a1 c1 gets #2 \"m0\""];
        let other = ["a1 c1 gets #1 \"m0\"", "a1 c0 gets #2 \"m0\""];
        assert!(undefined(&TWO_QUEUES, &one, &other));
    }

    #[test]
    fn the_messages_of_one_queue_have() {
        let one = ["a1 c0 gets #1 \"m0\"", "a1 c0 gets #2 \"m1\""];
        let other = ["a1 c0 gets #1 \"m1\"", "a1 c0 gets #2 \"m0\""];
        assert!(!undefined(&TWO_QUEUES, &one, &other));
    }

    #[test]
    fn another_message_or_another_count_is_no_order() {
        let one = ["a1 c0 gets #1 \"m0\"", "a1 c1 gets #2 \"m0\""];
        let other = ["a1 c1 gets #1 \"m0\"", "a1 c0 gets #2 \"m1\""];
        assert!(!undefined(&TWO_QUEUES, &one, &other));
        assert!(!undefined(&TWO_QUEUES, &one, &one[..1]));
    }

    #[test]
    fn consumers_of_one_queue_have_turns() {
        let steps = [
            "a1 basic.consume q0 as c0",
            "a1 basic.consume q0 as c1",
            "b1 basic.publish m0 m1 to x0 key \"k\"",
        ];
        let one = ["a1 c0 gets #1 \"m0\"", "a1 c1 gets #2 \"m1\""];
        let other = ["a1 c1 gets #1 \"m0\"", "a1 c0 gets #2 \"m1\""];
        assert!(!undefined(&steps, &one, &other));
    }

    #[test]
    fn readers_of_a_stream_have_turns_only_for_one_message_at_a_time() {
        let steps = [
            "a1 basic.consume q0 as c0",
            "a1 basic.consume q0 as c1",
            "b1 basic.publish m0 m1 to x0 key \"k\"",
        ];
        let read = |reader: u32, number: u32, offset: u32| {
            format!(
                "a1 c{reader} gets #{number} \"m{offset}\" headers {{x-stream-offset: {offset}l}}"
            )
        };
        let [one, other] = [[(1, 0), (1, 1), (0, 0)], [(1, 0), (0, 0), (1, 1)]].map(|rows| {
            let numbered = (1..).zip(rows);
            let lines = numbered.map(|(number, (reader, offset))| read(reader, number, offset));
            lines.collect::<Vec<_>>()
        });
        let [one, other] =
            [&one, &other].map(|it| it.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(undefined(&steps, &one, &other));
        let one = [read(1, 1, 0), read(0, 2, 0)];
        let other = [read(0, 1, 0), read(1, 2, 0)];
        let [one, other] = [&one, &other].map(|it| it.each_ref().map(String::as_str));
        assert!(!undefined(&steps, &one, &other));
    }
}
