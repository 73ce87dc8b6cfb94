//! The methods of AMQP 0-9-1, with RabbitMQ's extensions, as they stand on the wire.

use crate::broker::{Name, Table, Value, octets};

use super::reader::{Malformed, Reader};
use super::writer;

/// A method's arguments, read from octets. Bits that follow each other share an octet.
struct Arguments<'a> {
    reader: Reader<'a>,
    bits: u8,
    /// How many of them are read; none are left after the eighth.
    read: u8,
    /// Whether names must be UTF-8: those of methods without content must.
    strict: bool,
}

/// A method's arguments, written as octets.
struct Written<'a> {
    out: &'a mut Vec<u8>,
    bits: u8,
}

/// A domain of AMQP.
trait Argument: Sized {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Malformed>;
    fn write(&self, to: &mut Written<'_>);
    /// As a field's value, to be shown.
    fn value(&self) -> Value;
}

macro_rules! argument {
    ($($kind:ty: $read:ident, |$value:ident| $shown:expr;)*) => {$(
        impl Argument for $kind {
            fn read(from: &mut Arguments<'_>) -> Result<Self, Malformed> {
                from.read = 8;
                from.reader.$read()
            }

            fn write(&self, to: &mut Written<'_>) {
                to.bits = 8;
                writer::$read(to.out, *self);
            }

            fn value(&self) -> Value {
                let $value = *self;
                Value::Int($shown)
            }
        }
    )*};
}

argument! {
    u8: octet, |value| value.into();
    u16: short, |value| value.into();
    u32: long, |value| value.into();
    u64: long_long, |value| i64::try_from(value).unwrap_or(i64::MAX);
}

impl Argument for bool {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Malformed> {
        if from.read == 8 {
            from.bits = from.reader.octet()?;
            from.read = 0;
        }
        let bit = from.bits >> from.read & 1;
        from.read += 1;
        Ok(bit == 1)
    }

    fn write(&self, to: &mut Written<'_>) {
        if to.bits == 8 {
            to.out.push(0);
            to.bits = 0;
        }
        if let Some(last) = to.out.last_mut() {
            *last |= u8::from(*self) << to.bits;
        }
        to.bits += 1;
    }

    fn value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Argument for Name {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Malformed> {
        from.read = 8;
        let name = from.reader.short_string()?;
        if from.strict && !octets::is_text(&name) {
            return Err(Malformed::NotText);
        }
        Ok(name)
    }

    fn write(&self, to: &mut Written<'_>) {
        to.bits = 8;
        writer::short_string(to.out, self);
    }

    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

/// `longstr`
impl Argument for Vec<u8> {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Malformed> {
        from.read = 8;
        from.reader.long_string().map(<[u8]>::to_vec)
    }

    fn write(&self, to: &mut Written<'_>) {
        to.bits = 8;
        writer::long_string(to.out, self);
    }

    fn value(&self) -> Value {
        Value::Text(octets::read(self))
    }
}

impl Argument for Table {
    fn read(from: &mut Arguments<'_>) -> Result<Self, Malformed> {
        from.read = 8;
        from.reader.table()
    }

    fn write(&self, to: &mut Written<'_>) {
        to.bits = 8;
        writer::table(to.out, self);
    }

    fn value(&self) -> Value {
        Value::Table(self.clone().into())
    }
}

macro_rules! methods {
    ($($class:literal $method:literal $name:ident $amqp:literal { $($field:ident: $kind:ty),* })*) => {
        /// A method and its arguments, by the names that AMQP gives them.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)] // They are AMQP's own.
        pub enum Method {
            $($name { $($field: $kind),* },)*
        }

        impl Method {
            /// The numbers of its class and of itself in that class.
            pub fn id(&self) -> MethodId {
                match self { $(Self::$name { .. } => MethodId { class: $class, method: $method },)* }
            }

            /// AMQP's name for it.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => $amqp,)* }
            }

            /// Its arguments by name, in order.
            pub fn arguments(&self) -> Vec<(&'static str, Value)> {
                match self { $(Self::$name { $($field),* } => {
                    vec![$((stringify!($field), Argument::value($field))),*]
                })* }
            }

            fn read_arguments(id: MethodId, from: &mut Arguments<'_>) -> Result<Option<Self>, Malformed> {
                Ok(Some(match (id.class, id.method) {
                    $(($class, $method) => Self::$name { $($field: Argument::read(from)?),* },)*
                    _ => return Ok(None),
                }))
            }

            fn write_arguments(&self, to: &mut Written<'_>) {
                match self { $(Self::$name { $($field),* } => { $(Argument::write($field, to);)* })* }
                let _ = to;
            }
        }

        impl MethodId {
            /// AMQP's name for it, if it is one.
            pub fn name(self) -> Option<&'static str> {
                Some(match (self.class, self.method) {
                    $(($class, $method) => $amqp,)*
                    _ => return None,
                })
            }
        }
    };
}

/// The numbers by which a method is called on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodId {
    /// Its class.
    pub class: u16,
    /// Itself, in its class.
    pub method: u16,
}

