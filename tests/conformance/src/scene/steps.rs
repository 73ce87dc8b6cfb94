//! The steps of a client.

use std::time::Instant;

use futures_util::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicNackOptions, BasicPublishOptions,
    BasicQosOptions, ExchangeBindOptions, ExchangeDeclareOptions, QueueBindOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Confirmation, Consumer, ExchangeKind, PublisherConfirm};
use tokio::time::timeout;

use super::{PATIENCE, Published, Queued, SILENCE, Scene, Steps};
use crate::words;

/// How a consumer begins that acknowledges what it gets.
pub(crate) const ACKS: BasicConsumeOptions = BasicConsumeOptions {
    no_local: false,
    no_ack: false,
    exclusive: false,
    nowait: false,
};
/// How one begins that does not.
pub(crate) const NO_ACK: BasicConsumeOptions = BasicConsumeOptions {
    no_ack: true,
    ..ACKS
};

impl Scene {
    /// Declares a durable queue of this case's own; gives its name.
    pub async fn queue(
        &mut self,
        channel: &Channel,
        name: &str,
        arguments: FieldTable,
    ) -> Steps<String> {
        let name = self.name(name);
        self.declared(channel, &name, Queued::DURABLE, arguments)
            .await?;
        Ok(name)
    }

    /// Declares a queue by its full name, and says nothing of it.
    pub async fn declared(
        &self,
        channel: &Channel,
        name: &str,
        how: Queued,
        arguments: FieldTable,
    ) -> Steps<lapin::Queue> {
        channel.queue_declare(name.into(), how.0, arguments).await
    }

    /// Declares a queue by its full name, on a channel of its own, and tells what was answered.
    pub async fn declare(
        &mut self,
        what: &str,
        name: &str,
        how: Queued,
        arguments: FieldTable,
    ) -> Steps {
        let channel = self.channel().await?;
        let answer = self.declared(&channel, name, how, arguments).await;
        self.tell(what, answer);
        Ok(())
    }

    /// Declares a durable exchange of this case's own; gives its name.
    pub async fn exchange(
        &mut self,
        channel: &Channel,
        name: &str,
        kind: &str,
        arguments: FieldTable,
    ) -> Steps<String> {
        let name = self.name(name);
        let how = ExchangeDeclareOptions {
            durable: true,
            ..ExchangeDeclareOptions::default()
        };
        self.declared_exchange(channel, &name, kind, how, arguments)
            .await?;
        Ok(name)
    }

    /// Declares an exchange by its full name, and says nothing of it.
    pub async fn declared_exchange(
        &self,
        channel: &Channel,
        name: &str,
        kind: &str,
        how: ExchangeDeclareOptions,
        arguments: FieldTable,
    ) -> Steps {
        let kind = ExchangeKind::Custom(kind.to_owned());
        channel
            .exchange_declare(name.into(), kind, how, arguments)
            .await
    }

    /// Binds a queue.
    pub async fn bind(
        &self,
        channel: &Channel,
        queue: &str,
        exchange: &str,
        key: &str,
        arguments: FieldTable,
    ) -> Steps {
        let how = QueueBindOptions::default();
        channel
            .queue_bind(queue.into(), exchange.into(), key.into(), how, arguments)
            .await
    }

    /// Binds an exchange to another.
    pub async fn bind_exchange(&self, channel: &Channel, to: &str, from: &str, key: &str) -> Steps {
        let how = ExchangeBindOptions::default();
        let arguments = FieldTable::default();
        channel
            .exchange_bind(to.into(), from.into(), key.into(), how, arguments)
            .await
    }

    /// Publishes, and waits for nothing.
    pub async fn publish(
        &self,
        channel: &Channel,
        exchange: &str,
        key: &str,
        what: impl Into<Published>,
    ) -> Steps<PublisherConfirm> {
        let Published {
            body,
            properties,
            mandatory,
            immediate,
        } = what.into();
        let how = BasicPublishOptions {
            mandatory,
            immediate,
        };
        channel
            .basic_publish(
                exchange.into(),
                key.into(),
                how,
                body.as_bytes(),
                properties,
            )
            .await
    }

    /// Publishes on a channel that does not confirm, and tells whether the channel survives it.
    pub async fn publish_daring(
        &mut self,
        told: &str,
        channel: &Channel,
        exchange: &str,
        key: &str,
        what: impl Into<Published>,
    ) -> Steps {
        // lapin may send a question that is asked later before what is published.
        let mut witness = self.witness(channel).await?;
        self.publish(channel, exchange, key, what).await?;
        let answer = super::end_of(&mut witness, SILENCE * 6).await;
        self.say(format!("{told}: {answer}"));
        Ok(())
    }

