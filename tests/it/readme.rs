//! The README holds: its scenario is one, and its keys are those of the window.

use leveret::scenario::{load_str, verify};

const README: &str = include_str!("../../README.md");

/// The blocks of code in a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

#[test]
fn the_scenario_in_the_readme_is_one_and_what_it_expects_holds() {
    let blocks = blocks(README, "ron");
    assert_eq!(blocks.len(), 1, "one whole example");
    let scenario = load_str("README.md", blocks[0]).unwrap_or_else(|error| panic!("{error}"));
    assert!(!scenario.expect.is_empty());
    assert_eq!(verify(&scenario), []);
}

#[test]
fn a_mistake_in_the_readmes_scenario_is_told_as_the_readme_says() {
    let mistaken = blocks(README, "ron")[0].replace("(queue: \"italy\"", "(queue: \"itly\"");
    let told = load_str("orders.ron", &mistaken).expect_err("a mistake");
    assert_eq!(blocks(README, "text"), [format!("{told}\n")]);
}

/// The README's table of keys, a row for each action: its name, and its keys as they are written.
#[cfg(feature = "gui")]
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let section = text.split("\n## Keys\n").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let (keys, name) = (cells.next()?, cells.next()?);
        let keys = keys.split('`').skip(1).step_by(2);
        Some((name.to_owned(), keys.map(str::to_owned).collect()))
    });
    // The head of the table, and the line below it.
    rows.skip(2).collect()
}

#[cfg(feature = "gui")]
#[test]
fn the_keys_in_the_readme_are_those_of_the_window() {
    use leveret::app::ACTIONS;

    let names = egui::ModifierNames::NAMES;
    let written = |shortcut: &egui::KeyboardShortcut| {
        let sign = match shortcut.logical_key {
            egui::Key::Plus => "+",
            egui::Key::Equals => "=",
            egui::Key::Minus => "-",
            egui::Key::Questionmark => "?",
            key => key.name(),
        };
        match names.format(&shortcut.modifiers, false) {
            modifiers if modifiers.is_empty() => sign.to_owned(),
            modifiers => format!("{modifiers}+{sign}"),
        }
    };
    let mut expected: Vec<_> = ACTIONS
        .iter()
        .filter(|entry| !entry.keys.is_empty())
        .map(|entry| ((entry.name)(), entry.keys.iter().map(written).collect()))
        .collect();
    let mut found = rows(README);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn blocks_are_found_by_their_language() {
    let text = "a\n```ron\n(x)\n```\nb\n```sh\nls\n```\n```ron\n()\n```\n";
    assert_eq!(blocks(text, "ron"), ["(x)\n", "()\n"]);
    assert_eq!(blocks(text, "rust"), [""; 0]);
}
