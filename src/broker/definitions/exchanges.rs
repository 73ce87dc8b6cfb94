//! Exchanges: declared, held against what is there, deleted.

use super::{Definitions, Removed};
use crate::broker::declaration::differing;
use crate::broker::exchange::{INTERNAL, check, rule};
use crate::broker::few::Few;
use crate::broker::name::clean_name;
use crate::broker::router::Matcher;
use crate::broker::{
    BindingId, ExchangeId, ExchangeKind, ExchangeSpec, Name, Refusal, ReplyCode, Switches, Table,
    Value,
};

/// The argument that names an exchange's alternate exchange (E13).
const ALTERNATE: &str = "alternate-exchange";

/// An exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number.
    pub id: ExchangeId,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: ExchangeKind,
    /// What it compares messages by: its type, or the one that a delaying exchange wraps (E45).
    pub rule: ExchangeKind,
    /// What its type is called, where it is [unknown](ExchangeKind::Unknown) (E47).
    pub plugin: Option<Name>,
    /// Whether its definition survives a restart (R4).
    pub durable: bool,
    /// Whether it goes when its last outgoing binding goes (E9).
    pub auto_delete: bool,
    /// Whether publishers may not publish to it (E8).
    pub internal: bool,
    /// What it was declared with.
    pub arguments: Table,
    /// The bindings it is the source of, in the order they were made.
    pub bindings: Vec<BindingId>,
    /// Where messages go that none of its bindings matches: what its argument names, else what a policy does (E13).
    pub alternate: Option<Name>,
    /// Whether it is gone.
    pub deleted: bool,
    /// The bindings that lead to it.
    pub(super) incoming: Few,
    pub(in crate::broker) matcher: Matcher,
}

impl Exchange {
    /// What its type is called.
    pub fn type_name(&self) -> &str {
        self.plugin.as_deref().unwrap_or(self.kind.as_str())
    }

    /// Of all buckets of an `x-consistent-hash` exchange, how many a binding has, and how many there are (E42).
    pub fn buckets(&self, binding: BindingId) -> Option<(u64, u64)> {
        match &self.matcher {
            Matcher::Ring(ring) => Some(ring.share(binding)),
            _ => None,
        }
    }

    /// The alternate exchange that its own argument names, which outweighs a policy's (E13).
    pub(in crate::broker) fn argued_alternate(&self) -> Option<&Name> {
        match self.arguments.get(ALTERNATE) {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        }
    }
}

impl Definitions {
    pub(super) fn predeclare(&mut self, name: &str, kind: ExchangeKind) {
        let mut spec = ExchangeSpec::new(name, kind);
        spec.internal = name == INTERNAL;
        let name = spec.name.clone();
        self.add_exchange(name, &spec);
    }

    fn add_exchange(&mut self, name: Name, spec: &ExchangeSpec) -> ExchangeId {
        let id = ExchangeId(self.exchanges.len() as u32);
        let rule = rule(spec);
        self.exchange_names.insert(name.clone(), id);
        let mut exchange = Exchange {
            id,
            name,
            kind: spec.kind,
            rule,
            plugin: spec.plugin.clone(),
            durable: spec.durable,
            auto_delete: spec.auto_delete,
            internal: spec.internal,
            arguments: spec.arguments.clone(),
            bindings: Vec::new(),
            alternate: None,
            deleted: false,
            incoming: Few::None,
            matcher: Matcher::new(rule, &spec.arguments),
        };
        exchange.alternate = exchange.argued_alternate().cloned();
        self.exchanges.push(exchange);
        id
    }

