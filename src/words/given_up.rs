//! A pattern that the broker gives up.

use crate::broker::PolicySpec;
use crate::t;

/// That a policy does not apply to a name because its pattern is given up on it, and what to do.
pub fn given_up(policy: &PolicySpec, name: &str) -> String {
    t!(
        "given-up-policy",
        kind = if policy.operator {
            "operator"
        } else {
            "policy"
        },
        policy = policy.name.as_str(),
        name = super::names::short(name)
    )
}
