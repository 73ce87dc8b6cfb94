//! Room: for memory, and for those who come.

use crate::broker::{Alarm, Hangup, Micros};

use super::super::host::Host;
use super::super::record::{Hand, Record, SessionId};
use super::Server;

impl<H: Host> Server<H> {
    /// How many octets are in use: by messages, by what is declared, and by what comes and goes on connections.
    fn memory(&self) -> u64 {
        let hosts = self.vhosts.iter();
        let brokers = hosts.map(|it| it.host.world().broker().memory());
        let clients = self.clients.values().map(|it| it.session.memory());
        self.gauge.octets() + brokers.sum::<u64>() + clients.sum::<u64>()
    }

    /// Raises an alarm when too much memory is in use, and clears it when there is room again (F2, F4, F5).
    pub(super) fn watch_memory(&mut self, now: Micros) {
        let most = self.configuration.memory;
        let used = self.memory();
        let on = used > most;
        if on == self.is_short || (self.is_short && used > most - most / 8) {
            return;
        }
        self.is_short = on;
        let vhosts: Vec<_> = self.vhosts.iter().map(|it| it.name.clone()).collect();
        for vhost in vhosts {
            let alarm = Alarm::Memory;
            self.act(now, &vhost, Hand::Alarm { alarm, on });
        }
        // Who publishes a message piece by piece has not published it yet, but fills memory all the same (F3).
        let ids: Vec<_> = self.clients.keys().copied().collect();
        for id in ids {
            if let Some(client) = self.clients.get_mut(&id) {
                client.session.hold_back(on);
            }
            if !on {
                self.resumed.push(id);
            }
        }
        self.go_on_with_others(now);
    }

    /// Lets the one go that has been on its way in or out for the longest; whether there was one.
    pub fn make_room(&mut self, now: Micros) -> bool {
        let oldest = self.passing.first().copied();
        if let Some(id) = oldest {
            self.give_up(now, id);
            // What it was to be told, nobody waits for.
            if let Some(client) = self.clients.get_mut(&id) {
                client.session.cut();
            }
            self.passing.remove(&id);
        }
        oldest.is_some()
    }

    /// Ends a connection whose time is over. Its client is told no more than it was.
    pub(super) fn give_up(&mut self, now: Micros, id: SessionId) {
        let session = id;
        self.note(now, || Record::Gone { session });
        self.hang_up(now, id, Hangup::Lost);
        if let Some(client) = self.clients.get_mut(&id) {
            client.session.close_connection(None);
            client.session.give_up();
            self.touched.insert(id);
        }
    }
}
