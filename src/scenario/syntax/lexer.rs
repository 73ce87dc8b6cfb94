//! From characters to tokens.

use super::SyntaxError;
use crate::scenario::source::Span;
use crate::t;

/// The smallest pieces that mean something.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open(char),
    Close(char),
    Comma,
    Colon,
    Text(String),
    Number(String),
    Word(String),
    End,
}

/// Reads tokens from a text, one at a time.
pub(super) struct Lexer<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, offset: 0 }
    }

    /// The next token; at the end [`Token::End`], again and again.
    pub fn next(&mut self) -> Result<(Token, Span), SyntaxError> {
        self.skip_blanks()?;
        let start = self.offset;
        let token = match self.peek() {
            None => Token::End,
            Some(c @ ('(' | '[' | '{')) => self.single(Token::Open(c)),
            Some(c @ (')' | ']' | '}')) => self.single(Token::Close(c)),
            Some(',') => self.single(Token::Comma),
            Some(':') => self.single(Token::Colon),
            Some('"') => self.quoted()?,
            Some('r') if self.raw_hashes().is_some() => self.raw()?,
            Some(c) if c.is_ascii_digit() || c == '-' || c == '+' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => {
                Token::Word(self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-'))
            }
            Some(c) => return Err(self.unexpected(c)),
        };
        Ok((token, self.span_from(start)))
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        Some(c)
    }

    fn span_from(&self, start: usize) -> Span {
        Span {
            start,
            end: self.offset,
        }
    }

    fn single(&mut self, token: Token) -> Token {
        self.bump();
        token
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (taken, _) = rest.split_at(length);
        self.offset += length;
        taken.to_owned()
    }

    /// White space, `// …` and `/* … */`, which may be nested.
    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.offset += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if trimmed.starts_with("/*") {
                self.skip_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), SyntaxError> {
        let start = self.offset;
        let mut depth = 0_usize;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.offset += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.offset += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else if self.bump().is_none() {
                let span = Span {
                    start,
                    end: start + 2,
                };
                return Err(SyntaxError::new(
                    span,
                    t!("file-open-comment"),
                    t!("file-close-with", closing = "*/"),
                ));
            }
        }
    }

    /// A number and what is written against it, such as a unit. Whether it is one that fits is for the reader to say.
    fn number(&mut self) -> Token {
        let start = self.offset;
        self.bump();
        while let Some(c) = self.peek() {
            let exponent = matches!(c, '-' | '+') && self.rest_ends_with_exponent(start);
            if !(c.is_alphanumeric() || c == '.' || c == '_' || exponent) {
                break;
            }
            self.bump();
        }
        Token::Number(
            self.text
                .get(start..self.offset)
                .unwrap_or_default()
                .to_owned(),
        )
    }

    /// Whether the number that began at `start` has just reached its `e`, as in `1e-5`.
    fn rest_ends_with_exponent(&self, start: usize) -> bool {
        let so_far = self.text.get(start..self.offset).unwrap_or_default();
        so_far.ends_with(['e', 'E'])
    }

    fn quoted(&mut self) -> Result<Token, SyntaxError> {
        let start = self.offset;
        self.bump();
        let mut text = String::new();
        loop {
            let place = self.offset;
            match self.bump() {
                None => return Err(never_closed(start, "\"")),
                Some('"') => return Ok(Token::Text(text)),
                Some('\\') => match self.escape() {
                    Some(escaped) => text.extend(escaped),
                    None => {
                        return Err(SyntaxError::new(
                            self.span_from(place),
                            t!("file-escape"),
                            t!("file-escape-hint"),
                        ));
                    }
                },
                Some(c) => text.push(c),
            }
        }
    }

    /// What stands behind a backslash: outside is nothing known, inside nothing where a line is continued.
    fn escape(&mut self) -> Option<Option<char>> {
        Some(Some(match self.bump()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            c @ ('"' | '\'' | '\\') => c,
            'u' => {
                let digits = self.rest().strip_prefix('{')?.split_once('}')?.0;
                let escaped = u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32)?;
                self.offset += digits.len() + 2;
                escaped
            }
            '\n' | '\r' => {
                self.take_while(char::is_whitespace);
                return Some(None);
            }
            _ => return None,
        }))
    }

    /// The hashes of a raw text `r"…"`, `r#"…"#` that begins here.
    fn raw_hashes(&self) -> Option<usize> {
        let behind = self.rest().strip_prefix('r')?;
        let hashes = behind.len() - behind.trim_start_matches('#').len();
        behind.get(hashes..)?.starts_with('"').then_some(hashes)
    }

    fn raw(&mut self) -> Result<Token, SyntaxError> {
        let start = self.offset;
        let hashes = self.raw_hashes().unwrap_or_default();
        let closing = format!("\"{}", "#".repeat(hashes));
        self.offset += 1 + closing.len();
        let Some((text, _)) = self.rest().split_once(&closing) else {
            return Err(never_closed(start, &closing));
        };
        self.offset += text.len() + closing.len();
        Ok(Token::Text(text.to_owned()))
    }

    fn unexpected(&self, c: char) -> SyntaxError {
        let span = Span {
            start: self.offset,
            end: self.offset + c.len_utf8(),
        };
        let hint = match c {
            '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' => {
                t!("file-straight-quotes")
            }
            '*' | '#' | '.' | '$' | '@' | '&' => t!("file-quoted-keys"),
            '=' => t!("file-colon"),
            ';' => t!("file-comma"),
            '\0' => t!("file-no-text"),
            _ => t!("file-quotes-and-comments"),
        };
        SyntaxError::new(span, t!("file-unexpected", found = format!("{c:?}")), hint)
    }
}

fn never_closed(start: usize, closing: &str) -> SyntaxError {
    let span = Span {
        start,
        end: start + 1,
    };
    let hint = t!("file-close-with", closing = closing);
    SyntaxError::new(span, t!("file-open-text"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut lexer = Lexer::new(text);
        std::iter::from_fn(|| match lexer.next().unwrap() {
            (Token::End, _) => None,
            (token, _) => Some(token),
        })
        .collect()
    }

    fn text(text: &str) -> Token {
        Token::Text(text.to_owned())
    }

    #[test]
    fn comments_and_white_space_mean_nothing() {
        let blank = "// one\n /* two /* in two */ */ ,";
        assert_eq!(tokens(blank), [Token::Comma]);
    }

    #[test]
    fn texts_know_escapes_and_raw_forms() {
        assert_eq!(tokens(r#""a\n\"\u{e8}\\""#), [text("a\n\"è\\")]);
        assert_eq!(tokens("\"a\\\n   b\""), [text("ab")]);
        assert_eq!(tokens(r###"r#"a"\b"#"###), [text("a\"\\b")]);
    }

    #[test]
    fn words_may_have_hyphens_and_numbers_units() {
        let word = Token::Word("all-with-x".to_owned());
        let numbers = ["400ms", "-1.5e-3", "2"].map(|n| Token::Number(n.to_owned()));
        assert_eq!(tokens("all-with-x"), [word]);
        assert_eq!(tokens("400ms -1.5e-3 2"), numbers);
    }
}
