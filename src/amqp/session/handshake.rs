//! From the first octet to an open connection, and what else is said on channel 0 (C3–C8).

use crate::broker::{Capabilities, ConnectionId, Name, Refusal, ReplyCode, Switches, Table, Value};

use crate::amqp::method::{Method, MethodId};

use super::login::{MECHANISMS, NoCredentials, credentials};
use super::{Breach, Client, Read, Request, Session, Stage};

/// The protocols that are spoken: AMQP 0-9-1, and what early clients call it.
const HEADERS: [&[u8; 8]; 2] = [b"AMQP\x00\x00\x09\x01", b"AMQP\x01\x01\x00\x09"];

/// What the broker understands (C8).
const CAPABILITIES: [&str; 9] = [
    "publisher_confirms",
    "exchange_exchange_bindings",
    "basic.nack",
    "consumer_cancel_notify",
    "connection.blocked",
    "consumer_priorities",
    "authentication_failure_close",
    "per_consumer_qos",
    "direct_reply_to",
];

fn table<const N: usize>(entries: [(&str, Value); N]) -> Table {
    let entries = entries.into_iter();
    entries.map(|(name, value)| (name.into(), value)).collect()
}

impl Session {
    /// Which protocol the client speaks; how many octets that took.
    pub(super) fn header(&mut self, input: &[u8]) -> Option<usize> {
        let header: &[u8; 8] = input.first_chunk()?;
        if !HEADERS.contains(&header) {
            self.out.extend_from_slice(HEADERS[0]); // C3
            self.stage = Stage::Closed;
            return Some(input.len());
        }
        self.stage = Stage::Login;
        let capabilities = CAPABILITIES.map(|name| (name, Value::Bool(true)));
        let server_properties = table([
            ("capabilities", Value::Table(table(capabilities).into())),
            ("cluster_name", "leveret@localhost".into()),
            ("copyright", "The makers of Leveret".into()),
            ("information", "Leveret: see messages find their way".into()),
            ("platform", "Leveret".into()),
            ("product", "RabbitMQ".into()),
            ("version", self.profile.release().into()),
        ]);
        self.send(
            0,
            &Method::ConnectionStart {
                version_major: 0,
                version_minor: 9,
                server_properties,
                mechanisms: MECHANISMS.into(),
                locales: b"en_US".to_vec(),
            },
        );
        Some(header.len())
    }

    /// What is said on channel 0, and all that is said before the connection is open.
    pub(super) fn on_connection(&mut self, method: Method) -> Result<Read, Breach> {
        let id = method.id();
        self.current = id;
        match (self.stage, method) {
            (
                Stage::Login,
                Method::ConnectionStartOk {
                    client_properties,
                    mechanism,
                    response,
                    ..
                },
            ) => {
                self.client = introduced(client_properties);
                let properties = self.client.properties.iter();
                self.introduction = self.gauge.hold(Value::table_memory(properties));
                self.mechanism = mechanism;
                match credentials(&self.mechanism, &response) {
                    Ok(credentials) => Ok(Read::Ask(Request::Login(credentials))),
                    Err(NoCredentials::Unknown) => {
                        let text = format!("unknown authentication mechanism '{}'", self.mechanism);
                        Err(Breach::new(ReplyCode::CommandInvalid, "C6", text).of(id))
                    }
                    Err(NoCredentials::Malformed) => {
                        let text = format!(
                            "{} login refused: the response cannot be read",
                            self.mechanism
                        );
                        Err(Breach::new(ReplyCode::SyntaxError, "C6", text).of(id))
                    }
                }
            }
            (
                Stage::Tune,
                Method::ConnectionTuneOk {
                    channel_max,
                    frame_max,
                    heartbeat,
                },
            ) => {
                self.agree(channel_max, frame_max)
                    .map_err(|breach| breach.of(id))?;
                self.heartbeat = heartbeat; // C5
                self.stage = Stage::Open;
                Ok(Read::On)
            }
            (Stage::Open, Method::ConnectionOpen { virtual_host, .. }) => {
                Ok(Read::Ask(Request::Open(virtual_host)))
            }
            (Stage::Running, Method::ConnectionClose { .. }) => {
                self.stage = Stage::Closing;
                Ok(Read::Ask(Request::Close))
            }
            (Stage::Running, Method::ConnectionUpdateSecret { .. }) => {
                self.send(0, &Method::ConnectionUpdateSecretOk {});
                Ok(Read::On)
            }
            (stage, _) => {
                let stage = match stage {
                    Stage::Running => "running",
                    Stage::Open => "opening",
                    _ => "starting",
                };
                let text = format!("unexpected method in connection state {stage}");
                Err(Breach::new(ReplyCode::ChannelError, "C3", text).of(id))
            }
        }
    }

