//! Where RabbitMQ's documents and its code say different things, and a live one can be asked.
//!
//! Not here, since neither release decides them: W4 (what a power failure loses), W6, W7 and W9 (delayed retries and
//! time-outs, of 4.3). W3 is `deaths::keys_of_cc`, W10 `limits::reject_publish`.

use super::cases;
use crate::scene::{Published, Queued, Scene, Steps};
use crate::table;

cases! {
    w1_priorities_of_a_quorum_queue: "W1 Q4",
    w2_low_priorities_wait: "W2 Q40",
    w5_first_of_single_active_consumers: "W5 Q43",
    w8_queue_mode: "W8 Q13",
}

/// Whether `x-max-priority` is ignored by a quorum queue, or refused.
async fn w1_priorities_of_a_quorum_queue(s: &mut Scene) -> Steps {
    for kind in ["quorum", "stream"] {
        let q = s.name(kind);
        let arguments = table! { "x-queue-type" => kind, "x-max-priority" => 5 };
        s.declare(kind, &q, Queued::DURABLE, arguments).await?;
    }
    Ok(())
}

/// Whether one of low priority is served while there are others.
async fn w2_low_priorities_wait(s: &mut Scene) -> Steps {
    const EACH: usize = 500;
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! { "x-max-priority" => 2 }).await?;
    let mut confirms = Vec::new();
    for _ in 0..EACH {
        for (body, priority) in [("low", 1), ("high", 2)] {
            let what = Published::from(body).priority(priority);
            confirms.push(s.publish(&ch, "", &q, what).await?);
        }
    }
    for confirm in confirms {
        confirm.await?;
    }
    s.prefetch(&ch, 1, false).await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    let mut turns: Vec<(String, usize)> = Vec::new();
    for _ in 0..EACH * 2 {
        let Some(delivery) = s.next_untold(&mut consumer).await? else {
            break;
        };
        let body = String::from_utf8_lossy(&delivery.data).into_owned();
        match turns.last_mut().filter(|last| last.0 == body) {
            Some(last) => last.1 += 1,
            None => turns.push((body, 1)),
        }
        ch.basic_ack(delivery.delivery_tag, Default::default())
            .await?;
    }
    s.say(format!("{turns:?}"));
    Ok(())
}

/// Which of several consumers becomes the active one.
async fn w5_first_of_single_active_consumers(s: &mut Scene) -> Steps {
    for round in 1..=6 {
        let ch = s.confirming().await?;
        let arguments = table! { "x-single-active-consumer" => true };
        let q = s.queue(&ch, &format!("q{round}"), arguments).await?;
        let mut consumers = Vec::new();
        for tag in ["first", "second", "third"] {
            consumers.push(s.consume(&ch, &q, tag).await?);
        }
        s.fill(&ch, &q, &["1"]).await?;
        s.next(&mut consumers[0]).await;
        ch.basic_cancel("first".into(), Default::default()).await?;
        s.fill(&ch, &q, &["2"]).await?;
        s.next(&mut consumers[1]).await;
    }
    Ok(())
}

/// Whether `x-queue-mode` is still accepted.
async fn w8_queue_mode(s: &mut Scene) -> Steps {
    for kind in ["classic", "quorum"] {
        for mode in ["default", "lazy"] {
            let q = s.name(&format!("{kind}-{mode}"));
            let arguments = table! { "x-queue-type" => kind, "x-queue-mode" => mode };
            let what = format!("{kind} {mode}");
            s.declare(&what, &q, Queued::DURABLE, arguments).await?;
        }
    }
    Ok(())
}
