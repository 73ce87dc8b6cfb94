//! Consumers: who gets what, how much, and again.

use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicRecoverOptions, BasicRejectOptions,
};

use super::cases;
use crate::scene::{ACKS, NO_ACK, Scene, Steps};
use crate::table;

cases! {
    missing_queue: "S1",
    exclusive: "S1",
    tags: "S2",
    get: "S3 S5",
    get_ignores_prefetch: "S3",
    cancel: "S4",
    tags_of_deliveries: "S5",
    wrong_acks: "S6",
    wrong_acks_of_many: "S6",
    ack_of_none: "S6",
    foreign_acks: "S6",
    prefetch_each: "S8",
    prefetch_later: "S8",
    prefetch_of_the_channel: "S8",
    prefetch_both: "S8",
    prefetch_without_acks: "S7",
    one_after_the_other: "S9",
    consumer_priorities: "S9",
    consumer_priorities_refused: "S9",
    requeue_in_place: "S10 S12",
    requeue_of_two_channels: "S11 S12",
    redelivered: "S12",
    recover: "S14",
    recover_without_requeue: "S14",
    single_active: "Q43",
    single_active_refuses: "Q43",
    single_active_by_priority: "Q43",
}

const EXCLUSIVE: BasicConsumeOptions = BasicConsumeOptions {
    exclusive: true,
    ..ACKS
};

/// A queue that is not there.
async fn missing_queue(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let answer = s.consume(&ch, "missing_queue.q", "c").await;
    s.tell("consume", answer);
    let ch = s.channel().await?;
    let answer = ch
        .basic_get("missing_queue.q".into(), Default::default())
        .await;
    s.tell("get", answer.map(|_| ()));
    Ok(())
}

/// Alone, or not at all.
async fn exclusive(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let _alone = s
        .consume_with(&ch, &q, "alone", EXCLUSIVE, table! {})
        .await?;
    let other = s.channel().await?;
    let answer = s.consume(&other, &q, "second").await;
    s.tell("a second one", answer);
    let other = s.channel().await?;
    let answer = s
        .consume_with(&other, &q, "second", EXCLUSIVE, table! {})
        .await;
    s.tell("a second exclusive one", answer);
    ch.basic_cancel("alone".into(), Default::default()).await?;
    let _shared = s.consume(&ch, &q, "shared").await?;
    let other = s.channel().await?;
    let answer = s
        .consume_with(&other, &q, "late", EXCLUSIVE, table! {})
        .await;
    s.tell("an exclusive one too late", answer);
    let other = s.channel().await?;
    let answer = other.basic_get(q.as_str().into(), Default::default()).await;
    s.tell("get", answer.map(|_| ()));
    Ok(())
}

/// Names of consumers.
async fn tags(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let answer = s.consume(&ch, &q, "").await;
    // A consumer of lapin's that is dropped is cancelled.
    let _none = s.tell("none", answer);
    let other = s.channel().await?;
    let one = s.consume(&ch, &q, "c").await;
    let _one = s.tell("one", one);
    let answer = s.consume(&other, &q, "c").await;
    let _same = s.tell("the same on another channel", answer);
    s.count(&q).await?;
    let answer = ch.basic_cancel("unknown".into(), Default::default()).await;
    s.tell("cancel one that is not there", answer);
    let mut again = s.connect().await?.create_channel().await?;
    let _first = s.consume(&again, &q, "twice").await?;
    let answer = s.consume(&again, &q, "twice").await;
    s.tell("the same on the same channel", answer);
    again = s.channel().await?;
    let answer = crate::scene::ping(&again).await;
    s.tell("another connection", answer);
    Ok(())
}

/// One by one.
async fn get(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.get(&ch, &q).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    for _ in 0..3 {
        s.get(&ch, &q).await?;
    }
    s.ack(&ch, 1).await?;
    s.nack(&ch, 2, false, true).await?;
    s.until(&q, 1).await?;
    s.get(&ch, &q).await?;
    s.ack(&ch, 3).await?;
    s.count(&q).await
}

/// A prefetch is for consumers.
async fn get_ignores_prefetch(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    s.prefetch(&ch, 1, false).await?;
    s.prefetch(&ch, 1, true).await?;
    for _ in 0..3 {
        s.get(&ch, &q).await?;
    }
    Ok(())
}

