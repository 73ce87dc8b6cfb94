//! Priorities of messages, in classic queues.

use super::cases;
use crate::scene::{Published, Scene, Steps};
use crate::table;

cases! {
    highest_first: "Q40 Q41",
    absent_and_too_high: "Q40 Q41",
    back_in_their_level: "Q40 Q41",
    drop_head_of_the_highest: "Q40 Q41",
    reject_publish_looks_at_no_priority: "Q41",
    expiry_by_level: "Q40",
    one_of_each: "Q40",
    without_priorities: "Q40",
}

/// Highest first, and in order within a level.
async fn highest_first(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-priority" => 3 }).await?;
    for round in 1..=3 {
        for priority in 1..=3 {
            let body = format!("{priority}/{round}");
            s.put(
                &ch,
                "",
                &q,
                Published::from(body.as_str()).priority(priority),
            )
            .await?;
        }
    }
    s.bodies(&ch, &q).await
}

/// None is 0, and too high is the highest.
async fn absent_and_too_high(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-priority" => 5 }).await?;
    s.put(&ch, "", &q, "none").await?;
    for priority in [0, 5, 10, 255, 4] {
        let body = priority.to_string();
        s.put(
            &ch,
            "",
            &q,
            Published::from(body.as_str()).priority(priority),
        )
        .await?;
    }
    s.put(&ch, "", &q, "none again").await?;
    s.drain(&ch, &q).await
}

/// What comes back is in its own level again.
async fn back_in_their_level(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-priority" => 3 }).await?;
    for priority in [1, 2, 3, 3] {
        let body = priority.to_string();
        s.put(
            &ch,
            "",
            &q,
            Published::from(body.as_str()).priority(priority),
        )
        .await?;
    }
    for _ in 0..4 {
        s.get(&ch, &q).await?;
    }
    s.put(&ch, "", &q, Published::from("2 new").priority(2))
        .await?;
    s.nack(&ch, 0, true, true).await?;
    s.until(&q, 5).await?;
    s.drain(&ch, &q).await
}

/// A full queue drops from its highest level.
async fn drop_head_of_the_highest(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-priority" => 3, "x-max-length" => 4 },
        )
        .await?;
    for _ in 0..3 {
        for priority in 1..=3 {
            let body = priority.to_string();
            s.put(
                &ch,
                "",
                &q,
                Published::from(body.as_str()).priority(priority),
            )
            .await?;
        }
    }
    s.bodies(&ch, &q).await
}

/// One that turns away takes the first that come.
async fn reject_publish_looks_at_no_priority(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let arguments =
        table! { "x-max-priority" => 3, "x-max-length" => 4, "x-overflow" => "reject-publish" };
    let q = s.queue(&ch, "q", arguments).await?;
    for _ in 0..3 {
        for priority in 1..=3 {
            let body = priority.to_string();
            s.confirm(
                &ch,
                "",
                &q,
                Published::from(body.as_str()).priority(priority),
            )
            .await?;
        }
    }
    s.bodies(&ch, &q).await
}

/// Each level has a head of its own.
async fn expiry_by_level(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-priority" => 3 }).await?;
    s.put(&ch, "", &q, Published::from("high, long").priority(3))
        .await?;
    s.put(
        &ch,
        "",
        &q,
        Published::from("low, short").priority(1).expiration("50"),
    )
    .await?;
    s.put(
        &ch,
        "",
        &q,
        Published::from("high, short").priority(3).expiration("50"),
    )
    .await?;
    s.wait(300).await;
    s.count(&q).await?;
    s.bodies(&ch, &q).await
}

/// A consumer gets the highest that is there when it is its turn.
async fn one_of_each(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-priority" => 10 }).await?;
    s.prefetch(&ch, 1, false).await?;
    s.put(&ch, "", &q, Published::from("low").priority(1))
        .await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.next(&mut consumer).await;
    for priority in [2, 9, 5] {
        let body = priority.to_string();
        s.put(
            &ch,
            "",
            &q,
            Published::from(body.as_str()).priority(priority),
        )
        .await?;
    }
    for tag in 1..=3 {
        s.ack(&ch, tag).await?;
        s.next(&mut consumer).await;
    }
    Ok(())
}

/// A queue that was not told of priorities knows none.
async fn without_priorities(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    for arguments in [table! {}, table! { "x-max-priority" => 0 }] {
        let q = s.name("q");
        s.declared(&ch, &q, crate::scene::Queued::DURABLE, arguments)
            .await?;
        for priority in [1, 3, 2] {
            let body = priority.to_string();
            s.put(
                &ch,
                "",
                &q,
                Published::from(body.as_str()).priority(priority),
            )
            .await?;
        }
        s.bodies(&ch, &q).await?;
        ch.queue_delete(q.as_str().into(), Default::default())
            .await?;
    }
    Ok(())
}
