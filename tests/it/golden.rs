//! The same setup is the same run on every platform: a few events, written down once.

use leveret::broker::{Event as E, ExchangeKind, ExchangeSpec, Micros, Queued, Target};
use leveret::history::History;
use leveret::world::{
    BindingSetup, ConsumerSetup, Event, EventKind, Latency, MessageSetup, Pace, PublisherSetup,
    QueueSetup, ServiceTime, Setup,
};

/// Everything in it that is random, or works with floating-point numbers.
fn setup() -> Setup {
    let consumer = |name: &str, service, ack| ConsumerSetup {
        name: name.into(),
        queue: "errors".into(),
        prefetch: 1,
        ack,
        service,
        failure_rate: 0.4,
        ..ConsumerSetup::default()
    };
    let message = |key: &str| MessageSetup {
        key: key.into(),
        ..MessageSetup::default()
    };
    Setup {
        seed: 2026,
        latency: Latency {
            publish: Micros::from_millis(5),
            route: Micros::from_millis(3),
            deliver: Micros::from_millis(2),
            ack: Micros::from_millis(1),
            ..Latency::default()
        },
        exchanges: vec![ExchangeSpec::new("logs", ExchangeKind::Topic)],
        queues: vec![QueueSetup::new("errors")],
        bindings: vec![BindingSetup {
            source: "logs".into(),
            destination: Target::Queue("errors".into()),
            key: "*.error".into(),
            arguments: Default::default(),
            latency: None,
        }],
        publishers: vec![PublisherSetup {
            name: "app".into(),
            exchange: "logs".into(),
            pace: Pace::Random {
                every: Micros::from_millis(10),
                start: Micros::ZERO,
                count: None,
            },
            messages: ["kern.error", "kern.info", "auth.error"]
                .map(message)
                .into(),
            ..PublisherSetup::default()
        }],
        consumers: vec![
            consumer("slow", ServiceTime::Random(Micros::from_millis(20)), true),
            consumer(
                "even",
                ServiceTime::Between(Micros::from_millis(4), Micros::from_millis(9)),
                false,
            ),
        ],
        ..Setup::default()
    }
}

fn line(event: &Event) -> String {
    let of = |queued: &Queued| format!("{}/{}", queued.message, queued.copy);
    let what = match &event.kind {
        EventKind::Published {
            message,
            publication,
            ..
        } => format!("published {message} {}", publication.routing_key),
        EventKind::Broker(event) => match event {
            E::Routed {
                message, copies, ..
            } => format!("routed {message} to {}", copies.len()),
            E::Unroutable { message, .. } => format!("unroutable {message}"),
            E::Ready { queued, .. } => format!("ready {}", of(queued)),
            E::Delivered {
                queued,
                consumer,
                tag,
                redelivered,
                settled,
            } => format!(
                "delivered {} to {consumer} tag {tag}{}{}",
                of(queued),
                if *redelivered { " again" } else { "" },
                if *settled { " settled" } else { "" },
            ),
            E::Acked {
                queued,
                consumer: Some(consumer),
            } => format!("acked {} by {consumer}", of(queued)),
            E::Requeued {
                queued,
                consumer: Some(consumer),
                ..
            } => format!("requeued {} by {consumer}", of(queued)),
            E::Consuming { consumer, .. } => format!("consuming {consumer}"),
            other => format!("{other:?}"),
        },
        EventKind::Received { worker, queued } => {
            format!("received {} by {}", of(queued), worker.0)
        }
        EventKind::Started {
            worker,
            queued,
            until,
        } => format!("started {} by {} until {until}", of(queued), worker.0),
        EventKind::Finished {
            worker,
            queued,
            answer,
        } => format!("finished {} by {}: {answer:?}", of(queued), worker.0),
        other => format!("{other:?}"),
    };
    format!("{}<{} {} {what}", event.id, event.cause, event.at)
}

#[test]
fn the_same_setup_gives_the_same_events_on_every_platform() {
    let mut history = History::new(&setup()).unwrap();
    history.run_until(Micros::from_secs(1));
    let lines: Vec<_> = history.events().iter().take(25).map(line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    1<0 0s consuming 0
    2<0 0s consuming 1
    3<0 67475us published 1 kern.error
    4<0 68964us published 2 kern.info
    5<3 72475us routed 1 to 1
    6<4 73964us unroutable 2
    7<5 75475us ready 1/1
    8<7 75475us delivered 1/1 to 0 tag 1
    9<8 77475us received 1/1 by 0
    10<9 77475us started 1/1 by 0 until 89690us
    11<0 88322us published 3 auth.error
    12<10 89690us finished 1/1 by 0: Requeue
    13<12 90690us requeued 1/1 by 0
    14<13 90690us delivered 1/1 to 1 tag 1 again settled
    15<14 92690us received 1/1 by 1
    16<15 92690us started 1/1 by 1 until 100634us
    17<11 93322us routed 3 to 1
    18<17 96322us ready 3/2
    19<18 96322us delivered 3/2 to 0 tag 2
    20<19 98322us received 3/2 by 0
    21<20 98322us started 3/2 by 0 until 104243us
    22<16 100634us finished 1/1 by 1: Lost
    23<0 101591us published 4 kern.error
    24<0 102855us published 5 kern.info
    25<21 104243us finished 3/2 by 0: Requeue
    ");
    // Far on, where any difference would have grown.
    assert_eq!(
        history.events().last().map(line).unwrap_or_default(),
        "649<0 995874us published 109 kern.error"
    );
}
