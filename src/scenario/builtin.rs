//! The scenarios that come with the program, embedded so that it runs from any folder.

use super::nearest::nearest;
use crate::t;

/// A built-in scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// What it is called by: its file's name without the ending.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// All of them, in the order lessons take them.
pub const ALL: &[Builtin] = &[
    Builtin {
        name: "hello",
        text: include_str!("../../scenarios/hello.ron"),
    },
    Builtin {
        name: "direct",
        text: include_str!("../../scenarios/direct.ron"),
    },
    Builtin {
        name: "fanout",
        text: include_str!("../../scenarios/fanout.ron"),
    },
    Builtin {
        name: "topic",
        text: include_str!("../../scenarios/topic.ron"),
    },
    Builtin {
        name: "headers",
        text: include_str!("../../scenarios/headers.ron"),
    },
    Builtin {
        name: "work-queue",
        text: include_str!("../../scenarios/work-queue.ron"),
    },
];

/// The built-in scenario of this name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|builtin| builtin.name == name)
}

/// What to try instead of a name that is not found.
pub(super) fn suggestion(name: &str) -> String {
    let names = ALL.iter().map(|builtin| builtin.name);
    match nearest(name, names.clone()) {
        Some(near) => t!("file-did-you-mean", name = near),
        None => t!(
            "file-builtin-ones",
            names = names.collect::<Vec<_>>().join(", ")
        ),
    }
}
