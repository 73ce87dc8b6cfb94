use std::collections::BTreeMap;

use super::sketch::{c, p, q, request, x};
use crate::geometry::point;
use crate::layout::{Layout, Request, layout};
use crate::topology::NodeKey;

fn plain(request: &Request) -> Layout {
    layout(request, &BTreeMap::new(), None)
}

/// The picture look/ shows: a topic exchange with four queues.
fn logs() -> Request {
    request(
        [2, 1, 4, 4],
        &[
            (p(0), x(0), ""),
            (p(1), x(0), ""),
            (x(0), q(0), "*.error"),
            (x(0), q(1), "kern.*"),
            (x(0), q(2), "auth.#"),
            (x(0), q(3), "#"),
            (q(0), c(0), ""),
            (q(1), c(1), ""),
            (q(2), c(2), ""),
            (q(3), c(3), ""),
        ],
    )
}

fn zoo() -> Vec<(&'static str, Request)> {
    vec![
        ("logs", logs()),
        (
            "hello",
            request(
                [1, 1, 1, 1],
                &[(p(0), x(0), ""), (x(0), q(0), "hello"), (q(0), c(0), "")],
            ),
        ),
        (
            "work",
            request(
                [1, 1, 1, 3],
                &[
                    (p(0), x(0), ""),
                    (x(0), q(0), "tasks"),
                    (q(0), c(0), ""),
                    (q(0), c(1), ""),
                    (q(0), c(2), ""),
                ],
            ),
        ),
        (
            "direct",
            request(
                [1, 1, 2, 3],
                &[
                    (p(0), x(0), ""),
                    (x(0), q(0), "error"),
                    (x(0), q(1), "info"),
                    (x(0), q(1), "error"),
                    (x(0), q(1), "warning"),
                    (q(0), c(0), ""),
                    (q(1), c(1), ""),
                    (q(1), c(2), ""),
                ],
            ),
        ),
        (
            "chain",
            request(
                [2, 4, 4, 2],
                &[
                    (p(0), x(0), ""),
                    (p(1), x(2), ""),
                    (x(0), x(1), "a.#"),
                    (x(0), x(2), "b.*"),
                    (x(1), x(2), "c"),
                    (x(2), x(3), ""),
                    (x(2), x(3), ""),
                    (x(0), q(0), "long.binding.key.indeed"),
                    (x(1), q(1), "*"),
                    (x(3), q(2), "#"),
                    (x(3), q(3), "d"),
                    (q(0), c(0), ""),
                    (q(2), c(1), ""),
                ],
            ),
        ),
        (
            "cycle",
            request(
                [1, 3, 2, 2],
                &[
                    (p(0), x(0), ""),
                    (x(0), x(1), "go"),
                    (x(1), x(2), "on"),
                    (x(2), x(0), "back"),
                    (x(1), x(0), "back.too"),
                    (x(1), x(1), "self"),
                    (x(1), x(1), "self.again"),
                    (x(2), q(0), "#"),
                    (x(1), q(1), "x"),
                    (q(0), c(0), ""),
                    (q(1), c(1), ""),
                    (q(1), x(0), "dead"),
                ],
            ),
        ),
        (
            "dense",
            request(
                [3, 3, 5, 4],
                &[
                    (p(0), x(0), ""),
                    (p(1), x(1), ""),
                    (p(2), x(2), ""),
                    (p(0), x(2), ""),
                    (x(0), q(0), "aaa"),
                    (x(0), q(1), "bbb"),
                    (x(0), q(2), "ccc"),
                    (x(1), q(2), "ddd"),
                    (x(1), q(3), "eee"),
                    (x(1), q(0), "fff"),
                    (x(1), q(0), "ggg"),
                    (x(2), q(4), "hhh"),
                    (x(2), q(4), "iii"),
                    (x(2), q(4), "jjj"),
                    (x(2), q(0), "kkk"),
                    (q(0), c(0), ""),
                    (q(0), c(1), ""),
                    (q(4), c(2), ""),
                ],
            ),
        ),
    ]
}

