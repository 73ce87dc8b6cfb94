//! Reads the project's own sources, as far as tests about them need it.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A Rust file, without its unit tests.
pub struct SourceFile {
    pub path: String,
    /// The text, in which comments and what stands in quotes are blanks. Offsets are those of the text.
    pub code: String,
    pub literals: Vec<Literal>,
}

/// A string literal.
pub struct Literal {
    /// From its opening to its closing quote.
    pub range: Range<usize>,
    pub line: usize,
    /// As written, escapes and all.
    pub text: String,
}

impl SourceFile {
    pub fn read(path: &str, text: &str) -> Self {
        let (code, mut literals) = lex(text);
        let end = unit_tests(&code).unwrap_or(code.len());
        literals.retain(|literal| literal.range.start < end);
        Self {
            path: path.to_owned(),
            code: code[..end].to_owned(),
            literals,
        }
    }

    /// The code before a literal, up to it.
    pub fn before(&self, literal: &Literal) -> &str {
        self.code[..literal.range.start].trim_end()
    }

    /// The code from a literal's end to the bracket that closes what it stands in.
    pub fn rest_of_call(&self, literal: &Literal) -> &str {
        let rest = &self.code[literal.range.end..];
        let mut depth = 0;
        let end = rest.find(|c| {
            depth += match c {
                '(' | '[' | '{' => 1,
                ')' | ']' | '}' => -1,
                _ => 0,
            };
            depth < 0
        });
        &rest[..end.unwrap_or(rest.len())]
    }
}

/// Every Rust file under a folder of the project, by path; none if there is no such folder.
pub fn rust_files(folder: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    paths
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let name = path.strip_prefix(root).unwrap_or(path);
            SourceFile::read(&name.display().to_string(), &text)
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

/// Where the unit tests begin, if they stand in the file.
fn unit_tests(code: &str) -> Option<usize> {
    let marks = ["#[cfg(test)]", "#[cfg(all(test,"];
    let starts = marks.iter().flat_map(|mark| code.match_indices(mark));
    starts
        .map(|(at, _)| at)
        .filter(|&at| {
            let item = code[at..].lines().nth(1).unwrap_or_default();
            item.contains("mod ") && item.ends_with('{')
        })
        .min()
}

fn lex(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut literals = Vec::new();
    let mut blank = |range: Range<usize>| {
        for byte in &mut code[range] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    };
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            let end = at + rest.find('\n').unwrap_or(rest.len());
            blank(at..end);
            at = end;
        } else if rest.starts_with("/*") {
            let end = at + rest.find("*/").map_or(rest.len(), |end| end + 2);
            blank(at..end);
            at = end;
        } else if let Some((open, length, close)) = literal(rest, text[..at].chars().next_back()) {
            let range = at + open - 1..at + open + length + close;
            blank(range.start + 1..range.end - 1);
            literals.push(Literal {
                line: text[..at].matches('\n').count() + 1,
                text: text[at + open..at + open + length].to_owned(),
                range: range.clone(),
            });
            at = range.end;
        } else if let Some(length) = character(rest) {
            blank(at..at + length);
            at += length;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    // Only whole characters were replaced.
    (String::from_utf8(code).unwrap(), literals)
}

/// The lengths of a string literal's opening, content and closing, if one begins here.
fn literal(rest: &str, before: Option<char>) -> Option<(usize, usize, usize)> {
    if let Some(content) = rest.strip_prefix('"') {
        let mut escaped = false;
        let length = content.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        return Some((1, length, 1));
    }
    // A raw one; an r at the end of a name is none.
    let hashes = rest.strip_prefix('r')?;
    if before.is_some_and(|before| before.is_alphanumeric() || before == '_') && before != Some('b')
    {
        return None;
    }
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let content = hashes[count..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(count));
    Some((count + 2, content.find(&closing)?, closing.len()))
}

/// The length of a character literal, if one begins here; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return Some(2 + first + escape[first..].find('\'')? + 1);
    }
    let first = inside.chars().next()?.len_utf8();
    inside[first..].starts_with('\'').then_some(first + 2)
}

#[test]
fn literals_are_found_and_comments_and_tests_are_not() {
    let file = SourceFile::read(
        "sample.rs",
        r##"
// "a comment"
fn f<'a>(c: char) -> &'a str {
    if c == '"' || c == '\'' { return "one \" two"; }
    /* "no" */ call(r#"raw "text""#, b"bytes", inner("x"), y)
}
#[cfg(test)]
mod tests;
const LAST: &str = "last";
#[cfg(all(test, unix))]
mod more_tests {
    const HIDDEN: &str = "hidden";
}
"##,
    );
    let texts: Vec<_> = file.literals.iter().map(|found| &found.text[..]).collect();
    assert_eq!(
        texts,
        [r#"one \" two"#, r#"raw "text""#, "bytes", "x", "last"]
    );
    let raw = &file.literals[1];
    assert_eq!(raw.line, 5);
    assert!(file.before(raw).ends_with("call(r#"));
    assert_eq!(file.rest_of_call(raw), r#", b"     ", inner(" "), y"#);
}
