//! What befalls a server by a hand.

use crate::broker::{Hangup, Micros, Operation, Refusal, ReplyCode};
use crate::world::{Deed, Input, Said};

use super::super::host::Host;
use super::super::record::{Hand, Record, SessionId};
use super::Server;

impl<H: Host> Server<H> {
    /// Closes all connections, since the server ends (C13).
    pub fn shut_down(&mut self, now: Micros) {
        self.note(now, || Record::ShutDown);
        let text = "broker forced connection closure with reason 'shutdown'";
        let refusal = Refusal::new(ReplyCode::ConnectionForced, "C13", text);
        let ids: Vec<_> = self.clients.keys().copied().collect();
        for id in ids {
            self.hang_up(now, id, Hangup::Lost);
            if let Some(client) = self.clients.get_mut(&id) {
                client.session.nothing_said();
                client.session.close_connection(Some(&refusal));
                client.session.give_up();
                self.touched.insert(id);
            }
        }
    }

    /// A hand does something to a virtual host, or to a connection.
    pub fn act(&mut self, now: Micros, vhost: &str, hand: Hand) {
        self.note(now, || Record::Hand {
            vhost: vhost.into(),
            hand: hand.clone(),
        });
        let operation = match hand {
            Hand::Alarm { alarm, on: true } => Operation::RaiseAlarm(alarm),
            Hand::Alarm { alarm, on: false } => Operation::ClearAlarm(alarm),
            Hand::Stop { clean } => Operation::Stop { clean },
            Hand::Start => Operation::Start,
            Hand::Purge { ref queue } => Operation::PurgeQueue(queue.clone()),
            Hand::Delete { ref queue } => Operation::DeleteQueue(queue.clone()),
            Hand::Close { session } => {
                self.expel(now, session);
                self.go_on_with_others(now);
                return;
            }
            Hand::Lose { session } => {
                self.lose(now, session);
                self.go_on_with_others(now);
                return;
            }
            Hand::Delay { span } => {
                let place = self.vhosts.iter().position(|it| it.name == *vhost);
                if let Some(vhost) = place.and_then(|place| self.vhosts.get_mut(place)) {
                    vhost.host.apply(now, Input::Delay(span));
                }
                self.carry(place, None);
                self.go_on_with_others(now);
                return;
            }
        };
        let place = self.vhosts.iter().position(|it| it.name == *vhost);
        if let Some(vhost) = place.and_then(|place| self.vhosts.get_mut(place)) {
            vhost.host.apply(now, Input::Do(Deed::Operate(operation)));
        }
        self.carry(place, None);
        self.go_on_with_others(now);
    }

    /// Closes a connection, and tells its client so (C13).
    fn expel(&mut self, now: Micros, id: SessionId) {
        let client = self.clients.get(&id);
        let open = client.and_then(|it| it.vhost.zip(it.session.connection()));
        let Some((place, connection)) = open else {
            return;
        };
        if let Some(vhost) = self.vhosts.get_mut(place) {
            let how = Hangup::ByOperator;
            let _ = vhost.host.hear(now, Said::Hangup { connection, how });
            self.carry(Some(place), None);
        }
    }

    /// A connection is cut: neither side is told.
    fn lose(&mut self, now: Micros, id: SessionId) {
        self.hang_up(now, id, Hangup::Lost);
        if let Some(client) = self.clients.get_mut(&id) {
            client.session.cut();
            self.touched.insert(id);
        }
    }
}