    /// Tells what came back on a channel that does not confirm.
    pub async fn returned(&mut self, channel: &Channel) -> Steps {
        let returned = channel.wait_for_confirms().await?;
        self.say(format!("returned: {}", returned.len()));
        for it in returned {
            let words = words::delivery(&it.delivery);
            self.say(format!("  {} {} {words}", it.reply_code, it.reply_text));
        }
        Ok(())
    }

    /// Turns one message away so often, if it comes so often; tells how often that was.
    pub async fn tries(&mut self, channel: &Channel, queue: &str, most: u64) -> Steps {
        self.fill(channel, queue, &["1"]).await?;
        let mut consumer = self.consume(channel, queue, "c").await?;
        let mut last = String::new();
        let mut tries = 0;
        while tries < most
            && let Ok(Some(Ok(delivery))) = timeout(SILENCE * 4, consumer.next()).await
        {
            tries += 1;
            last = words::delivery(&delivery);
            self.nack(channel, delivery.delivery_tag, false, true)
                .await?;
        }
        self.say(format!("{tries} deliveries, the last one {last}"));
        Ok(())
    }

    /// Publishes on a channel that confirms, and waits for that.
    pub async fn put(
        &mut self,
        channel: &Channel,
        exchange: &str,
        key: &str,
        what: impl Into<Published>,
    ) -> Steps {
        let confirm = self.publish(channel, exchange, key, what).await?;
        match timeout(PATIENCE, confirm).await {
            Ok(Ok(Confirmation::Ack(None))) => {}
            other => self.say(format!("put {key}: {}", confirmation(other))),
        }
        Ok(())
    }

    /// Publishes some bodies to a queue, one after the other, on a channel that confirms.
    pub async fn fill(&mut self, channel: &Channel, queue: &str, bodies: &[&str]) -> Steps {
        for body in bodies {
            self.put(channel, "", queue, *body).await?;
        }
        Ok(())
    }

    /// Publishes on a channel that confirms, and tells how that ended.
    pub async fn confirm(
        &mut self,
        channel: &Channel,
        exchange: &str,
        key: &str,
        what: impl Into<Published>,
    ) -> Steps {
        let what = what.into();
        let body = what.body.clone();
        let confirm = self.publish(channel, exchange, key, what).await?;
        let end = confirmation(timeout(PATIENCE, confirm).await);
        self.say(format!("publish {body:?}: {end}"));
        Ok(())
    }

    /// Gets a message, which stays unacknowledged; tells what it was.
    pub async fn get(&mut self, channel: &Channel, queue: &str) -> Steps<Option<Delivery>> {
        let got = channel
            .basic_get(queue.into(), BasicGetOptions::default())
            .await?;
        let Some(got) = got else {
            self.say("get: empty");
            return Ok(None);
        };
        let words = words::delivery(&got.delivery);
        self.say(format!(
            "get: #{} {words}, {} left",
            got.delivery.delivery_tag, got.message_count
        ));
        Ok(Some(got.delivery))
    }

    /// Takes all that is in a queue, and tells it.
    pub async fn drain(&mut self, channel: &Channel, queue: &str) -> Steps {
        let how = BasicGetOptions { no_ack: true };
        let mut all = Vec::new();
        while let Some(got) = channel.basic_get(queue.into(), how).await? {
            all.push(words::delivery(&got.delivery));
        }
        self.say(format!("{queue} had {}", all.len()));
        for line in all {
            self.say(format!("  {line}"));
        }
        Ok(())
    }

    /// Takes all that is in a queue, and tells only the bodies, on one line.
    pub async fn bodies(&mut self, channel: &Channel, queue: &str) -> Steps {
        let how = BasicGetOptions { no_ack: true };
        let mut all = Vec::new();
        while let Some(got) = channel.basic_get(queue.into(), how).await? {
            all.push(String::from_utf8_lossy(&got.delivery.data).into_owned());
        }
        self.say(format!("{queue} had [{}]", all.join(" ")));
        Ok(())
    }

    /// Tells how many messages are ready in a queue, and how many consumers it has.
    pub async fn count(&mut self, queue: &str) -> Steps {
        let channel = self.channel().await?;
        let answer = self
            .declared(&channel, queue, Queued::PASSIVE, FieldTable::default())
            .await;
        self.tell("count", answer);
        Ok(())
    }

    /// Waits until so many messages are ready in a queue; tells how many there are if that does not come.
    pub async fn until(&mut self, queue: &str, messages: u32) -> Steps {
        let channel = self.channel().await?;
        let begun = Instant::now();
        loop {
            let there = self.declared(&channel, queue, Queued::PASSIVE, FieldTable::default());
            let there = there.await?.message_count();
            if there == messages {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                self.say(format!("{queue} has {there} messages, and not {messages}"));
                return Ok(());
            }
            self.wait(10).await;
        }
    }

