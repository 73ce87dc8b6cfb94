//! Reading the tree: takes what is right, notes what is not, and goes on.

use std::collections::BTreeMap;

use super::error::Problem;
use super::nearest::nearest;
use super::source::{Source, Span};
use super::syntax::{Entry, Node, NodeKind};

/// More problems than anyone reads at once; the rest is only counted.
const MOST_PROBLEMS: usize = 100;

/// Collects problems. Its methods return `None`, or less than was written, where they have noted one.
pub(super) struct Reader<'s> {
    source: &'s Source<'s>,
    problems: Vec<Problem>,
    left_out: usize,
}

impl<'s> Reader<'s> {
    pub fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            problems: Vec::new(),
            left_out: 0,
        }
    }

    pub fn source(&self) -> &'s Source<'s> {
        self.source
    }

    /// The problems in the file's order, and how many there are besides.
    pub fn into_problems(mut self) -> (Vec<Problem>, usize) {
        self.problems.sort_by_key(|problem| problem.place);
        (self.problems, self.left_out)
    }

    /// Notes a problem; an empty hint is none.
    pub fn report(&mut self, span: Span, what: impl Into<String>, hint: impl Into<String>) {
        if self.is_full() {
            self.left_out += 1;
            return;
        }
        let hint = hint.into();
        self.problems.push(Problem {
            place: self.source.place(span.start),
            what: what.into(),
            hint: (!hint.is_empty()).then_some(hint),
            excerpt: self.source.excerpt(span),
        });
    }

    /// Notes that `wanted` is none of `candidates`, with the nearest of them, or all, as the hint.
    pub fn report_unknown<'c>(
        &mut self,
        span: Span,
        what: impl Into<String>,
        wanted: &str,
        candidates: impl Iterator<Item = &'c str> + Clone,
    ) {
        let hint = if self.is_full() {
            // Nobody will see it, and looking for it takes time.
            String::new()
        } else if let Some(near) = nearest(wanted, candidates.clone()) {
            format!("did you mean `{near}`?")
        } else {
            one_of(candidates)
        };
        self.report(span, what, hint);
    }

    fn is_full(&self) -> bool {
        self.problems.len() >= MOST_PROBLEMS
    }

    /// Notes that something else than `wanted` was found.
    pub fn wrong_type(&mut self, node: &Node, wanted: &str) {
        let found = match &node.kind {
            NodeKind::Bool(value) => format!("`{value}`"),
            NodeKind::Number(number) => format!("the number `{number}`"),
            NodeKind::Text(_) => "a text".to_owned(),
            NodeKind::Word(word) => format!("the word `{word}`"),
            NodeKind::List(_) => "a list".to_owned(),
            NodeKind::Group(items) if items.is_empty() => "nothing".to_owned(),
            NodeKind::Group(_) => "values in brackets".to_owned(),
            NodeKind::Map(_) => "names with values".to_owned(),
            NodeKind::Call(word, _) => format!("`{word}(…)`"),
        };
        let hint = match &node.kind {
            NodeKind::Word(word) => format!("text is written in double quotes: \"{word}\""),
            _ => String::new(),
        };
        self.report(node.span, format!("expected {wanted}, found {found}"), hint);
    }

    /// A map's entries, of which each name may stand once.
    pub fn entries<'t>(&mut self, node: &'t Node, wanted: &str) -> Option<&'t [Entry]> {
        let entries = match &node.kind {
            NodeKind::Map(entries) => entries.as_slice(),
            NodeKind::Group(items) if items.is_empty() => &[],
            _ => {
                self.wrong_type(node, wanted);
                return None;
            }
        };
        let mut seen = BTreeMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(entry.name.as_str(), entry.name_span) {
                self.report_twice(entry.name_span, &format!("`{}`", entry.name), first);
            }
        }
        Some(entries)
    }

    /// Notes that `what` has stood at `first` already.
    pub fn report_twice(&mut self, span: Span, what: &str, first: Span) {
        let line = self.source.line(first.start);
        self.report(
            span,
            format!("{what} stands here twice"),
            format!("the first is on line {line}; remove or rename one"),
        );
    }

    /// The fields of `owner` ("a consumer"); what is missing among them is reported at `span`.
    pub fn fields<'t>(
        &mut self,
        node: &'t Node,
        owner: &'static str,
        span: Span,
    ) -> Option<Fields<'t>> {
        let wanted = format!("{owner} as `(name: value, …)`");
        Some(Fields {
            entries: self.entries(node, &wanted)?,
            known: Vec::new(),
            owner,
            span,
        })
    }

    /// A field that has to be there.
    pub fn required<'t>(
        &mut self,
        fields: &mut Fields<'t>,
        name: &'static str,
        example: &str,
    ) -> Option<&'t Node> {
        let found = fields.get(name);
        if found.is_none() {
            self.report(
                fields.span,
                format!("{} needs `{name}`", fields.owner),
                format!("such as `{name}: {example}`"),
            );
        }
        found
    }

    /// Notes the fields that nobody asked for. To be called when all were.
    pub fn finish(&mut self, fields: Fields<'_>) {
        for entry in fields.entries {
            if !fields.known.contains(&entry.name.as_str()) {
                let what = format!("{} has no field `{}`", fields.owner, entry.name);
                let known = fields.known.iter().copied();
                self.report_unknown(entry.name_span, what, &entry.name, known);
            }
        }
    }
}

/// The named fields of one thing. It learns which there are from being asked for them.
pub(super) struct Fields<'t> {
    entries: &'t [Entry],
    known: Vec<&'static str>,
    pub owner: &'static str,
    pub span: Span,
}

impl<'t> Fields<'t> {
    /// The field's value, if it is written.
    pub fn get(&mut self, name: &'static str) -> Option<&'t Node> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// The field, if it is written.
    pub fn entry(&mut self, name: &'static str) -> Option<&'t Entry> {
        self.known.push(name);
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// "one of `a`, `b`, …", as far as it is short enough to be read.
fn one_of<'c>(candidates: impl Iterator<Item = &'c str> + Clone) -> String {
    let quoted = |name: &str| format!("`{name}`");
    let shown: Vec<String> = candidates.clone().take(12).map(quoted).collect();
    let more = if candidates.count() > shown.len() {
        ", …"
    } else {
        ""
    };
    match shown.as_slice() {
        [] => String::new(),
        [only] => format!("there is only {only}"),
        _ => format!("there are {}{more}", shown.join(", ")),
    }
}
