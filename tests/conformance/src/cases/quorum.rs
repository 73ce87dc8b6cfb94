//! Quorum queues: what they do their own way.

use super::cases;
use crate::scene::{NO_ACK, Published, Scene, Steps};
use crate::table;

cases! {
    delivery_limit: "Q44 Q45 D1",
    delivery_limit_without: "Q44 Q45",
    delivery_limit_endless: "Q44",
    returns_first_or_last: "S10",
    two_priorities: "Q42",
    priorities_of_a_few: "Q42",
    global_prefetch_refused: "S8",
    purge_and_get: "Q11 S3",
    ttl: "Q23",
    drop_head: "Q26",
    reject_publish: "Q27",
    dead_letters: "D7 Q45",
    at_least_once: "D6",
    consumers_of_a_quorum_queue: "S1 S9",
}

/// After so many tries it dies.
async fn delivery_limit(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! {
        "x-queue-type" => "quorum", "x-delivery-limit" => 2,
        "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead,
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1"]).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    for _ in 0..3 {
        let Some(delivery) = s.next(&mut consumer).await else {
            break;
        };
        s.nack(&ch, delivery.delivery_tag, false, true).await?;
    }
    s.silence(&mut consumer).await;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// How many tries there are when nothing is said.
async fn delivery_limit_without(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    s.tries(&ch, &q, 25).await
}

/// No limit.
async fn delivery_limit_endless(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let arguments = table! { "x-queue-type" => "quorum", "x-delivery-limit" => -1 };
    let q = s.name("q");
    let answer = s
        .declared(&ch, &q, crate::scene::Queued::DURABLE, arguments)
        .await;
    if s.tell("declare", answer).is_none() {
        return Ok(());
    }
    s.tries(&ch, &q, 25).await
}

/// Where what comes back stands.
async fn returns_first_or_last(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    s.fill(&ch, &q, &["1", "2", "3", "4"]).await?;
    for _ in 0..3 {
        s.get(&ch, &q).await?;
    }
    s.nack(&ch, 2, false, true).await?;
    s.until(&q, 2).await?;
    s.nack(&ch, 1, false, true).await?;
    s.until(&q, 3).await?;
    s.nack(&ch, 3, false, true).await?;
    s.until(&q, 4).await?;
    s.bodies(&ch, &q).await
}

/// High and normal, two to one.
async fn two_priorities(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    for number in 1..=6 {
        let body = format!("normal-{number}");
        s.put(&ch, "", &q, Published::from(body.as_str()).priority(1))
            .await?;
    }
    for number in 1..=6 {
        let body = format!("high-{number}");
        s.put(&ch, "", &q, Published::from(body.as_str()).priority(9))
            .await?;
    }
    s.bodies(&ch, &q).await
}

/// Which priorities are high.
async fn priorities_of_a_few(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    s.put(&ch, "", &q, "none").await?;
    for priority in [0, 4, 5, 255] {
        let body = priority.to_string();
        s.put(
            &ch,
            "",
            &q,
            Published::from(body.as_str()).priority(priority),
        )
        .await?;
    }
    s.bodies(&ch, &q).await
}

/// A channel with a limit of its own is not served.
async fn global_prefetch_refused(s: &mut Scene) -> Steps {
    let own = s.connect().await?;
    let ch = own.create_channel().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    s.prefetch(&ch, 5, true).await?;
    let answer = s.consume(&ch, &q, "c").await;
    s.tell("consume", answer);
    Ok(())
}

/// Purge, and get.
async fn purge_and_get(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    s.get(&ch, &q).await?;
    let answer = ch.queue_purge(q.as_str().into(), Default::default()).await;
    s.tell("purge", answer);
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, true).await?;
    s.until(&q, 1).await?;
    s.drain(&ch, &q).await
}

/// Times to live.
async fn ttl(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! {
        "x-queue-type" => "quorum", "x-message-ttl" => 200,
        "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead,
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.put(&ch, "", &q, Published::from("2").expiration("100"))
        .await?;
    s.until(&dead, 2).await?;
    s.drain(&ch, &dead).await
}

/// The oldest goes.
async fn drop_head(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-queue-type" => "quorum", "x-max-length" => 2 },
        )
        .await?;
    for body in ["1", "2", "3", "4"] {
        s.confirm(&ch, "", &q, body).await?;
    }
    s.until(&q, 2).await?;
    s.bodies(&ch, &q).await
}

/// It turns away, if not at once.
async fn reject_publish(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let arguments = table! {
        "x-queue-type" => "quorum", "x-max-length" => 2, "x-overflow" => "reject-publish",
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    for number in 0..5 {
        let body = format!("more {number}");
        let confirm = s.publish(&ch, "", &q, body.as_str()).await?;
        if confirm.await?.is_nack() {
            s.say("nack in the end");
            return Ok(());
        }
    }
    s.say("no nack");
    Ok(())
}

/// What a dead letter of a quorum queue tells.
async fn dead_letters(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s
        .queue(&ch, "dead", table! { "x-queue-type" => "quorum" })
        .await?;
    let arguments = table! {
        "x-queue-type" => "quorum", "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead,
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, true).await?;
    s.until(&q, 1).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 2, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// A dead letter is kept until somebody takes it.
async fn at_least_once(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dlx = s.exchange(&ch, "dlx", "direct", table! {}).await?;
    let dead = s
        .queue(&ch, "dead", table! { "x-queue-type" => "quorum" })
        .await?;
    s.bind(&ch, &dead, &dlx, "dead", table! {}).await?;
    let arguments = table! {
        "x-queue-type" => "quorum", "x-overflow" => "reject-publish",
        "x-dead-letter-strategy" => "at-least-once",
        "x-dead-letter-exchange" => &dlx, "x-dead-letter-routing-key" => "dead",
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// Consumers of a quorum queue take turns too.
async fn consumers_of_a_quorum_queue(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-queue-type" => "quorum" })
        .await?;
    s.prefetch(&ch, 1, false).await?;
    let mut one = s.consume(&ch, &q, "one").await?;
    let mut two = s.consume_with(&ch, &q, "two", NO_ACK, table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    s.next(&mut one).await;
    s.deliveries(&mut two, 2).await;
    s.silence(&mut one).await;
    Ok(())
}
