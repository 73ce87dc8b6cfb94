//! The cases, by what they are about.

mod connections;
mod consuming;
mod deaths;
mod declaring;
mod doubts;
mod limits;
mod priorities;
mod publishing;
mod quorum;
mod routing;
mod streams;

use std::pin::Pin;
use std::sync::LazyLock;

use crate::programs::kept::{self, Kept};
use crate::programs::play::Player;
use crate::release::Release;
use crate::scene::{Scene, Steps};

/// A client's program, written with a [`Scene`].
type Written = for<'a> fn(&'a mut Scene) -> Pin<Box<dyn Future<Output = Steps> + Send + 'a>>;

/// A client's program.
#[derive(Clone, Copy, Debug)]
enum Program {
    Written(Written),
    Kept(&'static Kept),
}

/// A client's program, and the rules that it shows.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The file that it is in.
    pub room: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// The rules that it shows.
    pub rules: &'static str,
    program: Program,
}

impl Case {
    /// Its name, with that of its file.
    pub fn full_name(&self) -> String {
        format!("{}::{}", self.room, self.name)
    }

    /// Whether a release is asked.
    pub fn is_for(&self, release: Release) -> bool {
        match self.program {
            Program::Written(_) => true,
            Program::Kept(kept) => !kept.since_4 || release > Release::V3_10_8,
        }
    }

    /// What is answered when it runs against the server at an address.
    pub async fn told(&self, address: &str) -> Vec<String> {
        match self.program {
            Program::Written(program) => {
                let mut scene = Scene::new(address, self.name);
                let end = program(&mut scene).await;
                scene.end(end).await
            }
            Program::Kept(kept) => {
                let player = Player::of(address, self.name);
                match player.play(&kept.program, 1) {
                    Ok(told) => kept::lines(&told),
                    Err(error) => vec![format!("and no further: {error:#}")],
                }
            }
        }
    }
}

/// A table of cases: each one's function, and its rules.
macro_rules! cases {
    ($($name:ident: $rules:literal,)*) => {
        pub(super) const CASES: &[super::Case] = &[$(super::Case {
            room: {
                let path = module_path!().as_bytes();
                let (_, room) = path.split_at("leveret_conformance::cases::".len());
                match std::str::from_utf8(room) {
                    Ok(room) => room,
                    Err(_) => "",
                }
            },
            name: stringify!($name),
            rules: $rules,
            program: super::Program::Written(|scene| Box::pin($name(scene))),
        },)*];
    };
}
use cases;

/// The programs that are kept as text. That they can be read is a test of its own.
static KEPT: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let all = kept::all().unwrap_or_default();
    let all: &'static [Kept] = all.leak();
    let case = |kept: &'static Kept| Case {
        room: &kept.room,
        name: &kept.name,
        rules: &kept.rules,
        program: Program::Kept(kept),
    };
    all.iter().map(case).collect()
});

/// All cases.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        connections::CASES,
        consuming::CASES,
        deaths::CASES,
        declaring::CASES,
        doubts::CASES,
        limits::CASES,
        priorities::CASES,
        publishing::CASES,
        quorum::CASES,
        routing::CASES,
        streams::CASES,
    ]
    .into_iter()
    .flatten()
    .chain(KEPT.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else they would not be asked.
    #[test]
    fn what_is_kept_can_be_read() {
        assert!(!kept::all().unwrap().is_empty());
    }

    /// Else one's answer would be taken for another's.
    #[test]
    fn no_two_have_one_name() {
        let mut names: Vec<_> = all().map(Case::full_name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