/// What was delivered before stays unacknowledged.
async fn cancel(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.deliveries(&mut consumer, 2).await;
    let answer = ch.basic_cancel("c".into(), Default::default()).await;
    s.tell("cancel", answer);
    s.fill(&ch, &q, &["3"]).await?;
    s.count(&q).await?;
    s.ack(&ch, 1).await?;
    s.nack(&ch, 2, false, true).await?;
    s.until(&q, 2).await?;
    s.drain(&ch, &q).await
}

/// All that a channel gets is numbered together.
async fn tags_of_deliveries(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let r = s.queue(&ch, "r", table! {}).await?;
    let mut consumer = s.consume_with(&ch, &q, "c", NO_ACK, table! {}).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.next(&mut consumer).await;
    s.fill(&ch, &r, &["2", "3"]).await?;
    s.get(&ch, &r).await?;
    s.fill(&ch, &q, &["4"]).await?;
    s.next(&mut consumer).await;
    s.get(&ch, &r).await?;
    s.dare(
        "ack one that needs none",
        &ch,
        ch.basic_ack(1, Default::default()),
    )
    .await?;
    Ok(())
}

/// Tags that are not there.
async fn wrong_acks(s: &mut Scene) -> Steps {
    let many = BasicAckOptions { multiple: true };
    for (what, tag, how) in [
        ("ack 99", 99, BasicAckOptions::default()),
        ("ack 0", 0, BasicAckOptions::default()),
        ("ack up to 99", 99, many),
        ("ack all", 0, many),
    ] {
        let ch = s.channel().await?;
        s.dare(what, &ch, ch.basic_ack(tag, how)).await?;
    }
    let ch = s.channel().await?;
    let how = BasicNackOptions {
        multiple: false,
        requeue: true,
    };
    s.dare("nack 99", &ch, ch.basic_nack(99, how)).await?;
    let ch = s.channel().await?;
    s.dare(
        "nack all",
        &ch,
        ch.basic_nack(
            0,
            BasicNackOptions {
                multiple: true,
                requeue: true,
            },
        ),
    )
    .await?;
    let ch = s.channel().await?;
    s.dare(
        "reject 99",
        &ch,
        ch.basic_reject(99, BasicRejectOptions { requeue: true }),
    )
    .await?;
    Ok(())
}

/// Up to one that is settled already.
async fn wrong_acks_of_many(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    let holder = s.channel().await?;
    for _ in 0..3 {
        s.get(&holder, &q).await?;
    }
    s.ack(&holder, 2).await?;
    s.dare(
        "ack 2 again",
        &holder,
        holder.basic_ack(2, BasicAckOptions { multiple: true }),
    )
    .await?;
    s.until(&q, 2).await?;
    s.drain(&ch, &q).await
}

/// All, when there are some and when there are none.
async fn ack_of_none(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.get(&ch, &q).await?;
    s.get(&ch, &q).await?;
    s.dare(
        "ack all",
        &ch,
        ch.basic_ack(0, BasicAckOptions { multiple: true }),
    )
    .await?;
    s.dare(
        "ack all again",
        &ch,
        ch.basic_ack(0, BasicAckOptions { multiple: true }),
    )
    .await?;
    s.dare("ack 1", &ch, ch.basic_ack(1, Default::default()))
        .await?;
    let ch = s.channel().await?;
    s.drain(&ch, &q).await
}

/// Another channel's delivery.
async fn foreign_acks(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1"]).await?;
    s.get(&ch, &q).await?;
    let other = s.channel().await?;
    s.dare(
        "ack by another",
        &other,
        other.basic_ack(1, Default::default()),
    )
    .await?;
    s.dare("ack", &ch, ch.basic_ack(1, Default::default()))
        .await?;
    Ok(())
}

/// Each consumer has its own limit.
async fn prefetch_each(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.prefetch(&ch, 1, false).await?;
    let mut one = s.consume(&ch, &q, "one").await?;
    s.prefetch(&ch, 2, false).await?;
    let mut two = s.consume(&ch, &q, "two").await?;
    s.fill(&ch, &q, &["1", "2", "3", "4", "5"]).await?;
    s.deliveries(&mut one, 1).await;
    s.deliveries(&mut two, 2).await;
    s.silence(&mut one).await;
    s.silence(&mut two).await;
    s.count(&q).await?;
    s.ack(&ch, 1).await?;
    s.next(&mut one).await;
    Ok(())
}

/// A limit set later is for those who come later.
async fn prefetch_later(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let mut one = s.consume(&ch, &q, "one").await?;
    s.prefetch(&ch, 1, false).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    s.deliveries(&mut one, 3).await;
    Ok(())
}

