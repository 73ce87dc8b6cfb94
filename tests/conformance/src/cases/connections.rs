//! Connections and channels: what ends which, and with which words.

use std::time::Instant;

use amq_protocol::frame::AMQPFrame;
use amq_protocol::protocol::{AMQPClass, basic, connection, queue, tx};
use lapin::options::{
    BasicQosOptions, ChannelFlowOptions, ConfirmSelectOptions, QueueDeleteOptions,
};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};

use super::cases;
use crate::programs::play::Player;
use crate::programs::wire::{Method, Wire};
use crate::scene::{PATIENCE, Queued, Scene, Steps, close};
use crate::table;

cases! {
    another_channel_survives: "C1 C12",
    hard_error_ends_all: "C1 C12",
    numbers_are_used_again: "C11",
    what_is_unacked_returns: "C12",
    flow: "C14",
    names_that_are_empty: "C16",
    line_breaks_in_names: "C17",
    exclusive_goes_with_connection: "C13 Q5",
    wrong_password: "C6",
    wrong_virtual_host: "C7",
    small_frames: "C4",
    few_channels: "C4 C10",
    capabilities_of_the_channel: "C2 P6",
    channels_that_are_not_open: "C10 C16",
}

/// A channel error ends its channel, and no other of the connection.
async fn another_channel_survives(s: &mut Scene) -> Steps {
    let (one, other) = (s.channel().await?, s.channel().await?);
    let missing = s.name("missing");
    let answer = s.declared(&one, &missing, Queued::PASSIVE, table! {}).await;
    s.tell("one", answer);
    let answer = one.basic_qos(1, BasicQosOptions::default()).await;
    s.tell("one again", answer);
    let answer = other.basic_qos(1, BasicQosOptions::default()).await;
    s.tell("the other", answer);
    Ok(())
}

/// A connection error ends all channels.
async fn hard_error_ends_all(s: &mut Scene) -> Steps {
    let (one, other) = (s.channel().await?, s.channel().await?);
    let answer = one.channel_flow(ChannelFlowOptions { active: false }).await;
    s.tell("flow", answer);
    s.wait(50).await;
    let answer = other.basic_qos(1, BasicQosOptions::default()).await;
    s.tell("the other", answer);
    let again = s.channel().await?;
    let answer = again.basic_qos(1, BasicQosOptions::default()).await;
    s.tell("a new connection", answer);
    Ok(())
}

/// A channel's number can be used again, and its tags begin anew.
async fn numbers_are_used_again(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2"]).await?;
    let first = s.channel().await?;
    s.get(&first, &q).await?;
    s.dare("ack 7", &first, first.basic_ack(7, Default::default()))
        .await?;
    s.until(&q, 2).await?;
    let second = s.channel().await?;
    s.get(&second, &q).await?;
    s.get(&second, &q).await?;
    Ok(())
}

/// What a channel held unacknowledged is there again, in its place.
async fn what_is_unacked_returns(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    s.fill(&ch, &q, &["1", "2", "3", "4"]).await?;
    let holder = s.channel().await?;
    for _ in 0..3 {
        s.get(&holder, &q).await?;
    }
    s.ack(&holder, 2).await?;
    s.count(&q).await?;
    holder.close(200, "".into()).await?;
    s.until(&q, 3).await?;
    s.drain(&ch, &q).await
}

/// A client may say that the flow goes on, which it does anyway.
async fn flow(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let answer = ch.channel_flow(ChannelFlowOptions { active: true }).await;
    s.tell("on", answer);
    let answer = ch.channel_flow(ChannelFlowOptions { active: false }).await;
    s.tell("off", answer);
    Ok(())
}

/// An empty name is that of the last queue declared on the channel.
async fn names_that_are_empty(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let answer = ch.queue_purge("".into(), Default::default()).await;
    s.tell("purge before", answer);
    let ch = s.channel().await?;
    let answer = s.bind(&ch, "", "amq.direct", "k", table! {}).await;
    s.tell("bind before", answer);
    let ch = s.channel().await?;
    let answer = s.consume(&ch, "", "c").await;
    s.tell("consume before", answer);

    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let x = s.exchange(&ch, "x", "direct", table! {}).await?;
    let answer = s.bind(&ch, "", &x, "", table! {}).await;
    s.tell("bind without queue and key", answer);
    let answer = s.bind(&ch, "", &x, "k", table! {}).await;
    s.tell("bind without queue", answer);
    for key in [q.as_str(), "k", ""] {
        s.put(&ch, &x, key, key).await?;
    }
    s.bind(&ch, &q, &x, "", table! {}).await?;
    s.put(&ch, &x, "", "(empty)").await?;
    s.bodies(&ch, "").await?;
    let answer = ch
        .queue_delete("".into(), QueueDeleteOptions::default())
        .await;
    s.tell("delete", answer);
    s.count(&q).await
}

/// Line breaks are no part of a name.
async fn line_breaks_in_names(s: &mut Scene) -> Steps {
    let q = s.name("q");
    let broken = format!("{q}\r\n");
    s.declare("with line breaks", &broken, Queued::DURABLE, table! {})
        .await?;
    s.count(&q).await
}

