//! Transactions (P10, P11).

use crate::broker::settings::Overflow;
use crate::broker::transaction::Transaction;
use crate::broker::{ChannelId, Event, EventId, Outlet, QueueKind, Refusal, Reply, ReplyCode};

use super::Broker;

impl Broker {
    pub(super) fn tx_select(&mut self, channel: ChannelId) -> Result<Reply, Refusal> {
        let channel = self.open(channel)?;
        if channel.confirms() {
            return Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "P6",
                "cannot switch from confirm to tx mode",
            ));
        }
        channel.transaction.get_or_insert_default();
        Ok(Reply::Done)
    }

    fn take_transaction(&mut self, channel: ChannelId) -> Result<Transaction, Refusal> {
        match &mut self.open(channel)?.transaction {
            Some(transaction) => Ok(std::mem::take(transaction)),
            None => Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "P10",
                "channel is not transactional",
            )),
        }
    }

    pub(super) fn tx_commit(
        &mut self,
        channel: ChannelId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        self.check_commit(channel)?;
        let Transaction {
            publishes,
            settlements,
        } = self.take_transaction(channel)?;
        let event = out.event(cause, || Event::Committed {
            channel,
            publishes: publishes.len(),
            settlements: settlements.iter().map(|(_, settled)| settled.len()).sum(),
        });
        for held in publishes {
            self.release(channel, held, event, out);
        }
        for (how, settled) in settlements {
            self.settle_all(channel, settled, how, event, out);
        }
        Ok(Reply::Done)
    }

    /// A queue that turns a publish away fails the commit (P11).
    fn check_commit(&self, channel: ChannelId) -> Result<(), Refusal> {
        let Some(transaction) = &self.channels[channel.index()].transaction else {
            return Ok(());
        };
        let mut coming = std::collections::BTreeMap::new();
        for &(id, _) in transaction.publishes.iter().flat_map(|held| &held.copies) {
            let queue = &self.queues[id.index()];
            let count = coming.entry(id).or_insert(0_u64);
            *count += 1;
            let rejects = queue.settings.overflow != Overflow::DropHead
                && queue.kind == QueueKind::Classic
                && !queue.deleted;
            let full = queue
                .settings
                .max_length
                .is_some_and(|most| queue.ready_len() as u64 + *count > most);
            if rejects && full {
                return Err(Refusal::new(
                    ReplyCode::PreconditionFailed,
                    "P11",
                    "partial tx completion",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn tx_rollback(
        &mut self,
        channel: ChannelId,
        cause: EventId,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let Transaction {
            publishes,
            settlements,
        } = self.take_transaction(channel)?;
        let count = settlements.iter().map(|(_, settled)| settled.len()).sum();
        for (_, settled) in settlements {
            self.channels[channel.index()].restore(settled);
        }
        out.event(cause, || Event::RolledBack {
            channel,
            messages: publishes.iter().map(|held| held.message.id).collect(),
            settlements: count,
        });
        Ok(Reply::Done)
    }
}
