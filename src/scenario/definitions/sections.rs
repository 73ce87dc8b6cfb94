//! Each kind of thing, from its fields (O10, O12).

use super::document::{
    Binding, Exchange, GlobalParameter, Parameter, Permission, Queue, TopicPermission, User,
    VirtualHost,
};
use super::fields::{Fields, Section};
use crate::broker::{ApplyTo, Name, PolicySpec, Target};

impl Section for User {
    const FIELDS: &'static [&'static str] = &["name", "tags"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (name, tags) = (fields.text("name"), fields.texts("tags"));
        Some(Self {
            name: name?,
            tags: tags?,
        })
    }
}

impl Section for VirtualHost {
    const FIELDS: &'static [&'static str] = &["name", "default_queue_type"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.text("name");
        let kind = fields.optional_text("default_queue_type");
        Some(Self {
            name: name?,
            default_queue_type: kind,
        })
    }
}

impl Section for Permission {
    const FIELDS: &'static [&'static str] = &["user", "vhost", "configure", "write", "read"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (user, configure) = (fields.text("user"), fields.text("configure"));
        let (write, read) = (fields.text("write"), fields.text("read"));
        Some(Self {
            user: user?,
            configure: configure?,
            write: write?,
            read: read?,
        })
    }
}

impl Section for TopicPermission {
    const FIELDS: &'static [&'static str] = &["user", "vhost", "exchange", "write", "read"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (user, exchange) = (fields.text("user"), fields.text("exchange"));
        let (write, read) = (fields.text("write"), fields.text("read"));
        Some(Self {
            user: user?,
            exchange: exchange?,
            write: write?,
            read: read?,
        })
    }
}

impl Section for Parameter {
    const FIELDS: &'static [&'static str] = &["vhost", "component", "name"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (component, name) = (fields.text("component"), fields.text("name"));
        Some(Self {
            component: component?,
            name: name?,
        })
    }
}

impl Section for GlobalParameter {
    const FIELDS: &'static [&'static str] = &["name"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        fields.text("name").map(|name| Self { name })
    }
}

impl Section for PolicySpec {
    const FIELDS: &'static [&'static str] = &[
        "vhost",
        "name",
        "pattern",
        "apply-to",
        "priority",
        "definition",
    ];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.text("name");
        policy(fields, name)
    }
}

/// What both kinds of policies have.
fn policy(fields: &mut Fields<'_>, name: Option<Name>) -> Option<PolicySpec> {
    let choices = ApplyTo::ALL.map(|choice| (choice.as_str(), choice));
    let pattern = fields.text("pattern");
    let apply_to = fields.choice("apply-to", &choices, Some(ApplyTo::All));
    let (priority, definition) = (fields.whole("priority"), fields.table("definition"));
    Some(PolicySpec {
        name: name?,
        pattern: pattern?,
        apply_to: apply_to?,
        priority: priority?,
        definition: definition?,
        operator: false,
    })
}

impl Section for Queue {
    const FIELDS: &'static [&'static str] = &[
        "vhost",
        "name",
        "type",
        "durable",
        "auto_delete",
        "arguments",
    ];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (name, kind) = (fields.name("name"), fields.optional_text("type"));
        let durable = fields.flag("durable", true); // O12
        let auto_delete = fields.flag("auto_delete", false);
        let arguments = fields.table("arguments");
        Some(Self {
            name: name?,
            kind,
            durable: durable?,
            auto_delete: auto_delete?,
            arguments: arguments?,
        })
    }
}

impl Section for Exchange {
    const FIELDS: &'static [&'static str] = &[
        "vhost",
        "name",
        "type",
        "durable",
        "auto_delete",
        "internal",
        "arguments",
    ];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (name, kind) = (fields.name("name"), fields.text("type"));
        let durable = fields.flag("durable", true); // O12
        let auto_delete = fields.flag("auto_delete", false);
        let internal = fields.flag("internal", false);
        let arguments = fields.table("arguments");
        Some(Self {
            name: name?,
            kind: kind?.into(),
            durable: durable?,
            auto_delete: auto_delete?,
            internal: internal?,
            arguments: arguments?,
        })
    }
}

impl Section for Binding {
    const FIELDS: &'static [&'static str] = &[
        "source",
        "vhost",
        "destination",
        "destination_type",
        "routing_key",
        "arguments",
    ];
    const UNIQUE: &'static str = "routing_key";

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let (source, destination) = (fields.name("source"), fields.name("destination"));
        let to_queue = fields.choice(
            "destination_type",
            &[("queue", true), ("exchange", false)],
            None,
        );
        let (key, arguments) = (fields.key("routing_key"), fields.table("arguments"));
        Some(Self {
            source: source?,
            destination: match (to_queue?, destination?) {
                (true, queue) => Target::Queue(queue),
                (false, exchange) => Target::Exchange(exchange),
            },
            key: key?,
            arguments: arguments?,
        })
    }
}

/// The value of a parameter that is an operator policy (O6). Its name is the parameter's.
pub(super) struct OperatorPolicy(pub PolicySpec);

impl Section for OperatorPolicy {
    const FIELDS: &'static [&'static str] = &["pattern", "apply-to", "priority", "definition"];

    fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let policy = policy(fields, Some(Name::default()))?;
        Some(Self(PolicySpec {
            operator: true,
            ..policy
        }))
    }
}
