//! Users, and what they may do (C18).

use super::Name;

/// A user of the broker.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSpec {
    /// The name it logs in with.
    pub name: Name,
    /// Its tags, such as `administrator` or `impersonator` (P4).
    pub tags: Vec<Name>,
    /// What it may do in the virtual host; without, it may not enter (C7).
    pub permissions: Option<PermissionsSpec>,
    /// What keys it may use, by topic exchange; an exchange that is not listed is not restricted.
    pub topic_permissions: Vec<TopicPermissionSpec>,
}

/// Regular expressions that a name must match (C18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionsSpec {
    /// Declare and delete.
    pub configure: Name,
    /// Publish, and bind to.
    pub write: Name,
    /// Consume, get, purge, and bind from.
    pub read: Name,
}

/// Regular expressions that a routing or binding key must match (C18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPermissionSpec {
    /// The topic exchange.
    pub exchange: Name,
    /// Keys it may publish with.
    pub write: Name,
    /// Keys it may bind with.
    pub read: Name,
}
