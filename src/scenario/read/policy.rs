//! Policies and operator policies (O1).

use super::names::Names;
use crate::broker::{ApplyTo, Name, PolicySpec};
use crate::scenario::reader::{Fields, Reader};
use crate::scenario::syntax::Node;
use crate::t;

/// `{"short": (pattern: "^tmp", apply_to: queues, set: {"message-ttl": 5000})}`.
pub(super) fn policies(
    node: &Node,
    operator: bool,
    names: &mut Names,
    reader: &mut Reader<'_>,
) -> Vec<PolicySpec> {
    let mut policies = Vec::new();
    for (name, entry) in reader.declarations(node, || t!("file-wanted-policies")) {
        names.place("policy", name.clone(), entry.name_span);
        let owner = || t!("file-owner-policy");
        if let Some(mut fields) = reader.fields(&entry.value, owner, entry.name_span) {
            policies.extend(spec(name, operator, &mut fields, reader));
            reader.finish(fields);
        }
    }
    policies
}

/// What a policy is besides its name.
pub(super) fn spec(
    name: Name,
    operator: bool,
    fields: &mut Fields<'_>,
    reader: &mut Reader<'_>,
) -> Option<PolicySpec> {
    let pattern = reader.required(fields, "pattern", "\"^tmp\"");
    let pattern = pattern.and_then(|node| reader.name(node, || t!("file-wanted-pattern")));
    let choices = ApplyTo::ALL.map(|kind| (kind.as_str(), kind));
    let apply_to = fields.get("apply_to").and_then(|node| {
        reader.choice(node, &choices, |found| {
            t!("file-no-apply-to", found = found)
        })
    });
    let priority = fields.get("priority").and_then(|node| reader.signed(node));
    let set = reader.required(fields, "set", "{\"message-ttl\": 5000}");
    let definition = set.and_then(|node| reader.table(node));
    Some(PolicySpec {
        name,
        pattern: pattern?,
        apply_to: apply_to.unwrap_or_default(),
        priority: priority.unwrap_or_default(),
        definition: definition?,
        operator,
    })
}