    /// Waits until a queue is gone; tells if it does not go.
    pub async fn until_gone(&mut self, queue: &str) -> Steps {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let channel = self.channel().await?;
            let there = self.declared(&channel, queue, Queued::PASSIVE, FieldTable::default());
            if let Err(error) = there.await {
                self.say(format!("then: {}", words::error(&error)));
                return Ok(());
            }
            self.wait(20).await;
        }
        self.say(format!("{queue} is still there"));
        Ok(())
    }

    /// Begins to consume, with acknowledgements.
    pub async fn consume(&self, channel: &Channel, queue: &str, tag: &str) -> Steps<Consumer> {
        self.consume_with(channel, queue, tag, ACKS, FieldTable::default())
            .await
    }

    /// Begins to consume as told.
    pub async fn consume_with(
        &self,
        channel: &Channel,
        queue: &str,
        tag: &str,
        how: BasicConsumeOptions,
        arguments: FieldTable,
    ) -> Steps<Consumer> {
        channel
            .basic_consume(queue.into(), tag.into(), how, arguments)
            .await
    }

    /// The next thing that a consumer gets, which is told.
    pub async fn next(&mut self, consumer: &mut Consumer) -> Option<Delivery> {
        let came = timeout(PATIENCE, consumer.next()).await;
        self.came(consumer, came)
    }

    /// The next delivery, of which nothing is told; none, if it does not come or the consumer is over.
    pub async fn next_untold(&self, consumer: &mut Consumer) -> Steps<Option<Delivery>> {
        match timeout(PATIENCE, consumer.next()).await {
            Ok(Some(delivery)) => delivery.map(Some),
            Ok(None) | Err(_) => Ok(None),
        }
    }

    /// So many deliveries, each told.
    pub async fn deliveries(&mut self, consumer: &mut Consumer, count: usize) -> Vec<Delivery> {
        let mut all = Vec::new();
        for _ in 0..count {
            match self.next(consumer).await {
                Some(delivery) => all.push(delivery),
                None => break,
            }
        }
        all
    }

    /// Tells whether a consumer gets anything more.
    pub async fn silence(&mut self, consumer: &mut Consumer) {
        let came = timeout(SILENCE, consumer.next()).await;
        self.came(consumer, came);
    }

    fn came(
        &mut self,
        consumer: &Consumer,
        came: Result<Option<Steps<Delivery>>, tokio::time::error::Elapsed>,
    ) -> Option<Delivery> {
        let tag = words::plain(consumer.tag().as_str());
        let (line, delivery) = match came {
            Err(_) => ("nothing".to_owned(), None),
            Ok(None) => ("cancelled".to_owned(), None),
            Ok(Some(Err(error))) => (words::error(&error), None),
            Ok(Some(Ok(it))) => (
                format!("#{} {}", it.delivery_tag, words::delivery(&it)),
                Some(it),
            ),
        };
        self.say(format!("{tag} gets {line}"));
        delivery
    }

    /// Acknowledges one delivery, and waits until that was heard.
    pub async fn ack(&self, channel: &Channel, tag: u64) -> Steps {
        channel.basic_ack(tag, BasicAckOptions::default()).await?;
        super::ping(channel).await.map(drop)
    }

    /// Turns deliveries away: one, or all up to it; for another try, or not. Waits until that was heard.
    pub async fn nack(&self, channel: &Channel, tag: u64, multiple: bool, requeue: bool) -> Steps {
        channel
            .basic_nack(tag, BasicNackOptions { multiple, requeue })
            .await?;
        super::ping(channel).await.map(drop)
    }

    /// Sets a prefetch, for consumers to come or for the channel.
    pub async fn prefetch(&self, channel: &Channel, count: u16, global: bool) -> Steps {
        channel.basic_qos(count, BasicQosOptions { global }).await
    }
}

/// How a publish ended.
fn confirmation(end: Result<Steps<Confirmation>, tokio::time::error::Elapsed>) -> String {
    let (word, returned) = match end {
        Err(_) => return "not confirmed in time".to_owned(),
        Ok(Err(error)) => return words::error(&error),
        Ok(Ok(Confirmation::NotRequested)) => return "sent".to_owned(),
        Ok(Ok(Confirmation::Ack(returned))) => ("ack", returned),
        Ok(Ok(Confirmation::Nack(returned))) => ("nack", returned),
    };
    match returned {
        None => word.to_owned(),
        Some(it) => {
            let words = words::delivery(&it.delivery);
            format!(
                "returned {} {} {words}, then {word}",
                it.reply_code, it.reply_text
            )
        }
    }
}
