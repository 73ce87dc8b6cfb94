//! The rooms of the program: who may enter which, as docs/architecture.md has it, and what is found in none.

use std::fs;
use std::path::Path;

use crate::sources::{SourceFile, rust_files};

const ARCHITECTURE: &str = include_str!("../../docs/architecture.md");

/// More lines than this hold more than one idea; of a table of rules, more.
const LONGEST: usize = 700;
const LONGEST_TABLE: usize = 1_250;

/// What only the window may name.
const WINDOW: &[&str] = &["egui", "eframe", "winit", "rfd"];
/// What would make a run depend on more than its scenario: clocks, threads, files, sockets, and chance without a seed.
const OUTSIDE: &[&str] = &[
    "Instant",
    "SystemTime",
    "fs",
    "net",
    "thread",
    "tokio",
    "rand",
    "thread_rng",
    "println",
    "eprintln",
];
/// What ends the program.
const PANICS: &[&str] = &[
    ".unwrap()",
    ".expect(",
    ".unwrap_err()",
    ".expect_err(",
    "panic!",
    "todo!",
    "unimplemented!",
    "unreachable!",
    "dbg!",
];
/// Where a panic is right, because neither a user nor a file can cause it: a file of the program's own is broken.
const MAY_PANIC: &[(&str, &str)] = &[("scene/measure.rs", ".expect(")];

/// A room, and the rooms it may enter.
#[derive(Debug, PartialEq)]
struct Room {
    name: String,
    may: Vec<String>,
}

/// The table of rooms in a page: those it names first come first, and a room enters only what stands above it.
fn rooms(page: &str) -> Vec<Room> {
    let mut rooms: Vec<Room> = Vec::new();
    let table = page
        .lines()
        .skip_while(|line| !line.starts_with("| room |"));
    for line in table.skip(2).take_while(|line| line.starts_with('|')) {
        let mut cells = line.split('|').skip(1);
        let name = ticked(cells.next().unwrap_or_default());
        let arrows = cells.nth(1).unwrap_or_default();
        let named = ticked(arrows);
        let above = rooms.iter().map(|room| room.name.clone());
        let may = if arrows.contains("all above") {
            above.filter(|name| !named.contains(name)).collect()
        } else {
            let above: Vec<_> = above.collect();
            for name in &named {
                assert!(above.contains(name), "`{name}` stands above {line}");
            }
            named
        };
        rooms.extend(name.into_iter().map(|name| Room {
            name,
            may: may.clone(),
        }));
    }
    rooms
}

/// The words in backticks.
fn ticked(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The rooms that code names by a path from the crate's root, each with its line. `depth` is how many modules the
/// file's own is below the root.
fn entered(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (start, root) in roots(code, depth) {
        let line = 1 + code[..start].matches('\n').count();
        let path = &code[start + root..];
        found.extend(first_names(path).into_iter().map(|name| {
            // The macro lives at the root, its texts in `words`.
            let name = if name == "t" { "words" } else { name };
            (line, name.to_owned())
        }));
    }
    found
}

/// Where paths from the crate's root begin, and how long that beginning is.
fn roots(code: &str, depth: usize) -> Vec<(usize, usize)> {
    let climb = "super::".repeat(depth.max(1));
    let mut roots = Vec::new();
    for mark in ["crate::", climb.as_str()] {
        for (start, _) in code.match_indices(mark) {
            let before = code[..start].chars().next_back();
            // `$crate` stands for the same; `self::super::` and the like are not written.
            if !before.is_some_and(is_word_letter) {
                roots.push((start, mark.len()));
            }
        }
    }
    roots
}

/// The first names of a path, or of each path in braces.
fn first_names(path: &str) -> Vec<&str> {
    let word = |text: &'_ str| {
        text.find(|letter| !is_word_letter(letter))
            .unwrap_or(text.len())
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![&path[..word(path)]];
    };
    let (mut names, mut depth, mut begins) = (Vec::new(), 1, true);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => begins = true,
            letter if begins && !letter.is_whitespace() => {
                begins = false;
                names.push(&group[at..at + word(&group[at..])]);
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// What a room's code names that it may not.
fn trespasses(room: &Room, rooms: &[Room], code: &str, depth: usize) -> Vec<String> {
    entered(code, depth)
        .into_iter()
        .filter(|(_, name)| *name != room.name && rooms.iter().any(|room| room.name == *name))
        .filter(|(_, name)| !room.may.contains(name))
        .map(|(line, name)| format!("{line}: {} may not enter {name}", room.name))
        .collect()
}

/// The words of code, each with the number of its line.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().zip(1..).flat_map(|(line, number)| {
        line.split(|letter| !is_word_letter(letter))
            .map(move |word| (number, word))
    })
}

fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The forbidden words that code names.
fn named(code: &str, forbidden: &[&[&str]]) -> Vec<String> {
    words(code)
        .filter(|(_, word)| forbidden.iter().any(|list| list.contains(word)))
        .map(|(line, word)| format!("{line}: {word}"))
        .collect()
}

/// What in code ends the program.
fn panics(code: &str) -> Vec<(usize, &'static str)> {
    code.lines()
        .zip(1..)
        .flat_map(|(line, number)| {
            let found = PANICS.iter().filter(|panic| line.contains(**panic));
            found.map(move |panic| (number, *panic))
        })
        .collect()
}

/// How many modules a file's own is below the crate's root.
fn depth(path: &str) -> usize {
    let parts = path.split('/').count();
    if path.ends_with("/mod.rs") || !path.contains('/') {
        parts - 1
    } else {
        parts
    }
}

fn room_of(path: &str) -> Option<&str> {
    path.split_once('/').map(|(room, _)| room)
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Every file of the program, its path counted from `src`, without its unit tests.
fn sources() -> Vec<SourceFile> {
    let mut files = rust_files("src");
    assert!(files.len() > 50, "the sources are where they are sought");
    for file in &mut files {
        let path = file.path.replace('\\', "/");
        file.path = path.trim_start_matches("src/").to_owned();
    }
    files
}

#[test]
fn every_room_is_in_the_map_and_every_room_in_the_map_is_there() {
    let mut there: Vec<_> = sources()
        .iter()
        .filter_map(|file| room_of(&file.path).map(str::to_owned))
        .collect();
    there.dedup();
    let mut mapped: Vec<_> = rooms(ARCHITECTURE)
        .into_iter()
        .map(|room| room.name)
        .collect();
    mapped.sort();
    assert_eq!(there, mapped);
}

#[test]
fn no_room_enters_one_it_may_not() {
    let rooms = rooms(ARCHITECTURE);
    let mut found = Vec::new();
    for SourceFile { path, code, .. } in sources() {
        let own = room_of(&path);
        let Some(room) = rooms.iter().find(|room| own == Some(&room.name)) else {
            continue;
        };
        let there = trespasses(room, &rooms, &code, depth(&path));
        found.extend(there.iter().map(|what| format!("{path}:{what}")));
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_core_knows_no_window_clock_thread_socket_file_or_unseeded_chance() {
    let mut found = Vec::new();
    for SourceFile { path, code, .. } in sources() {
        let forbidden: &[&[&str]] = match room_of(&path) {
            None | Some("app" | "ui") => continue,
            Some("cli" | "live") => &[WINDOW],
            Some(_) => &[WINDOW, OUTSIDE],
        };
        // Scenarios are files, and one module reads them.
        let reads = path == "scenario/load.rs" || is_test(&path);
        let there = named(&code, forbidden);
        let there = there
            .iter()
            .filter(|what| !(reads && what.ends_with(": fs")));
        found.extend(there.map(|what| format!("{path}:{what}")));
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn nothing_outside_tests_is_written_to_panic() {
    let mut found = Vec::new();
    for file in sources().iter().filter(|file| !is_test(&file.path)) {
        for (line, panic) in panics(&file.code) {
            found.push((format!("{}:{line}", file.path), panic));
        }
    }
    let allowed = |(place, panic): &(String, &str)| {
        MAY_PANIC
            .iter()
            .any(|(path, what)| place.starts_with(path) && panic == what)
    };
    let (right, wrong): (Vec<_>, Vec<_>) = found.into_iter().partition(allowed);
    assert_eq!(wrong, []);
    assert_eq!(right.len(), MAY_PANIC.len(), "{right:?}");
}

#[test]
fn no_file_holds_more_than_one_idea() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = Vec::new();
    for file in rust_files("src").iter().chain(&rust_files("tests")) {
        let text = fs::read_to_string(root.join(&file.path)).expect("a text");
        let most = if file.path.starts_with("tests") {
            LONGEST_TABLE
        } else {
            LONGEST
        };
        if text.lines().count() > most {
            long.push(file.path.clone());
        }
    }
    assert_eq!(long, [""; 0]);
}

/// These tests can fail: what is planted is found.
mod planted {
    use super::*;

    const PAGE: &str = "
| room | what lives there | may enter |
|---|---|---|
| `a` | first | nothing |
| `b` | second | `a` |
| `c` | third | all above but `a` |
";

    fn code(text: &str) -> String {
        SourceFile::read("planted.rs", text).code
    }

    fn told(room: usize, text: &str, depth: usize) -> Vec<String> {
        let rooms = rooms(PAGE);
        trespasses(&rooms[room], &rooms, &code(text), depth)
    }

    #[test]
    fn the_table_is_read() {
        let may: Vec<_> = rooms(PAGE).into_iter().map(|room| room.may).collect();
        assert_eq!(may, [vec![], vec!["a".to_owned()], vec!["b".to_owned()]]);
    }

    #[test]
    fn a_trespass_is_found_however_it_is_written() {
        let b = "1: a may not enter b";
        assert_eq!(told(0, "use crate::b::X;", 1), [b]);
        assert_eq!(told(0, "use crate::{a::Y, b::{c, X}};", 1), [b]);
        assert_eq!(told(0, "use crate::{\n  a,\n  b,\n};", 1), [b]);
        assert_eq!(told(0, "fn f(x: crate::b::X) {}", 1), [b]);
        assert_eq!(told(0, "use super::b::X;", 1), [b]);
        assert_eq!(told(0, "use super::super::b::X;", 2), [b]);
        assert_eq!(told(2, "\nuse crate::a;", 1), ["2: c may not enter a"]);
    }

    #[test]
    fn what_is_allowed_is_not() {
        assert_eq!(told(1, "use crate::{a::X, b};", 1), [""; 0]);
        assert_eq!(
            told(0, "// use crate::b;\nconst X: &str = \"crate::b\";", 1),
            [""; 0]
        );
        // A module of the room's own that is called like another room.
        assert_eq!(told(0, "use super::b::X;", 2), [""; 0]);
    }

    #[test]
    fn forbidden_words_and_panics_are_found() {
        let text = "use std::time::{Duration, Instant};\nuse std::fs;\nlet offset = 1; // egui";
        let found = named(&code(text), &[WINDOW, OUTSIDE]);
        assert_eq!(found, ["1: Instant", "2: fs"]);
        let text = "fn f() {\n  x.unwrap();\n}\n#[cfg(test)]\nmod tests {\n  panic!()\n}\n";
        assert_eq!(panics(&code(text)), [(2, ".unwrap()")]);
        assert_eq!(panics("todo!()"), [(1, "todo!")]);
        assert_eq!(panics("x.unwrap_or(1)"), []);
    }

    #[test]
    fn files_know_how_deep_they_are() {
        assert_eq!(depth("lib.rs"), 0);
        assert_eq!(depth("a/mod.rs"), 1);
        assert_eq!(depth("a/b.rs"), 2);
        assert_eq!(depth("a/b/mod.rs"), 2);
        assert_eq!(depth("a/b/c.rs"), 3);
    }
}
