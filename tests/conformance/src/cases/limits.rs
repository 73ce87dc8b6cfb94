//! How long messages live, and how many of them.

use super::cases;
use crate::scene::{Published, Scene, Steps};
use crate::table;

cases! {
    ttl_of_a_queue: "Q20 D1",
    ttl_of_a_message: "Q20 Q21",
    ttl_the_smaller: "Q20",
    ttl_refused: "Q20",
    ttl_zero: "Q22",
    ttl_while_unacknowledged: "Q22",
    ttl_only_at_the_head: "Q21",
    drop_head: "Q26 Q29",
    drop_head_dead_letters: "Q26 D1",
    drop_head_of_none: "Q26",
    drop_head_by_octets: "Q25",
    length_and_octets: "Q25",
    unacknowledged_do_not_count: "Q25",
    reject_publish: "Q27 Q29 P9",
    reject_publish_with_a_consumer: "Q27",
    reject_publish_unconfirmed: "Q27",
    reject_publish_requeue: "Q27",
    reject_publish_one_of_two: "P9",
    reject_publish_dlx: "Q28",
}

/// A queue's time to live.
async fn ttl_of_a_queue(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! {
        "x-message-ttl" => 100, "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead,
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.count(&q).await?;
    s.until(&dead, 2).await?;
    s.count(&q).await?;
    s.drain(&ch, &dead).await
}

/// A message's own time to live.
async fn ttl_of_a_message(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! { "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead };
    let q = s.queue(&ch, "q", arguments).await?;
    s.put(&ch, "", &q, Published::from("short").expiration("100"))
        .await?;
    s.put(&ch, "", &q, "long").await?;
    s.until(&dead, 1).await?;
    s.drain(&ch, &dead).await?;
    s.drain(&ch, &q).await
}

/// The smaller of the two holds.
async fn ttl_the_smaller(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-message-ttl" => 100 }).await?;
    let r = s
        .queue(&ch, "r", table! { "x-message-ttl" => 60_000 })
        .await?;
    s.put(&ch, "", &q, Published::from("queue's").expiration("60000"))
        .await?;
    s.put(&ch, "", &r, Published::from("message's").expiration("100"))
        .await?;
    s.until(&q, 0).await?;
    s.until(&r, 0).await?;
    s.drain(&ch, &q).await?;
    s.drain(&ch, &r).await
}

/// What is no number of milliseconds.
async fn ttl_refused(s: &mut Scene) -> Steps {
    for expiration in ["", "1.5", "-1", "5 ", "x", "0x10", "315360000001"] {
        let ch = s.confirming().await?;
        let q = s.queue(&ch, "q", table! {}).await?;
        s.confirm(
            &ch,
            "",
            &q,
            Published::from(expiration).expiration(expiration),
        )
        .await?;
    }
    Ok(())
}

/// Nothing is kept: only who waits gets it.
async fn ttl_zero(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-message-ttl" => 0 }).await?;
    s.confirm(&ch, "", &q, "nobody waits").await?;
    s.count(&q).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.confirm(&ch, "", &q, "somebody waits").await?;
    s.next(&mut consumer).await;
    s.nack(&ch, 1, false, true).await?;
    s.silence(&mut consumer).await;
    s.count(&q).await
}

/// What is unacknowledged does not expire until it is back.
async fn ttl_while_unacknowledged(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-message-ttl" => 150 }).await?;
    s.put(&ch, "", &q, "1").await?;
    s.get(&ch, &q).await?;
    s.wait(300).await;
    s.nack(&ch, 1, false, true).await?;
    s.wait(50).await;
    s.drain(&ch, &q).await
}

/// Behind one that lives long, a dead one is still counted.
async fn ttl_only_at_the_head(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.put(&ch, "", &q, "long").await?;
    s.put(&ch, "", &q, Published::from("short").expiration("50"))
        .await?;
    s.wait(300).await;
    s.count(&q).await?;
    s.get(&ch, &q).await?;
    s.get(&ch, &q).await?;
    Ok(())
}

/// The oldest goes.
async fn drop_head(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    for arguments in [
        table! { "x-max-length" => 1 },
        table! { "x-max-length" => 1, "x-overflow" => "drop-head" },
    ] {
        let q = s.name("q");
        s.declared(&ch, &q, crate::scene::Queued::DURABLE, arguments)
            .await?;
        for body in ["1", "2", "3"] {
            s.confirm(&ch, "", &q, body).await?;
        }
        s.until(&q, 1).await?;
        s.bodies(&ch, &q).await?;
        ch.queue_delete(q.as_str().into(), Default::default())
            .await?;
    }
    Ok(())
}

/// What goes is dead-lettered.
async fn drop_head_dead_letters(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! {
        "x-max-length" => 2, "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead,
    };
    let q = s.queue(&ch, "q", arguments).await?;
    s.fill(&ch, &q, &["1", "2", "3", "4"]).await?;
    s.until(&dead, 2).await?;
    s.drain(&ch, &dead).await?;
    s.bodies(&ch, &q).await
}

/// A queue that holds nothing hands over all the same.
async fn drop_head_of_none(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-length" => 0 }).await?;
    s.confirm(&ch, "", &q, "nobody waits").await?;
    s.count(&q).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.confirm(&ch, "", &q, "somebody waits").await?;
    s.next(&mut consumer).await;
    s.nack(&ch, 1, false, true).await?;
    s.next(&mut consumer).await;
    Ok(())
}

/// Octets of bodies are counted.
async fn drop_head_by_octets(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(&ch, "q", table! { "x-max-length-bytes" => 10 })
        .await?;
    s.fill(&ch, &q, &["1111", "2222", "333", "4", "55555555555"])
        .await?;
    s.bodies(&ch, &q).await?;
    s.fill(&ch, &q, &["1111", "", "2222", "333", "4"]).await?;
    s.bodies(&ch, &q).await
}

/// Whichever limit is reached first.
async fn length_and_octets(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 3, "x-max-length-bytes" => 10 },
        )
        .await?;
    s.fill(&ch, &q, &["1", "2", "3", "4"]).await?;
    s.bodies(&ch, &q).await?;
    s.fill(&ch, &q, &["111111", "222222"]).await?;
    s.bodies(&ch, &q).await
}

