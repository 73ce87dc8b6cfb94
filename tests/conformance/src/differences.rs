//! Where Leveret is known to answer otherwise, and why.
//!
//! Its profiles are 3.13, 4.2 and 4.3, and what can be had to compare them with is 3.10.8, 4.0.5 and 4.3.6: most differences
//! are between releases. The profile 4.3 is 4.3.6's behaviour, so of this one there are hardly any.

use crate::release::Release;
use crate::release::Release::{V3_10_8, V4_0_5, V4_3_6};

/// One place where Leveret answers otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Otherwise than this release.
    pub release: Release,
    /// In this case.
    pub case: &'static str,
    /// What RabbitMQ says, somewhere in its transcript.
    pub theirs: &'static str,
    /// What Leveret says in its place.
    pub ours: &'static str,
    /// Why that is so, and may be.
    pub because: &'static str,
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    RabbitMq,
    Leveret,
}

/// What one of the two says besides, in many places.
#[derive(Clone, Copy, Debug)]
struct Besides {
    release: Release,
    who: Who,
    /// In cases whose names begin so.
    cases: &'static str,
    /// It begins so.
    begin: &'static str,
    /// Up to this.
    end: &'static str,
}

const REPLIES: &str = "Before 4.2 a reply goes to no queue: it is returned though it arrived, and its tag is not counted.";
const LOST_REPLIES: &str = "Before 4.2 a reply whose requester is gone is returned.";
const CRASH: &str = "RabbitMQ trips over it; here it is refused as any wrong argument.";
const STUCK: &str = "4.0 activates nobody when the active consumer, which is to be replaced, returns its last message; \
                     here the next one is, as in 4.3.";
const NO_TYPE: &str = "3.13 answers 406 (E6).";
const NUMBERS: &str = "3.10 compares numbers of whatever type (E33).";
const TIMES: &str = "Before 3.13 a message's time is kept in seconds, as a binding's is (E33).";
const TEXTS: &str = "The texts are 4.0's.";

const fn differs(
    release: Release,
    case: &'static str,
    theirs: &'static str,
    ours: &'static str,
    because: &'static str,
) -> Difference {
    Difference {
        release,
        case,
        theirs,
        ours,
        because,
    }
}

