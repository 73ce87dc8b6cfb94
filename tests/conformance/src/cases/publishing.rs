//! Publishing: what comes back, what is confirmed, transactions, replies.

use lapin::options::BasicNackOptions;
use lapin::protocol::basic::AMQPProperties;

use super::cases;
use crate::scene::{ACKS, NO_ACK, Published, Queued, Scene, Steps};
use crate::table;

cases! {
    missing_exchange: "P1",
    mandatory: "P2 P3",
    immediate: "P2",
    unroutable: "P3",
    another_user: "P4",
    too_large: "P5",
    confirms_in_order: "P6 P8",
    confirms_of_each_queue: "P7",
    confirm_when_expired: "P7 Q22",
    tx_commit: "P10",
    tx_rollback: "P10 P11",
    tx_acks: "P10 P11",
    tx_returns: "P2 P10",
    tx_errors: "P11",
    tx_reject_publish: "P11",
    reply_to: "S16",
    reply_to_refused: "S16",
    reply_to_nobody: "S16",
    reply_to_declared: "S16 E17",
    properties_come_through: "P7",
    empty_body: "P7",
}

/// An exchange that is not there.
async fn missing_exchange(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    s.confirm(&ch, "missing_exchange.x", "k", "1").await?;
    let ch = s.channel().await?;
    s.publish_daring("unconfirmed", &ch, "missing_exchange.x", "k", "1")
        .await?;
    Ok(())
}

/// What no queue takes comes back.
async fn mandatory(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let x = s.exchange(&ch, "x", "direct", table! {}).await?;
    let what = Published::from("1")
        .mandatory()
        .persistent()
        .headers(table! { "a" => 1 });
    s.confirm(&ch, &x, "nobody", what).await?;
    s.confirm(&ch, "", "nobody", Published::from("2").mandatory())
        .await?;
    s.confirm(&ch, "", "nobody", Published::from("").mandatory())
        .await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.confirm(&ch, "", &q, Published::from("3").mandatory())
        .await
}

/// No release does that.
async fn immediate(s: &mut Scene) -> Steps {
    let ch = s.connect().await?.create_channel().await?;
    let what = Published {
        immediate: true,
        ..Published::from("1")
    };
    s.publish_daring("immediate", &ch, "", "nobody", what)
        .await?;
    Ok(())
}

/// What no queue takes is confirmed.
async fn unroutable(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    s.confirm(&ch, "", "nobody", "1").await?;
    s.confirm(&ch, "amq.topic", "unroutable.nobody", "2").await
}

/// A message says who sent it, truly or not at all.
async fn another_user(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    for user in ["guest", "somebody"] {
        let mut what = Published::from(user);
        what.properties = AMQPProperties::default().with_user_id(user.into());
        s.confirm(&ch, "", &q, what).await?;
    }
    let ch = s.channel().await?;
    s.drain(&ch, &q).await
}

/// Larger than is taken.
async fn too_large(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let body = "x".repeat(16 * 1024 * 1024 + 1);
    let what = Published {
        body,
        ..Published::default()
    };
    let confirm = s.publish(&ch, "", &q, what).await?;
    let answer = confirm.await.map(|_| ());
    s.tell("16 MiB and an octet", answer);
    Ok(())
}

/// All are settled, once each.
async fn confirms_in_order(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 50, "x-overflow" => "reject-publish" },
        )
        .await?;
    let mut confirms = Vec::new();
    for number in 0..100 {
        let body = number.to_string();
        confirms.push(s.publish(&ch, "", &q, body.as_str()).await?);
    }
    let (mut acks, mut nacks) = (0, 0);
    for confirm in confirms {
        if confirm.await?.is_ack() {
            acks += 1;
        } else {
            nacks += 1;
        }
    }
    s.say(format!("{acks} acks, {nacks} nacks"));
    s.count(&q).await
}

/// Whatever the queue, it is confirmed.
async fn confirms_of_each_queue(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    for kind in ["classic", "quorum", "stream"] {
        let q = s
            .queue(&ch, kind, table! { "x-queue-type" => kind })
            .await?;
        s.confirm(&ch, "", &q, kind).await?;
        s.confirm(&ch, "", &q, Published::from("persistent").persistent())
            .await?;
    }
    Ok(())
}