#[test]
fn the_picture_of_the_look_fits_the_canvas() {
    let done = plain(&logs());
    assert!(done.bounds.width() <= 1200.0, "{:?}", done.bounds);
    assert!(done.bounds.height() <= 620.0, "{:?}", done.bounds);
}

#[test]
fn columns_stand_in_the_order_messages_take() {
    for (name, request) in zoo() {
        let done = plain(&request);
        let side = |wanted: fn(&NodeKey) -> bool, right: bool| {
            let sides = done.nodes.iter().filter(move |(key, _)| wanted(key));
            sides.map(move |(_, shape)| if right { shape.max.x } else { shape.min.x })
        };
        let kinds: [fn(&NodeKey) -> bool; 4] = [
            |key| matches!(key, NodeKey::Publisher(_)),
            |key| matches!(key, NodeKey::Exchange(_)),
            |key| matches!(key, NodeKey::Queue(_)),
            |key| matches!(key, NodeKey::Consumer(_)),
        ];
        for (left, right) in kinds.iter().zip(kinds.iter().skip(1)) {
            let end = side(*left, true).fold(f32::MIN, f32::max);
            let begin = side(*right, false).fold(f32::MAX, f32::min);
            assert!(end < begin, "{name}: {end} {begin}");
        }
    }
}

#[test]
fn a_single_consumer_stands_level_with_its_queue_and_several_around_it() {
    let done = plain(&logs());
    for i in 0..4 {
        assert_eq!(done.nodes[&q(i)].center().y, done.nodes[&c(i)].center().y);
    }
    let edges = [0, 1, 2].map(|i| (q(0), c(i), ""));
    let done = plain(&request([0, 0, 1, 3], &edges));
    let heights = [0, 1, 2].map(|i| done.nodes[&c(i)].center().y);
    assert_eq!(heights[1], done.nodes[&q(0)].center().y);
    assert!(heights[0] < heights[1] && heights[1] < heights[2]);
}

#[test]
fn what_crosses_nothing_keeps_the_order_of_declaration() {
    let done = plain(&logs());
    let heights: Vec<f32> = (0..4).map(|i| done.nodes[&q(i)].min.y).collect();
    assert!(heights.is_sorted(), "{heights:?}");
}

#[test]
fn crossings_are_undone() {
    let edges = [(x(0), q(1), ""), (x(1), q(0), "")];
    let done = plain(&request([0, 2, 2, 0], &edges));
    let above = |a, b| done.nodes[&a].min.y < done.nodes[&b].min.y;
    assert_eq!(above(x(0), x(1)), above(q(1), q(0)));
}

#[test]
fn level_ends_are_joined_by_a_straight_line() {
    let done = plain(&request([1, 1, 0, 0], &[(p(0), x(0), "")]));
    let route = done.edges.values().next().expect("one edge");
    let ends = (
        done.nodes[&p(0)].right_center(),
        done.nodes[&x(0)].left_center(),
    );
    assert_eq!(route.points(), [ends.0, ends.1]);
}

#[test]
fn edges_leave_and_arrive_level_at_the_middle_of_a_side() {
    for (name, request) in zoo() {
        let done = plain(&request);
        for edge in &request.edges {
            let route = &done.edges[&edge.key];
            let (from, to) = (&done.nodes[&edge.from], &done.nodes[&edge.to]);
            assert_eq!(route.point_at(0.0), from.right_center(), "{name}");
            assert_eq!(route.point_at(1.0), to.left_center(), "{name}");
            let (first, last) = (route.curves().first(), route.curves().last());
            let (first, last) = (first.expect("a curve"), last.expect("a curve"));
            assert!(
                first.leave.x > first.start.x && first.leave.y == first.start.y,
                "{name}"
            );
            assert!(
                last.arrive.x < last.end.x && last.arrive.y == last.end.y,
                "{name}"
            );
        }
    }
}

