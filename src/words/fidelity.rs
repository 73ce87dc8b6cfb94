//! How far the broker is RabbitMQ, rule by rule: docs/fidelity.md, read.

use std::sync::OnceLock;

const PAGE: &str = include_str!("../../docs/fidelity.md");

/// A rule of RabbitMQ's behaviour, and what is made of it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fidelity {
    /// The part of the page it stands in, such as "Queues".
    pub part: &'static str,
    /// Its number, such as `E12`.
    pub rule: &'static str,
    /// What it is about, in a few words.
    pub words: &'static str,
    /// Whether it is modelled.
    pub modelled: Modelled,
    /// The tests that show it, as `file::function`.
    pub tests: Vec<&'static str>,
    /// What is simplified, or why it is not modelled; empty if there is nothing to say.
    pub simplified: &'static str,
}

/// Whether a rule is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Modelled {
    /// It is.
    Fully,
    /// It is, but for what is simplified.
    InPart,
    /// It is not.
    Not,
}

/// Every rule, in the page's order.
pub fn fidelity() -> &'static [Fidelity] {
    static RULES: OnceLock<Vec<Fidelity>> = OnceLock::new();
    RULES.get_or_init(|| read(PAGE))
}

/// Reads the tables of the page. What is no row of theirs is left out; a test holds that every rule is a row.
fn read(page: &'static str) -> Vec<Fidelity> {
    let mut part = "";
    let mut rules = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            part = heading.split_once(". ").map_or(heading, |(_, part)| part);
        }
        rules.extend(row(part, line));
    }
    rules
}

fn row(part: &'static str, line: &'static str) -> Option<Fidelity> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let &["", rule, words, state, tests, simplified, ""] = cells.as_slice() else {
        return None;
    };
    let modelled = match state {
        "modelled" => Modelled::Fully,
        "in part" => Modelled::InPart,
        "not" => Modelled::Not,
        _ => return None, // the table's head
    };
    Some(Fidelity {
        part,
        rule,
        words,
        modelled,
        tests: tests.split('`').skip(1).step_by(2).collect(),
        simplified: if simplified == "–" { "" } else { simplified },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_and_all_else_left_out() {
        let page = "# Title\n## 2. Exchanges\n\n| rule | words | state | shown by | simplified |\n|---|---|---|---|---|\n\
                    | E1 | what is there | in part | `a::b`, `c/d::e` | little |\n| E2 | that | modelled | – | – |\n";
        assert_eq!(
            read(page),
            [
                Fidelity {
                    part: "Exchanges",
                    rule: "E1",
                    words: "what is there",
                    modelled: Modelled::InPart,
                    tests: vec!["a::b", "c/d::e"],
                    simplified: "little",
                },
                Fidelity {
                    part: "Exchanges",
                    rule: "E2",
                    words: "that",
                    modelled: Modelled::Fully,
                    tests: vec![],
                    simplified: "",
                },
            ]
        );
    }
}
