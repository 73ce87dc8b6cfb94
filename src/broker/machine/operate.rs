//! What operators do: the management tools' part, policies, alarms (O1–O7, F2–F5).

use std::sync::Arc;

use crate::broker::{
    Alarm, Departure, Destination, Event, EventId, ExchangeId, Micros, Name, Operation, Outlet,
    QueueId, QueueKind, Refusal, Reply, Settings, Target, Throttle,
};

use super::Broker;

impl Broker {
    pub(super) fn operate(
        &mut self,
        operation: Operation,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        match operation {
            Operation::DeclareExchange(spec) => {
                self.make_exchange(&spec, cause, out).map(Reply::Exchange)
            }
            Operation::DeleteExchange(name) => {
                self.definitions.refuse_predeclared(&name)?;
                let id = self.definitions.require_exchange(&name)?;
                self.remove_exchange(id, cause, out);
                Ok(Reply::Done)
            }
            Operation::DeclareQueue(spec) => {
                let id = self.make_queue(spec, None, cause, out)?;
                let queue = &self.queues[id.index()];
                Ok(Reply::Queue {
                    queue: id,
                    name: queue.name.clone(),
                    ready: queue.ready_len(),
                    consumers: queue.consumers.len(),
                })
            }
            Operation::DeleteQueue(name) => {
                let id = self.definitions.require_queue(&name)?;
                let count = self.queues[id.index()].ready_len();
                self.remove_queue(id, Departure::Deleted, cause, out);
                Ok(Reply::Count(count))
            }
            Operation::PurgeQueue(name) => {
                let id = self.definitions.require_queue(&name)?;
                self.purge(id, cause, out)
            }
            Operation::Bind {
                source,
                destination,
                key,
                arguments,
            } => {
                crate::broker::definitions::not_default(&source)?; // E2, whatever else is missing
                let to = self.destination(&destination)?;
                self.make_binding(&source, to, &key, &arguments, cause, out)
                    .map(Reply::Binding)
            }
            Operation::Unbind {
                source,
                destination,
                key,
                arguments,
            } => {
                crate::broker::definitions::not_default(&source)?;
                let to = self.destination(&destination)?;
                self.take_binding(&source, to, &key, &arguments, cause, out)?;
                Ok(Reply::Done)
            }
            Operation::SetPolicy(spec) => {
                let switches = self.switches();
                let (name, operator) = (spec.name.clone(), spec.operator);
                Arc::make_mut(&mut self.policies).set(spec, switches)?;
                let (queues, exchanges) = self.apply_policies();
                let event = out.event(cause, || Event::PolicySet {
                    name,
                    operator,
                    settings: self.settings_of(&queues),
                    queues: queues.clone().into(),
                    alternates: self.alternates_of(&exchanges),
                    exchanges: exchanges.into(),
                });
                self.obey_policies(&queues, event, out);
                Ok(Reply::Done)
            }
            Operation::ClearPolicy { name, operator } => {
                if Arc::make_mut(&mut self.policies).clear(&name, operator) {
                    let (queues, exchanges) = self.apply_policies();
                    let event = out.event(cause, || Event::PolicyCleared {
                        name,
                        operator,
                        settings: self.settings_of(&queues),
                        queues: queues.clone().into(),
                        alternates: self.alternates_of(&exchanges),
                        exchanges: exchanges.into(),
                    });
                    self.obey_policies(&queues, event, out);
                }
                Ok(Reply::Done)
            }
            Operation::SetUser(spec) => {
                let (name, permissions) = (spec.name.clone(), spec.permissions.clone());
                let users = Arc::make_mut(&mut self.users);
                users.set(spec)?;
                let unrestricted = users.get(&name).is_some_and(|user| user.is_unrestricted());
                for connection in self.connections.iter_mut() {
                    if connection.user == name {
                        connection.unrestricted = unrestricted;
                    }
                }
                out.event(cause, || Event::UserSet {
                    name,
                    permissions: permissions.map(Box::new),
                });
                Ok(Reply::Done)
            }
            Operation::RaiseAlarm(alarm) => {
                self.raise_alarm(alarm, cause, out);
                Ok(Reply::Done)
            }
            Operation::ClearAlarm(alarm) => {
                self.clear_alarm(alarm, cause, out);
                Ok(Reply::Done)
            }
            Operation::Stop { clean } => {
                self.stop(clean, cause, out);
                Ok(Reply::Done)
            }
            Operation::Start => {
                self.start(cause, out);
                Ok(Reply::Done)
            }
        }
    }

