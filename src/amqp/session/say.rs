//! What a client says on a channel, and what it is answered.

use crate::broker::{self, ExchangeKind, ExchangeSpec, Name, QueueSpec, Refusal, ReplyCode};
use crate::world::Said;

use crate::amqp::method::{Method, MethodId};

use super::content::Content;
use super::{Breach, Channel, Confirmed, Read, Request, Session};

/// What is answered once the broker has carried something out.
#[derive(Clone, Debug, Default)]
pub(super) enum Answer {
    /// Nothing.
    #[default]
    None,
    /// This.
    Method(Method),
    /// `queue.declare-ok`
    Declared,
    /// `queue.purge-ok`
    Purged,
    /// `queue.delete-ok`
    Deleted,
    /// `basic.consume-ok`
    Consuming,
    /// `basic.cancel-ok`
    CancelOk(Name),
    /// `basic.get-ok` or `basic.get-empty`
    Got,
    /// `channel.open-ok`
    ChannelOpen,
    /// `channel.close-ok`
    ChannelClosed,
}

/// What is kept of a message beside its properties and its body, roughly, in octets.
const AROUND: u64 = 400;

/// What a direct reply-to address is asked for by (S16).
const REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// Whether it is about the queue that was declared last (C16).
fn names_last_queue(method: &Method) -> bool {
    match method {
        Method::QueueBind { queue, .. }
        | Method::QueueUnbind { queue, .. }
        | Method::QueuePurge { queue, .. }
        | Method::QueueDelete { queue, .. }
        | Method::BasicConsume { queue, .. }
        | Method::BasicGet { queue, .. } => queue.is_empty(),
        _ => false,
    }
}

/// An answer that the client does not want (C15).
fn unless(no_wait: bool, answer: Answer) -> Answer {
    if no_wait { Answer::None } else { answer }
}

impl Session {
    /// What a client says on a channel.
    pub(super) fn on_channel(&mut self, number: u16, method: Method) -> Result<Read, Breach> {
        let id = method.id();
        if let Method::ChannelOpen { .. } = method {
            return self.open_channel(number, id);
        }
        let Some(channel) = self.channels.get_mut(&number) else {
            return self.on_no_channel(number, &method);
        };
        if channel.closing {
            match method {
                Method::ChannelCloseOk {} => _ = self.channels.remove(&number),
                Method::ChannelClose { .. } => self.send(number, &Method::ChannelCloseOk {}),
                _ => {} // C11
            }
            return Ok(Read::On);
        }
        if channel.content.is_some() {
            let text = match &channel.content {
                Some(content) if content.header.is_none() => {
                    "expected content header for class 60, got non content header frame instead"
                }
                _ => "expected content body, got non content body frame instead",
            };
            let publish = MethodId {
                class: 60,
                method: 40,
            };
            return Err(Breach::new(ReplyCode::UnexpectedFrame, "C9", text).of(publish));
        }
        let channel_id = channel.id;
        let (method, answer) = match method {
            Method::BasicPublish {
                exchange,
                routing_key,
                mandatory,
                immediate,
                ..
            } => {
                channel.content = Some(Content {
                    exchange,
                    routing_key,
                    mandatory,
                    immediate,
                    header: None,
                    there: 0,
                    body: Vec::new(),
                    held: self.gauge.hold(AROUND),
                });
                return Ok(Read::On);
            }
            Method::AccessRequest { .. } => {
                self.send(number, &Method::AccessRequestOk { ticket: 1 });
                return Ok(Read::On);
            }
            Method::ChannelFlowOk { .. } => return Ok(Read::On),
            method => self.meant(number, method)?,
        };
        self.current = id;
        self.current_channel = number;
        self.answer = answer;
        Ok(Read::Ask(Request::Say(Said::Call {
            channel: channel_id,
            method: Box::new(method),
        })))
    }

    /// What a client says on a channel that is not open (C10). RabbitMQ asks first which queue an empty name stands for, and
    /// there is none: that closes the channel.
    fn on_no_channel(&mut self, number: u16, method: &Method) -> Result<Read, Breach> {
        let id = method.id();
        if self.turned_away.contains(&number) {
            match method {
                Method::ChannelCloseOk {} => _ = self.turned_away.remove(&number),
                Method::ChannelClose { .. } => self.send(number, &Method::ChannelCloseOk {}),
                _ => {} // C11
            }
            return Ok(Read::On);
        }
        if names_last_queue(method) {
            self.turned_away.insert(number);
            self.current = id;
            let text = "no previously declared queue";
            self.close_channel(
                number,
                &Refusal::new(ReplyCode::NotFound, "C16", text),
                true,
            );
            return Ok(Read::On);
        }
        let text = "expected 'channel.open'";
        Err(Breach::new(ReplyCode::ChannelError, "C10", text).of(id))
    }