/// All of them.
pub const KNOWN: &[Difference] = &[
    differs(
        V4_0_5,
        "publishing::reply_to",
        "returned 312 NO_ROUTE \"answer\" key \"amq.rabbitmq.reply-to.*\", then ack",
        "ack",
        REPLIES,
    ),
    differs(
        V4_0_5,
        "publishing::reply_to",
        "returned 312 NO_ROUTE \"another\" key \"amq.rabbitmq.reply-to.*\", then ack",
        "ack",
        REPLIES,
    ),
    differs(
        V4_0_5,
        "publishing::reply_to",
        "replies gets #1 \"another\"",
        "replies gets #2 \"another\"",
        REPLIES,
    ),
    differs(
        V4_0_5,
        "publishing::reply_to_nobody",
        "returned 312 NO_ROUTE \"answer\" key \"amq.rabbitmq.reply-to.*\", then ack",
        "ack",
        LOST_REPLIES,
    ),
    differs(
        V4_3_6,
        "publishing::reply_to_declared",
        "one of nobody: 541 INTERNAL_ERROR",
        "one of nobody: 404 NOT_FOUND - no queue 'amq.rabbitmq.reply-to.*' in vhost '/'",
        CRASH,
    ),
    differs(
        V4_0_5,
        "turns::a_busy_single_active_one_gives_all_back",
        "  a2 ok\n  q0 has 1 ready, 0 consumers\n",
        "  a2 ok\n  a1 c2 gets #1 \"m0\" key \"q0\" redelivered headers {x-delivery-count: 1l}\n",
        STUCK,
    ),
    differs(
        V4_0_5,
        "turns::a_busy_single_active_one_gives_all_back",
        "  q0 has 2 ready, 0 consumers\na1 channel.close\n  \
         a2 c1 gets #2 \"m0\" key \"q0\" redelivered headers {x-delivery-count: 1l}\n  \
         a2 c1 gets #3 \"m1\" key \"q0\"\n  q0 has 0 ready, 1 consumers\n",
        "  a1 c2 gets #2 \"m1\" key \"q0\"\na1 channel.close\n  \
         a2 c1 gets #2 \"m0\" key \"q0\" redelivered headers {x-delivery-count: 2l}\n  \
         a2 c1 gets #3 \"m1\" key \"q0\" redelivered headers {x-delivery-count: 1l}\n",
        STUCK,
    ),
    differs(
        V4_0_5,
        "stream_readers::offsets_that_are_none",
        "connection a is closed: 541 INTERNAL_ERROR",
        "a1 is closed: 406 PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue 'q0' in vhost '/': \
         {invalid_stream_offset_arg,{longstr,<<>>}}",
        CRASH,
    ),
    differs(
        V4_0_5,
        "streams::offsets",
        WRONG_OFFSETS.0,
        WRONG_OFFSETS.1,
        CRASH,
    ),
    differs(
        V3_10_8,
        "streams::offsets",
        WRONG_OFFSETS.0,
        WRONG_OFFSETS.1,
        CRASH,
    ),
    differs(
        V3_10_8,
        "publishing::reply_to",
        "returned 312 NO_ROUTE \"answer\" key \"amq.rabbitmq.reply-to.*\", then ack",
        "ack",
        REPLIES,
    ),
    differs(
        V3_10_8,
        "publishing::reply_to",
        "returned 312 NO_ROUTE \"another\" key \"amq.rabbitmq.reply-to.*\", then ack",
        "ack",
        REPLIES,
    ),
    differs(
        V3_10_8,
        "publishing::reply_to",
        "replies gets #1 \"another\"",
        "replies gets #2 \"another\"",
        REPLIES,
    ),
    differs(
        V3_10_8,
        "deaths::keys_of_cc",
        "key \"given\" headers {x-death",
        "key \"given\" headers {CC: [\"cc\"], x-death",
        "3.13 keeps CC (D10, W3).",
    ),
    differs(
        V3_10_8,
        "deaths::death_set_by_a_publisher",
        "count: 8l, exchange: \"\", queue: \"death_set_by_a_publisher.q\", reason: \"rejected\", \
         routing-keys: [\"death_set_by_a_publisher.q\"]}], x-first-death-queue: \"mine\"}",
        "count: 1l, exchange: \"\", queue: \"death_set_by_a_publisher.q\", reason: \"rejected\", \
         routing-keys: [\"death_set_by_a_publisher.q\"], time: (a time)}], x-first-death-exchange: \"\", \
         x-first-death-queue: \"death_set_by_a_publisher.q\", x-first-death-reason: \"rejected\"}",
        "3.13.7 passes over a death that has no time (D9).",
    ),
    differs(
        V3_10_8,
        "declaring::exchange_types",
        "503 COMMAND_INVALID",
        "406 PRECONDITION_FAILED",
        NO_TYPE,
    ),
    differs(
        V3_10_8,
        "routing::random_local",
        "503 COMMAND_INVALID",
        "406 PRECONDITION_FAILED",
        NO_TYPE,
    ),
    differs(
        V3_10_8,
        "quorum::delivery_limit_endless",
        "1 deliveries, the last one \"1\" key \"delivery_limit_endless.q\"",
        "25 deliveries, the last one \"1\" key \"delivery_limit_endless.q\" redelivered headers {x-delivery-count: 24l}",
        "To 3.10 -1 is less than any count; here it is no limit in every profile.",
    ),
    differs(
        V3_10_8,
        "routes::a_time_never_matches",
        "  q0 has 1 ready, 0 consumers\n  q1 has 1 ready, 0 consumers\n",
        "",
        TIMES,
    ),
    differs(
        V3_10_8,
        "routes::a_time_never_matches",
        "  q0 has 2 ready, 0 consumers\n  q1 has 2 ready, 0 consumers\n",
        "  q1 has 1 ready, 0 consumers\n",
        TIMES,
    ),
    differs(
        V3_10_8,
        "routes::a_time_never_matches",
        "what q0 holds\n  gets #1 \"m0\" by x0 key \"\" headers {t: (a time)}, 1 left\n  \
         gets #2 \"m1\" by x0 key \"\" headers {h: 1, t: (a time)}, 0 left\n\
         what q1 holds\n  gets #1 \"m0\" by x0 key \"\" headers {t: (a time)}, 1 left\n  \
         gets #2 \"m1\" by",
        "what q0 holds\nwhat q1 holds\n  gets #1 \"m1\" by",
        TIMES,
    ),
    differs(
        V3_10_8,
        "routing::headers_types",
        "int had [int octet long double]",
        "int had [int octet long]",
        NUMBERS,
    ),
    differs(
        V3_10_8,
        "routing::headers_types",
        "long had [int octet long double]",
        "long had [int octet long]",
        NUMBERS,
    ),
    differs(
        V3_10_8,
        "routing::headers_types",
        "double had [int octet long double]",
        "double had [double]",
        NUMBERS,
    ),
    differs(
        V3_10_8,
        "streams::what_a_reader_must_say",
        "is not set for 'queue 'what_a_reader_must_say.q' in vhost '/''",
        "is not set for stream queue 'what_a_reader_must_say.q' in vhost '/'",
        TEXTS,
    ),
    differs(
        V3_10_8,
        "streams::what_a_reader_must_say",
        "by stream queues queue",
        "by stream queue",
        TEXTS,
    ),
    differs(
        V3_10_8,
        "streams::acks_are_credit",
        "nack: 540 NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue \
         'acks_are_credit.q' in vhost '/'\n\
         c gets 540 NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue \
         'acks_are_credit.q' in vhost '/'",
        "nack: nothing\nc gets #4 \"3\" key \"acks_are_credit.q\" headers {x-stream-offset: 3l}",
        "Q47: to turn a message of a stream away is as good as to acknowledge it.",
    ),
];

