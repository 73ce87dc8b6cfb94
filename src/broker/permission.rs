//! Users, and what they may do (C18).

use std::collections::BTreeMap;

use super::pattern::Pattern;
use super::{Name, Refusal, ReplyCode};

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

impl UserSpec {
    /// A user who may do everything, as `guest` may.
    pub fn new(name: impl Into<Name>) -> Self {
        let all = || Name::from(".*");
        Self {
            name: name.into(),
            tags: Vec::new(),
            permissions: Some(PermissionsSpec {
                configure: all(),
                write: all(),
                read: all(),
            }),
            topic_permissions: Vec::new(),
        }
    }
}

/// What a user may do to a thing (C18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Declare and delete.
    Configure,
    /// Publish, and bind to.
    Write,
    /// Consume, get, purge, and bind from.
    Read,
}

impl Permission {
    /// As RabbitMQ writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Write => "write",
            Self::Read => "read",
        }
    }
}

/// A thing that a permission is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// An exchange, by name; the default exchange counts as `amq.default`.
    Exchange(&'a str),
    /// A queue, by name.
    Queue(&'a str),
}

impl<'a> Resource<'a> {
    fn kind(self) -> &'static str {
        match self {
            Self::Exchange(_) => "exchange",
            Self::Queue(_) => "queue",
        }
    }

    fn name(self) -> &'a str {
        match self {
            Self::Exchange("") => "amq.default",
            Self::Exchange(name) | Self::Queue(name) => name,
        }
    }
}

/// Who may log in, by name.
#[derive(Clone, Debug)]
pub struct Users {
    vhost: Name,
    users: BTreeMap<Name, User>,
}

/// The virtual host `/`, with `guest` as its administrator.
impl Default for Users {
    fn default() -> Self {
        Self::new("/")
    }
}

impl Users {
    /// A virtual host's users: `guest`, who may do everything.
    pub fn new(vhost: impl Into<Name>) -> Self {
        let vhost = vhost.into();
        let guest = User {
            spec: UserSpec {
                tags: vec!["administrator".into()],
                ..UserSpec::new("guest")
            },
            vhost: vhost.clone(),
            rights: Some(Rights::default()),
            topics: BTreeMap::new(),
        };
        let users = BTreeMap::from([(guest.spec.name.clone(), guest)]);
        Self { vhost, users }
    }

    /// Adds a user, or changes the one of that name.
    pub fn set(&mut self, spec: UserSpec) -> Result<(), Refusal> {
        let user = User::new(spec, &self.vhost)?;
        self.users.insert(user.spec.name.clone(), user);
        Ok(())
    }

    /// Takes a user away; whether there was one.
    pub fn clear(&mut self, name: &str) -> bool {
        self.users.remove(name).is_some()
    }

    /// The user of that name.
    pub fn get(&self, name: &str) -> Option<&User> {
        self.users.get(name)
    }

    /// All users, by name.
    pub fn all(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }
}

/// A user, with its patterns read.
#[derive(Clone, Debug)]
pub struct User {
    spec: UserSpec,
    vhost: Name,
    rights: Option<Rights>,
    topics: BTreeMap<Name, TopicRights>,
}

/// What names a user may configure, write and read. `None` is all of them, which is what most users may, and which then
/// costs nothing to ask for.
#[derive(Clone, Debug, Default)]
struct Rights {
    configure: Option<Pattern>,
    write: Option<Pattern>,
    read: Option<Pattern>,
}

#[derive(Clone, Debug)]
struct TopicRights {
    write: Option<Pattern>,
    read: Option<Pattern>,
}

impl User {
    fn new(spec: UserSpec, vhost: &Name) -> Result<Self, Refusal> {
        let read = |what: &str, pattern: &str| {
            Self::pattern(pattern).map_err(|wrong| {
                Refusal::new(
                    ReplyCode::PreconditionFailed,
                    "C18",
                    format!(
                        "invalid regular expression '{pattern}' as {what} of user '{}': {wrong}",
                        spec.name
                    ),
                )
            })
        };
        let rights = match &spec.permissions {
            None => None,
            Some(permissions) => Some(Rights {
                configure: read("configure permission", &permissions.configure)?,
                write: read("write permission", &permissions.write)?,
                read: read("read permission", &permissions.read)?,
            }),
        };
        let mut topics = BTreeMap::new();
        for topic in &spec.topic_permissions {
            let pattern = |what: &str, pattern: &Name| {
                let what = format!(
                    "{what} permission for topics of exchange '{}'",
                    topic.exchange
                );
                read(&what, &expanded(pattern, &spec.name, vhost))
            };
            let rights = TopicRights {
                write: pattern("write", &topic.write)?,
                read: pattern("read", &topic.read)?,
            };
            topics.insert(topic.exchange.clone(), rights);
        }
        Ok(Self {
            vhost: vhost.clone(),
            rights,
            topics,
            spec,
        })
    }