/// The channel's limit is shared, and holds at once.
async fn prefetch_of_the_channel(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let mut one = s.consume(&ch, &q, "one").await?;
    s.prefetch(&ch, 2, true).await?;
    let r = s.queue(&ch, "r", table! {}).await?;
    let mut two = s.consume(&ch, &r, "two").await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.fill(&ch, &r, &["3", "4"]).await?;
    s.deliveries(&mut one, 2).await;
    s.silence(&mut two).await;
    s.ack(&ch, 1).await?;
    s.next(&mut two).await;
    s.silence(&mut two).await;
    Ok(())
}

/// Whichever limit is reached first; but one for each consumer ends that of the channel.
async fn prefetch_both(s: &mut Scene) -> Steps {
    for channel_first in [false, true] {
        let ch = s.confirming().await?;
        let q = s
            .queue(&ch, if channel_first { "q" } else { "r" }, table! {})
            .await?;
        if channel_first {
            s.prefetch(&ch, 3, true).await?;
            s.prefetch(&ch, 2, false).await?;
        } else {
            s.prefetch(&ch, 2, false).await?;
            s.prefetch(&ch, 3, true).await?;
        }
        let mut one = s.consume(&ch, &q, "one").await?;
        s.fill(&ch, &q, &["1", "2", "3", "4", "5"]).await?;
        s.deliveries(&mut one, 2).await;
        s.silence(&mut one).await;
        let mut two = s.consume(&ch, &q, "two").await?;
        s.deliveries(&mut two, 1).await;
        s.silence(&mut two).await;
        s.prefetch(&ch, 0, true).await?;
        s.silence(&mut two).await;
    }
    Ok(())
}

/// Who acknowledges nothing has no limit.
async fn prefetch_without_acks(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.prefetch(&ch, 1, false).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    let mut one = s.consume_with(&ch, &q, "one", NO_ACK, table! {}).await?;
    s.deliveries(&mut one, 3).await;
    s.count(&q).await
}

/// Consumers take turns.
async fn one_after_the_other(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let mut one = s.consume(&ch, &q, "one").await?;
    let mut two = s.consume(&ch, &q, "two").await?;
    let mut three = s.consume(&ch, &q, "three").await?;
    s.fill(&ch, &q, &["1", "2", "3", "4", "5", "6", "7"])
        .await?;
    s.deliveries(&mut one, 3).await;
    s.deliveries(&mut two, 2).await;
    s.deliveries(&mut three, 2).await;
    ch.basic_cancel("two".into(), Default::default()).await?;
    s.fill(&ch, &q, &["8", "9", "10"]).await?;
    s.deliveries(&mut three, 2).await;
    s.deliveries(&mut one, 1).await;
    Ok(())
}

/// Whoever has the highest priority first, while it may.
async fn consumer_priorities(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.prefetch(&ch, 2, false).await?;
    let mut low = s
        .consume_with(&ch, &q, "low", ACKS, table! { "x-priority" => -1 })
        .await?;
    let mut none = s.consume(&ch, &q, "none").await?;
    let mut high = s
        .consume_with(&ch, &q, "high", ACKS, table! { "x-priority" => 10 })
        .await?;
    s.fill(&ch, &q, &["1", "2", "3", "4", "5"]).await?;
    let got = s.deliveries(&mut high, 2).await;
    s.deliveries(&mut none, 2).await;
    s.deliveries(&mut low, 1).await;
    for delivery in got {
        s.ack(&ch, delivery.delivery_tag).await?;
    }
    s.fill(&ch, &q, &["6"]).await?;
    s.next(&mut high).await;
    Ok(())
}

/// What is no priority.
async fn consumer_priorities_refused(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    for arguments in [
        table! { "x-priority" => "high" },
        table! { "x-priority" => 1.5 },
        table! { "x-priority" => true },
    ] {
        let ch = s.channel().await?;
        let answer = s.consume_with(&ch, &q, "c", ACKS, arguments).await;
        s.tell("consume", answer);
    }
    Ok(())
}

/// What comes back is where it was.
async fn requeue_in_place(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3", "4"]).await?;
    for _ in 0..3 {
        s.get(&ch, &q).await?;
    }
    s.nack(&ch, 3, false, true).await?;
    s.nack(&ch, 1, false, true).await?;
    s.until(&q, 3).await?;
    s.nack(&ch, 2, false, true).await?;
    s.until(&q, 4).await?;
    s.drain(&ch, &q).await
}

