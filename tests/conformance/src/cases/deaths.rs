//! Dead letters: why, where to, and what they tell of their deaths.

use lapin::options::BasicRejectOptions;
use lapin::types::FieldTable;

use super::cases;
use crate::scene::{Published, Scene, Steps};
use crate::table;

cases! {
    rejected: "D1 D3 D7 D8",
    rejected_without_exchange: "D1",
    exchange_missing: "D2",
    key_kept: "D3",
    key_given: "D3",
    keys_of_cc: "D3 D7 D10 W3",
    expiration_is_removed: "D4 D7",
    properties_are_kept: "D4",
    many_in_order: "D5",
    died_twice: "D7 D8",
    died_again: "D7 D8",
    cycle_of_expiry: "D11",
    cycle_of_rejection: "D11",
    cycle_to_itself: "D11",
    death_set_by_a_publisher: "D9",
    alternate_of_a_dead_letter_exchange: "D2 E13",
    to_a_full_queue: "D6 Q27",
    of_a_deleted_queue: "Q10",
}

/// Arguments of a queue whose dead go to another.
fn to(queue: &str) -> FieldTable {
    table! { "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => queue }
}

/// Turned away, in both ways.
async fn rejected(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    s.fill(&ch, &q, &["reject", "nack", "reject again"]).await?;
    for _ in 0..3 {
        s.get(&ch, &q).await?;
    }
    ch.basic_reject(1, BasicRejectOptions { requeue: false })
        .await?;
    s.nack(&ch, 2, false, false).await?;
    ch.basic_reject(3, BasicRejectOptions { requeue: true })
        .await?;
    s.until(&dead, 2).await?;
    s.drain(&ch, &dead).await?;
    s.until(&q, 1).await?;
    s.drain(&ch, &q).await
}

/// Without a dead-letter exchange it is gone.
async fn rejected_without_exchange(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.count(&q).await
}

/// An exchange that is not there takes nothing, until it is.
async fn exchange_missing(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let x = s.name("x");
    let q = s
        .queue(&ch, "q", table! { "x-dead-letter-exchange" => &x })
        .await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.exchange(&ch, "x", "fanout", table! {}).await?;
    s.bind(&ch, &dead, &x, "", table! {}).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 2, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// Without a key of its own a dead letter keeps the one it had.
async fn key_kept(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let x = s.exchange(&ch, "x", "topic", table! {}).await?;
    let dlx = s.exchange(&ch, "dlx", "topic", table! {}).await?;
    let q = s
        .queue(&ch, "q", table! { "x-dead-letter-exchange" => &dlx })
        .await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    s.bind(&ch, &q, &x, "#", table! {}).await?;
    s.bind(&ch, &dead, &dlx, "a.*", table! {}).await?;
    for key in ["a.b", "b.a"] {
        s.put(&ch, &x, key, key).await?;
        s.get(&ch, &q).await?;
    }
    s.nack(&ch, 0, true, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// With one, that is its key.
async fn key_given(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dlx = s.exchange(&ch, "dlx", "direct", table! {}).await?;
    let arguments =
        table! { "x-dead-letter-exchange" => &dlx, "x-dead-letter-routing-key" => "dead" };
    let q = s.queue(&ch, "q", arguments).await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    s.bind(&ch, &dead, &dlx, "dead", table! {}).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// What becomes of CC and BCC, with a key given and without.
async fn keys_of_cc(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dlx = s.exchange(&ch, "dlx", "direct", table! {}).await?;
    let plain = s
        .queue(&ch, "plain", table! { "x-dead-letter-exchange" => &dlx })
        .await?;
    let arguments =
        table! { "x-dead-letter-exchange" => &dlx, "x-dead-letter-routing-key" => "given" };
    let given = s.queue(&ch, "given", arguments).await?;
    for name in ["by-key", "by-cc", "by-bcc", "by-given"] {
        let q = s.queue(&ch, name, table! {}).await?;
        let key = match name {
            "by-key" => plain.as_str(),
            "by-cc" => "cc",
            "by-bcc" => "bcc",
            _ => "given",
        };
        s.bind(&ch, &q, &dlx, key, table! {}).await?;
    }
    for q in [&plain, &given] {
        let headers = table! { "CC" => vec!["cc"], "BCC" => vec!["bcc"] };
        s.put(&ch, "", q, Published::from(q.as_str()).headers(headers))
            .await?;
        let got = s.get(&ch, q).await?;
        s.nack(&ch, got.map_or(0, |it| it.delivery_tag), false, false)
            .await?;
    }
    s.wait(200).await;
    for name in ["by-key", "by-cc", "by-bcc", "by-given"] {
        let q = s.name(name);
        s.drain(&ch, &q).await?;
    }
    Ok(())
}

/// A dead letter does not die of its first death's time again.
async fn expiration_is_removed(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    s.put(&ch, "", &q, Published::from("1").expiration("50"))
        .await?;
    s.until(&dead, 1).await?;
    s.wait(150).await;
    s.drain(&ch, &dead).await
}

/// All else is kept.
async fn properties_are_kept(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    let mut what = Published::from("1")
        .persistent()
        .priority(3)
        .headers(table! { "mine" => "yes" });
    what.properties = what
        .properties
        .with_content_type("text/plain".into())
        .with_message_id("m1".into());
    what.properties = what
        .properties
        .with_correlation_id("c1".into())
        .with_app_id("app".into());
    what.properties = what
        .properties
        .with_type("kind".into())
        .with_reply_to("back".into())
        .with_timestamp(1);
    s.put(&ch, "", &q, what).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// Many at once die in the order of their tags.
async fn many_in_order(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    s.fill(&ch, &q, &["1", "2", "3", "4", "5"]).await?;
    for _ in 0..5 {
        s.get(&ch, &q).await?;
    }
    s.ack(&ch, 2).await?;
    s.nack(&ch, 4, true, false).await?;
    s.until(&dead, 3).await?;
    s.bodies(&ch, &dead).await
}

/// Two queues, two reasons: two entries, the last one first.
async fn died_twice(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let last = s.queue(&ch, "last", table! {}).await?;
    let mut arguments = to(&last);
    arguments.insert("x-message-ttl".into(), lapin::types::AMQPValue::LongInt(50));
    let middle = s.queue(&ch, "middle", arguments).await?;
    let first = s.queue(&ch, "first", to(&middle)).await?;
    s.fill(&ch, &first, &["1"]).await?;
    s.get(&ch, &first).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&last, 1).await?;
    s.drain(&ch, &last).await
}

/// The same queue, the same reason: counted.
async fn died_again(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.name("q");
    let mut arguments = to(&q);
    arguments.insert("x-message-ttl".into(), lapin::types::AMQPValue::LongInt(30));
    let wait = s.queue(&ch, "wait", arguments).await?;
    let q = s.queue(&ch, "q", to(&wait)).await?;
    s.fill(&ch, &q, &["1"]).await?;
    for tag in 1..=3 {
        s.until(&q, 1).await?;
        s.get(&ch, &q).await?;
        s.nack(&ch, tag, false, false).await?;
    }
    s.until(&q, 1).await?;
    s.drain(&ch, &q).await
}

/// Who only expires does not go round.
async fn cycle_of_expiry(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let (a, b) = (s.name("a"), s.name("b"));
    for (from, other) in [("a", &b), ("b", &a)] {
        let mut arguments = to(other);
        arguments.insert("x-message-ttl".into(), lapin::types::AMQPValue::LongInt(30));
        s.queue(&ch, from, arguments).await?;
    }
    s.fill(&ch, &a, &["1"]).await?;
    s.wait(400).await;
    s.count(&a).await?;
    s.count(&b).await
}

/// Who is rejected on the way may.
async fn cycle_of_rejection(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let (a, b) = (s.name("a"), s.name("b"));
    s.queue(&ch, "a", to(&b)).await?;
    s.queue(&ch, "b", to(&a)).await?;
    s.fill(&ch, &a, &["1"]).await?;
    for (tag, q) in [(1, &a), (2, &b), (3, &a), (4, &b)] {
        s.until(q, 1).await?;
        s.get(&ch, q).await?;
        s.nack(&ch, tag, false, false).await?;
    }
    s.until(&a, 1).await?;
    s.drain(&ch, &a).await
}

/// A queue whose dead come back to it.
async fn cycle_to_itself(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.name("q");
    let mut arguments = to(&q);
    arguments.insert(
        "x-message-ttl".into(),
        lapin::types::AMQPValue::LongInt(200),
    );
    s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&q, 2).await?;
    s.wait(700).await;
    s.drain(&ch, &q).await
}

/// Whether what a publisher says of deaths counts.
async fn death_set_by_a_publisher(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    let death = table! {
        "count" => 7_i64, "reason" => "rejected", "queue" => &q, "exchange" => "",
        "routing-keys" => vec![q.as_str()],
    };
    let headers = table! { "x-death" => vec![death], "x-first-death-queue" => "mine" };
    s.put(&ch, "", &q, Published::from("1").headers(headers))
        .await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// A dead-letter exchange may have an alternate.
async fn alternate_of_a_dead_letter_exchange(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let other = s.exchange(&ch, "other", "fanout", table! {}).await?;
    let dlx = s
        .exchange(
            &ch,
            "dlx",
            "direct",
            table! { "alternate-exchange" => &other },
        )
        .await?;
    let q = s
        .queue(&ch, "q", table! { "x-dead-letter-exchange" => &dlx })
        .await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    s.bind(&ch, &dead, &other, "", table! {}).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 1, false, false).await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await
}

/// A full queue turns dead letters away too, and nobody hears of it.
async fn to_a_full_queue(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let full = table! { "x-max-length" => 1, "x-overflow" => "reject-publish" };
    let dead = s.queue(&ch, "dead", full).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.get(&ch, &q).await?;
    s.get(&ch, &q).await?;
    s.nack(&ch, 2, true, false).await?;
    s.until(&dead, 1).await?;
    s.wait(100).await;
    s.bodies(&ch, &dead).await?;
    s.count(&q).await
}

/// What was in a queue that is deleted is no dead letter.
async fn of_a_deleted_queue(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let q = s.queue(&ch, "q", to(&dead)).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.get(&ch, &q).await?;
    let answer = ch.queue_delete(q.as_str().into(), Default::default()).await;
    s.tell("delete", answer);
    s.wait(100).await;
    s.count(&dead).await
}
