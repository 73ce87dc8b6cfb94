//! Which virtual host of a document is meant. A world is one virtual host.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Entry};
use crate::broker::Name;
use crate::scenario::error::LoadError;
use crate::scenario::nearest::nearest;
use crate::t;

/// The virtual host of a file that names none (O14), and of one that has nothing in it.
pub(super) const DEFAULT: &str = "/";

/// A virtual host of a document, and how much is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VhostSize {
    /// Its name.
    pub name: Name,
    /// How many queues are declared in it.
    pub queues: usize,
    /// How many exchanges are, beside the predeclared.
    pub exchanges: usize,
}

impl VhostSize {
    /// Whether nothing is declared in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queues == 0 && self.exchanges == 0
    }
}

impl Document {
    /// Its virtual hosts by name, with what is in them; none where none is named (O14).
    #[must_use]
    pub fn vhost_sizes(&self) -> Vec<VhostSize> {
        let mut counts: BTreeMap<&Name, (usize, usize)> = BTreeMap::new();
        for entry in &self.vhosts {
            counts.entry(&entry.item.name).or_default();
        }
        for name in self.queues.iter().filter_map(of) {
            counts.entry(name).or_default().0 += 1;
        }
        for name in self.exchanges.iter().filter_map(of) {
            counts.entry(name).or_default().1 += 1;
        }
        let sizes = counts.into_iter();
        sizes
            .map(|(name, (queues, exchanges))| VhostSize {
                name: name.clone(),
                queues,
                exchanges,
            })
            .collect()
    }
}

/// The virtual host that was asked for, or else the only one in which something is declared.
///
/// # Errors
/// Which there are, if there is none of that name or several to choose from.
pub(super) fn choose(
    file: &str,
    document: &Document,
    wanted: Option<&str>,
) -> Result<Name, LoadError> {
    if document.is_of_one_vhost() {
        return Ok(wanted.unwrap_or(DEFAULT).into());
    }
    let used = used(document);
    let refused = |what, hint| LoadError::Unreadable {
        file: file.to_owned(),
        what,
        hint,
    };
    if let Some(wanted) = wanted {
        let listed = document.vhosts.iter().map(|entry| &entry.item.name);
        let all: BTreeSet<&Name> = listed.chain(used.iter().copied()).collect();
        return match all.iter().find(|name| name.as_str() == wanted) {
            Some(name) => Ok(Name::clone(name)),
            None => Err(refused(
                t!("definitions-no-such-vhost", name = wanted),
                match nearest(wanted, all.iter().map(|name| name.as_str())) {
                    Some(near) => t!("file-did-you-mean", name = near),
                    None => t!("file-there-are", names = quoted(all)),
                },
            )),
        };
    }
    let mut names = used.iter();
    match (names.next(), names.next()) {
        (Some(only), None) => Ok((*only).clone()),
        (Some(_), Some(_)) => Err(LoadError::Undecided {
            file: file.to_owned(),
            vhosts: document.vhost_sizes(),
        }),
        (None, _) => {
            let first = document.vhosts.first();
            Ok(first.map_or(DEFAULT.into(), |entry| entry.item.name.clone()))
        }
    }
}

/// Those in which something is declared.
pub(super) fn used(document: &Document) -> BTreeSet<&Name> {
    let queues = document.queues.iter().filter_map(of);
    let exchanges = document.exchanges.iter().filter_map(of);
    queues.chain(exchanges).collect()
}

fn of<T>(entry: &Entry<T>) -> Option<&Name> {
    entry.vhost.as_ref()
}

pub(in crate::scenario) fn quoted<'n>(names: impl IntoIterator<Item = &'n Name>) -> String {
    let names = names.into_iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}