    fn pattern(text: &str) -> Result<Option<Pattern>, String> {
        // An empty permission is none at all, rather than a pattern that matches everything.
        let pattern = Pattern::new(if text.is_empty() { "^$" } else { text })?;
        Ok((!pattern.is_all()).then_some(pattern))
    }

    /// Whether a pattern of its permissions is given up on the name of a queue or an exchange, since it goes back and forth
    /// in it too often. Nothing is allowed by that.
    pub fn gives_up(&self, name: &str) -> bool {
        let rights = self.rights.iter();
        let mut patterns = rights.flat_map(|it| [&it.configure, &it.write, &it.read]);
        patterns.any(|pattern| pattern.as_ref().is_some_and(|it| it.is_given_up(name)))
    }

    /// Whether no name and no key is closed to it.
    pub fn is_unrestricted(&self) -> bool {
        let open = |rights: &Rights| {
            rights.configure.is_none() && rights.write.is_none() && rights.read.is_none()
        };
        self.topics.is_empty() && self.rights.as_ref().is_some_and(open)
    }

    /// As it was set.
    pub fn spec(&self) -> &UserSpec {
        &self.spec
    }

    /// Whether it has a tag, such as `impersonator` (P4).
    pub fn has_tag(&self, tag: &str) -> bool {
        self.spec.tags.iter().any(|own| *own == tag)
    }

    /// Whether it may open a connection to the virtual host (C7).
    pub fn may_enter(&self) -> Result<(), Refusal> {
        if self.rights.is_some() {
            return Ok(());
        }
        let Self { spec, vhost, .. } = self;
        Err(Refusal::new(
            ReplyCode::NotAllowed,
            "C7",
            format!("access to vhost '{vhost}' refused for user '{}'", spec.name),
        ))
    }

    /// Whether it may do this to that thing (C18).
    pub fn may(&self, permission: Permission, thing: Resource<'_>) -> Result<(), Refusal> {
        let allowed = self.rights.as_ref().is_some_and(|rights| {
            let pattern = match permission {
                Permission::Configure => &rights.configure,
                Permission::Write => &rights.write,
                Permission::Read => &rights.read,
            };
            allows(pattern.as_ref(), thing.name())
        });
        if allowed {
            return Ok(());
        }
        Err(self.refusal(format!(
            "{} access to {} '{}' in vhost '{}' refused for user '{}'",
            permission.as_str(),
            thing.kind(),
            thing.name(),
            self.vhost,
            self.spec.name
        )))
    }

    /// Whether it may publish to (write) or bind from (read) a topic exchange with that key (C18). To be asked for topic
    /// exchanges only, and beside [`User::may`].
    pub fn may_key(
        &self,
        permission: Permission,
        exchange: &str,
        key: &str,
    ) -> Result<(), Refusal> {
        let pattern = self
            .topics
            .get(exchange)
            .and_then(|rights| match permission {
                Permission::Configure => None,
                Permission::Write => rights.write.as_ref(),
                Permission::Read => rights.read.as_ref(),
            });
        if allows(pattern, key) {
            return Ok(());
        }
        Err(self.refusal(format!(
            "{} access to topic '{key}' in exchange '{exchange}' in vhost '{}' refused for user '{}'",
            permission.as_str(),
            self.vhost,
            self.spec.name
        )))
    }

    fn refusal(&self, text: String) -> Refusal {
        Refusal::new(ReplyCode::AccessRefused, "C18", text)
    }
}

fn allows(pattern: Option<&Pattern>, text: &str) -> bool {
    pattern.is_none_or(|pattern| pattern.matches(text))
}

