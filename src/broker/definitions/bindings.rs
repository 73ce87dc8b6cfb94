//! Bindings: made once each, and found again by what they are.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::{Definitions, Removed, not_default};
use crate::broker::exchange::weight;
use crate::broker::few::Few;
use crate::broker::headers::HeadersMatch;
use crate::broker::name::clean_name;
use crate::broker::router::{Matcher, Terms};
use crate::broker::{
    BindingId, Exchange, ExchangeId, ExchangeKind, Name, QueueId, QueueKind, Refusal, ReplyCode,
    Switches, Table, Value, words,
};

/// How direct reply-to addresses begin (S16).
const REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// Where a binding leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// A queue.
    Queue(QueueId),
    /// Another exchange (exchange-to-exchange).
    Exchange(ExchangeId),
}

/// A binding, from source to destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Its number.
    pub id: BindingId,
    /// The exchange it is bound to.
    pub source: ExchangeId,
    /// Where it leads.
    pub destination: Destination,
    /// The binding key.
    pub key: Name,
    /// The arguments; only a headers exchange compares them.
    pub arguments: Table,
    /// Whether it is gone.
    pub deleted: bool,
}

/// Where a binding is, or would be.
#[derive(Debug)]
pub(in crate::broker) enum BindingPlace {
    /// There is just this one already (E11).
    Taken(BindingId),
    /// There is none, and nothing speaks against it.
    Free(FreePlace),
}

/// Where a binding would be that nothing speaks against.
#[derive(Debug)]
pub(in crate::broker) struct FreePlace {
    source: ExchangeId,
    destination: Destination,
    /// Its number among [`Identities`].
    number: u64,
    terms: Terms,
}

/// Bindings by what they are (E11): a hash of it and where to look, so that neither names nor arguments are kept twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities(HashTable<Identity>);

#[derive(Clone, Copy, Debug)]
struct Identity {
    number: u64,
    id: BindingId,
}

impl Identities {
    fn number(source: ExchangeId, destination: Destination, key: &Name, arguments: &Table) -> u64 {
        let mut hasher = FxHasher::default();
        (source, destination, key).hash(&mut hasher);
        hash_fields(arguments.iter(), &mut hasher);
        hasher.finish()
    }

    fn add(&mut self, number: u64, id: BindingId) {
        let identity = Identity { number, id };
        self.0
            .insert_unique(number, identity, |identity| identity.number);
    }

    /// The binding of that number that is meant.
    fn find(&self, number: u64, is_meant: impl Fn(BindingId) -> bool) -> Option<BindingId> {
        let same = |identity: &Identity| identity.number == number && is_meant(identity.id);
        self.0.find(number, same).map(|identity| identity.id)
    }

    pub(super) fn remove(&mut self, binding: &Binding) {
        let Binding {
            id,
            source,
            destination,
            ref key,
            ref arguments,
            ..
        } = *binding;
        let number = Self::number(source, destination, key, arguments);
        if let Ok(entry) = self.0.find_entry(number, |identity| identity.id == id) {
            entry.remove();
        }
    }
}

fn hash_fields<'a>(
    fields: impl ExactSizeIterator<Item = (&'a Name, &'a Value)>,
    hasher: &mut impl Hasher,
) {
    fields.len().hash(hasher);
    for (name, value) in fields {
        name.hash(hasher);
        hash_value(value, hasher);
    }
}

fn hash_value(value: &Value, hasher: &mut impl Hasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Void => {}
        Value::Bool(value) => value.hash(hasher),
        Value::Int(value) | Value::Sized(_, value) => value.hash(hasher),
        Value::Float(value) => (value + 0.0).to_bits().hash(hasher),
        Value::Decimal(places, digits) => (places, digits).hash(hasher),
        Value::Timestamp(seconds) => seconds.hash(hasher),
        Value::Double(value) => (value + 0.0).to_bits().hash(hasher), // -0.0 equals 0.0
        Value::Text(text) | Value::Octets(text) => text.hash(hasher),
        Value::Array(values) => {
            values.len().hash(hasher);
            for value in values {
                hash_value(value, hasher);
            }
        }
        Value::Table(fields) => hash_fields(fields.iter(), hasher),
    }
}

