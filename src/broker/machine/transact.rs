//! Transactions (P10, P11).

use crate::broker::transaction::Transaction;
use crate::broker::{ChannelId, Event, EventId, Outlet, Refusal, Reply, ReplyCode};

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

    /// A commit that a queue turned something of away has failed, though what it did stays done: it is not atomic over
    /// several queues (P11). Where copies are on their way, that shows only later.
    pub(super) fn tell_partial(
        &mut self,
        commits: Option<ChannelId>,
        reply: Result<Reply, Refusal>,
        out: &mut impl Outlet,
    ) -> Result<Reply, Refusal> {
        let refusal = Refusal::new(
            ReplyCode::PreconditionFailed,
            "P11",
            "partial tx completion",
        );
        let mut reply = reply;
        for (channel, cause) in std::mem::take(&mut self.partial) {
            if commits == Some(channel) {
                reply = Err(refusal.clone());
            } else {
                self.close_for(channel, Some("tx.commit"), None, &refusal, cause, out);
            }
        }
        reply
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