/// A topic permission with its variables replaced, as they stand, by what they are in this connection. `{client_id}`,
/// which AMQP has not, stays text.
fn expanded(pattern: &str, user: &str, vhost: &str) -> String {
    pattern
        .replace("{username}", user)
        .replace("{vhost}", vhost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(configure: &str, write: &str, read: &str) -> Users {
        let mut users = Users::default();
        let ann = UserSpec {
            permissions: Some(PermissionsSpec {
                configure: configure.into(),
                write: write.into(),
                read: read.into(),
            }),
            ..UserSpec::new("ann")
        };
        users.set(ann).unwrap();
        users
    }

    #[test]
    fn guest_may_do_everything() {
        let users = Users::default();
        let guest = users.get("guest").unwrap();
        assert!(guest.has_tag("administrator"));
        assert!(!guest.has_tag("impersonator"));
        assert_eq!(guest.may_enter(), Ok(()));
        for permission in [Permission::Configure, Permission::Write, Permission::Read] {
            for thing in [
                Resource::Exchange(""),
                Resource::Exchange("x"),
                Resource::Queue("q"),
            ] {
                assert_eq!(guest.may(permission, thing), Ok(()));
            }
            assert_eq!(guest.may_key(permission, "x", "a.b"), Ok(()));
        }
        assert!(users.get("ann").is_none());
        assert!(
            User::new(guest.spec().clone(), &"/".into())
                .unwrap()
                .rights
                .is_some()
        );
    }

    #[test]
    fn each_permission_has_its_own_pattern() {
        // C18
        use Permission::{Configure, Read, Write};
        let users = users("^own", "^(own|amq\\.default)", "");
        let ann = users.get("ann").unwrap();
        for (permission, thing, allowed) in [
            (Configure, Resource::Queue("own.q"), true),
            (Configure, Resource::Queue("q"), false),
            (Configure, Resource::Exchange("own.x"), true),
            (Write, Resource::Exchange("own.x"), true),
            (Write, Resource::Exchange("x"), false),
            // The default exchange is asked for by another name.
            (Write, Resource::Exchange(""), true),
            (Configure, Resource::Exchange(""), false),
            // A queue may well be called "", and then it is not the default exchange.
            (Write, Resource::Queue(""), false),
            // An empty pattern allows nothing but a thing without a name.
            (Read, Resource::Queue("own.q"), false),
            (Read, Resource::Queue(""), true),
        ] {
            assert_eq!(
                ann.may(permission, thing).is_ok(),
                allowed,
                "{permission:?} {thing:?}"
            );
        }
    }

    #[test]
    fn a_refusal_says_who_and_what() {
        // C18
        let users = users("^$", "^$", "^$");
        let ann = users.get("ann").unwrap();
        let refusal = ann
            .may(Permission::Configure, Resource::Queue("x"))
            .unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "403 ACCESS_REFUSED - configure access to queue 'x' in vhost '/' refused for user 'ann'"
        );
        assert_eq!(refusal.rule, "C18");
        let refusal = ann
            .may(Permission::Write, Resource::Exchange(""))
            .unwrap_err();
        assert_eq!(
            refusal.text,
            "write access to exchange 'amq.default' in vhost '/' refused for user 'ann'"
        );
    }

    #[test]
    fn without_permissions_nobody_enters() {
        // C7
        let mut users = Users::new("lab");
        let nobody = UserSpec {
            permissions: None,
            ..UserSpec::new("bob")
        };
        users.set(nobody).unwrap();
        let bob = users.get("bob").unwrap();
        assert_eq!(
            bob.may_enter().unwrap_err().to_string(),
            "530 NOT_ALLOWED - access to vhost 'lab' refused for user 'bob'"
        );
        assert!(bob.may(Permission::Read, Resource::Queue("q")).is_err());
        assert!(users.clear("bob"));
        assert!(!users.clear("bob"));
    }

    #[test]
    fn topic_permissions_look_at_the_key() {
        // C18
        use Permission::{Configure, Read, Write};
        let mut users = Users::new("lab");
        let ann = UserSpec {
            topic_permissions: vec![TopicPermissionSpec {
                exchange: "news".into(),
                write: r"^{vhost}\.{username}\.".into(),
                read: "^open|{client_id}".into(),
            }],
            ..UserSpec::new("ann")
        };
        users.set(ann).unwrap();
        let ann = users.get("ann").unwrap();
        for (permission, exchange, key, allowed) in [
            (Write, "news", "lab.ann.a", true),
            (Write, "news", "lab.bob.a", false),
            (Write, "news", "open.a", false),
            (Read, "news", "open.a", true),
            (Read, "news", "{client_id}", true),
            (Read, "news", "lab.ann.a", false),
            // Exchanges that are not named are not restricted, nor is declaring.
            (Write, "other", "lab.bob.a", true),
            (Configure, "news", "anything", true),
        ] {
            let said = ann.may_key(permission, exchange, key);
            assert_eq!(said.is_ok(), allowed, "{permission:?} {exchange} {key}");
        }
        assert_eq!(
            ann.may_key(Read, "news", "x").unwrap_err().to_string(),
            "403 ACCESS_REFUSED - read access to topic 'x' in exchange 'news' in vhost 'lab' refused \
             for user 'ann'"
        );
    }

    #[test]
    fn a_bad_pattern_changes_nothing() {
        // C18
        let mut users = users("^own", ".*", ".*");
        let mut bad = users.get("ann").unwrap().spec().clone();
        bad.permissions.as_mut().unwrap().write = "(own".into();
        let refusal = users.set(bad).unwrap_err();
        assert!(
            refusal.text.starts_with(
                "invalid regular expression '(own' as write permission of user 'ann': "
            ),
            "{refusal}"
        );
        let mut bad = UserSpec::new("bob");
        bad.topic_permissions.push(TopicPermissionSpec {
            exchange: "news".into(),
            write: ".*".into(),
            read: "[".into(),
        });
        let refusal = users.set(bad).unwrap_err();
        assert!(
            refusal
                .text
                .contains("read permission for topics of exchange 'news'")
        );
        assert!(users.get("bob").is_none());
        let ann = users.get("ann").unwrap();
        assert!(
            ann.may(Permission::Configure, Resource::Queue("q"))
                .is_err()
        );
        let names: Vec<_> = users.all().map(|user| user.spec().name.as_str()).collect();
        assert_eq!(names, ["ann", "guest"]);
    }
}
