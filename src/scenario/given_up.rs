//! Patterns that go back and forth in a name too often, so that the broker gives them up on it.

use std::collections::BTreeMap;

use crate::broker::{Name, PolicySet, Users};
use crate::t;
use crate::words::given_up;
use crate::world::Setup;

/// More than anyone reads.
const MOST: usize = 20;

/// Which policies and permissions of a setup are given up on which of its names, in words; for each, the first name.
pub fn told(setup: &Setup) -> Vec<String> {
    let switches = setup.profile.switches();
    let (mut policies, mut users) = (PolicySet::default(), Users::new(setup.vhost.clone()));
    // What is refused here is refused by the world as well, which says so.
    for policy in &setup.policies {
        let _ = policies.set(policy.clone(), switches);
    }
    for user in &setup.users {
        let _ = users.set(user.clone());
    }
    let exchanges = setup.exchanges.iter().map(|it| (&it.name, true));
    let queues = setup.queues.iter().map(|it| (&it.spec.name, false));
    let mut names: Vec<(&Name, bool)> = exchanges.chain(queues).collect();
    let mut found = BTreeMap::new();
    for &(name, is_exchange) in &names {
        for policy in policies.given_up(name, is_exchange) {
            let key = (policy.operator, policy.name.clone());
            found.entry(key).or_insert_with(|| given_up(policy, name));
        }
    }
    let mut told: Vec<String> = found.into_values().collect();
    names.sort();
    for user in users.all().filter(|user| !user.is_unrestricted()) {
        if let Some((name, _)) = names.iter().find(|(name, _)| user.gives_up(name)) {
            let user = user.spec().name.as_str();
            told.push(t!("given-up-user", user = user, name = name.as_str()));
        }
    }
    told.truncate(MOST);
    told
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Scenario, load_str, verify};

    fn loaded(policies: &str) -> Scenario {
        let name = "a".repeat(100);
        let text = format!("(queues: [\"{name}\", \"b\"], {policies})");
        load_str("x.ron", &text).unwrap()
    }

    #[test]
    fn a_pattern_that_is_given_up_on_a_name_is_told_and_does_not_match() {
        let slow = r#"r"^((?!x)a+)+(?=[bc])""#;
        let scenario = loaded(&format!(
            "policies: {{\"slow\": (pattern: {slow}, set: {{\"max-length\": 1}})}},
             users: {{\"ann\": (read: {slow})}}"
        ));
        let [policy, user] = &scenario.notices[..] else {
            panic!("{:?}", scenario.notices);
        };
        assert!(
            policy.contains("`slow`") && policy.contains("aaa"),
            "{policy}"
        );
        assert!(user.contains("`ann`"), "{user}");
        assert_eq!(verify(&scenario), []);
        assert_eq!(loaded("").notices, [""; 0]);
        let quick = "policies: {\"quick\": (pattern: \"(a+)+$\", set: {\"max-length\": 1})}";
        assert_eq!(loaded(quick).notices, [""; 0]);
    }

    #[test]
    fn a_pattern_that_grows_beyond_all_bounds_is_a_mistake_at_its_place() {
        let text = "(\n policies: {\"huge\": (pattern: \"((a{1000}){1000}){1000}\", set: {\"max-length\": 1})},\n)";
        let error = load_str("x.ron", text).unwrap_err().to_string();
        assert!(error.starts_with("x.ron:2:"), "{error}");
        assert!(error.contains("repetitions within repetitions"), "{error}");
        let json = r#"{"vhosts": [{"name": "/"}], "queues": [], "policies": [{"vhost": "/", "name": "huge",
            "pattern": "((a{1000}){1000}){1000}", "apply-to": "all", "priority": 0, "definition": {"max-length": 1}}]}"#;
        let error = load_str("x.json", json).unwrap_err().to_string();
        assert!(
            error.starts_with("x.json:2:") && error.contains("policies[0].pattern"),
            "{error}"
        );
    }
}
