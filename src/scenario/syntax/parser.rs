//! From tokens to the tree.

use super::lexer::{Lexer, Token};
use super::{Entry, Node, NodeKind, SyntaxError};
use crate::scenario::duration::meant_duration;
use crate::scenario::source::{Source, Span};
use crate::t;

/// More brackets inside brackets than any scenario needs, and fewer than a stack can take.
const DEEPEST: usize = 64;

/// The one value a file holds. It stops at the first thing it cannot make sense of.
pub(in crate::scenario) fn parse(source: &Source<'_>) -> Result<Node, SyntaxError> {
    let mut parser = Parser::new(source)?;
    if parser.token == Token::End {
        return Err(SyntaxError::new(
            Span::at(0),
            t!("file-empty"),
            t!("file-empty-hint"),
        ));
    }
    let root = parser.value()?;
    match parser.token {
        Token::End => Ok(root),
        _ => Err(SyntaxError::new(
            parser.span,
            t!("file-already-ended"),
            t!("file-already-ended-hint"),
        )),
    }
}

struct Parser<'s> {
    source: &'s Source<'s>,
    lexer: Lexer<'s>,
    token: Token,
    span: Span,
    open: Vec<(char, Span)>,
    /// The number before the present token, if there is one.
    number: Option<String>,
    /// The last text that runs over several lines: where its quote is forgotten, the next text's quote ends it.
    long_text: Option<Span>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s Source<'s>) -> Result<Self, SyntaxError> {
        let mut lexer = Lexer::new(source.text());
        let (token, span) = lexer.next()?;
        Ok(Self {
            source,
            lexer,
            token,
            span,
            open: Vec::new(),
            number: None,
            long_text: None,
        })
    }

    /// Moves on, and hands out the token it leaves behind.
    fn advance(&mut self) -> Result<(Token, Span), SyntaxError> {
        let (token, span) = self.lexer.next()?;
        let left = std::mem::replace(&mut self.token, token);
        let left_span = std::mem::replace(&mut self.span, span);
        self.number = match &left {
            Token::Number(number) => Some(number.clone()),
            _ => None,
        };
        let written = self.source.text().get(left_span.start..left_span.end);
        if matches!(left, Token::Text(_)) && written.is_some_and(|text| text.contains('\n')) {
            self.long_text = Some(left_span);
        }
        Ok((left, left_span))
    }

    fn value(&mut self) -> Result<Node, SyntaxError> {
        if matches!(
            self.token,
            Token::Close(_) | Token::Comma | Token::Colon | Token::End
        ) {
            return Err(self.expected(t!("file-wanted-value")));
        }
        if let Token::Open(bracket) = self.token {
            return self.bracketed(bracket);
        }
        let (token, span) = self.advance()?;
        let kind = match token {
            Token::Text(text) => NodeKind::Text(text),
            Token::Number(number) => NodeKind::Number(number),
            Token::Word(word) if self.token == Token::Open('(') => {
                let inner = self.bracketed('(')?;
                let span = span.to(inner.span);
                let kind = NodeKind::Call(word, Box::new(inner));
                return Ok(Node { span, kind });
            }
            Token::Word(word) => match word.as_str() {
                "true" => NodeKind::Bool(true),
                "false" => NodeKind::Bool(false),
                _ => NodeKind::Word(word),
            },
            // Dealt with above.
            Token::Open(_) | Token::Close(_) | Token::Comma | Token::Colon | Token::End => {
                return Err(self.expected(t!("file-wanted-value")));
            }
        };
        Ok(Node { span, kind })
    }

    fn bracketed(&mut self, bracket: char) -> Result<Node, SyntaxError> {
        let start = self.span;
        if self.open.len() >= DEEPEST {
            let what = t!("file-too-deep", most = DEEPEST);
            return Err(SyntaxError::new(start, what, t!("file-too-deep-hint")));
        }
        self.open.push((bracket, start));
        self.advance()?;
        let mut items = Vec::new();
        let mut entries = Vec::new();
        while !matches!(self.token, Token::Close(_)) {
            let item = self.value()?;
            if self.token == Token::Colon && bracket != '[' && items.is_empty() {
                entries.push(self.entry(item)?);
            } else if bracket == '{' || !entries.is_empty() {
                return Err(self.expected(t!("file-wanted-name")));
            } else {
                items.push(item);
            }
            match self.token {
                Token::Comma => self.advance()?,
                Token::Close(_) => break,
                _ => {
                    let closing = closing(bracket).to_string();
                    return Err(self.expected(t!("file-wanted-comma", closing = closing)));
                }
            };
        }
        if self.token != Token::Close(closing(bracket)) {
            return Err(self.expected(format!("`{}`", closing(bracket))));
        }
        self.open.pop();
        let (_, end) = self.advance()?;
        let kind = match bracket {
            '[' => NodeKind::List(items),
            '(' if entries.is_empty() => NodeKind::Group(items),
            _ => NodeKind::Map(entries),
        };
        Ok(Node {
            span: start.to(end),
            kind,
        })
    }

    fn entry(&mut self, name: Node) -> Result<Entry, SyntaxError> {
        let (NodeKind::Text(text) | NodeKind::Word(text)) = name.kind else {
            return Err(SyntaxError::new(
                name.span,
                t!("file-no-name"),
                t!("file-no-name-hint"),
            ));
        };
        self.advance()?;
        Ok(Entry {
            name: text,
            name_span: name.span,
            value: self.value()?,
        })
    }

    /// The error for a token that is not what had to come, with the likeliest reason.
    fn expected(&self, wanted: String) -> SyntaxError {
        let open = self.open.last().copied();
        if let (Token::End, Some((bracket, opened))) = (&self.token, open) {
            let last = self.source.place(self.source.text().trim_end().len());
            return SyntaxError::new(
                opened,
                t!(
                    "file-open-bracket",
                    bracket = bracket.to_string(),
                    line = last.line
                ),
                t!(
                    "file-open-bracket-hint",
                    closing = closing(bracket).to_string()
                ),
            );
        }
        if let (Token::Word(unit), Some(number)) = (&self.token, &self.number) {
            let text = format!("{number} {unit}");
            if let Some(meant) = meant_duration(&text) {
                return SyntaxError {
                    span: self.span,
                    what: t!("file-expected", wanted = wanted, found = self.found()),
                    hint: Some(t!("file-write", text = format!("\"{meant}\""))),
                };
            }
        }
        let hint = match (&self.token, open) {
            (Token::Close(_), Some((bracket, opened))) => {
                let place = self.source.place(opened.start);
                Some(t!(
                    "file-still-open",
                    bracket = bracket.to_string(),
                    line = place.line,
                    column = place.column,
                    closing = closing(bracket).to_string()
                ))
            }
            _ if self.long_text.is_some() => self
                .long_text
                .map(|text| t!("file-long-text", line = self.source.place(text.start).line)),
            (Token::Colon, Some(('[', _))) => Some(t!("file-name-in-list")),
            (Token::Text(_) | Token::Number(_) | Token::Word(_) | Token::Open(_), _) => {
                Some(t!("file-missing-comma"))
            }
            _ => None,
        };
        SyntaxError {
            span: self.span,
            what: t!("file-expected", wanted = wanted, found = self.found()),
            hint,
        }
    }

    fn found(&self) -> String {
        match &self.token {
            Token::End => t!("file-found-end"),
            Token::Text(_) => t!("file-found-text"),
            Token::Number(number) => format!("`{number}`"),
            Token::Word(word) => format!("`{word}`"),
            Token::Open(bracket) | Token::Close(bracket) => format!("`{bracket}`"),
            Token::Comma => "`,`".to_owned(),
            Token::Colon => "`:`".to_owned(),
        }
    }
}