methods! {
    10 10 ConnectionStart "connection.start" {
        version_major: u8, version_minor: u8, server_properties: Table, mechanisms: Vec<u8>, locales: Vec<u8>
    }
    10 11 ConnectionStartOk "connection.start-ok" {
        client_properties: Table, mechanism: Name, response: Vec<u8>, locale: Name
    }
    10 20 ConnectionSecure "connection.secure" { challenge: Vec<u8> }
    10 21 ConnectionSecureOk "connection.secure-ok" { response: Vec<u8> }
    10 30 ConnectionTune "connection.tune" { channel_max: u16, frame_max: u32, heartbeat: u16 }
    10 31 ConnectionTuneOk "connection.tune-ok" { channel_max: u16, frame_max: u32, heartbeat: u16 }
    10 40 ConnectionOpen "connection.open" { virtual_host: Name, reserved_1: Name, reserved_2: bool }
    10 41 ConnectionOpenOk "connection.open-ok" { reserved_1: Name }
    10 50 ConnectionClose "connection.close" { reply_code: u16, reply_text: Name, class_id: u16, method_id: u16 }
    10 51 ConnectionCloseOk "connection.close-ok" {}
    10 60 ConnectionBlocked "connection.blocked" { reason: Name }
    10 61 ConnectionUnblocked "connection.unblocked" {}
    10 70 ConnectionUpdateSecret "connection.update-secret" { new_secret: Vec<u8>, reason: Name }
    10 71 ConnectionUpdateSecretOk "connection.update-secret-ok" {}
    20 10 ChannelOpen "channel.open" { reserved_1: Name }
    20 11 ChannelOpenOk "channel.open-ok" { reserved_1: Vec<u8> }
    20 20 ChannelFlow "channel.flow" { active: bool }
    20 21 ChannelFlowOk "channel.flow-ok" { active: bool }
    20 40 ChannelClose "channel.close" { reply_code: u16, reply_text: Name, class_id: u16, method_id: u16 }
    20 41 ChannelCloseOk "channel.close-ok" {}
    30 10 AccessRequest "access.request" {
        realm: Name, exclusive: bool, passive: bool, active: bool, write: bool, read: bool
    }
    30 11 AccessRequestOk "access.request-ok" { ticket: u16 }
    40 10 ExchangeDeclare "exchange.declare" {
        ticket: u16, exchange: Name, kind: Name, passive: bool, durable: bool, auto_delete: bool, internal: bool,
        no_wait: bool, arguments: Table
    }
    40 11 ExchangeDeclareOk "exchange.declare-ok" {}
    40 20 ExchangeDelete "exchange.delete" { ticket: u16, exchange: Name, if_unused: bool, no_wait: bool }
    40 21 ExchangeDeleteOk "exchange.delete-ok" {}
    40 30 ExchangeBind "exchange.bind" {
        ticket: u16, destination: Name, source: Name, routing_key: Name, no_wait: bool, arguments: Table
    }
    40 31 ExchangeBindOk "exchange.bind-ok" {}
    40 40 ExchangeUnbind "exchange.unbind" {
        ticket: u16, destination: Name, source: Name, routing_key: Name, no_wait: bool, arguments: Table
    }
    40 51 ExchangeUnbindOk "exchange.unbind-ok" {}
    50 10 QueueDeclare "queue.declare" {
        ticket: u16, queue: Name, passive: bool, durable: bool, exclusive: bool, auto_delete: bool, no_wait: bool,
        arguments: Table
    }
    50 11 QueueDeclareOk "queue.declare-ok" { queue: Name, message_count: u32, consumer_count: u32 }
    50 20 QueueBind "queue.bind" {
        ticket: u16, queue: Name, exchange: Name, routing_key: Name, no_wait: bool, arguments: Table
    }
    50 21 QueueBindOk "queue.bind-ok" {}
    50 30 QueuePurge "queue.purge" { ticket: u16, queue: Name, no_wait: bool }
    50 31 QueuePurgeOk "queue.purge-ok" { message_count: u32 }
    50 40 QueueDelete "queue.delete" { ticket: u16, queue: Name, if_unused: bool, if_empty: bool, no_wait: bool }
    50 41 QueueDeleteOk "queue.delete-ok" { message_count: u32 }
    50 50 QueueUnbind "queue.unbind" {
        ticket: u16, queue: Name, exchange: Name, routing_key: Name, arguments: Table
    }
    50 51 QueueUnbindOk "queue.unbind-ok" {}
    60 10 BasicQos "basic.qos" { prefetch_size: u32, prefetch_count: u16, global: bool }
    60 11 BasicQosOk "basic.qos-ok" {}
    60 20 BasicConsume "basic.consume" {
        ticket: u16, queue: Name, consumer_tag: Name, no_local: bool, no_ack: bool, exclusive: bool, no_wait: bool,
        arguments: Table
    }
    60 21 BasicConsumeOk "basic.consume-ok" { consumer_tag: Name }
    60 30 BasicCancel "basic.cancel" { consumer_tag: Name, no_wait: bool }
    60 31 BasicCancelOk "basic.cancel-ok" { consumer_tag: Name }
    60 40 BasicPublish "basic.publish" {
        ticket: u16, exchange: Name, routing_key: Name, mandatory: bool, immediate: bool
    }
    60 50 BasicReturn "basic.return" { reply_code: u16, reply_text: Name, exchange: Name, routing_key: Name }
    60 60 BasicDeliver "basic.deliver" {
        consumer_tag: Name, delivery_tag: u64, redelivered: bool, exchange: Name, routing_key: Name
    }
    60 70 BasicGet "basic.get" { ticket: u16, queue: Name, no_ack: bool }
    60 71 BasicGetOk "basic.get-ok" {
        delivery_tag: u64, redelivered: bool, exchange: Name, routing_key: Name, message_count: u32
    }
    60 72 BasicGetEmpty "basic.get-empty" { reserved_1: Name }
    60 80 BasicAck "basic.ack" { delivery_tag: u64, multiple: bool }
    60 90 BasicReject "basic.reject" { delivery_tag: u64, requeue: bool }
    60 100 BasicRecoverAsync "basic.recover-async" { requeue: bool }
    60 110 BasicRecover "basic.recover" { requeue: bool }
    60 111 BasicRecoverOk "basic.recover-ok" {}
    60 120 BasicNack "basic.nack" { delivery_tag: u64, multiple: bool, requeue: bool }
    85 10 ConfirmSelect "confirm.select" { no_wait: bool }
    85 11 ConfirmSelectOk "confirm.select-ok" {}
    90 10 TxSelect "tx.select" {}
    90 11 TxSelectOk "tx.select-ok" {}
    90 20 TxCommit "tx.commit" {}
    90 21 TxCommitOk "tx.commit-ok" {}
    90 30 TxRollback "tx.rollback" {}
    90 31 TxRollbackOk "tx.rollback-ok" {}
}

