//! The graph as DOT, Graphviz's language, with the words of the picture.

use std::fmt::Write as _;

use crate::scene::{edge_words, node_words};
use crate::topology::{EdgeKey, LeftOut, NodeKey, Topology};
use crate::world::World;

/// A graph of a world in DOT, left to right, in the order nodes and edges were added; what is left out of it is said where it
/// would be seen.
#[must_use]
pub fn dot(topology: &Topology, left_out: &LeftOut, world: &World) -> String {
    let mut out = String::from("digraph topology {\n  rankdir=LR;\n");
    for node in topology.nodes() {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  {} [shape={}, label=\"{}\"];",
            id(node.key),
            shape(node.key),
            lines(&node_words(node, topology, left_out, world))
        );
    }
    for edge in topology.edges() {
        let words = edge_words(edge, left_out, world);
        let style = match edge.key {
            // Nobody made it, so it is drawn lighter than those somebody made (E2).
            EdgeKey::Implicit(_) => Some("style=dashed"),
            EdgeKey::DeadLetter { .. } | EdgeKey::Alternate(_) => Some("style=dotted"),
            _ => None,
        };
        let label = (!words.is_empty()).then(|| format!("label=\"{}\"", lines(&words)));
        let attributes: Vec<_> = style.map(str::to_owned).into_iter().chain(label).collect();
        let _ = write!(out, "  {} -> {}", id(edge.from), id(edge.to));
        let _ = match attributes.is_empty() {
            true => writeln!(out, ";"),
            false => writeln!(out, " [{}];", attributes.join(", ")),
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

/// Words below each other, for a quoted string.
fn lines(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|words| escape(words)).collect();
    words.join("\\n")
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
    use super::*;

    #[test]
    fn quotes_backslashes_and_line_breaks_do_not_end_a_label() {
        assert_eq!(escape("a\"b\\N\nc\u{7}"), "a\\\"b\\\\N\\nc\u{fffd}");
        assert_eq!(escape("a&lt;é→"), "a&amp;lt;é→");
    }

    #[test]
    fn a_graph_of_nothing_is_still_a_graph() {
        let world = World::new(&crate::world::Setup::default()).expect("an empty world");
        let nothing = dot(&Topology::new(), &LeftOut::default(), &world);
        assert_eq!(nothing, "digraph topology {\n  rankdir=LR;\n}\n");
    }
}
