//! docs/fidelity.md: every rule stands in it, and what it says is modelled is shown by tests that cite the rule.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use leveret::words::{Fidelity, Modelled, fidelity};

/// The rules, by letter and number; the list they come from is not in this repository.
const RULES: [(char, u32, u32); 16] = [
    ('C', 1, 18),
    ('E', 1, 17),
    ('E', 20, 25),
    ('E', 27, 27),
    ('E', 30, 34),
    ('E', 40, 48),
    ('Q', 1, 13),
    ('Q', 20, 29),
    ('Q', 40, 47),
    ('D', 1, 11),
    ('P', 1, 11),
    ('S', 1, 16),
    ('R', 1, 8),
    ('F', 1, 5),
    ('O', 1, 7),
    ('O', 10, 14),
];

fn rules() -> Vec<String> {
    RULES
        .iter()
        .flat_map(|&(letter, first, last)| {
            (first..=last).map(move |number| format!("{letter}{number}"))
        })
        .collect()
}

/// A test: where it is, as the page writes it, and its text with the comments above it.
#[derive(Debug, PartialEq)]
struct Test {
    name: String,
    text: String,
}

/// Every test in the files below tests/it and src.
fn tests() -> Vec<Test> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["tests/it", "src"] {
        let folder = root.join(folder);
        let mut files = Vec::new();
        rust_files(&folder, &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let path = file.strip_prefix(&folder).unwrap().with_extension("");
            let path = path.display().to_string().replace('\\', "/");
            let path = path.strip_suffix("/mod").unwrap_or(&path);
            if path == "fidelity" {
                continue; // this file: what it plants is no test
            }
            found.extend(tests_of(path, &text));
        }
    }
    assert!(found.len() > 100, "the tests are where they are sought");
    found
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The tests of one file: each from the comments and attributes above it to the bracket that closes it.
fn tests_of(path: &str, text: &str) -> Vec<Test> {
    let lines: Vec<&str> = text.lines().collect();
    let is_above = |line: &str| line.trim().starts_with("//") || line.trim().starts_with("#[");
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((indent, name)) = function(line) else {
            continue;
        };
        let above = lines[..at].iter().rev().take_while(|line| is_above(line));
        let first = at - above.count();
        if !lines[first..at].iter().any(|line| line.trim() == "#[test]") {
            continue;
        }
        let close = format!("{}}}", &line[..indent]);
        let length = lines[at..].iter().position(|line| *line == close);
        let last = length.map_or(lines.len(), |length| at + length + 1);
        found.push(Test {
            name: format!("{path}::{name}"),
            text: lines[first..last].join("\n"),
        });
    }
    found
}

/// The indentation and the name of the function that a line begins.
fn function(line: &str) -> Option<(usize, &str)> {
    let code = line.trim_start();
    let (name, _) = code.strip_prefix("fn ")?.split_once('(')?;
    Some((line.len() - code.len(), name))
}

/// Whether a text cites a rule: as a word of its own, or within a range such as `E20–E25`.
fn cites(text: &str, rule: &str) -> bool {
    let wanted = number(rule).unwrap();
    let words: Vec<(usize, &str)> = words(text).collect();
    words.iter().enumerate().any(|(place, &(at, word))| {
        let Some(first) = number(word) else {
            return false;
        };
        let last = words.get(place + 1).and_then(|&(next, word)| {
            let between = &text[at + words[place].1.len()..next];
            matches!(between, "–" | "-")
                .then(|| number(word))
                .flatten()
                .filter(|last| last.0 == first.0)
        });
        let last = last.unwrap_or(first);
        wanted.0 == first.0 && (first.1..=last.1).contains(&wanted.1)
    })
}

/// The words of a text and where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// A rule's letter and number.
fn number(word: &str) -> Option<(char, u32)> {
    let letter = word.chars().next()?;
    let digits = word.strip_prefix(letter)?;
    let is_rule = "CEQDPSRFO".contains(letter) && digits.chars().all(|c| c.is_ascii_digit());
    Some((letter, digits.parse().ok().filter(|_| is_rule)?))
}

