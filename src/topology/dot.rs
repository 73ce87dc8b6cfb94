//! The graph as DOT, Graphviz's language.

use std::fmt::Write as _;

use crate::broker::QueueKind;

use super::{EdgeKey, Node, NodeKey, Topology};

/// The graph in DOT, left to right, in the order nodes and edges were added.
#[must_use]
pub fn dot(topology: &Topology) -> String {
    let mut out = String::from("digraph topology {\n  rankdir=LR;\n");
    for node in topology.nodes() {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  {} [shape={}, label=\"{}\"];",
            id(node.key),
            shape(node.key),
            caption(node)
        );
    }
    for edge in topology.edges() {
        let _ = write!(out, "  {} -> {}", id(edge.from), id(edge.to));
        let _ = match edge.key {
            EdgeKey::Binding(_) => writeln!(out, " [label=\"{}\"];", escape(&edge.label)),
            // Nobody made it, so it is drawn lighter than those somebody made (E2).
            EdgeKey::Implicit(_) => {
                writeln!(out, " [style=dashed, label=\"{}\"];", escape(&edge.label))
            }
            EdgeKey::DeadLetter { .. } if edge.label.is_empty() => {
                writeln!(out, " [style=dotted, label=\"dead-letter\"];")
            }
            EdgeKey::DeadLetter { .. } => writeln!(
                out,
                " [style=dotted, label=\"dead-letter\\n{}\"];",
                escape(&edge.label)
            ),
            EdgeKey::Alternate(_) => writeln!(out, " [style=dotted, label=\"alternate\"];"),
            EdgeKey::Publish { .. }
            | EdgeKey::Consume(_)
            | EdgeKey::Onward { .. }
            | EdgeKey::Call { .. } => writeln!(out, ";"),
        };
    }
    out.push_str("}\n");
    out
}

fn id(key: NodeKey) -> String {
    match key {
        NodeKey::Publisher(index) => format!("publisher{index}"),
        NodeKey::Exchange(id) => format!("exchange{id}"),
        NodeKey::Queue(id) => format!("queue{id}"),
        NodeKey::Consumer(id) => format!("consumer{}", id.0),
        NodeKey::Users => "users".to_owned(),
        NodeKey::Service(id) => format!("service{}", id.0),
    }
}

fn shape(key: NodeKey) -> &'static str {
    match key {
        NodeKey::Publisher(_) => "cds",
        NodeKey::Exchange(_) => "circle",
        NodeKey::Queue(_) => "box",
        NodeKey::Consumer(_) | NodeKey::Users => "ellipse",
        NodeKey::Service(_) => "box3d",
    }
}

fn caption(node: &Node) -> String {
    let is_default = matches!(node.key, NodeKey::Exchange(_)) && node.name.is_empty();
    let name = if is_default {
        "(default)".to_owned()
    } else {
        escape(&node.name)
    };
    match (node.kind, node.queue) {
        (Some(kind), _) => format!("{name}\\n{kind}"),
        // Most queues are classic ones; only of the others it is said.
        (None, Some(kind)) if kind != QueueKind::Classic => format!("{name}\\n{kind}"),
        _ => name,
    }
}

/// Inside a quoted DOT string a backslash begins an escape (`\N` is the node's name, `\l` a line
/// break), so it is doubled; a line break is written as one.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push('\u{fffd}'),
            // `&lt;` in a label would be read as an entity.
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples::logs;
    use super::*;
    use crate::broker::{ExchangeId, ExchangeKind, QueueId};
    use crate::topology::Edge;

    #[test]
    fn the_graph_is_written_in_the_order_it_was_built() {
        let mut topology = logs();
        let default = Node::exchange(ExchangeId(0), "".into(), ExchangeKind::Direct);
        topology.add_node(default);
        topology.add_edge(Edge {
            key: EdgeKey::Implicit(QueueId(1)),
            from: NodeKey::Exchange(ExchangeId(0)),
            to: NodeKey::Queue(QueueId(1)),
            label: "all".into(),
        });
        insta::assert_snapshot!(dot(&topology), @r##"
        digraph topology {
          rankdir=LR;
          publisher0 [shape=cds, label="web"];
          exchange7 [shape=circle, label="logs\ntopic"];
          queue0 [shape=box, label="errors"];
          queue1 [shape=box, label="all"];
          consumer0 [shape=ellipse, label="pager"];
          exchange0 [shape=circle, label="(default)\ndirect"];
          publisher0 -> exchange7;
          exchange7 -> queue0 [label="*.error"];
          exchange7 -> queue0 [label="kern.\"x\""];
          exchange7 -> queue1 [label="#"];
          queue0 -> consumer0;
          exchange0 -> queue1 [style=dashed, label="all"];
        }
        "##);
    }

    #[test]
    fn quotes_backslashes_and_line_breaks_do_not_end_a_label() {
        assert_eq!(escape("a\"b\\N\nc\u{7}"), "a\\\"b\\\\N\\nc\u{fffd}");
        assert_eq!(escape("a&lt;é→"), "a&amp;lt;é→");
    }

    #[test]
    fn a_graph_of_nothing_is_still_a_graph() {
        assert_eq!(
            dot(&Topology::new()),
            "digraph topology {\n  rankdir=LR;\n}\n"
        );
    }
}
