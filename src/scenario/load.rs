//! From a file to its text, and from a text to the scenario.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::Scenario;
use super::builtin;
use super::definitions;
use super::error::{LoadError, Problem};
use super::read;
use super::reader::Reader;
use super::recorded;
use super::source::{Source, Span};
use super::syntax;
use crate::t;

/// No scenario written by hand comes near it.
const LARGEST: u64 = 4 * MEGABYTE;
/// A broker's definitions may be a hundred times as large.
const LARGEST_DEFINITIONS: u64 = 512 * MEGABYTE;
const MEGABYTE: u64 = 1024 * 1024;
/// What a file is can be told by so much of it.
const BEGINNING: u64 = 4 * 1024;

/// Loads a built-in scenario by its name, or else a file. A file of the same name can be given as `./hello`.
pub fn open(name_or_path: &str) -> Result<Scenario, LoadError> {
    open_in(name_or_path, None)
}

/// The same; of RabbitMQ's definitions, which may be of several virtual hosts, the one that is named.
pub fn open_in(name_or_path: &str, vhost: Option<&str>) -> Result<Scenario, LoadError> {
    if let Some(builtin) = builtin::find(name_or_path) {
        return load(builtin.name, builtin.text, vhost);
    }
    let path = Path::new(name_or_path);
    if !path.exists() && path.extension().is_none() && path.components().count() == 1 {
        return Err(LoadError::Unreadable {
            file: name_or_path.to_owned(),
            what: t!("file-no-such-name"),
            hint: builtin::suggestion(name_or_path),
        });
    }
    load_path_in(path, vhost)
}

/// Loads a file.
pub fn load_path(path: &Path) -> Result<Scenario, LoadError> {
    load_path_in(path, None)
}

/// The same; of RabbitMQ's definitions, which may be of several virtual hosts, the one that is named.
pub fn load_path_in(path: &Path, vhost: Option<&str>) -> Result<Scenario, LoadError> {
    let name = path.display().to_string();
    let bytes = contents(path)?;
    if recorded::is_recording(&bytes) {
        return recorded::scenario(&name, &bytes, vhost);
    }
    decode(&name, &bytes).and_then(|text| load(&name, text, vhost))
}

/// Whether reading a file may take a noticeable time. A scenario of such a size is turned away at once.
pub(super) fn is_large(path: &Path) -> bool {
    let is_large = |metadata: fs::Metadata| metadata.is_file() && metadata.len() > LARGEST;
    let mut beginning = Vec::new();
    let mut read = |file: File| file.take(BEGINNING).read_to_end(&mut beginning);
    fs::metadata(path).is_ok_and(is_large)
        && File::open(path).and_then(&mut read).is_ok()
        && may_be_large(&beginning)
}

/// Whether a file that begins so may be larger than what is written by hand.
fn may_be_large(beginning: &[u8]) -> bool {
    recorded::is_recording(beginning) || definitions::may_be_definitions(beginning)
}

/// Whether a file has RabbitMQ's definitions in it, whatever it is called.
#[must_use]
pub fn holds_definitions(path: &Path) -> bool {
    let bytes = contents(path).unwrap_or_default();
    std::str::from_utf8(&bytes).is_ok_and(|text| definitions::is_definitions("", text))
}

/// Whether a file is a recording of what clients did, whatever it is called.
#[must_use]
pub fn holds_recording(path: &Path) -> bool {
    let mut beginning = Vec::new();
    // A pipe or a device would be waited for.
    path.is_file()
        && File::open(path)
            .and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning))
            .is_ok_and(|_| recorded::is_recording(&beginning))
}

/// Loads what a file holds; `name` is for errors, and for the title of a scenario that has none.
pub fn load_bytes(name: &str, bytes: &[u8]) -> Result<Scenario, LoadError> {
    if recorded::is_recording(bytes) {
        return recorded::scenario(name, bytes, None);
    }
    decode(name, bytes).and_then(|text| load_str(name, text))
}

