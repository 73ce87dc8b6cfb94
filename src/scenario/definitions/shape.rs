//! Whether a text is a definitions file at all.

use super::fault::members;

/// The lists of a definitions file, in the order RabbitMQ writes them.
pub(super) const SECTIONS: [&str; 10] = [
    "users",
    "vhosts",
    "permissions",
    "topic_permissions",
    "parameters",
    "global_parameters",
    "policies",
    "queues",
    "exchanges",
    "bindings",
];

/// What only a definitions file says of itself.
pub(super) const MARKS: [&str; 4] = [
    "rabbit_version",
    "rabbitmq_version",
    "product_version",
    "rabbitmq_definition_format",
];

/// Whether a file is read as definitions: it begins as JSON's objects do, and either is called `.json` or has what a
/// scenario has not, a list of objects under one of RabbitMQ's keys.
pub(in crate::scenario) fn is_definitions(name: &str, text: &str) -> bool {
    let whole = text.trim_start();
    let text = past_comments(whole);
    if !text.starts_with('{') {
        return false;
    }
    // A scenario may begin so too, and may have comments: its bindings are such a list.
    let is_commented = text.len() < whole.len();
    let sections = SECTIONS
        .iter()
        .filter(|section| !is_commented || **section != "bindings");
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.eq_ignore_ascii_case("json")
        || members(text, 0).iter().any(|(key, value)| {
            let value = text.get(value.start..value.end).unwrap_or_default();
            let of_objects = value
                .strip_prefix('[')
                .is_some_and(|list| list.trim_start().starts_with('{'));
            MARKS.contains(key) || sections.clone().any(|section| section == key) && of_objects
        })
}

/// What stands behind comments, which JSON has not and people write all the same.
fn past_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        let rest = if text.starts_with("//") || text.starts_with('#') {
            text.split_once('\n').map(|(_, rest)| rest)
        } else if text.starts_with("/*") {
            text.split_once("*/").map(|(_, rest)| rest)
        } else {
            return text;
        };
        text = rest.unwrap_or_default();
    }
}

/// Whether a file that begins so may be definitions; only those may be large.
pub(in crate::scenario) fn may_be_definitions(beginning: &[u8]) -> bool {
    let text = beginning.strip_prefix("\u{feff}".as_bytes());
    let mut text = text.unwrap_or(beginning).iter();
    text.find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::{is_definitions, may_be_definitions};

    #[test]
    fn definitions_are_told_from_scenarios() {
        assert!(is_definitions("a.json", "{}"));
        assert!(is_definitions("a.JSON", "\n {"));
        assert!(is_definitions("a", r#"{"rabbit_version": "4.2.0"}"#));
        assert!(is_definitions("a", r#"{"x": 1, "queues": [ {"name": "#));
        assert!(is_definitions("a.json", "// mine\n/* all */ # of it\n{"));
        assert!(is_definitions("a", "// mine\n{\"queues\": [{}]}"));
        assert!(!is_definitions("a", "// mine\n{\"bindings\": [{}]}"));
        assert!(!is_definitions("a", "// mine"));
        assert!(!is_definitions("a.json", "(queues: [])"));
        assert!(!is_definitions("a.ron", r#"{"queues": ["a"]}"#));
        assert!(!is_definitions("a", r#"{"title": "queues"}"#));
        assert!(!is_definitions("a", ""));
    }
    #[test]
    fn the_beginning_tells_what_may_be_large() {
        assert!(may_be_definitions(b" \n{\"queues\": ["));
        assert!(may_be_definitions("\u{feff}{".as_bytes()));
        assert!(!may_be_definitions(b"(queues: {"));
        assert!(!may_be_definitions(b"\0\0"));
    }
}