#[test]
fn a_pill_lies_on_its_edge() {
    for (name, request) in zoo() {
        for (key, route) in plain(&request).edges {
            let Some(label) = route.label else { continue };
            let nearest = (0..=400)
                .map(|i| route.point_at(i as f32 / 400.0).distance(label.center()))
                .fold(f32::MAX, f32::min);
            assert!(nearest < 4.0, "{name} {key:?}: {nearest}");
        }
    }
}

#[test]
fn what_leads_back_runs_between_two_rows_where_there_is_room() {
    let edges = [
        (x(0), q(0), ""),
        (x(1), q(1), ""),
        (q(0), x(1), ""),
        (q(1), x(0), ""),
    ];
    let mut request = request([0, 2, 2, 0], &edges);
    request.spacing.row = 48.0;
    let done = plain(&request);
    let (upper, lower) = (&done.nodes[&x(0)], &done.nodes[&x(1)]);
    let lane = |index: usize| {
        let middle = done.edges[&request.edges[index].key].point_at(0.5);
        assert!(
            upper.max.y < middle.y && middle.y < lower.min.y,
            "{middle:?}"
        );
        middle.y
    };
    // The way down is above the way up, so that they do not cross.
    assert!(lane(2) < lane(3));
}

#[test]
fn a_long_label_pushes_the_columns_apart() {
    let short = plain(&request([0, 1, 1, 0], &[(x(0), q(0), "a")]));
    let key = "a.binding.key.of.many.words.that.needs.room";
    let long = plain(&request([0, 1, 1, 0], &[(x(0), q(0), key)]));
    assert!(long.nodes[&q(0)].min.x > short.nodes[&q(0)].min.x + 100.0);
}

#[test]
fn a_pinned_node_stands_where_it_was_put_and_moves_no_other() {
    let request = logs();
    let before = plain(&request);
    let pinned: BTreeMap<NodeKey, _> = [(q(0), point(-300.0, 700.0))].into();
    let after = layout(&request, &pinned, Some(&before));
    assert_eq!(after.nodes[&q(0)].center(), point(-300.0, 700.0));
    for (key, shape) in before.nodes.iter().filter(|(key, _)| **key != q(0)) {
        assert_eq!(after.nodes[key], *shape);
    }
    assert!(after.bounds.contains_rect(&after.nodes[&q(0)]));
    assert_eq!(layout(&request, &BTreeMap::new(), Some(&after)), before);
}

#[test]
fn sizes_and_pins_that_are_no_numbers_do_no_harm() {
    let mut request = logs();
    for (_, size) in &mut request.nodes {
        size.width = f32::NAN;
        size.above = f32::INFINITY;
        size.height = -4.0;
    }
    let pinned: BTreeMap<NodeKey, _> = [(q(0), point(f32::NAN, 0.0))].into();
    let done = layout(&request, &pinned, None);
    for shape in done.nodes.values() {
        assert!(shape.min.x.is_finite() && shape.max.y.is_finite());
    }
}

#[test]
fn three_hundred_nodes_in_a_chain_and_in_a_fan_are_no_trouble() {
    let chain: Vec<_> = (0..149).map(|i| (x(i), x(i + 1), "k")).collect();
    let skips = (0..75).map(|i| (x(i), x(149 - i), "s"));
    let edges: Vec<_> = chain.into_iter().chain(skips).collect();
    assert_eq!(plain(&request([0, 150, 0, 0], &edges)).nodes.len(), 150);
    let fan = (0..149).map(|i| (x(0), q(i * 67 % 149), "key"));
    let edges: Vec<_> = fan.chain((0..149).map(|i| (q(i), c(i), ""))).collect();
    let done = plain(&request([1, 1, 149, 149], &edges));
    assert_eq!(done.nodes.len(), 300);
    assert!(done.bounds.height().is_finite());
}