    /// Declares an exchange; says whether it is new.
    ///
    /// # Errors
    /// 403 for the default exchange (E2) and a new one whose name is reserved (E3); 406 when there is one that differs
    /// (E5), for a type this release has not (E6), when the alternate exchange is no name (E13), and for arguments that
    /// its type does not take (E40, E44, E45), some of which are 541; 502 for a name that is too long (C17).
    pub fn declare_exchange(
        &mut self,
        spec: &ExchangeSpec,
        switches: &Switches,
    ) -> Result<(ExchangeId, bool), Refusal> {
        if let Some(id) = self.declared_exchange(spec, switches)? {
            return Ok((id, false));
        }
        let name = clean_name(&spec.name)?;
        if name.starts_with("amq.") {
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "E3",
                format!("exchange name '{name}' contains reserved prefix 'amq.*'"),
            ));
        }
        if let Some(other) = spec.arguments.get(ALTERNATE)
            && !matches!(other, Value::Text(_))
        {
            return Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "E13",
                format!(
                    "invalid type '{}' for arg '{ALTERNATE}' in {}",
                    other.type_name(),
                    self.said("exchange", &name)
                ),
            ));
        }
        check(spec, switches)?;
        self.memory.add(&name, &spec.arguments);
        let id = self.add_exchange(name, spec);
        self.changed();
        Ok((id, true))
    }

    /// The exchange that a declaration asks for, if it is there already.
    ///
    /// # Errors
    /// As [`declare_exchange`](Self::declare_exchange).
    pub fn declared_exchange(
        &self,
        spec: &ExchangeSpec,
        switches: &Switches,
    ) -> Result<Option<ExchangeId>, Refusal> {
        let name = clean_name(&spec.name)?;
        spec.kind.require(switches)?;
        not_default(&name)?;
        let present = self.exchange_named(&name);
        if let Some(present) = present {
            self.require_equivalent(present, spec)?;
        }
        Ok(present.map(|present| present.id))
    }

    /// Holds a declaration against the exchange there is (E5).
    fn require_equivalent(&self, present: &Exchange, spec: &ExchangeSpec) -> Result<(), Refusal> {
        let differs = |field: &str, received: String, current: String| {
            Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "E5",
                format!(
                    "inequivalent arg '{field}' for {}: received {received} but current is {current}",
                    self.said("exchange", &present.name)
                ),
            ))
        };
        if spec.type_name() != present.type_name() {
            let (received, current) = (spec.type_name(), present.type_name());
            return differs("type", format!("'{received}'"), format!("'{current}'"));
        }
        for (field, received, current) in [
            ("durable", spec.durable, present.durable),
            ("auto_delete", spec.auto_delete, present.auto_delete),
            ("internal", spec.internal, present.internal),
        ] {
            if received != current {
                return differs(field, format!("'{received}'"), format!("'{current}'"));
            }
        }
        let (received, current) = (
            spec.arguments.get(ALTERNATE),
            present.arguments.get(ALTERNATE),
        );
        match differing(received, current) {
            Some((received, current)) => differs(ALTERNATE, received, current),
            None => Ok(()),
        }
    }

    /// Sets the alternate exchange that policies give an exchange, or takes it away; one that its arguments name comes
    /// first (E13).
    pub fn set_policy_alternate(&mut self, id: ExchangeId, alternate: Option<Name>) {
        let Some(exchange) = self.exchanges.get_mut(id.index()) else {
            return;
        };
        let alternate = exchange.argued_alternate().cloned().or(alternate);
        if exchange.alternate != alternate {
            exchange.alternate = alternate;
            self.changed();
        }
    }

    /// The alternate exchange of an exchange, if it names one that is there (E13).
    pub fn alternate(&self, of: ExchangeId) -> Option<ExchangeId> {
        let name = self.exchange(of)?.alternate.as_ref()?;
        self.exchange_named(name).map(|exchange| exchange.id)
    }

    /// Refuses what no exchange that is there from the start allows: to be deleted.
    ///
    /// # Errors
    /// 403 (E2, E3).
    pub fn refuse_predeclared(&self, name: &Name) -> Result<(), Refusal> {
        not_default(name)?;
        if name.starts_with("amq.") {
            return Err(Refusal::new(
                ReplyCode::AccessRefused,
                "E3",
                format!(
                    "deletion of system {} not allowed",
                    self.said("exchange", name)
                ),
            ));
        }
        Ok(())
    }

    /// What deleting an exchange only if it is unused asks for: that it is the source of no binding.
    ///
    /// # Errors
    /// 406 (E7).
    pub fn require_not_in_use(&self, id: ExchangeId) -> Result<(), Refusal> {
        match self.exchange(id) {
            Some(exchange) if !exchange.bindings.is_empty() => Err(Refusal::new(
                ReplyCode::PreconditionFailed,
                "E7",
                format!("{} in use", self.said("exchange", &exchange.name)),
            )),
            _ => Ok(()),
        }
    }

    /// Deletes an exchange, its bindings, and the auto-delete exchanges that are left without one (E9).
    pub fn delete_exchange(&mut self, id: ExchangeId) -> Removed {
        let mut removed = Removed::default();
        if self.exchange(id).is_some_and(|exchange| !exchange.deleted) {
            self.drop_exchange(id, &mut removed);
            self.cascade(&mut removed);
            self.changed();
        }
        removed
    }
}

/// Refuses the default exchange, to declare, to delete or to bind (E2).
pub(in crate::broker) fn not_default(exchange: &Name) -> Result<(), Refusal> {
    if exchange.is_empty() {
        return Err(Refusal::new(
            ReplyCode::AccessRefused,
            "E2",
            "operation not permitted on the default exchange",
        ));
    }
    Ok(())
}
