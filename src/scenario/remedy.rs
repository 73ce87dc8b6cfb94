//! What was meant, where people write what other tools and languages call it.

use crate::t;

/// What a field is called here, by what people call it: client libraries, AMQP's arguments, RabbitMQ's own tools. Of
/// several, the first that there is is meant. Case, `_` and `-` do not count.
const FIELDS: &[(&[&str], &[&str])] = &[
    (
        &["routingkey", "bindingkey", "routing", "rkey"],
        &["key", "keys"],
    ),
    (&["routingkeys"], &["keys", "key"]),
    (
        &["exchange", "exchangename", "source", "src"],
        &["from", "to"],
    ),
    (&["destination", "dest", "target"], &["to", "queue"]),
    (
        &["queue", "queuename"],
        &["queue", "to_queue", "name", "keys"],
    ),
    (&["args", "xargs"], &["arguments", "headers"]),
    (&["xmatch", "matching"], &["match"]),
    (
        &["payload", "text", "content", "data"],
        &["body", "messages"],
    ),
    (&["message"], &["messages", "body"]),
    (
        &["interval", "period", "rate", "frequency"],
        &["every", "takes"],
    ),
    (
        &[
            "servicetime",
            "worktime",
            "processingtime",
            "duration",
            "sleep",
        ],
        &["takes", "until"],
    ),
    (&["prefetchcount", "qos"], &["prefetch"]),
    (&["globalqos", "global"], &["global_prefetch"]),
    (&["noack", "autoack", "ackmode", "acknowledge"], &["ack"]),
    (&["messagettl", "xmessagettl"], &["ttl", "arguments"]),
    (&["xexpires", "queuettl"], &["expires"]),
    (&["xmaxlength"], &["max_length"]),
    (&["maxlengthbytes", "xmaxlengthbytes"], &["max_bytes"]),
    (&["xoverflow"], &["overflow"]),
    (
        &["dlx", "deadletterexchange", "xdeadletterexchange"],
        &["dead_letter"],
    ),
    (
        &["deadletterroutingkey", "xdeadletterroutingkey"],
        &["key", "dead_letter"],
    ),
    (
        &["deadletterstrategy", "xdeadletterstrategy"],
        &["strategy", "dead_letter"],
    ),
    (&["xdeliverylimit"], &["delivery_limit"]),
    (&["xmaxpriority"], &["max_priority"]),
    (
        &["singleactiveconsumer", "xsingleactiveconsumer"],
        &["single_active"],
    ),
    (&["xmaxage"], &["max_age"]),
    (
        &["queuetype", "xqueuetype", "exchangetype", "kind"],
        &["type"],
    ),
    (&["alternateexchange", "xalternateexchange"], &["alternate"]),
    (&["xpriority"], &["priority"]),
    (&["streamoffset", "xstreamoffset"], &["offset"]),
    (&["deliverymode"], &["persistent"]),
    (&["publisherconfirms", "confirmselect"], &["confirms"]),
    (&["definition"], &["set"]),
    (&["username", "login"], &["user"]),
    (&["virtualhost"], &["vhost"]),
    (&["description", "comment"], &["about"]),
    (&["consumertag", "deliverytag"], &["tag"]),
    (&["messagesready"], &["ready"]),
    (&["messagesunacknowledged", "unacknowledged"], &["unacked"]),
    (&["consumercount"], &["consumers"]),
];

/// The field that is meant by a name that is none, if other tools call it so.
pub(super) fn field<'k>(
    written: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Option<&'k str> {
    let written = plain(written);
    if let Some(same) = known.clone().find(|field| plain(field) == written) {
        return Some(same);
    }
    let (_, meant) = FIELDS
        .iter()
        .find(|(names, _)| names.contains(&written.as_str()))?;
    meant
        .iter()
        .find_map(|field| known.clone().find(|known| known == field))
}

/// How the field is written for what was wanted.
pub(super) fn in_full(written: &str, field: &str) -> String {
    match (plain(written).as_str(), field) {
        ("noack" | "autoack", "ack") => t!("file-in-full-ack"),
        ("deliverymode", "persistent") => t!("file-in-full-persistent"),
        _ => field.to_owned(),
    }
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|sign| sign.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The truth value that is meant by a word of another language.
pub(super) fn truth(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Some("true"),
        "false" | "no" | "off" | "n" | "f" | "0" => Some("false"),
        _ => None,
    }
}

/// Whether a word of another language means no value.
pub(super) fn nothing(word: &str) -> bool {
    let words = ["none", "null", "nil", "undefined"];
    words.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_another_tool_is_the_first_field_there_is() {
        let binding = ["from", "to", "to_queue", "key", "match", "arguments"];
        let publisher = ["to", "every", "keys", "messages"];
        let field_of = |written, known: &[&'static str]| field(written, known.iter().copied());
        assert_eq!(field_of("routing_key", &binding), Some("key"));
        assert_eq!(field_of("routingKey", &publisher), Some("keys"));
        assert_eq!(field_of("exchange", &binding), Some("from"));
        assert_eq!(field_of("exchange", &publisher), Some("to"));
        assert_eq!(field_of("queue", &binding), Some("to_queue"));
        assert_eq!(field_of("x-match", &binding), Some("match"));
        assert_eq!(field_of("EVERY", &publisher), Some("every"));
        assert_eq!(field_of("colour", &publisher), None);
        assert_eq!(field_of("ttl", &publisher), None);
    }
}
