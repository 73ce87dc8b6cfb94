//! What a channel in confirm mode still owes its publisher (P6–P9).

use std::collections::VecDeque;

use super::MessageId;

/// A publish that is not settled yet.
#[derive(Clone, Debug)]
struct Owed {
    message: MessageId,
    /// Queues that have not taken it yet.
    queues: usize,
    /// Whether one of them turned it away.
    refused: bool,
    /// Whether it was told.
    told: bool,
}

/// One `basic.ack` or `basic.nack` to a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Confirm {
    pub(super) sequence: u64,
    pub(super) multiple: bool,
    pub(super) ack: bool,
    pub(super) messages: Vec<MessageId>,
}

/// Sequence numbers and what is known of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Confirms {
    /// The sequence number of the first row, less one: all up to it are told.
    told_to: u64,
    owed: VecDeque<Owed>,
    /// Settled since the last [`take`](Self::take), in no order.
    settled: Vec<u64>,
}

impl Confirms {
    /// Gives a publish its sequence number; it is settled when so many queues have taken it.
    pub(super) fn publish(&mut self, message: MessageId, queues: usize) -> u64 {
        self.owed.push_back(Owed {
            message,
            queues,
            refused: false,
            told: false,
        });
        let sequence = self.told_to + self.owed.len() as u64;
        if queues == 0 {
            self.settled.push(sequence);
        }
        sequence
    }

    /// A queue took it, or turned it away.
    pub(super) fn settle(&mut self, sequence: u64, accepted: bool) {
        let row = sequence.checked_sub(self.told_to + 1);
        let owed = row.and_then(|row| self.owed.get_mut(usize::try_from(row).ok()?));
        if let Some(owed) = owed {
            owed.refused |= !accepted;
            owed.queues = owed.queues.saturating_sub(1);
            if owed.queues == 0 {
                self.settled.push(sequence);
            }
        }
    }

    pub(super) fn has_news(&self) -> bool {
        !self.settled.is_empty()
    }

    /// The publishes that are not settled, each with how many queues have not taken it yet.
    pub(super) fn waited(&self) -> impl Iterator<Item = (u64, usize)> + '_ {
        let waited = (self.told_to + 1..).zip(&self.owed);
        let waited = waited.filter(|(_, owed)| !owed.told);
        waited.map(|(sequence, owed)| (sequence, owed.queues))
    }

    /// The messages that are not settled, or not told of yet.
    pub(super) fn messages(&self) -> impl Iterator<Item = MessageId> + '_ {
        self.owed.iter().map(|owed| owed.message)
    }

    /// How many are owed.
    pub(super) fn owed(&self) -> usize {
        self.owed.iter().filter(|owed| !owed.told).count()
    }

    /// What is to be told now. Acks of all that was outstanding up to a number are one, with `multiple` (P8).
    pub(super) fn take(&mut self) -> Vec<Confirm> {
        let mut settled = std::mem::take(&mut self.settled);
        settled.sort_unstable();
        settled.dedup();
        let mut confirms: Vec<Confirm> = Vec::new();
        // Whether nothing before the next number is outstanding, but what the last confirm says.
        let mut from_first = true;
        let mut expected = self.told_to + 1;
        for sequence in settled {
            let Some(owed) = self.owed.get_mut((sequence - self.told_to - 1) as usize) else {
                continue;
            };
            owed.told = true;
            let (ack, message) = (!owed.refused, owed.message);
            while expected < sequence {
                let row = (expected - self.told_to - 1) as usize;
                from_first &= self.owed.get(row).is_none_or(|owed| owed.told);
                expected += 1;
            }
            expected = sequence + 1;
            match confirms.last_mut() {
                Some(last) if from_first && ack && last.ack => {
                    last.sequence = sequence;
                    last.multiple = true;
                    last.messages.push(message);
                }
                _ => confirms.push(Confirm {
                    sequence,
                    multiple: false,
                    ack,
                    messages: vec![message],
                }),
            }
            // A nack is told alone; what follows it may be told together again.
        }
        while self.owed.front().is_some_and(|owed| owed.told) {
            self.owed.pop_front();
            self.told_to += 1;
        }
        confirms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(confirms: &mut Confirms) -> Vec<(u64, bool, bool)> {
        let confirms = confirms.take().into_iter();
        confirms
            .map(|confirm| (confirm.sequence, confirm.multiple, confirm.ack))
            .collect()
    }

    // P6, P8, P9
    #[test]
    fn each_number_is_told_once_and_acks_in_a_row_are_one() {
        let mut confirms = Confirms::default();
        for message in 1..=6 {
            assert_eq!(confirms.publish(MessageId(message), 1), message);
        }
        confirms.settle(2, true);
        assert_eq!(told(&mut confirms), [(2, false, true)]);
        confirms.settle(3, true);
        confirms.settle(1, true);
        assert_eq!(told(&mut confirms), [(3, true, true)]);
        confirms.settle(4, false);
        confirms.settle(5, true);
        assert_eq!(told(&mut confirms), [(4, false, false), (5, false, true)]);
        assert_eq!(confirms.owed(), 1);
        confirms.settle(6, true);
        assert_eq!(told(&mut confirms), [(6, false, true)]);
        assert_eq!(told(&mut confirms), []);
        assert_eq!(confirms.owed(), 0);
    }

    // P9: one queue of several turned it away.
    #[test]
    fn one_refusal_among_several_queues_is_a_nack_when_all_have_answered() {
        let mut confirms = Confirms::default();
        confirms.publish(MessageId(1), 3);
        confirms.settle(1, true);
        confirms.settle(1, false);
        assert!(!confirms.has_news());
        confirms.settle(1, true);
        assert_eq!(told(&mut confirms), [(1, false, false)]);
    }
}