/// A message that is gone at once is confirmed.
async fn confirm_when_expired(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.confirm(
        &ch,
        "",
        &q,
        Published::from("1").expiration("0").persistent(),
    )
    .await?;
    s.count(&q).await
}

/// All at once, at the end.
async fn tx_commit(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    ch.tx_select().await?;
    for body in ["1", "2"] {
        s.publish(&ch, "", &q, body).await?;
    }
    crate::scene::ping(&ch).await?;
    s.count(&q).await?;
    let answer = ch.tx_commit().await;
    s.tell("commit", answer);
    s.count(&q).await?;
    s.publish(&ch, "", &q, "3").await?;
    let answer = ch.tx_commit().await;
    s.tell("commit again", answer);
    let answer = ch.tx_commit().await;
    s.tell("commit nothing", answer);
    s.bodies(&ch, &q).await
}

/// Or not at all.
async fn tx_rollback(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    ch.tx_select().await?;
    s.publish(&ch, "", &q, "1").await?;
    let answer = ch.tx_rollback().await;
    s.tell("rollback", answer);
    s.publish(&ch, "", &q, "2").await?;
    let answer = ch.tx_commit().await;
    s.tell("commit", answer);
    s.publish(&ch, "", &q, "3").await?;
    ch.close(200, "".into()).await?;
    let ch = s.channel().await?;
    s.bodies(&ch, &q).await
}

/// Acknowledgements wait for the end too.
async fn tx_acks(s: &mut Scene) -> Steps {
    let fill = s.confirming().await?;
    let q = s.queue(&fill, "q", table! {}).await?;
    s.fill(&fill, &q, &["1", "2", "3"]).await?;
    let ch = s.channel().await?;
    ch.tx_select().await?;
    for _ in 0..3 {
        s.get(&ch, &q).await?;
    }
    s.ack(&ch, 1).await?;
    s.nack(&ch, 2, false, true).await?;
    s.count(&q).await?;
    let answer = ch.tx_rollback().await;
    s.tell("rollback", answer);
    s.count(&q).await?;
    s.ack(&ch, 1).await?;
    ch.basic_nack(
        2,
        BasicNackOptions {
            multiple: false,
            requeue: true,
        },
    )
    .await?;
    let answer = ch.tx_commit().await;
    s.tell("commit", answer);
    s.until(&q, 1).await?;
    ch.close(200, "".into()).await?;
    s.until(&q, 2).await?;
    s.drain(&fill, &q).await
}

/// What nobody takes comes back when all is done.
async fn tx_returns(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    ch.tx_select().await?;
    s.publish(&ch, "", "nobody", Published::from("1").mandatory())
        .await?;
    crate::scene::ping(&ch).await?;
    s.returned(&ch).await?;
    let answer = ch.tx_commit().await;
    s.tell("commit", answer);
    s.returned(&ch).await
}

/// Mistakes are told at once.
async fn tx_errors(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    ch.tx_select().await?;
    s.publish_daring("publish to nowhere", &ch, "tx_errors.nowhere", "k", "1")
        .await?;
    let ch = s.channel().await?;
    ch.tx_select().await?;
    s.dare("ack 9", &ch, ch.basic_ack(9, Default::default()))
        .await?;
    Ok(())
}

/// A queue that turns away, at the end.
async fn tx_reject_publish(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s
        .queue(
            &ch,
            "q",
            table! { "x-max-length" => 1, "x-overflow" => "reject-publish" },
        )
        .await?;
    ch.tx_select().await?;
    s.publish(&ch, "", &q, "1").await?;
    s.publish(&ch, "", &q, "2").await?;
    let answer = ch.tx_commit().await;
    s.tell("commit", answer);
    let ch = s.channel().await?;
    s.bodies(&ch, &q).await
}

const REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// A question and its answer.
async fn reply_to(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let mut replies = s
        .consume_with(&ch, REPLY_TO, "replies", NO_ACK, table! {})
        .await?;
    s.publish(&ch, "", &q, Published::from("question").reply_to(REPLY_TO))
        .await?;
    let server = s.confirming().await?;
    let question = s.get(&server, &q).await?;
    let address = question.and_then(|it| it.properties.reply_to().clone());
    let address = address.as_ref().map_or("", |it| it.as_str());
    let answer = s
        .declared(&server, address, Queued::PASSIVE, table! {})
        .await;
    s.tell("is it there", answer);
    s.confirm(&server, "", address, Published::from("answer").mandatory())
        .await?;
    s.next(&mut replies).await;
    s.confirm(&server, "", address, Published::from("another").mandatory())
        .await?;
    s.next(&mut replies).await;
    Ok(())
}

/// What is to be done first, and once.
async fn reply_to_refused(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    s.confirm(&ch, "", "nobody", Published::from("1").reply_to(REPLY_TO))
        .await?;
    let ch = s.channel().await?;
    let answer = s.consume_with(&ch, REPLY_TO, "c", ACKS, table! {}).await;
    s.tell("with acknowledgements", answer);
    let ch = s.channel().await?;
    let answer = s.consume_with(&ch, REPLY_TO, "c", NO_ACK, table! {}).await;
    let _first = s.tell("one", answer);
    let answer = s.consume_with(&ch, REPLY_TO, "d", NO_ACK, table! {}).await;
    s.tell("two", answer);
    let ch = s.channel().await?;
    let answer = ch.basic_get(REPLY_TO.into(), Default::default()).await;
    s.tell("get", answer.map(|_| ()));
    Ok(())
}

/// Whoever asked is gone.
async fn reply_to_nobody(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let _replies = s
        .consume_with(&ch, REPLY_TO, "replies", NO_ACK, table! {})
        .await?;
    s.publish(&ch, "", &q, Published::from("question").reply_to(REPLY_TO))
        .await?;
    let server = s.confirming().await?;
    let question = s.get(&server, &q).await?;
    let address = question.and_then(|it| it.properties.reply_to().clone());
    let address = address.as_ref().map_or("", |it| it.as_str());
    ch.close(200, "".into()).await?;
    s.wait(100).await;
    s.confirm(&server, "", address, "answer").await?;
    s.confirm(&server, "", address, Published::from("answer").mandatory())
        .await?;
    let answer = s
        .declared(&server, address, Queued::PASSIVE, table! {})
        .await;
    s.tell("is it there", answer);
    Ok(())
}

/// Its own name.
async fn reply_to_declared(s: &mut Scene) -> Steps {
    s.declare("passive", REPLY_TO, Queued::PASSIVE, table! {})
        .await?;
    s.declare(
        "one of nobody",
        "amq.rabbitmq.reply-to.nobody",
        Queued::PASSIVE,
        table! {},
    )
    .await?;
    s.declare("declare", REPLY_TO, Queued::TRANSIENT, table! {})
        .await?;
    let ch = s.channel().await?;
    let answer = s.bind(&ch, REPLY_TO, "amq.direct", "k", table! {}).await;
    s.tell("bind", answer);
    Ok(())
}

/// All properties, as they were.
async fn properties_come_through(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let headers = table! {
        "int" => 1, "long" => 2_i64, "octet" => 3_i8, "double" => 1.5, "text" => "text", "true" => true,
        "void" => (), "array" => vec!["a", "b"], "table" => table! { "inner" => 1 },
    };
    let mut what = Published::from("1")
        .persistent()
        .priority(7)
        .expiration("60000")
        .headers(headers);
    what.properties = what
        .properties
        .with_content_type("text/plain".into())
        .with_content_encoding("utf-8".into());
    what.properties = what
        .properties
        .with_correlation_id("c".into())
        .with_message_id("m".into());
    what.properties = what
        .properties
        .with_type("t".into())
        .with_app_id("a".into())
        .with_timestamp(1_000);
    what.properties = what
        .properties
        .with_reply_to("r".into())
        .with_cluster_id("x".into());
    s.put(&ch, "", &q, what).await?;
    s.drain(&ch, &q).await
}

/// Nothing is something.
async fn empty_body(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.confirm(&ch, "", &q, "").await?;
    let mut consumer = s.consume(&ch, &q, "c").await?;
    s.next(&mut consumer).await;
    Ok(())
}
