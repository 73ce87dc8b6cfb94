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

    /// Removes all of these, which are in order.
    pub(super) fn remove_all(&mut self, gone: &[BindingId]) {
        match self {
            Self::None => {}
            Self::One(only) => {
                if gone.binary_search(only).is_ok() {
                    *self = Self::None;
                }
            }
            Self::Many(ids) => remove_all(ids, gone),
        }
    }
}

/// Removes numbers from a list, both in order, in one pass.
pub(super) fn remove_all(ids: &mut Vec<BindingId>, gone: &[BindingId]) {
    if let [one] = gone {
        if let Ok(at) = ids.binary_search(one) {
            ids.remove(at);
        }
        return;
    }
    let mut gone = gone.iter().peekable();
    ids.retain(|id| {
        while gone.next_if(|&&next| next < *id).is_some() {}
        gone.next_if_eq(&id).is_none()
    });
}
