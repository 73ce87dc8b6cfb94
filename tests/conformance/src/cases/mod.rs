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

use crate::scene::{Scene, Steps};

/// A client's program.
type Program = for<'a> fn(&'a mut Scene) -> Pin<Box<dyn Future<Output = Steps> + Send + 'a>>;

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

    /// What is answered when it runs.
    pub async fn told(&self, mut scene: Scene) -> Vec<String> {
        let end = (self.program)(&mut scene).await;
        scene.end(end).await
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
            program: |scene| Box::pin($name(scene)),
        },)*];
    };
}
use cases;

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
}
