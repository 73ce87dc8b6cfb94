//! What a client says, as octets.

use leveret::amqp::Method;
use leveret::broker::{Name, Table, Value};

pub(crate) fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut octets = vec![kind];
    octets.extend(channel.to_be_bytes());
    octets.extend((payload.len() as u32).to_be_bytes());
    octets.extend(payload);
    octets.push(0xCE);
    octets
}

pub(crate) fn method(channel: u16, method: &Method) -> Vec<u8> {
    let mut payload = Vec::new();
    method.write(&mut payload);
    frame(1, channel, &payload)
}

/// A message's frames: to the default exchange, without properties.
pub(crate) fn publish(channel: u16, key: &str, body: &[u8]) -> Vec<u8> {
    let publish = Method::BasicPublish {
        ticket: 0,
        exchange: Name::default(),
        routing_key: key.into(),
        mandatory: false,
        immediate: false,
    };
    let mut octets = method(channel, &publish);
    let mut header = vec![0, 60, 0, 0];
    header.extend((body.len() as u64).to_be_bytes());
    header.extend([0, 0]);
    octets.extend(frame(2, channel, &header));
    if !body.is_empty() {
        octets.extend(frame(3, channel, body));
    }
    octets
}

pub(crate) fn queue_declare(queue: &str) -> Method {
    Method::QueueDeclare {
        ticket: 0,
        queue: queue.into(),
        passive: false,
        durable: false,
        exclusive: false,
        auto_delete: false,
        no_wait: false,
        arguments: Table::new(),
    }
}

pub(crate) fn start_ok(mechanism: &str, response: &[u8]) -> Method {
    let capabilities = [
        "authentication_failure_close",
        "connection.blocked",
        "consumer_cancel_notify",
    ];
    let capabilities = capabilities.map(|name| (Name::from(name), Value::Bool(true)));
    let properties = [
        ("capabilities", Value::Table(capabilities.into())),
        ("connection_name", "tester".into()),
    ];
    let properties = properties.map(|(name, value)| (Name::from(name), value));
    Method::ConnectionStartOk {
        client_properties: properties.into(),
        mechanism: mechanism.into(),
        response: response.to_vec(),
        locale: "en_US".into(),
    }
}

pub(crate) fn open(vhost: &str) -> Method {
    Method::ConnectionOpen {
        virtual_host: vhost.into(),
        reserved_1: Name::default(),
        reserved_2: false,
    }
}

pub(crate) fn channel_open() -> Method {
    Method::ChannelOpen {
        reserved_1: Name::default(),
    }
}
