//! The text of a scenario file, and places in it.

/// A place in a file, as editors count: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Octets from `start` up to, but without, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// An empty span.
    pub fn at(offset: usize) -> Self {
        Self {
            start: offset,
            end: offset,
        }
    }

    /// From the start of this one to the end of `last`.
    pub fn to(self, last: Self) -> Self {
        Self {
            start: self.start,
            end: last.end.max(self.start),
        }
    }
}

/// A file's text, with an index of its lines.
pub(super) struct Source<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
}

/// The most characters of a line an excerpt shows, and how many of them before the caret.
const SHOWN: usize = 100;
const SHOWN_BEFORE: usize = 60;

impl<'t> Source<'t> {
    pub fn new(text: &'t str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(offset, _)| offset + 1);
        Self {
            text,
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    pub fn text(&self) -> &'t str {
        self.text
    }

    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    pub fn place(&self, offset: usize) -> Place {
        let line = self.line(offset);
        let before = self.text.get(self.line_start(line)..offset);
        Place {
            line,
            column: before.unwrap_or_default().chars().count() + 1,
        }
    }

    /// The line a span begins on, and under it a caret for each character of the span on that line.
    pub fn excerpt(&self, span: Span) -> String {
        let Place { line, column } = self.place(span.start);
        let start = self.line_start(line);
        let rest = self.text.get(start..).unwrap_or_default();
        let text = rest.lines().next().unwrap_or_default();
        let marked = self.text.get(span.start..span.end).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default().chars().count();

        let skipped = column.saturating_sub(SHOWN_BEFORE + 1);
        let mut shown: String = if skipped > 0 { "…" } else { "" }.to_owned();
        let indent = column - 1 - skipped + shown.chars().count();
        let mut rest = text.chars().skip(skipped);
        shown.extend(
            rest.by_ref()
                .take(SHOWN)
                .map(|c| if c.is_control() { ' ' } else { c }),
        );
        if rest.next().is_some() {
            shown.push('…');
        }
        let room = shown.chars().count().saturating_sub(indent);
        let carets = "^".repeat(marked.min(room).max(1));
        let gutter = " ".repeat(line.to_string().len());
        format!(" {line} | {shown}\n {gutter} | {:indent$}{carets}", "")
    }

    fn line_start(&self, line: usize) -> usize {
        let index = line.saturating_sub(1);
        self.line_starts.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = Source::new("è\nab\r\nc");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place(2), Place { line: 1, column: 2 });
        assert_eq!(source.place(4), Place { line: 2, column: 2 });
        assert_eq!(source.place(7), Place { line: 3, column: 1 });
        assert_eq!(source.place(8), Place { line: 3, column: 2 });
    }

    #[test]
    fn an_excerpt_marks_the_span() {
        let source = Source::new("first\n  to: \"logz\",\r\n");
        let span = Span { start: 12, end: 18 };
        assert_eq!(
            source.excerpt(span),
            " 2 |   to: \"logz\",\n   |       ^^^^^^"
        );
    }

    #[test]
    fn an_excerpt_of_a_very_long_line_shows_the_part_round_the_caret() {
        let text = "x".repeat(5_000);
        let excerpt = Source::new(&text).excerpt(Span {
            start: 4_000,
            end: 4_001,
        });
        let mut lines = excerpt.lines();
        let (text, carets) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(text.chars().count() < 120 && text.ends_with('…'));
        assert!(carets.chars().count() < 80 && carets.ends_with(" ^"));
    }
}