impl Definitions {
    /// Binds a queue or exchange to an exchange; says whether the binding is new (E11).
    ///
    /// # Errors
    /// 403 for the default exchange (E2); 404 for what is missing (E10); 406 for a pattern with too many `#` (E25), an
    /// `x-match` that is none (E30), what an `x-local-random` exchange does not take (E16), and a weight that is none
    /// (E40).
    pub fn bind(
        &mut self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
        switches: &Switches,
    ) -> Result<(BindingId, bool), Refusal> {
        match self.find_place(source, destination, key, arguments, switches)? {
            BindingPlace::Taken(id) => Ok((id, false)),
            BindingPlace::Free(place) => Ok((self.add_binding(place, key, arguments), true)),
        }
    }

    /// Where a binding would be, if the broker would make it or made it before.
    ///
    /// # Errors
    /// As for [`bind`](Self::bind).
    pub(in crate::broker) fn find_place(
        &self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
        switches: &Switches,
    ) -> Result<BindingPlace, Refusal> {
        let source = clean_name(source)?;
        not_default(&source)?;
        if destination == Destination::Exchange(Self::DEFAULT_EXCHANGE) {
            not_default(&Name::default())?;
        }
        let source = self.require_exchange(&source)?;
        self.require_destination(destination)?;
        let number = Identities::number(source, destination, key, arguments);
        if let Some(id) = self.find_binding(number, source, destination, key, arguments) {
            return Ok(BindingPlace::Taken(id));
        }
        let terms = match self.exchanges[source.index()].rule {
            ExchangeKind::Headers => Terms::Headers(HeadersMatch::new(arguments)?),
            ExchangeKind::ConsistentHash => Terms::Weight(weight(key, switches)?),
            ExchangeKind::Topic => require_few_hashes(key, switches).map(|()| Terms::Key)?,
            ExchangeKind::LocalRandom => {
                self.require_random(destination, key).map(|()| Terms::Key)?
            }
            ExchangeKind::Direct
            | ExchangeKind::Fanout
            | ExchangeKind::ModulusHash
            | ExchangeKind::Random
            | ExchangeKind::RecentHistory
            | ExchangeKind::Delayed
            | ExchangeKind::Unknown => Terms::Key,
        };
        Ok(BindingPlace::Free(FreePlace {
            source,
            destination,
            number,
            terms,
        }))
    }

    /// Makes the binding for which a place was found, with the key and arguments it was found for.
    pub(in crate::broker) fn add_binding(
        &mut self,
        place: FreePlace,
        key: &Name,
        arguments: &Table,
    ) -> BindingId {
        let FreePlace {
            source,
            destination,
            number,
            terms,
        } = place;
        let id = BindingId(self.bindings.len() as u32);
        self.bindings.push(Binding {
            id,
            source,
            destination,
            key: key.clone(),
            arguments: arguments.clone(),
            deleted: false,
        });
        self.memory.add(key, arguments);
        self.identities.add(number, id);
        if let Some(incoming) = self.incoming(destination) {
            incoming.push(id);
        }
        let exchange = &mut self.exchanges[source.index()];
        exchange.bindings.push(id);
        exchange.matcher.add(id, destination, key, terms);
        self.changed();
        id
    }

    /// Removes a binding, and the auto-delete exchanges that are left without one (E9). What is missing was removed
    /// already (E10).
    ///
    /// # Errors
    /// 403 for the default exchange (E2).
    pub fn unbind(
        &mut self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
    ) -> Result<Removed, Refusal> {
        let mut removed = Removed::default();
        let binding = self.bound(source, destination, key, arguments)?;
        if let Some(binding) = binding {
            self.drop_bindings(vec![binding], &mut removed);
            self.cascade(&mut removed);
            self.changed();
        }
        Ok(removed)
    }

    /// The binding that is just this one, if it is there (E11).
    ///
    /// # Errors
    /// 403 for the default exchange (E2).
    pub fn bound(
        &self,
        source: &Name,
        destination: Destination,
        key: &Name,
        arguments: &Table,
    ) -> Result<Option<BindingId>, Refusal> {
        let source = clean_name(source)?;
        not_default(&source)?;
        if destination == Destination::Exchange(Self::DEFAULT_EXCHANGE) {
            not_default(&Name::default())?;
        }
        Ok(self.exchange_named(&source).and_then(|exchange| {
            let number = Identities::number(exchange.id, destination, key, arguments);
            self.find_binding(number, exchange.id, destination, key, arguments)
        }))
    }