/// Another connection may do nothing with an exclusive queue, which goes with its own.
async fn exclusive_goes_with_connection(s: &mut Scene) -> Steps {
    let own = s.connect().await?;
    let ch = own.create_channel().await?;
    let q = s.name("q");
    let answer = s.declared(&ch, &q, Queued::EXCLUSIVE, table! {}).await;
    s.tell("declare", answer);
    s.declare("declare by another", &q, Queued::EXCLUSIVE, table! {})
        .await?;
    s.declare("passively", &q, Queued::PASSIVE, table! {})
        .await?;
    let ch = s.channel().await?;
    let answer = s.bind(&ch, &q, "amq.direct", "k", table! {}).await;
    s.tell("bind", answer);
    let ch = s.channel().await?;
    let answer = s.consume(&ch, &q, "c").await;
    s.tell("consume", answer);
    let ch = s.channel().await?;
    let answer = ch.basic_get(q.as_str().into(), Default::default()).await;
    s.tell("get", answer.map(|_| ()));
    let ch = s.channel().await?;
    let answer = ch.queue_purge(q.as_str().into(), Default::default()).await;
    s.tell("purge", answer);
    let ch = s.channel().await?;
    let answer = ch.queue_delete(q.as_str().into(), Default::default()).await;
    s.tell("delete", answer);
    close(own).await;
    s.declare("afterwards", &q, Queued::PASSIVE, table! {})
        .await
}

/// A login that is refused.
async fn wrong_password(s: &mut Scene) -> Steps {
    let uri = s.address().replace("amqp://", "amqp://guest:wrong@");
    let uri = uri.replace("guest:wrong@guest:guest@", "guest:wrong@");
    let answer = Connection::connect(&uri, ConnectionProperties::default()).await;
    s.tell("guest", answer);
    let uri = uri.replace("guest:wrong@", "nobody:guest@");
    let answer = Connection::connect(&uri, ConnectionProperties::default()).await;
    s.tell("nobody", answer);
    Ok(())
}

/// A virtual host that is not there.
async fn wrong_virtual_host(s: &mut Scene) -> Steps {
    let mut uri = s.uri();
    uri.vhost = "elsewhere".to_owned();
    let answer = Connection::connect_uri(uri, ConnectionProperties::default()).await;
    s.tell("elsewhere", answer);
    Ok(())
}

fn with(uri: AMQPUri, change: impl FnOnce(&mut lapin::uri::AMQPQueryString)) -> AMQPUri {
    let mut uri = uri;
    change(&mut uri.query);
    uri
}

/// The least frames that are taken, and a body in many of them.
async fn small_frames(s: &mut Scene) -> Steps {
    let ch = s.confirming().await?;
    let q = s.queue(&ch, "q", table! {}).await?;
    let uri = with(s.uri(), |query| query.frame_max = Some(8192));
    let connection = Connection::connect_uri(uri, ConnectionProperties::default()).await?;
    let small = connection.create_channel().await?;
    small
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    let body = "0123456789".repeat(10_000);
    s.put(&small, "", &q, body.as_str()).await?;
    let got = small
        .basic_get(q.as_str().into(), Default::default())
        .await?;
    let whole = got.is_some_and(|got| got.delivery.data == body.as_bytes());
    s.say(format!("comes back whole: {whole}"));
    close(connection).await;
    Ok(())
}

/// A client that wants few channels.
async fn few_channels(s: &mut Scene) -> Steps {
    let uri = with(s.uri(), |query| query.channel_max = Some(2));
    let connection = Connection::connect_uri(uri, ConnectionProperties::default()).await?;
    let mut open = Vec::new();
    for number in 1..=3 {
        let answer = connection.create_channel().await;
        open.push(s.tell(&format!("channel {number}"), answer));
    }
    close(connection).await;
    Ok(())
}

/// Modes of a channel that exclude each other.
async fn capabilities_of_the_channel(s: &mut Scene) -> Steps {
    let ch = s.channel().await?;
    let answer = ch.confirm_select(Default::default()).await;
    s.tell("confirm", answer);
    let answer = ch.confirm_select(Default::default()).await;
    s.tell("confirm again", answer);
    let answer = ch.tx_select().await;
    s.tell("tx", answer);
    let ch = s.channel().await?;
    let answer = ch.tx_select().await;
    s.tell("tx first", answer);
    let answer = ch.tx_select().await;
    s.tell("tx again", answer);
    let answer = ch.confirm_select(Default::default()).await;
    s.tell("confirm then", answer);
    for what in ["commit", "rollback"] {
        let ch = s.channel().await?;
        let answer = match what {
            "commit" => ch.tx_commit().await,
            _ => ch.tx_rollback().await,
        };
        s.tell(what, answer);
    }
    Ok(())
}

/// What is said on a channel that is not open.
async fn channels_that_are_not_open(s: &mut Scene) -> Steps {
    let get = |queue: &str| {
        basic::AMQPMethod::Get(basic::Get {
            queue: queue.into(),
            no_ack: false,
        })
    };
    let purge = |queue: &str| {
        queue::AMQPMethod::Purge(queue::Purge {
            queue: queue.into(),
            nowait: false,
        })
    };
    let all: [(&str, Method); 6] = [
        ("get", get("q").into()),
        ("get of no name", get("").into()),
        ("purge", purge("q").into()),
        ("purge of no name", purge("").into()),
        ("commit", tx::AMQPMethod::Commit(tx::Commit {}).into()),
        (
            "recover",
            basic::AMQPMethod::Recover(basic::Recover { requeue: true }).into(),
        ),
    ];
    for (what, method) in all {
        let answer = answer_on_a_channel_that_is_not_open(s.address(), method);
        s.say(format!("{what}: {answer}"));
    }
    Ok(())
}

/// How the connection ends. lapin would not send it.
fn answer_on_a_channel_that_is_not_open(address: &str, method: Method) -> String {
    let mut wire = match Wire::connect(Player::host(address)) {
        Ok(wire) => wire,
        Err(error) => return format!("{error:#}"),
    };
    wire.say(7, method);
    match wire.next(Instant::now() + PATIENCE) {
        Some(AMQPFrame::Method(0, AMQPClass::Connection(connection::AMQPMethod::Close(it)))) => {
            format!("{} {}", it.reply_code, it.reply_text)
        }
        other => format!("{other:?}"),
    }
}