    fn destination(&self, target: &Target) -> Result<Destination, Refusal> {
        match target {
            Target::Queue(name) => self.definitions.require_queue(name).map(Destination::Queue),
            Target::Exchange(name) => {
                crate::broker::definitions::not_default(name)?;
                self.definitions
                    .require_exchange(name)
                    .map(Destination::Exchange)
            }
        }
    }

    /// Works out anew what holds for each queue and exchange (O2); those for which something changed.
    fn apply_policies(&mut self) -> (Vec<QueueId>, Vec<ExchangeId>) {
        let (now, switches) = (self.now, self.switches());
        let mut queues = Vec::new();
        for queue in self.queues.iter_mut().filter(|queue| !queue.deleted) {
            let Some(defined) = self.definitions.queue(queue.id) else {
                continue;
            };
            let (user, operator) = self.policies.for_queue(&queue.name, queue.kind);
            let arguments = &defined.arguments;
            let settings = Settings::effective(queue.kind, arguments, user, operator, switches);
            if settings != *queue.settings {
                if settings.expires != queue.settings.expires && queue.kind != QueueKind::Quorum {
                    queue.used = now; // Q24: another lease begins anew.
                }
                queue.settings = settings.into();
                queues.push(queue.id);
            }
        }
        let mut exchanges = Vec::new();
        for at in 0..self.definitions.exchanges().len() {
            let id = ExchangeId(at as u32);
            if self.apply_policy_to_exchange(id) {
                exchanges.push(id);
            }
        }
        (queues, exchanges)
    }

    fn settings_of(&self, queues: &[QueueId]) -> Box<[Arc<Settings>]> {
        let settings = |id: &QueueId| self.queues[id.index()].settings.clone();
        queues.iter().map(settings).collect()
    }

    fn alternates_of(&self, exchanges: &[ExchangeId]) -> Box<[Option<Name>]> {
        exchanges.iter().map(|&id| self.alternate_of(id)).collect()
    }

    pub(super) fn alternate_of(&self, id: ExchangeId) -> Option<Name> {
        self.definitions.exchange(id)?.alternate.clone()
    }

    /// Gives an exchange the alternate that its policy says (E13); whether that changed something.
    pub(super) fn apply_policy_to_exchange(&mut self, id: ExchangeId) -> bool {
        let Some(exchange) = self.definitions.exchange(id).filter(|there| !there.deleted) else {
            return false;
        };
        let before = exchange.alternate.clone();
        let alternate = self.policies.alternate_exchange(&exchange.name).cloned();
        if alternate == before {
            return false;
        }
        self.definitions_mut().set_policy_alternate(id, alternate);
        self.definitions
            .exchange(id)
            .is_some_and(|exchange| exchange.alternate != before)
    }

    /// Limits that are lower now are kept at once.
    fn obey_policies(&mut self, queues: &[QueueId], cause: EventId, out: &mut impl Outlet) {
        for &id in queues {
            self.enforce_limits(id, cause, out);
            self.look_for_expired(id, cause, out);
            self.retain_log(id, cause, out);
            self.arm(id);
        }
        if !queues.is_empty() {
            self.watch_ack(Micros::ZERO); // S15: there may be less time now than there was.
        }
    }

    fn raise_alarm(&mut self, alarm: Alarm, cause: EventId, out: &mut impl Outlet) {
        if !self.alarms.insert(alarm) {
            return;
        }
        let event = out.event(cause, || Event::AlarmRaised { alarm });
        for id in self.connection_ids() {
            let connection = &self.connections[id.index()];
            // Who is not read for another reason stays so until it is.
            if connection.throttle == Throttle::Running {
                self.throttle(connection.id, Throttle::Blocking, event, out); // F3
            }
        }
    }

    fn clear_alarm(&mut self, alarm: Alarm, cause: EventId, out: &mut impl Outlet) {
        if !self.alarms.remove(&alarm) {
            return;
        }
        let event = out.event(cause, || Event::AlarmCleared { alarm });
        if !self.alarms.is_empty() {
            return; // F4
        }
        for id in self.connection_ids() {
            let connection = &self.connections[id.index()];
            if matches!(connection.throttle, Throttle::Blocking | Throttle::Blocked) {
                self.throttle(connection.id, Throttle::Running, event, out);
            }
        }
    }
}
