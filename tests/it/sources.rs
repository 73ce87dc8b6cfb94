//! The program's own sources, for tests that read them.

use std::fs;
use std::path::Path;

/// A source file.
pub struct Source {
    /// Its path from `src`, with `/` on every platform.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Every file under `src`, in order.
pub fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    read(&root, "", &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 50, "the sources are where they are sought");
    sources
}

fn read(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = format!("{prefix}{}", name.expect("a name"));
        if path.is_dir() {
            read(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).expect("a text");
            sources.push(Source { path: name, text });
        }
    }
}

/// The text with comments and what stands in quotes blanked; every line keeps its number.
pub fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kept) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), ""),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |at| at + 2), ""),
            '"' => (quoted(rest), "\"\""),
            'r' if raw(rest).is_some() && !in_word(&code) => (raw(rest).unwrap_or(1), "\"\""),
            '\'' => match character(rest) {
                Some(length) => (length, "' '"),
                // A lifetime.
                None => (1, "'"),
            },
            _ => (first.len_utf8(), &rest[..first.len_utf8()]),
        };
        let (taken, after) = rest.split_at(length);
        code.push_str(kept);
        if kept != taken {
            code.extend(taken.chars().filter(|&letter| letter == '\n'));
        }
        rest = after;
    }
    code
}

fn in_word(code: &str) -> bool {
    code.ends_with(is_word_letter)
}

fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// How long the string at the beginning is.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long the raw string at the beginning is, if there is one.
fn raw(text: &str) -> Option<usize> {
    let hashes = text[1..].bytes().take_while(|&byte| byte == b'#').count();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + inside.find(&end)? + end.len())
}

/// How long the character at the beginning is, if it is not a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    let (_, first) = letters.next()?;
    if first == '\\' {
        let (after, _) = letters.nth(1)?;
        return Some(after + text[after..].find('\'')? + 1);
    }
    let (at, end) = letters.next()?;
    (end == '\'').then_some(at + 1)
}

/// The code without what is only there for tests; every line keeps its number. Give it what [`code`] gives.
pub fn without_tests(code: &str) -> String {
    let mut left = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = ["#[cfg(test)]", "#[cfg(all(test,"]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min()
    {
        let (before, item) = rest.split_at(at);
        let (item, after) = item.split_at(item_length(item));
        left.push_str(before);
        left.extend(item.chars().filter(|&letter| letter == '\n'));
        rest = after;
    }
    left + rest
}

/// How long the item at the beginning is: to its semicolon, or to the end of its braces.
fn item_length(code: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in code.char_indices() {
        match letter {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// The words of code, each with the number of its line.
pub fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().zip(1..).flat_map(|(line, number)| {
        line.split(|letter| !is_word_letter(letter))
            .filter(|word| !word.is_empty())
            .map(move |word| (number, word))
    })
}

#[test]
fn comments_and_quotes_are_no_code() {
    let text = "a /* b\n b */ c // d\n\"e \\\" e\" 'f' '\\'' &'g str r#\"h \" h\"# for\"i\"";
    assert_eq!(
        code(text),
        "a \n c \n\"\" ' ' ' ' &'g str \"\" for\"\"",
        "lines stay where they are"
    );
}

#[test]
fn tests_are_left_out_and_what_follows_them_is_not() {
    let code =
        "use a;\n#[cfg(test)]\nmod tests {\n fn b() { c }\n}\nfn d() {}\n#[cfg(test)]\nmod e;\nf";
    assert_eq!(without_tests(code), "use a;\n\n\n\n\nfn d() {}\n\n\nf");
}

#[test]
fn words_know_their_lines() {
    let found: Vec<_> = words("a_1::b\n c!").collect();
    assert_eq!(found, [(1, "a_1"), (1, "b"), (2, "c")]);
}