fn closing(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String, String) {
        let error = parse(&Source::new(text)).unwrap_err();
        (error.span.start, error.what, error.hint.unwrap_or_default())
    }

    #[test]
    fn a_cut_off_file_names_the_bracket_that_is_never_closed() {
        let (offset, what, _) = error("(\n queues: [\"a\",\n");
        assert_eq!(offset, 11);
        assert_eq!(what, "this `[` is never closed: the file ends on line 2");
    }

    #[test]
    fn a_missing_comma_or_bracket_is_guessed() {
        assert!(error("(a: 1 b: 2)").2.contains("`,` missing"));
        assert!(error("(a: [1, b: 2)").2.contains("`]` missing"));
        assert!(error("(a: [1)").2.contains("closed by `]`"));
        assert!(
            error("(a: \"x,\n b: \"y\")")
                .2
                .contains("closing `\"` missing")
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(error(&"(".repeat(1_000_000)).1.contains("more than 64"));
        assert!(error(&"a(".repeat(1_000_000)).1.contains("more than 64"));
    }

    #[test]
    fn round_and_curly_brackets_mean_the_same() {
        for text in ["(a: 1)", "{a: 1}", "{\"a\": 1,}", "(\"a\": 1)"] {
            let root = parse(&Source::new(text)).unwrap();
            assert!(matches!(root.kind, NodeKind::Map(entries) if entries.len() == 1));
        }
    }
}