    /// Agrees with a client on sizes (C4).
    fn agree(&mut self, channel_max: u16, frame_max: u32) -> Result<(), Breach> {
        let negotiated = |name: &str, value: u32, most: u32| {
            let text = format!(
                "negotiated {name} = {value} is higher than the maximum allowed value ({most})"
            );
            Breach::new(ReplyCode::NotAllowed, "C4", text)
        };
        let (most, least) = (
            Switches::CHANNEL_MAX,
            self.profile.switches().least_frame_max,
        );
        if channel_max == 0 || channel_max > most {
            return Err(negotiated("channel_max", channel_max.into(), most.into()));
        }
        if frame_max == 0 || frame_max > Switches::FRAME_MAX {
            return Err(negotiated("frame_max", frame_max, Switches::FRAME_MAX));
        }
        if frame_max < least {
            let text = format!(
                "negotiated frame_max = {frame_max} is lower than the minimum allowed value ({least})"
            );
            return Err(Breach::new(ReplyCode::NotAllowed, "C4", text));
        }
        self.channel_max = channel_max;
        self.frame_max = frame_max as usize;
        Ok(())
    }

    /// The client is who it says it is.
    pub fn let_in(&mut self, user: Name) {
        self.user = user;
        self.stage = Stage::Tune;
        self.send(
            0,
            &Method::ConnectionTune {
                channel_max: Switches::CHANNEL_MAX,
                frame_max: Switches::FRAME_MAX,
                heartbeat: Switches::HEARTBEAT,
            },
        );
    }

    /// It is not; it is told so only if it understands that (C6).
    pub fn turn_away(&mut self) {
        if !self.client.wants_failure {
            self.stage = Stage::Closed;
            return;
        }
        let text = format!(
            "Login was refused using authentication mechanism {}. For details see the broker logfile.",
            self.mechanism
        );
        let refusal = Refusal::new(ReplyCode::AccessRefused, "C6", text);
        self.current = MethodId::default();
        self.close_connection(Some(&refusal));
    }

    /// The broker opened its connection.
    pub fn opened(&mut self, connection: ConnectionId) {
        self.connection = Some(connection);
        self.stage = Stage::Running;
        let reserved_1 = Name::default();
        self.send(0, &Method::ConnectionOpenOk { reserved_1 });
    }

    /// Closes the connection for what its client did or somebody wants (C2, C13). Without a reason it is just lost.
    pub fn close_connection(&mut self, refusal: Option<&Refusal>) {
        if matches!(self.stage, Stage::Closing | Stage::Parting | Stage::Closed) {
            return;
        }
        let Some(refusal) = refusal else {
            self.stage = Stage::Closed;
            return;
        };
        self.stage = Stage::Closing;
        self.paused = false;
        let close = Method::ConnectionClose {
            reply_code: refusal.code.number(),
            reply_text: refusal.reply_text().into(),
            class_id: self.current.class,
            method_id: self.current.method,
        };
        self.send(0, &close);
    }

    /// Agrees that its client closes it.
    pub fn close_ok(&mut self) {
        self.send(0, &Method::ConnectionCloseOk {});
        self.stage = Stage::Parting;
    }
}

/// What a client says of itself (C8).
fn introduced(properties: Table) -> Client {
    let can = |name: &str| match properties.get("capabilities") {
        Some(Value::Table(capabilities)) => capabilities.get(name) == Some(&Value::Bool(true)),
        _ => false,
    };
    Client {
        capabilities: Capabilities {
            consumer_cancel_notify: can("consumer_cancel_notify"),
            connection_blocked: can("connection.blocked"),
        },
        wants_failure: can("authentication_failure_close"),
        properties,
    }
}