    fn find_binding(
        &self,
        number: u64,
        source: ExchangeId,
        destination: Destination,
        key: &Name,
        arguments: &Table,
    ) -> Option<BindingId> {
        self.identities.find(number, |id| {
            self.binding(id).is_some_and(|binding| {
                binding.source == source
                    && binding.destination == destination
                    && binding.key == *key
                    && binding.arguments == *arguments
            })
        })
    }

    pub(super) fn incoming(&mut self, destination: Destination) -> Option<&mut Few> {
        match destination {
            Destination::Queue(id) => self
                .queues
                .get_mut(id.index())
                .map(|queue| &mut queue.incoming),
            Destination::Exchange(id) => self
                .exchanges
                .get_mut(id.index())
                .map(|exchange| &mut exchange.incoming),
        }
    }

    /// What a binding may lead to: what is there, and no direct reply-to address, which is no queue (S16).
    fn require_destination(&self, destination: Destination) -> Result<(), Refusal> {
        let (there, kind) = match destination {
            Destination::Queue(id) => {
                let there = self
                    .queue(id)
                    .is_some_and(|queue| !queue.deleted && queue.kind != QueueKind::ReplyTo);
                (there, "queue")
            }
            Destination::Exchange(id) => {
                let there = self.exchange(id).is_some_and(|exchange| !exchange.deleted);
                (there, "exchange")
            }
        };
        if there {
            return Ok(());
        }
        let name = self.destination_name(destination);
        Err(Refusal::new(
            ReplyCode::NotFound,
            "E10",
            format!("no {}", self.said(kind, name)),
        ))
    }

    /// Refuses to bind or unbind a direct reply-to address, where this release refuses it whether or not it exists
    /// (E17).
    ///
    /// # Errors
    /// 403.
    pub fn refuse_reply_to(&self, queue: &Name, switches: &Switches) -> Result<(), Refusal> {
        // What all ask for their address by is no queue, and so is not found.
        let address = queue.starts_with(REPLY_TO) && queue.len() > REPLY_TO.len();
        if switches.refuses_reply_to_bindings && address {
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "E17",
                "cannot bind or unbind to a volatile (direct reply-to) queue",
            ));
        }
        Ok(())
    }

    /// What an `x-local-random` exchange takes: classic queues, bound with the key `""` (E16).
    fn require_random(&self, destination: Destination, key: &Name) -> Result<(), Refusal> {
        let refused = |text: String| Err(Refusal::new(ReplyCode::PreconditionFailed, "E16", text));
        if !key.is_empty() {
            return refused(format!("Non empty binding '{key}' key not permitted"));
        }
        match destination {
            Destination::Exchange(_) => refused("Destination not found".to_owned()),
            Destination::Queue(id) => match self.queue_kind(id) {
                QueueKind::Classic => Ok(()),
                kind => refused(format!(
                    "Queue type {kind} not valid for this exchange type"
                )),
            },
        }
    }
}

/// The bindings of an exchange in the form its type finds them fastest, made anew. A ring cannot be: it depends on what
/// there was before (E42).
pub(super) fn index_again(exchange: &mut Exchange, bindings: &[Binding]) {
    exchange.matcher = Matcher::new(exchange.rule, &exchange.arguments);
    for &id in &exchange.bindings {
        if let Some(binding) = bindings.get(id.index()) {
            let terms = match exchange.rule {
                ExchangeKind::Headers => HeadersMatch::new(&binding.arguments).map(Terms::Headers),
                _ => Ok(Terms::Key),
            };
            if let Ok(terms) = terms {
                let (destination, key) = (binding.destination, &binding.key);
                exchange.matcher.add(id, destination, key, terms);
            }
        }
    }
}

// E25
fn require_few_hashes(pattern: &Name, switches: &Switches) -> Result<(), Refusal> {
    let hashes = words(pattern).filter(|&word| word == "#").count();
    match switches.hash_words {
        Some(most) if hashes > most => Err(Refusal::new(
            ReplyCode::PreconditionFailed,
            "E25",
            format!(
                "binding key '{pattern}' has {hashes} '#' words; a topic exchange allows at most {most}"
            ),
        )),
        _ => Ok(()),
    }
}
