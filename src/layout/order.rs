//! The order within the columns: few crossings, and what is known keeps its order.

use std::collections::BTreeMap;

use super::isotonic::{Wish, isotonic};
use super::layers::{Layers, Occupant};

/// More sweeps hardly ever help.
const SWEEPS: usize = 12;

/// Sorts every column so that few edges cross. An order is left only for one with fewer crossings,
/// so where nothing is gained that of declaration stays. What is in `known` keeps its order.
pub(super) fn sort(layers: &mut Layers, known: Option<&BTreeMap<Occupant, usize>>) {
    let place = |occupant: Occupant| known.and_then(|known| known.get(&occupant)).copied();
    for seats in layers.consumers.values_mut() {
        seats.sort_by_key(|&consumer| place(Occupant::Node(consumer)).unwrap_or(usize::MAX));
    }
    let known: Vec<Option<usize>> = layers.occupants.iter().map(|&it| place(it)).collect();
    let mut columns = std::mem::take(&mut layers.columns);
    for column in &mut columns {
        column.sort_by_key(|&vertex| known[vertex].unwrap_or(usize::MAX));
    }
    let mut best = columns.clone();
    let mut fewest = crossings(&columns, &layers.after);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let count = columns.len();
        for step in 1..count {
            let (fixed, moving, neighbours) = if sweep % 2 == 0 {
                (step - 1, step, &layers.before)
            } else {
                (count - step, count - step - 1, &layers.after)
            };
            let places = places(&columns[fixed], neighbours.len());
            sort_column(&mut columns[moving], neighbours, &places, &known);
        }
        let now = crossings(&columns, &layers.after);
        if now < fewest {
            fewest = now;
            best.clone_from(&columns);
        }
    }
    layers.columns = best;
}

/// Each vertex's place in a column, from 0 to 1, so that columns of unequal length compare.
fn places(column: &[usize], vertices: usize) -> Vec<f32> {
    let mut places = vec![0.0; vertices];
    for (place, &vertex) in column.iter().enumerate() {
        places[vertex] = (place as f32 + 0.5) / column.len() as f32;
    }
    places
}

/// Sorts a column by where the neighbours are on average.
fn sort_column(
    column: &mut Vec<usize>,
    neighbours: &[Vec<usize>],
    places: &[f32],
    known: &[Option<usize>],
) {
    let count = column.len() as f32;
    let mut wishes: Vec<f32> = column
        .iter()
        .enumerate()
        .map(|(place, &vertex)| {
            let near = &neighbours[vertex];
            if near.is_empty() {
                (place as f32 + 0.5) / count
            } else {
                near.iter().map(|&other| places[other]).sum::<f32>() / near.len() as f32
            }
        })
        .collect();
    // Those whose order is known stand in it already; with wishes that never fall they stay so.
    let (held, held_wishes): (Vec<usize>, Vec<Wish>) = column
        .iter()
        .zip(&wishes)
        .enumerate()
        .filter(|(_, (vertex, _))| known[**vertex].is_some())
        .map(|(place, (_, &value))| (place, Wish { value, weight: 1.0 }))
        .unzip();
    for (place, wish) in held.into_iter().zip(isotonic(&held_wishes)) {
        wishes[place] = wish;
    }
    let mut sorted: Vec<(f32, usize)> = wishes.into_iter().zip(column.iter().copied()).collect();
    sorted.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    *column = sorted.into_iter().map(|(_, vertex)| vertex).collect();
}

/// How many pairs of edges cross between neighbouring columns.
fn crossings(columns: &[Vec<usize>], after: &[Vec<usize>]) -> usize {
    columns
        .windows(2)
        .map(|pair| match pair {
            [left, right] => crossings_between(left, right, after),
            _ => 0,
        })
        .sum()
}

fn crossings_between(left: &[usize], right: &[usize], after: &[Vec<usize>]) -> usize {
    let mut place = vec![0; after.len()];
    for (at, &vertex) in right.iter().enumerate() {
        place[vertex] = at;
    }
    // Ends passed so far, as a Fenwick tree: how many of them are below the next end.
    let mut tree = vec![0_usize; right.len() + 1];
    let (mut passed, mut total) = (0, 0);
    for &vertex in left {
        let mut ends: Vec<usize> = after[vertex].iter().map(|&other| place[other]).collect();
        ends.sort_unstable();
        for &end in &ends {
            let mut not_below = 0;
            let mut at = end + 1;
            while at > 0 {
                not_below += tree[at];
                at &= at - 1;
            }
            total += passed - not_below;
        }
        for end in ends {
            passed += 1;
            let mut at = end + 1;
            while at < tree.len() {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_counted_by_pairs() {
        let after = vec![vec![3], vec![2], vec![], vec![]];
        assert_eq!(crossings_between(&[0, 1], &[2, 3], &after), 1);
        assert_eq!(crossings_between(&[0, 1], &[3, 2], &after), 0);
        let parallel = vec![vec![2, 2], vec![2, 3], vec![], vec![]];
        assert_eq!(crossings_between(&[0, 1], &[2, 3], &parallel), 0);
        assert_eq!(crossings_between(&[1, 0], &[2, 3], &parallel), 2);
    }
}