    fn open_channel(&mut self, number: u16, id: MethodId) -> Result<Read, Breach> {
        let Some(connection) = self.connection else {
            return Ok(Read::On);
        };
        let most = self.channel_max;
        let open = self.channels.len();
        if open >= most.into() && !self.channels.contains_key(&number) {
            let text = format!(
                "number of channels opened ({open}) has reached the negotiated channel_max ({most})"
            );
            return Err(Breach::new(ReplyCode::NotAllowed, "C10", text));
        }
        let closing = self.channels.get(&number).is_some_and(|it| it.closing);
        if closing || self.turned_away.contains(&number) {
            let text = "second 'channel.open' seen";
            return Err(Breach::new(ReplyCode::ChannelError, "C10", text).of(id));
        }
        self.current = id;
        self.current_channel = number;
        self.answer = Answer::ChannelOpen;
        let said = Said::OpenChannel { connection, number };
        Ok(Read::Ask(Request::Say(said)))
    }

    /// What a method asks of the broker, and what it is answered then.
    fn meant(&self, number: u16, method: Method) -> Result<(broker::Method, Answer), Breach> {
        use broker::Method as Ask;
        let id = method.id();
        let plain = |method, no_wait, answer| (method, unless(no_wait, Answer::Method(answer)));
        Ok(match method {
            Method::ChannelClose { .. } => (Ask::Close, Answer::ChannelClosed),
            Method::ChannelFlow { active } => (
                Ask::Flow { active },
                Answer::Method(Method::ChannelFlowOk { active }),
            ),
            Method::ExchangeDeclare {
                exchange,
                kind,
                passive,
                durable,
                auto_delete,
                internal,
                no_wait,
                arguments,
                ..
            } => {
                let switches = self.profile.switches();
                let kind = match ExchangeKind::from_name(&kind, switches) {
                    Ok(kind) => kind,
                    Err(_) if passive => ExchangeKind::Direct, // E4: nobody looks at it.
                    Err(refusal) => {
                        return Err(Breach {
                            channel: Some(number),
                            method: id,
                            refusal,
                        });
                    }
                };
                let spec = ExchangeSpec {
                    name: exchange,
                    kind,
                    plugin: None,
                    durable,
                    auto_delete,
                    internal,
                    arguments,
                };
                let declare = Ask::DeclareExchange { spec, passive };
                plain(declare, no_wait, Method::ExchangeDeclareOk {})
            }
            Method::ExchangeDelete {
                exchange,
                if_unused,
                no_wait,
                ..
            } => {
                let delete = Ask::DeleteExchange {
                    exchange,
                    if_unused,
                };
                plain(delete, no_wait, Method::ExchangeDeleteOk {})
            }
            Method::ExchangeBind {
                destination,
                source,
                routing_key,
                no_wait,
                arguments,
                ..
            } => {
                let bind = Ask::BindExchange {
                    destination,
                    source,
                    key: routing_key,
                    arguments,
                };
                plain(bind, no_wait, Method::ExchangeBindOk {})
            }
            Method::ExchangeUnbind {
                destination,
                source,
                routing_key,
                no_wait,
                arguments,
                ..
            } => {
                let unbind = Ask::UnbindExchange {
                    destination,
                    source,
                    key: routing_key,
                    arguments,
                };
                plain(unbind, no_wait, Method::ExchangeUnbindOk {})
            }
            Method::QueueDeclare {
                queue,
                passive,
                durable,
                exclusive,
                auto_delete,
                no_wait,
                arguments,
                ..
            } => {
                let spec = QueueSpec {
                    name: queue,
                    durable,
                    exclusive,
                    auto_delete,
                    arguments,
                };
                let declare = Ask::DeclareQueue { spec, passive };
                (declare, unless(no_wait, Answer::Declared))
            }
            Method::QueueBind {
                queue,
                exchange,
                routing_key,
                no_wait,
                arguments,
                ..
            } => {
                let bind = Ask::BindQueue {
                    queue,
                    source: exchange,
                    key: routing_key,
                    arguments,
                };
                plain(bind, no_wait, Method::QueueBindOk {})
            }
            Method::QueueUnbind {
                queue,
                exchange,
                routing_key,
                arguments,
                ..
            } => {
                let unbind = Ask::UnbindQueue {
                    queue,
                    source: exchange,
                    key: routing_key,
                    arguments,
                };
                plain(unbind, false, Method::QueueUnbindOk {})
            }
            Method::QueuePurge { queue, no_wait, .. } => {
                (Ask::PurgeQueue { queue }, unless(no_wait, Answer::Purged))
            }
            Method::QueueDelete {
                queue,
                if_unused,
                if_empty,
                no_wait,
                ..
            } => {
                let delete = Ask::DeleteQueue {
                    queue,
                    if_unused,
                    if_empty,
                };
                (delete, unless(no_wait, Answer::Deleted))
            }
            Method::BasicQos {
                prefetch_size,
                prefetch_count,
                global,
            } => {
                let qos = Ask::Qos {
                    prefetch_size,
                    prefetch: prefetch_count,
                    global,
                };
                plain(qos, false, Method::BasicQosOk {})
            }
            Method::BasicConsume {
                queue,
                consumer_tag,
                no_ack,
                exclusive,
                no_wait,
                arguments,
                ..
            } => {
                let consume = Ask::Consume {
                    queue,
                    tag: consumer_tag,
                    no_ack,
                    exclusive,
                    arguments,
                };
                (consume, unless(no_wait, Answer::Consuming))
            }
            Method::BasicCancel {
                consumer_tag: tag,
                no_wait,
            } => {
                let answer = Answer::CancelOk(tag.clone());
                (Ask::Cancel { tag }, unless(no_wait, answer))
            }
            Method::BasicGet { queue, no_ack, .. } => (Ask::Get { queue, no_ack }, Answer::Got),
            Method::BasicAck {
                delivery_tag: tag,
                multiple,
            } => (Ask::Ack { tag, multiple }, Answer::None),
            Method::BasicReject {
                delivery_tag: tag,
                requeue,
            } => (Ask::Reject { tag, requeue }, Answer::None),
            Method::BasicNack {
                delivery_tag: tag,
                multiple,
                requeue,
            } => {
                let nack = Ask::Nack {
                    tag,
                    multiple,
                    requeue,
                };
                (nack, Answer::None)
            }
            Method::BasicRecover { requeue } => {
                let recover = Ask::Recover { requeue };
                plain(recover, false, Method::BasicRecoverOk {})
            }
            Method::BasicRecoverAsync { requeue } => (Ask::Recover { requeue }, Answer::None),
            Method::ConfirmSelect { no_wait } => {
                plain(Ask::ConfirmSelect, no_wait, Method::ConfirmSelectOk {})
            }
            Method::TxSelect {} => plain(Ask::TxSelect, false, Method::TxSelectOk {}),
            Method::TxCommit {} => plain(Ask::TxCommit, false, Method::TxCommitOk {}),
            Method::TxRollback {} => plain(Ask::TxRollback, false, Method::TxRollbackOk {}),
            _ => {
                let text = "unimplemented method";
                return Err(Breach::new(ReplyCode::CommandInvalid, "C9", text).of(id));
            }
        })
    }