/// The data of the rule.
async fn requeue_of_two_channels(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let (first, second) = (s.channel().await?, s.channel().await?);
    let mut one = s.consume(&first, &q, "one").await?;
    let mut two = s.consume(&second, &q, "two").await?;
    s.fill(&ch, &q, &["1", "2", "3", "4"]).await?;
    s.deliveries(&mut one, 2).await;
    s.deliveries(&mut two, 2).await;
    first.close(200, "".into()).await?;
    s.deliveries(&mut two, 2).await;
    s.nack(&second, 3, true, true).await?;
    s.deliveries(&mut two, 3).await;
    Ok(())
}

/// Whatever was delivered once says so.
async fn redelivered(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    s.prefetch(&ch, 1, false).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.next(&mut consumer).await;
    s.nack(&ch, 1, false, true).await?;
    s.next(&mut consumer).await;
    s.ack(&ch, 2).await?;
    s.next(&mut consumer).await;
    Ok(())
}

/// All that a channel holds comes again.
async fn recover(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3"]).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.deliveries(&mut consumer, 3).await;
    s.ack(&ch, 2).await?;
    let answer = ch
        .basic_recover(BasicRecoverOptions { requeue: true })
        .await;
    s.tell("recover", answer);
    s.deliveries(&mut consumer, 2).await;
    s.dare("ack 1", &ch, ch.basic_ack(1, Default::default()))
        .await?;
    Ok(())
}

/// Not without giving them to whoever is next.
async fn recover_without_requeue(s: &mut Scene) -> Steps {
    let ch = s.connect().await?.create_channel().await?;
    let answer = ch
        .basic_recover(BasicRecoverOptions { requeue: false })
        .await;
    s.tell("recover", answer);
    Ok(())
}

/// One gets all, until it goes.
async fn single_active(s: &mut Scene) -> Steps {
    for kind in ["classic", "quorum"] {
        let ch = s.confirming().await?;
        let arguments = table! { "x-single-active-consumer" => true, "x-queue-type" => kind };
        let q = s.queue(&ch, kind, arguments).await?;
        let mut one = s.consume(&ch, &q, "one").await?;
        let mut two = s.consume(&ch, &q, "two").await?;
        let mut three = s.consume(&ch, &q, "three").await?;
        s.fill(&ch, &q, &["1", "2"]).await?;
        s.deliveries(&mut one, 2).await;
        s.silence(&mut two).await;
        s.ack(&ch, 1).await?;
        s.ack(&ch, 2).await?;
        ch.basic_cancel("one".into(), Default::default()).await?;
        s.fill(&ch, &q, &["3"]).await?;
        s.next(&mut two).await;
        s.silence(&mut three).await;
    }
    Ok(())
}

/// What goes with a single active consumer, and what does not.
async fn single_active_refuses(s: &mut Scene) -> Steps {
    for kind in ["classic", "quorum"] {
        let ch = s.confirming().await?;
        let arguments = table! { "x-single-active-consumer" => true, "x-queue-type" => kind };
        let q = s.queue(&ch, kind, arguments).await?;
        let other = s.channel().await?;
        let answer = s
            .consume_with(&other, &q, "alone", EXCLUSIVE, table! {})
            .await;
        s.tell(&format!("{kind}, exclusive"), answer);
        let other = s.channel().await?;
        let answer = other.basic_get(q.as_str().into(), Default::default()).await;
        s.tell(&format!("{kind}, get"), answer.map(|_| ()));
    }
    Ok(())
}

/// Whether one of higher priority takes over.
async fn single_active_by_priority(s: &mut Scene) -> Steps {
    for kind in ["classic", "quorum"] {
        let ch = s.confirming().await?;
        let arguments = table! { "x-single-active-consumer" => true, "x-queue-type" => kind };
        let q = s.queue(&ch, kind, arguments).await?;
        s.prefetch(&ch, 1, false).await?;
        let mut low = s.consume(&ch, &q, "low").await?;
        s.fill(&ch, &q, &["1"]).await?;
        s.next(&mut low).await;
        let mut high = s
            .consume_with(&ch, &q, "high", ACKS, table! { "x-priority" => 5 })
            .await?;
        s.fill(&ch, &q, &["2", "3"]).await?;
        s.silence(&mut high).await;
        s.ack(&ch, 1).await?;
        s.wait(100).await;
        s.silence(&mut low).await;
        s.silence(&mut high).await;
    }
    Ok(())
}
