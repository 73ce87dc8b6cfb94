//! What is declared, and declared again: equivalence, arguments, deletion.

use lapin::options::{
    ExchangeDeclareOptions, ExchangeDeleteOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;

use super::cases;
use crate::scene::{Queued, Scene, Steps};
use crate::table;

cases! {
    exchange_again: "E3 E4 E5",
    exchange_types: "E6",
    exchange_reserved: "E1 E3",
    exchange_deleted: "E7",
    exchange_internal: "E8",
    exchange_auto_delete: "E9",
    queue_names: "Q1",
    queue_counts: "Q2",
    queue_again: "Q3",
    queue_arguments_again: "Q3 Q4",
    queue_arguments_refused: "Q12",
    queue_arguments_of_all_types: "Q4 Q12",
    queue_transient: "Q7",
    queue_exclusive_again: "Q3 Q5",
    queue_deleted: "Q9",
    queue_deleted_under_a_consumer: "Q10 S13",
    queue_purged: "Q11",
    queue_auto_delete: "Q6",
    queue_expires: "Q24",
    queue_expires_not_yet: "Q24",
}

const DURABLE: ExchangeDeclareOptions = ExchangeDeclareOptions {
    passive: false,
    durable: true,
    auto_delete: false,
    internal: false,
    nowait: false,
};

async fn declare_exchange(
    s: &mut Scene,
    what: &str,
    name: &str,
    kind: &str,
    how: ExchangeDeclareOptions,
    arguments: FieldTable,
) -> Steps {
    let ch = s.channel().await?;
    let answer = s.declared_exchange(&ch, name, kind, how, arguments).await;
    s.tell(what, answer);
    Ok(())
}

/// What an exchange declared again has to agree in.
async fn exchange_again(s: &mut Scene) -> Steps {
    let x = s.name("x");
    let alternate = || table! { "alternate-exchange" => "amq.fanout" };
    let passive = ExchangeDeclareOptions {
        passive: true,
        ..DURABLE
    };
    declare_exchange(s, "passive before", &x, "direct", passive, table! {}).await?;
    declare_exchange(s, "first", &x, "direct", DURABLE, alternate()).await?;
    declare_exchange(s, "the same", &x, "direct", DURABLE, alternate()).await?;
    declare_exchange(s, "type", &x, "topic", DURABLE, alternate()).await?;
    let how = ExchangeDeclareOptions {
        durable: false,
        ..DURABLE
    };
    declare_exchange(s, "durable", &x, "direct", how, alternate()).await?;
    let how = ExchangeDeclareOptions {
        auto_delete: true,
        ..DURABLE
    };
    declare_exchange(s, "auto-delete", &x, "direct", how, alternate()).await?;
    let how = ExchangeDeclareOptions {
        internal: true,
        ..DURABLE
    };
    declare_exchange(s, "internal", &x, "direct", how, alternate()).await?;
    declare_exchange(s, "no alternate", &x, "direct", DURABLE, table! {}).await?;
    let other = table! { "alternate-exchange" => "amq.topic" };
    declare_exchange(s, "another alternate", &x, "direct", DURABLE, other).await?;
    let more = table! { "alternate-exchange" => "amq.fanout", "a" => 1 };
    declare_exchange(s, "more arguments", &x, "direct", DURABLE, more).await?;
    declare_exchange(s, "passive, another type", &x, "topic", passive, table! {}).await?;
    let y = s.name("y");
    let wrong = table! { "alternate-exchange" => 1 };
    declare_exchange(
        s,
        "an alternate that is no name",
        &y,
        "direct",
        DURABLE,
        wrong,
    )
    .await
}

/// Types that are not known.
async fn exchange_types(s: &mut Scene) -> Steps {
    let x = s.name("x");
    for kind in ["nonsense-of-ours", "", "x-modulus-hash", "DIRECT"] {
        declare_exchange(s, kind, &x, kind, DURABLE, table! {}).await?;
    }
    Ok(())
}

/// Names that are RabbitMQ's own.
async fn exchange_reserved(s: &mut Scene) -> Steps {
    let kinds = [
        ("amq.direct", "direct"),
        ("amq.fanout", "fanout"),
        ("amq.topic", "topic"),
        ("amq.headers", "headers"),
        ("amq.match", "headers"),
        ("amq.new", "direct"),
        ("amq.direct", "fanout"),
    ];
    for (name, kind) in kinds {
        declare_exchange(s, &format!("{name} {kind}"), name, kind, DURABLE, table! {}).await?;
    }
    let internal = ExchangeDeclareOptions {
        internal: true,
        ..DURABLE
    };
    declare_exchange(
        s,
        "trace",
        "amq.rabbitmq.trace",
        "topic",
        internal,
        table! {},
    )
    .await?;
    let passive = ExchangeDeclareOptions {
        passive: true,
        ..DURABLE
    };
    declare_exchange(s, "passive", "amq.new", "direct", passive, table! {}).await?;
    for name in ["amq.direct", "amq.new"] {
        let ch = s.channel().await?;
        let answer = ch.exchange_delete(name.into(), Default::default()).await;
        s.tell(&format!("delete {name}"), answer);
    }
    Ok(())
}

/// Deleting exchanges, and those that are in use.
async fn exchange_deleted(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let x = s.exchange(&ch, "x", "direct", table! {}).await?;
    let y = s.exchange(&ch, "y", "direct", table! {}).await?;
    s.bind_exchange(&ch, &y, &x, "k").await?;
    let unused = ExchangeDeleteOptions {
        if_unused: true,
        nowait: false,
    };
    let answer = ch.exchange_delete(x.as_str().into(), unused).await;
    s.tell("the source, if unused", answer);
    let ch = s.channel().await?;
    let answer = ch.exchange_delete(y.as_str().into(), unused).await;
    s.tell("the destination, if unused", answer);
    for name in [x.as_str(), "nowhere"] {
        let answer = ch.exchange_delete(name.into(), Default::default()).await;
        s.tell(&format!("delete {name}"), answer);
    }
    Ok(())
}

/// Nobody publishes to an internal exchange.
async fn exchange_internal(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let inner = s.name("inner");
    let internal = ExchangeDeclareOptions {
        internal: true,
        ..DURABLE
    };
    s.declared_exchange(&ch, &inner, "fanout", internal, table! {})
        .await?;
    let outer = s.exchange(&ch, "outer", "fanout", table! {}).await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind_exchange(&ch, &inner, &outer, "").await?;
    s.bind(&ch, &q, &inner, "", table! {}).await?;
    s.confirm(&ch, &outer, "", "by way of the outer one")
        .await?;
    s.confirm(&ch, &inner, "", "directly").await?;
    let ch = s.confirming().await?;
    s.confirm(&ch, "nowhere", "", "nowhere").await?;
    let ch = s.channel().await?;
    s.drain(&ch, &q).await
}

/// Exchanges that go with their last binding, and those before them.
async fn exchange_auto_delete(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let how = ExchangeDeclareOptions {
        auto_delete: true,
        ..DURABLE
    };
    let mut chain = Vec::new();
    for name in ["a", "b", "c", "never-bound"] {
        let name = s.name(name);
        s.declared_exchange(&ch, &name, "fanout", how, table! {})
            .await?;
        chain.push(name);
    }
    let q = s.queue(&ch, "q", table! {}).await?;
    s.bind_exchange(&ch, &chain[1], &chain[0], "").await?;
    s.bind_exchange(&ch, &chain[2], &chain[1], "").await?;
    s.bind(&ch, &q, &chain[2], "", table! {}).await?;
    ch.queue_unbind(
        q.as_str().into(),
        chain[2].as_str().into(),
        "".into(),
        table! {},
    )
    .await?;
    let passive = ExchangeDeclareOptions {
        passive: true,
        ..DURABLE
    };
    for name in &chain {
        declare_exchange(s, name, name, "fanout", passive, table! {}).await?;
    }
    Ok(())
}

/// Names of queues: none, the server's own, somebody's.
async fn queue_names(s: &mut Scene) -> Steps {
    s.declare("none", "", Queued::EXCLUSIVE, table! {}).await?;
    s.declare(
        "none, a quorum queue",
        "",
        Queued::DURABLE,
        table! { "x-queue-type" => "quorum" },
    )
    .await?;
    s.declare("reserved", "amq.mine", Queued::DURABLE, table! {})
        .await?;
    s.declare(
        "reserved, passively",
        "amq.mine",
        Queued::PASSIVE,
        table! {},
    )
    .await?;
    s.declare("missing", "queue_names.missing", Queued::PASSIVE, table! {})
        .await
}

/// Only what is ready is counted.
async fn queue_counts(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    s.count(&q).await?;
    s.get(&ch, &q).await?;
    s.count(&q).await?;
    s.prefetch(&ch, 1, false).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.next(&mut consumer).await;
    s.count(&q).await?;
    s.declare("declare again", &q, Queued::DURABLE, table! {})
        .await
}

/// What a queue declared again has to agree in, and in which order that is looked at.
async fn queue_again(s: &mut Scene) -> Steps {
    let q = s.name("q");
    let arguments = || table! { "x-max-length" => 10 };
    s.declare("first", &q, Queued::DURABLE, arguments()).await?;
    s.declare("the same", &q, Queued::DURABLE, arguments())
        .await?;
    s.declare("durable", &q, Queued::TRANSIENT, arguments())
        .await?;
    s.declare("auto-delete", &q, Queued::AUTO_DELETE, arguments())
        .await?;
    s.declare("exclusive", &q, Queued::EXCLUSIVE, arguments())
        .await?;
    s.declare(
        "all at once",
        &q,
        Queued(QueueDeclareOptions {
            exclusive: true,
            auto_delete: true,
            ..Default::default()
        }),
        table! {},
    )
    .await?;
    s.declare("durable and arguments", &q, Queued::TRANSIENT, table! {})
        .await?;
    s.declare(
        "passive",
        &q,
        Queued::PASSIVE,
        table! { "x-max-length" => 11 },
    )
    .await
}

/// Arguments of a queue declared again.
async fn queue_arguments_again(s: &mut Scene) -> Steps {
    let q = s.name("q");
    let arguments =
        || table! { "x-message-ttl" => 60_000, "x-dead-letter-exchange" => "amq.direct", "a" => 1 };
    s.declare("first", &q, Queued::DURABLE, arguments()).await?;
    let mut wide = arguments();
    wide.insert(
        "x-message-ttl".into(),
        lapin::types::AMQPValue::LongLongInt(60_000),
    );
    s.declare("another width", &q, Queued::DURABLE, wide)
        .await?;
    s.declare("none", &q, Queued::DURABLE, table! {}).await?;
    let mut other = arguments();
    other.insert(
        "x-message-ttl".into(),
        lapin::types::AMQPValue::LongInt(60_001),
    );
    s.declare("another number", &q, Queued::DURABLE, other)
        .await?;
    let mut other = arguments();
    other.insert(
        "x-message-ttl".into(),
        lapin::types::AMQPValue::LongString("60000".into()),
    );
    s.declare("another type", &q, Queued::DURABLE, other)
        .await?;
    let mut other = arguments();
    other.insert(
        "x-dead-letter-exchange".into(),
        lapin::types::AMQPValue::LongString("amq.topic".into()),
    );
    s.declare("another text", &q, Queued::DURABLE, other)
        .await?;
    let mut more = arguments();
    more.insert("x-expires".into(), lapin::types::AMQPValue::LongInt(60_000));
    s.declare("one more", &q, Queued::DURABLE, more).await?;
    let mut unknown = arguments();
    unknown.insert("a".into(), lapin::types::AMQPValue::LongInt(2));
    s.declare("one that nobody knows", &q, Queued::DURABLE, unknown)
        .await?;
    let mut kind = arguments();
    kind.insert(
        "x-queue-type".into(),
        lapin::types::AMQPValue::LongString("classic".into()),
    );
    s.declare("its type, said", &q, Queued::DURABLE, kind)
        .await?;
    let quorum = table! { "x-queue-type" => "quorum" };
    s.declare("another queue type", &q, Queued::DURABLE, quorum)
        .await
}

/// Arguments that make no sense.
async fn queue_arguments_refused(s: &mut Scene) -> Steps {
    let q = s.name("q");
    let tables = [
        table! { "x-expires" => 0 },
        table! { "x-expires" => -1 },
        table! { "x-expires" => "1000" },
        table! { "x-expires" => 1.5 },
        table! { "x-expires" => 315_360_000_001_i64 },
        table! { "x-message-ttl" => -1 },
        table! { "x-message-ttl" => "0" },
        table! { "x-message-ttl" => 315_360_000_001_i64 },
        table! { "x-max-length" => -1 },
        table! { "x-max-length" => "many" },
        table! { "x-max-length-bytes" => -1 },
        table! { "x-max-priority" => -10 },
        table! { "x-max-priority" => 256 },
        table! { "x-max-priority" => 3000 },
        table! { "x-max-priority" => "five" },
        table! { "x-overflow" => "drop-tail" },
        table! { "x-overflow" => 1 },
        table! { "x-dead-letter-exchange" => 1 },
        table! { "x-dead-letter-routing-key" => "k" },
        table! { "x-dead-letter-routing-key" => 1, "x-dead-letter-exchange" => "" },
        table! { "x-single-active-consumer" => "yes" },
        table! { "x-single-active-consumer" => 1 },
        table! { "x-queue-mode" => "eager" },
        table! { "x-queue-type" => "other" },
        table! { "x-queue-type" => 1 },
        table! { "x-queue-version" => 3 },
    ];
    for arguments in tables {
        let what = crate::words::table(&arguments);
        s.declare(&what, &q, Queued::DURABLE, arguments).await?;
    }
    Ok(())
}

/// Arguments that only some types of queue have.
async fn queue_arguments_of_all_types(s: &mut Scene) -> Steps {
    let arguments = [
        table! { "x-max-age" => "1h" },
        table! { "x-max-age" => "1x" },
        table! { "x-delivery-limit" => 3 },
        table! { "x-max-priority" => 3 },
        table! { "x-overflow" => "reject-publish-dlx" },
        table! { "x-single-active-consumer" => true },
        table! { "x-message-ttl" => 1000 },
        table! { "x-queue-mode" => "lazy" },
        table! { "x-max-in-memory-length" => 3 },
        table! { "x-quorum-initial-group-size" => 1 },
        table! { "x-stream-max-segment-size-bytes" => 1_000_000 },
        table! { "x-dead-letter-strategy" => "at-least-once" },
        table! { "x-whatever" => 1 },
        table! { "x-expires" => 60_000 },
        table! { "x-initial-cluster-size" => 1 },
    ];
    for kind in ["classic", "quorum", "stream"] {
        for (at, arguments) in arguments.iter().enumerate() {
            let q = s.name(&format!("{kind}-{at}"));
            let what = format!("{kind} {}", crate::words::table(arguments));
            let mut arguments = arguments.clone();
            arguments.insert(
                "x-queue-type".into(),
                crate::scene::IntoValue::into_value(kind),
            );
            s.declare(&what, &q, Queued::DURABLE, arguments).await?;
        }
    }
    Ok(())
}

/// A queue that is not durable.
async fn queue_transient(s: &mut Scene) -> Steps {
    let q = s.name("q");
    s.declare("classic", &q, Queued::TRANSIENT, table! {})
        .await?;
    let q = s.name("r");
    for kind in ["quorum", "stream"] {
        let arguments = || table! { "x-queue-type" => kind };
        s.declare(
            &format!("{kind}, transient"),
            &q,
            Queued::TRANSIENT,
            arguments(),
        )
        .await?;
        s.declare(
            &format!("{kind}, auto-delete"),
            &q,
            Queued::AUTO_DELETE,
            arguments(),
        )
        .await?;
        let exclusive = Queued(QueueDeclareOptions {
            exclusive: true,
            durable: true,
            ..Default::default()
        });
        s.declare(&format!("{kind}, exclusive"), &q, exclusive, arguments())
            .await?;
    }
    Ok(())
}

/// An exclusive queue declared again by its owner.
async fn queue_exclusive_again(s: &mut Scene) -> Steps {
    let q = s.name("q");
    s.declare("first", &q, Queued::EXCLUSIVE, table! {}).await?;
    s.declare("the same", &q, Queued::EXCLUSIVE, table! {})
        .await?;
    s.declare("shared", &q, Queued::TRANSIENT, table! {})
        .await?;
    let durable = Queued(QueueDeclareOptions {
        exclusive: true,
        durable: true,
        ..Default::default()
    });
    s.declare("durable", &q, durable, table! {}).await?;
    s.declare("passive", &q, Queued::PASSIVE, table! {}).await
}

/// Deleting queues: missing, in use, not empty.
async fn queue_deleted(s: &mut Scene) -> Steps {
    let if_unused = QueueDeleteOptions {
        if_unused: true,
        ..Default::default()
    };
    let if_empty = QueueDeleteOptions {
        if_empty: true,
        ..Default::default()
    };
    let ch = s.confirming().await?;
    let answer = ch
        .queue_delete("queue_deleted.missing".into(), Default::default())
        .await;
    s.tell("missing", answer);
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    let other = s.channel().await?;
    let answer = other.queue_delete(q.as_str().into(), if_empty).await;
    s.tell("not empty", answer);
    let _consumer = s.consume(&ch, &q, "c").await?;
    s.until(&q, 0).await?;
    let other = s.channel().await?;
    let answer = other.queue_delete(q.as_str().into(), if_unused).await;
    s.tell("in use", answer);
    let other = s.channel().await?;
    let answer = other.queue_delete(q.as_str().into(), if_empty).await;
    s.tell("all unacknowledged, if empty", answer);
    for kind in ["quorum", "stream"] {
        let q = s
            .queue(&ch, kind, table! { "x-queue-type" => kind })
            .await?;
        for (what, how) in [("if unused", if_unused), ("if empty", if_empty)] {
            let other = s.channel().await?;
            let answer = other.queue_delete(q.as_str().into(), how).await;
            s.tell(&format!("{kind} {what}"), answer.map(|_| ()));
        }
        if !ch.status().connected() {
            break;
        }
    }
    Ok(())
}

/// Consumers hear that their queue is gone, and what was unacknowledged can be acknowledged in vain.
async fn queue_deleted_under_a_consumer(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! { "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.prefetch(&ch, 1, false).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.next(&mut consumer).await;
    let other = s.channel().await?;
    let answer = other
        .queue_delete(q.as_str().into(), Default::default())
        .await;
    s.tell("delete", answer);
    s.next(&mut consumer).await;
    s.dare("ack", &ch, ch.basic_ack(1, Default::default()))
        .await?;
    s.count(&dead).await
}

/// Purging takes what is ready, and nothing is dead-lettered.
async fn queue_purged(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! { "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    s.get(&ch, &q).await?;
    let answer = ch.queue_purge(q.as_str().into(), Default::default()).await;
    s.tell("purge", answer);
    s.nack(&ch, 1, false, true).await?;
    s.until(&q, 1).await?;
    s.drain(&ch, &q).await?;
    s.count(&dead).await?;
    let answer = ch
        .queue_purge("queue_purged.missing".into(), Default::default())
        .await;
    s.tell("missing", answer);
    Ok(())
}

/// A queue that goes with its last consumer, and not before it had one.
async fn queue_auto_delete(s: &mut Scene) -> Steps {
    let q = s.name("q");
    let ch = s.confirming().await?;
    s.declared(&ch, &q, Queued::AUTO_DELETE, table! {}).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    s.ack(&ch, 1).await?;
    s.count(&q).await?;
    let _one = s.consume(&ch, &q, "one").await?;
    let _two = s.consume(&ch, &q, "two").await?;
    let answer = ch.basic_cancel("one".into(), Default::default()).await;
    s.tell("cancel one", answer);
    s.count(&q).await?;
    let answer = ch.basic_cancel("two".into(), Default::default()).await;
    s.tell("cancel two", answer);
    s.until_gone(&q).await
}

/// A queue that goes when nobody uses it. A quorum queue does so too, when it next looks, which is every few seconds.
async fn queue_expires(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! { "x-expires" => 200 }).await?;
    s.wait(900).await;
    s.count(&q).await
}

/// A queue with a consumer does not expire.
async fn queue_expires_not_yet(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! { "x-expires" => 300 }).await?;
    let _consumer = s.consume(&ch, &q, "c").await?;
    s.wait(700).await;
    s.count(&q).await?;
    ch.basic_cancel("c".into(), Default::default()).await?;
    s.wait(900).await;
    s.count(&q).await
}