    /// Answers what the broker has carried out.
    pub(super) fn give(&mut self, answer: Answer, reply: &broker::Reply) {
        use broker::Reply;
        let number = self.current_channel;
        let counted = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let method = match (answer, reply) {
            (Answer::None, _) => return,
            (Answer::ChannelOpen, Reply::Channel(id)) => {
                let channel = Channel {
                    id: *id,
                    closing: false,
                    content: None,
                    confirms: Confirmed::default(),
                };
                self.channels.insert(number, channel);
                Method::ChannelOpenOk {
                    reserved_1: Vec::new(),
                }
            }
            (Answer::ChannelClosed, _) => {
                self.channels.remove(&number);
                Method::ChannelCloseOk {}
            }
            (Answer::Method(method), _) => method,
            (
                Answer::Declared,
                Reply::Queue {
                    name,
                    ready,
                    consumers,
                    ..
                },
            ) => Method::QueueDeclareOk {
                queue: name.clone(),
                message_count: counted(*ready),
                consumer_count: counted(*consumers),
            },
            // S16: the address that all ask for is there for everybody, and no queue.
            (Answer::Declared, Reply::Done) => Method::QueueDeclareOk {
                queue: REPLY_TO.into(),
                message_count: 0,
                consumer_count: 1,
            },
            (Answer::Purged, Reply::Count(count)) => Method::QueuePurgeOk {
                message_count: counted(*count),
            },
            (Answer::Deleted, Reply::Count(count)) => Method::QueueDeleteOk {
                message_count: counted(*count),
            },
            (Answer::Consuming, Reply::Consumer { tag, .. }) => Method::BasicConsumeOk {
                consumer_tag: tag.clone(),
            },
            (Answer::CancelOk(consumer_tag), _) => Method::BasicCancelOk { consumer_tag },
            (Answer::Got, Reply::Empty) => Method::BasicGetEmpty {
                reserved_1: Name::default(),
            },
            (
                Answer::Got,
                Reply::Got {
                    delivery,
                    remaining,
                },
            ) => {
                self.got(number, delivery, counted(*remaining));
                return;
            }
            _ => return,
        };
        self.send(number, &method);
    }
}
