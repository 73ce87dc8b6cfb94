//! What would have been right, where the broker refused.

use crate::broker::{Refusal, ReplyCode};
use crate::t;

macro_rules! rules {
    ($($rule:literal => $key:literal,)*) => {
        fn by_rule(rule: &str) -> Option<String> {
            match rule {
                $($rule => Some(t!($key)),)*
                _ => None,
            }
        }
    };
}

/// What would be right instead of what was refused: by the rule that refused it, and where that says several things, by
/// what it was said of.
pub fn right(refusal: &Refusal) -> Option<String> {
    let is_of = |names: &[&str]| names.iter().any(|name| refusal.text.contains(name));
    match refusal.rule {
        "C18" if refusal.code != ReplyCode::AccessRefused => Some(t!("right-pattern")),
        "Q12"
            if is_of(&[
                "invalid arg 'x-dead-letter-exchange'",
                "invalid arg 'x-dead-letter-routing-key'",
            ]) =>
        {
            Some(t!("right-Q12-dead-letter"))
        }
        "O7" if is_of(&["': dead-letter-exchange: ", "': dead-letter-routing-key: "]) => {
            Some(t!("right-Q12-dead-letter"))
        }
        "Q12" | "O7" if is_of(&["invalid arg 'x-max-age'", "': max-age: "]) => {
            Some(t!("right-Q12-age"))
        }
        "O1" if is_of(&["': no policy provided"]) => Some(t!("right-O1-empty")),
        rule => by_rule(rule),
    }
}

rules! {
    "C3" => "right-C3",
    "C6" => "right-C6",
    "C7" => "right-C7",
    "C10" => "right-C10",
    "C13" => "right-C13",
    "C14" => "right-C14",
    "C16" => "right-C16",
    "C17" => "right-C17",
    "C18" => "right-C18",
    "E2" => "right-E2",
    "E3" => "right-E3",
    "E4" => "right-E4",
    "E5" => "right-E5",
    "E6" => "right-E6",
    "E7" => "right-E7",
    "E8" => "right-E8",
    "E10" => "right-E10",
    "E13" => "right-E13",
    "E14" => "right-E14",
    "E16" => "right-E16",
    "E40" => "right-E40",
    "E44" => "right-E44",
    "E45" => "right-E45",
    "E17" => "right-E17",
    "E25" => "right-E25",
    "E30" => "right-E30",
    "Q1" => "right-Q1",
    "Q3" => "right-Q3",
    "Q4" => "right-Q4",
    "Q5" => "right-Q5",
    "Q7" => "right-Q7",
    "Q8" => "right-Q8",
    "Q9" => "right-Q9",
    "Q11" => "right-Q11",
    "Q12" => "right-Q12",
    "Q13" => "right-Q13",
    "Q20" => "right-Q20",
    "Q41" => "right-Q41",
    "Q43" => "right-Q43",
    "Q44" => "right-Q44",
    "Q46" => "right-Q46",
    "Q47" => "right-Q47",
    "D6" => "right-D6",
    "P2" => "right-P2",
    "P4" => "right-P4",
    "P5" => "right-P5",
    "P6" => "right-P6",
    "P10" => "right-P10",
    "P11" => "right-P11",
    "S1" => "right-S1",
    "S2" => "right-S2",
    "S6" => "right-S6",
    "S7" => "right-S7",
    "S8" => "right-S8",
    "S9" => "right-S9",
    "S14" => "right-S14",
    "S15" => "right-S15",
    "S16" => "right-S16",
    "O1" => "right-O1",
    "O3" => "right-O3",
    "O4" => "right-O4",
    "O6" => "right-O6",
    "O7" => "right-O7",
    "R8" => "right-R8",
    "W1" => "right-W1",
}
