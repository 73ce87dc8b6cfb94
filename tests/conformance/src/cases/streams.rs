//! Streams, as far as AMQP 0-9-1 reads them.

use lapin::options::BasicNackOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Consumer};

use super::cases;
use crate::scene::{ACKS, NO_ACK, Scene, Steps};
use crate::table;

cases! {
    offsets: "Q47",
    reading_removes_nothing: "Q47",
    what_a_reader_must_say: "Q47",
    what_a_stream_does_not_do: "Q47 Q11",
    acks_are_credit: "Q47",
}

/// A stream with five messages in it.
async fn stream(s: &mut Scene, ch: &Channel) -> Steps<String> {
    let q = s
        .queue(ch, "q", table! { "x-queue-type" => "stream" })
        .await?;
    s.fill(ch, &q, &["0", "1", "2", "3", "4"]).await?;
    Ok(q)
}

/// A reader on a channel of its own.
async fn reader(s: &mut Scene, q: &str, offset: Option<AMQPValue>) -> Steps<(Channel, Consumer)> {
    let ch = s.channel().await?;
    s.prefetch(&ch, 10, false).await?;
    let mut arguments = FieldTable::default();
    if let Some(offset) = offset {
        arguments.insert("x-stream-offset".into(), offset);
    }
    let consumer = s.consume_with(&ch, q, "reader", ACKS, arguments).await?;
    Ok((ch, consumer))
}

/// Where a reader begins.
async fn offsets(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = stream(s, &ch).await?;
    let text = |text: &str| AMQPValue::LongString(text.into());
    let offsets = [
        ("first", Some(text("first"))),
        ("3", Some(AMQPValue::LongLongInt(3))),
        ("an hour", Some(text("1h"))),
        ("a time", Some(AMQPValue::Timestamp(0))),
    ];
    for (what, offset) in offsets {
        s.say(format!("from {what}"));
        let (_own, mut consumer) = reader(s, &q, offset).await?;
        s.next(&mut consumer).await;
        s.next(&mut consumer).await;
    }
    for (what, offset) in [("next", Some(text("next"))), ("nothing said", None)] {
        s.say(format!("from {what}"));
        let (_own, mut consumer) = reader(s, &q, offset).await?;
        s.silence(&mut consumer).await;
        s.put(&ch, "", &q, what).await?;
        s.next(&mut consumer).await;
    }
    for offset in [text("sometime"), AMQPValue::Boolean(true)] {
        let refused = reader(s, &q, Some(offset)).await;
        s.tell("from a wrong one", refused.map(|_| ()));
    }
    Ok(())
}

/// Two readers read the same.
async fn reading_removes_nothing(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = stream(s, &ch).await?;
    for _ in 0..2 {
        let (own, mut consumer) =
            reader(s, &q, Some(AMQPValue::LongString("first".into()))).await?;
        for delivery in s.deliveries(&mut consumer, 5).await {
            s.ack(&own, delivery.delivery_tag).await?;
        }
        own.close(200, "".into()).await?;
    }
    Ok(())
}

/// A reader has a prefetch, and acknowledges.
async fn what_a_reader_must_say(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = stream(s, &ch).await?;
    let other = s.channel().await?;
    let answer = s.consume(&other, &q, "c").await;
    s.tell("without a prefetch", answer);
    let other = s.connect().await?.create_channel().await?;
    s.prefetch(&other, 10, false).await?;
    let answer = s.consume_with(&other, &q, "c", NO_ACK, table! {}).await;
    s.tell("without acknowledgements", answer);
    let other = s.connect().await?.create_channel().await?;
    s.prefetch(&other, 10, true).await?;
    let answer = s.consume(&other, &q, "c").await;
    s.tell("with the channel's prefetch", answer);
    Ok(())
}

/// Get, purge.
async fn what_a_stream_does_not_do(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = stream(s, &ch).await?;
    let other = s.connect().await?.create_channel().await?;
    let answer = other.basic_get(q.as_str().into(), Default::default()).await;
    s.tell("get", answer.map(|_| ()));
    let other = s.connect().await?.create_channel().await?;
    let answer = other
        .queue_purge(q.as_str().into(), Default::default())
        .await;
    s.tell("purge", answer);
    Ok(())
}

/// No more than the prefetch, until some are acknowledged; whichever way.
async fn acks_are_credit(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = stream(s, &ch).await?;
    let own = s.channel().await?;
    s.prefetch(&own, 2, false).await?;
    let mut consumer = s
        .consume_with(&own, &q, "c", ACKS, table! { "x-stream-offset" => "first" })
        .await?;
    s.deliveries(&mut consumer, 2).await;
    s.silence(&mut consumer).await;
    s.ack(&own, 1).await?;
    s.next(&mut consumer).await;
    let how = BasicNackOptions {
        multiple: false,
        requeue: true,
    };
    let turned_away = own.basic_nack(2, how);
    s.dare("nack", &own, turned_away).await?;
    s.next(&mut consumer).await;
    Ok(())
}