/// Only what is ready counts.
async fn unacknowledged_do_not_count(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-length" => 2 }).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.get(&ch, &q).await?;
    s.get(&ch, &q).await?;
    s.fill(&ch, &q, &["3", "4"]).await?;
    s.count(&q).await?;
    s.nack(&ch, 2, true, true).await?;
    s.wait(50).await;
    s.bodies(&ch, &q).await
}

/// A full queue turns away.
async fn reject_publish(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 1, "x-overflow" => "reject-publish" },
        )
        .await?;
    for body in ["1", "2", "3"] {
        s.confirm(&ch, "", &q, body).await?;
    }
    s.confirm(&ch, "", &q, Published::from("4").mandatory())
        .await?;
    s.bodies(&ch, &q).await?;
    s.confirm(&ch, "", &q, "5").await?;
    s.bodies(&ch, &q).await
}

/// Even if somebody waits.
async fn reject_publish_with_a_consumer(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 0, "x-overflow" => "reject-publish" },
        )
        .await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.confirm(&ch, "", &q, "1").await?;
    s.silence(&mut consumer).await;
    Ok(())
}

/// Who did not ask for confirms hears nothing.
async fn reject_publish_unconfirmed(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 1, "x-overflow" => "reject-publish" },
        )
        .await?;
    for body in ["1", "2"] {
        let what = format!("publish {body}");
        s.publish_daring(&what, &ch, "", &q, body).await?;
    }
    s.bodies(&ch, &q).await
}

/// What comes back may be too much.
async fn reject_publish_requeue(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 1, "x-overflow" => "reject-publish" },
        )
        .await?;
    s.confirm(&ch, "", &q, "1").await?;
    s.get(&ch, &q).await?;
    s.confirm(&ch, "", &q, "2").await?;
    s.nack(&ch, 1, false, true).await?;
    s.until(&q, 2).await?;
    s.confirm(&ch, "", &q, "3").await?;
    s.drain(&ch, &q).await
}

/// One queue of two that turns away.
async fn reject_publish_one_of_two(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let full = s
        .queue(
            &ch,
            "full",
            table! { "x-max-length" => 0, "x-overflow" => "reject-publish" },
        )
        .await?;
    let free = s.queue(&ch, "free", table! {}).await?;
    for q in [&full, &free] {
        s.bind(&ch, q, "amq.direct", "reject_publish_one_of_two", table! {})
            .await?;
    }
    s.confirm(&ch, "amq.direct", "reject_publish_one_of_two", "1")
        .await?;
    s.bodies(&ch, &full).await?;
    s.bodies(&ch, &free).await
}

/// What is turned away is dead-lettered.
async fn reject_publish_dlx(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let dead = s.queue(&ch, "dead", table! {}).await?;
    let arguments = table! {
        "x-max-length" => 1, "x-overflow" => "reject-publish-dlx",
        "x-dead-letter-exchange" => "", "x-dead-letter-routing-key" => &dead,
    };
    let q = s.queue(&ch, "q", arguments).await?;
    for body in ["1", "2", "3"] {
        s.confirm(&ch, "", &q, body).await?;
    }
    s.until(&dead, 2).await?;
    s.drain(&ch, &dead).await?;
    s.drain(&ch, &q).await
}
