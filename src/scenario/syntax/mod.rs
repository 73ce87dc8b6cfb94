//! The notation of scenario files: RON, a little more forgiving, as a tree that knows where each thing stands.
//!
//! The `ron` crate stops at the first thing that is wrong and does not say where a value stood; a scenario is checked as
//! a whole, so it needs the tree.

mod lexer;
mod parser;

use super::source::Span;

pub(super) use parser::parse;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub span: Span,
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum NodeKind {
    /// `true` or `false`.
    Bool(bool),
    /// A number as written, perhaps with a unit: `3`, `0.5`, `400ms`.
    Number(String),
    /// A text in quotes.
    Text(String),
    /// A bare word: `topic`.
    Word(String),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `(a, b)`; `()` is no value.
    Group(Vec<Node>),
    /// `(name: value, …)` or `{"name": value, …}`, which mean the same.
    Map(Vec<Entry>),
    /// A bare word and brackets: `random("1s")`. The inner node is a group or a map.
    Call(String, Box<Node>),
}

/// A name with its value, inside brackets.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: String,
    pub name_span: Span,
    pub value: Node,
}

/// Why a text has no tree.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub span: Span,
    pub what: String,
    pub hint: Option<String>,
}

impl SyntaxError {
    fn new(span: Span, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            span,
            what: what.into(),
            hint: Some(hint.into()),
        }
    }
}
