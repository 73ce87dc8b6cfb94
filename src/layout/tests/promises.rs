//! What holds for every topology.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::sketch::{add, c, p, q, request, x};
use crate::geometry::Rect;
use crate::layout::{Layout, Request, layout};
use crate::topology::NodeKey;

fn plain(request: &Request) -> Layout {
    layout(request, &BTreeMap::new(), None)
}

/// Up to 3 publishers, 5 exchanges, 5 queues and 5 consumers with any edges there may be:
/// parallel bindings, cycles, self-loops, queues that lead back to an exchange, loose ends.
fn topologies() -> impl Strategy<Value = Request> {
    let counts = (0_u32..4, 0_u32..6, 0_u32..6, 0_u32..6);
    let ends = prop::collection::vec((0_u32..6, 0_u32..6, 0_usize..12), 0..12);
    (counts, ends.clone(), ends.clone(), ends.clone(), ends).prop_map(
        |((publishers, exchanges, queues, consumers), publish, bind, chain, consume)| {
            let mut request = request([publishers, exchanges, queues, consumers], &[]);
            let mut join = |from, to, letters: usize| {
                if letters != 11 {
                    add(&mut request, from, to, &"k".repeat(letters * 2));
                }
            };
            for (a, b, _) in publish {
                join(p(a), x(b), 0);
            }
            for &(a, b, letters) in &bind {
                join(x(a), q(b), letters);
            }
            for (a, b, letters) in chain {
                join(x(a), x(b), letters);
            }
            for (turn, (a, b, letters)) in (0..).zip(consume) {
                join(q(a), c(turn), 0);
                if letters > 8 {
                    join(q(a), x(b), letters);
                }
            }
            request
        },
    )
}

fn boxes(request: &Request, layout: &Layout) -> Vec<(NodeKey, Rect)> {
    let nodes = request.nodes.iter();
    nodes
        .map(|(key, size)| (*key, size.with_captions(*key, &layout.nodes[key])))
        .collect()
}

/// Heights are sums of hundreds, so they may be off by a few thousandths.
fn overlap(a: &Rect, b: &Rect) -> bool {
    a.expand(-0.02).intersects(&b.expand(-0.02))
}

fn column_orders(layout: &Layout) -> Vec<Vec<NodeKey>> {
    let kinds: [fn(&NodeKey) -> bool; 3] = [
        |key| matches!(key, NodeKey::Publisher(_)),
        |key| matches!(key, NodeKey::Queue(_)),
        |key| matches!(key, NodeKey::Consumer(_)),
    ];
    let mut columns: Vec<Vec<NodeKey>> = Vec::new();
    for kind in kinds {
        columns.push(layout.nodes.keys().copied().filter(kind).collect());
    }
    for column in &mut columns {
        column.sort_by(|a, b| layout.nodes[a].min.y.total_cmp(&layout.nodes[b].min.y));
    }
    columns
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nodes_and_pills_never_overlap(request in topologies()) {
        let done = plain(&request);
        let boxes = boxes(&request, &done);
        for (i, (a, here)) in boxes.iter().enumerate() {
            for (b, there) in &boxes[i + 1..] {
                prop_assert!(!overlap(here, there), "{a:?} {here:?} {b:?} {there:?}");
            }
        }
        let pills: Vec<_> = done
            .edges
            .iter()
            .filter_map(|(key, route)| Some((key, route.label?)))
            .collect();
        for (i, (key, pill)) in pills.iter().enumerate() {
            for (node, there) in &boxes {
                prop_assert!(!overlap(pill, there), "{key:?} {pill:?} {node:?} {there:?}");
            }
            for (other, there) in &pills[i + 1..] {
                prop_assert!(!overlap(pill, there), "{key:?} {pill:?} {other:?} {there:?}");
            }
        }
    }

    #[test]
    fn everything_is_inside_the_bounds_and_finite(request in topologies()) {
        let done = plain(&request);
        for (_, one) in boxes(&request, &done) {
            prop_assert!(done.bounds.contains_rect(&one));
        }
        for route in done.edges.values() {
            prop_assert!(route.length().is_finite());
            prop_assert!(done.bounds.contains_rect(&route.bounds()));
            if let Some(pill) = route.label {
                prop_assert!(done.bounds.contains_rect(&pill));
            }
        }
    }

    #[test]
    fn every_edge_between_two_nodes_has_its_route_and_pill(request in topologies()) {
        let done = plain(&request);
        for edge in &request.edges {
            let both = done.nodes.contains_key(&edge.from) && done.nodes.contains_key(&edge.to);
            if both {
                let pill = done.edges[&edge.key].label;
                prop_assert_eq!(pill.is_some(), edge.label.is_some());
            }
        }
    }

    #[test]
    fn the_same_request_gives_the_same_layout(request in topologies()) {
        let done = plain(&request);
        prop_assert_eq!(&done, &plain(&request));
    }

    #[test]
    fn what_is_there_keeps_its_order_when_something_is_added(
        request in topologies(),
        (to, from, kind) in (0_u32..5, 0_u32..5, 0_u32..4),
    ) {
        let before = plain(&request);
        let mut more = request.clone();
        let node = match kind {
            0 => p(90),
            1 => x(90),
            2 => q(90),
            _ => c(90),
        };
        more.nodes.push((node, super::sketch::size(node)));
        match kind {
            0 => add(&mut more, node, x(to), ""),
            1 => add(&mut more, node, q(to), "key"),
            2 => add(&mut more, x(from), node, "key"),
            _ => add(&mut more, q(from), node, ""),
        }
        let mut after = layout(&more, &BTreeMap::new(), Some(&before));
        prop_assert!(after.nodes.remove(&node).is_some());
        prop_assert_eq!(column_orders(&before), column_orders(&after));
    }

    #[test]
    fn laid_out_again_after_itself_nothing_moves(request in topologies()) {
        let once = plain(&request);
        prop_assert_eq!(&layout(&request, &BTreeMap::new(), Some(&once)).nodes, &once.nodes);
    }
}