const WRONG_OFFSETS: (&str, &str) = (
    "from a wrong one: 541 INTERNAL_ERROR\nfrom a wrong one: 541 INTERNAL_ERROR",
    "from a wrong one: 406 PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue 'offsets.q' in vhost '/': \
     {invalid_stream_offset_arg,{longstr,<<\"sometime\">>}}\n\
     from a wrong one: 541 INTERNAL_ERROR",
);

/// What is left out of account.
const BESIDES: &[Besides] = &[
    // D8: 3.13 tells of the last death as well.
    Besides {
        release: V3_10_8,
        who: Who::Leveret,
        cases: "",
        begin: ", x-last-death-exchange: \"",
        end: "\"",
    },
    Besides {
        release: V3_10_8,
        who: Who::Leveret,
        cases: "",
        begin: ", x-last-death-queue: \"",
        end: "\"",
    },
    Besides {
        release: V3_10_8,
        who: Who::Leveret,
        cases: "",
        begin: ", x-last-death-reason: \"",
        end: "\"",
    },
    // Q45: who gets a message of a quorum queue by `basic.get` is told 0 by 3.10.
    Besides {
        release: V3_10_8,
        who: Who::RabbitMq,
        cases: "quorum::",
        begin: " headers {x-delivery-count: 0l}",
        end: "",
    },
    Besides {
        release: V3_10_8,
        who: Who::RabbitMq,
        cases: "quorum::",
        begin: "x-delivery-count: 0l",
        end: ", ",
    },
    // Q47: 3.13 tells of what is not to be written to disk.
    Besides {
        release: V3_10_8,
        who: Who::Leveret,
        cases: "streams::",
        begin: " delivery_mode 1",
        end: "",
    },
];

/// What Leveret has to answer: as RabbitMQ did, but for what is known.
///
/// # Errors
/// When RabbitMQ's answer is not the one that the difference speaks of.
pub fn expected(release: Release, case: &str, theirs: &[String]) -> Result<Vec<String>, String> {
    let mut text = without(release, case, Who::RabbitMq, &theirs.join("\n"));
    for known in KNOWN
        .iter()
        .filter(|it| it.release == release && it.case == case)
    {
        if !text.contains(known.theirs) {
            return Err(format!("RabbitMQ does not say {:?} any more", known.theirs));
        }
        text = text.replace(known.theirs, known.ours);
    }
    Ok(text.lines().map(str::to_owned).collect())
}

/// What Leveret answered, without what is left out of account.
pub fn compared(release: Release, case: &str, ours: &[String]) -> Vec<String> {
    let text = without(release, case, Who::Leveret, &ours.join("\n"));
    text.lines().map(str::to_owned).collect()
}

fn without(release: Release, case: &str, who: Who, text: &str) -> String {
    let mut text = text.to_owned();
    let applies =
        |it: &&Besides| it.release == release && it.who == who && case.starts_with(it.cases);
    for besides in BESIDES.iter().filter(applies) {
        while let Some(from) = text.find(besides.begin) {
            let rest = from + besides.begin.len();
            let to = text[rest..]
                .find(besides.end)
                .map_or(text.len(), |at| rest + at + besides.end.len());
            text.replace_range(from..to, "");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers;

    /// What RabbitMQ is said to say besides, it says: else the difference is no more.
    #[test]
    fn what_rabbitmq_says_besides_is_in_its_answers() {
        for besides in BESIDES.iter().filter(|it| it.who == Who::RabbitMq) {
            let kept = answers::kept(besides.release).unwrap();
            let mut cases = kept
                .iter()
                .filter(|(case, _)| case.starts_with(besides.cases));
            let said = cases.any(|(_, lines)| lines.join("\n").contains(besides.begin));
            assert!(said, "{besides:?}");
        }
    }

    /// Each difference is of a case that there is.
    #[test]
    fn differences_are_of_cases() {
        for known in KNOWN {
            let there = crate::cases::all().any(|case| case.full_name() == known.case);
            assert!(there, "{known:?}");
        }
    }
}