/// What is wrong with one row.
fn faults(row: &Fidelity, tests: &BTreeMap<&str, &str>) -> Vec<String> {
    let rule = row.rule;
    let mut faults = Vec::new();
    if row.modelled != Modelled::Fully && row.simplified.is_empty() {
        faults.push(format!("{rule}: say what is simplified, or why it is not"));
    }
    if row.modelled == Modelled::Not {
        if !row.tests.is_empty() {
            faults.push(format!("{rule}: is not modelled, and yet shown by tests"));
        }
        return faults;
    }
    for name in &row.tests {
        match tests.get(name) {
            None => faults.push(format!("{rule}: there is no test `{name}`")),
            Some(text) if !cites(text, rule) => {
                faults.push(format!("{rule}: `{name}` does not cite it"));
            }
            Some(_) => {}
        }
    }
    if row.tests.is_empty() {
        let citing = tests.iter().filter(|(_, text)| cites(text, rule));
        let citing: Vec<_> = citing.map(|(name, _)| format!("`{name}`")).collect();
        faults.push(match citing.is_empty() {
            true => format!("{rule}: names no test, and none cites it"),
            false => format!(
                "{rule}: names no test; these cite it: {}",
                citing.join(", ")
            ),
        });
    }
    faults
}

#[test]
fn every_rule_stands_on_the_page_once() {
    let mut there: Vec<_> = fidelity().iter().map(|row| row.rule.to_owned()).collect();
    there.sort();
    let mut wanted = rules();
    wanted.sort();
    assert_eq!(there, wanted);
    for row in fidelity() {
        assert!(!row.words.is_empty() && !row.part.is_empty(), "{row:?}");
    }
}

#[test]
fn what_is_said_to_be_modelled_is_shown_by_tests_that_cite_it() {
    let tests = tests();
    let tests = tests
        .iter()
        .map(|test| (test.name.as_str(), test.text.as_str()))
        .collect();
    let faults: Vec<_> = fidelity()
        .iter()
        .flat_map(|row| faults(row, &tests))
        .collect();
    assert!(
        faults.is_empty(),
        "docs/fidelity.md:\n{}",
        faults.join("\n")
    );
}

/// These tests can fail: what is planted is found.
mod planted {
    use super::*;

    const FILE: &str = "
// E12: one copy
#[test]
fn one_copy() {
    assert(1);
}

fn no_test() {}

mod inner {
    /// E20–E24
    #[test]
    fn topics() {
        f(); // Q3
    }
}
";

    fn row(modelled: Modelled, tests: &[&'static str], simplified: &'static str) -> Fidelity {
        Fidelity {
            part: "Part",
            rule: "E22",
            words: "words",
            modelled,
            tests: tests.to_vec(),
            simplified,
        }
    }

    #[test]
    fn tests_are_found_with_the_rules_they_cite() {
        let found = tests_of("file", FILE);
        let names: Vec<_> = found.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["file::one_copy", "file::topics"]);
        let cited = |test: &Test| -> Vec<String> {
            let rules = rules().into_iter();
            rules.filter(|rule| cites(&test.text, rule)).collect()
        };
        assert_eq!(cited(&found[0]), ["E12"]);
        assert_eq!(cited(&found[1]), ["E20", "E21", "E22", "E23", "E24", "Q3"]);
        assert!(!cites("E120 xE12 E_12 E1-2", "E12"));
    }

    #[test]
    fn what_is_wrong_with_a_row_is_told() {
        let found = tests_of("file", FILE);
        let tests = found
            .iter()
            .map(|test| (test.name.as_str(), test.text.as_str()))
            .collect();
        let told = |row: Fidelity| faults(&row, &tests);
        assert_eq!(
            told(row(Modelled::Fully, &["file::topics"], "")),
            [""; 0],
            "nothing is wrong with this one"
        );
        assert_eq!(
            told(row(Modelled::Fully, &["file::one_copy", "file::lost"], "")),
            [
                "E22: `file::one_copy` does not cite it",
                "E22: there is no test `file::lost`"
            ]
        );
        assert_eq!(
            told(row(Modelled::InPart, &[], "")),
            [
                "E22: say what is simplified, or why it is not",
                "E22: names no test; these cite it: `file::topics`"
            ]
        );
        assert_eq!(
            told(row(Modelled::Not, &["file::topics"], "for a reason")),
            ["E22: is not modelled, and yet shown by tests"]
        );
    }
}