/// Loads a text; `name` is for errors, and for the title of a scenario that has none.
pub fn load_str(name: &str, text: &str) -> Result<Scenario, LoadError> {
    load(name, text, None)
}

fn load(name: &str, text: &str, vhost: Option<&str>) -> Result<Scenario, LoadError> {
    // Some editors put a byte order mark before the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if definitions::is_definitions(name, text) {
        return definitions::scenario(name, text, vhost);
    }
    if vhost.is_some() {
        return Err(LoadError::Unreadable {
            file: name.to_owned(),
            what: t!("file-no-vhosts"),
            hint: t!("file-no-vhosts-hint"),
        });
    }
    let source = Source::new(text);
    let mut reader = Reader::new(&source);
    let stem = Path::new(name).file_stem().unwrap_or_default();
    let scenario = match syntax::parse(&source) {
        Ok(root) => read::scenario(&root, &stem.to_string_lossy(), &mut reader),
        Err(error) => {
            reader.report(error.span, error.what, error.hint.unwrap_or_default());
            None
        }
    };
    let (problems, left_out) = reader.into_problems();
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(LoadError::Faulty {
            file: name.to_owned(),
            problems,
            left_out,
        }),
    }
}

/// A file's octets, if they are not too many.
fn contents(path: &Path) -> Result<Vec<u8>, LoadError> {
    let unreadable = |what: String, hint: String| LoadError::Unreadable {
        file: path.display().to_string(),
        what,
        hint,
    };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => unreadable(t!("file-not-found"), t!("file-not-found-hint")),
        io::ErrorKind::PermissionDenied => {
            unreadable(t!("file-not-allowed"), t!("file-not-allowed-hint"))
        }
        _ => unreadable(
            t!("file-unreadable", error = error.to_string()),
            t!("file-unreadable-hint"),
        ),
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(unreadable(t!("file-folder"), t!("file-folder-hint")));
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let mut read = |most: u64, bytes: &mut Vec<u8>| {
        let room = (most + 1).saturating_sub(bytes.len() as u64);
        file.by_ref().take(room).read_to_end(bytes).map_err(failed)
    };
    // A device or a pipe has no size beforehand; so what is read decides, and its beginning tells what it may be.
    read(LARGEST, &mut bytes)?;
    let may_be_large = may_be_large(&bytes);
    let most = if may_be_large {
        LARGEST_DEFINITIONS
    } else {
        LARGEST
    };
    if may_be_large && bytes.len() as u64 > LARGEST && metadata.len() <= most {
        read(most, &mut bytes)?;
    }
    let size = metadata.len().max(bytes.len() as u64);
    if size <= most {
        return Ok(bytes);
    }
    let size = match metadata.len() > most {
        true => t!("file-megabytes", size = metadata.len() / MEGABYTE),
        false => t!("file-more-megabytes", size = most / MEGABYTE),
    };
    let most = most / MEGABYTE;
    Err(unreadable(
        t!("file-too-large", size = size),
        match may_be_large {
            true => t!("definitions-too-large-hint", most = most),
            false => t!("file-too-large-hint", most = most),
        },
    ))
}

fn decode<'b>(name: &str, bytes: &'b [u8]) -> Result<&'b str, LoadError> {
    std::str::from_utf8(bytes).map_err(|error| not_utf8(name, bytes, error.valid_up_to()))
}

fn not_utf8(name: &str, bytes: &[u8], offset: usize) -> LoadError {
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = String::from_utf8_lossy(bytes);
    let source = Source::new(&text);
    LoadError::Faulty {
        file: name.to_owned(),
        problems: vec![Problem {
            // Up to here the text is as it was.
            place: source.place(offset),
            what: t!(
                "file-not-utf8",
                byte = format!("0x{byte:02x}"),
                offset = offset
            ),
            hint: Some(match wide {
                true => t!("file-utf16-hint"),
                false => t!("file-not-utf8-hint"),
            }),
            excerpt: source.excerpt(Span::at(offset)),
        }],
        left_out: 0,
    }
}