/// What is no method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMethod {
    /// AMQP has none of these numbers.
    Unknown(MethodId),
    /// It is one, and its arguments are none of its.
    Malformed(MethodId, Malformed),
    /// There are not even numbers.
    Short,
}

impl Method {
    /// Reads a method frame's payload.
    ///
    /// # Errors
    /// What is no method.
    pub fn read(payload: &[u8]) -> Result<Self, NoMethod> {
        let mut reader = Reader::new(payload);
        let (class, method) = reader
            .short()
            .and_then(|class| Ok((class, reader.short()?)))
            .map_err(|_| NoMethod::Short)?;
        let id = MethodId { class, method };
        let mut arguments = Arguments {
            reader,
            bits: 0,
            read: 8,
            strict: !id.has_content(),
        };
        let read = Self::read_arguments(id, &mut arguments)
            .and_then(|read| read.map_or(Ok(None), |it| arguments.reader.end().map(|()| Some(it))));
        match read {
            Ok(Some(method)) => Ok(method),
            Ok(None) => Err(NoMethod::Unknown(id)),
            Err(malformed) => Err(NoMethod::Malformed(id, malformed)),
        }
    }

    /// Appends a method frame's payload.
    pub fn write(&self, out: &mut Vec<u8>) {
        let MethodId { class, method } = self.id();
        writer::short(out, class);
        writer::short(out, method);
        self.write_arguments(&mut Written { out, bits: 8 });
    }
}

impl MethodId {
    /// Whether a content follows it.
    pub fn has_content(self) -> bool {
        self.class == 60 && matches!(self.method, 40 | 50 | 60 | 71)
    }
}
