//! Bindings' numbers in order, of which there is mostly one.

use super::BindingId;

/// A set of bindings in the order they were made. A single one takes no memory of its own.
#[derive(Clone, Debug, Default)]
pub(super) enum Few {
    #[default]
    None,
    One(BindingId),
    Many(Vec<BindingId>),
}

impl Few {
    pub(super) fn as_slice(&self) -> &[BindingId] {
        match self {
            Self::None => &[],
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// Adds a binding made after all that are in it.
    pub(super) fn push(&mut self, id: BindingId) {
        match self {
            Self::None => *self = Self::One(id),
            Self::One(first) => *self = Self::Many(vec![*first, id]),
            Self::Many(ids) => ids.push(id),
        }
    }

    pub(super) fn remove(&mut self, id: BindingId) {
        match self {
            Self::One(only) if *only == id => *self = Self::None,
            Self::None | Self::One(_) => {}
            Self::Many(ids) => {
                if let Ok(at) = ids.binary_search(&id) {
                    ids.remove(at);
                }
            }
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(BindingId) -> bool) {
        match self {
            Self::One(only) if !keep(*only) => *self = Self::None,
            Self::None | Self::One(_) => {}
            Self::Many(ids) => ids.retain(|&id| keep(id)),
        }
    }
}
