//! The nearest values that keep an order (pool adjacent violators).

/// A wished value and how much it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// The value.
    pub value: f32,
    /// How much it counts against others; more than zero.
    pub weight: f32,
}

/// The values that never fall and are nearest to the wishes, by weighted squares.
pub(super) fn isotonic(wishes: &[Wish]) -> Vec<f32> {
    struct Pool {
        mean: f32,
        weight: f32,
        members: usize,
    }
    let mut pools: Vec<Pool> = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let mut pool = Pool {
            mean: wish.value,
            weight: wish.weight,
            members: 1,
        };
        while let Some(above) = pools.pop_if(|above| above.mean > pool.mean) {
            let weight = above.weight + pool.weight;
            pool.mean = (above.mean * above.weight + pool.mean * pool.weight) / weight;
            pool.weight = weight;
            pool.members += above.members;
        }
        pools.push(pool);
    }
    pools
        .iter()
        .flat_map(|pool| std::iter::repeat_n(pool.mean, pool.members))
        .collect()
}

/// Something that wants a place on a vertical line and room around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Where it would like to be.
    pub wish: Wish,
    /// The room it needs above its place.
    pub above: f32,
    /// The room it needs below its place.
    pub below: f32,
}

/// Places in the given order, as near to the wishes as room for all allows.
pub(super) fn spread(slots: &[Slot]) -> Vec<f32> {
    let mut offsets = Vec::with_capacity(slots.len());
    let mut offset = 0.0;
    let mut last: Option<&Slot> = None;
    for slot in slots {
        offset += last.map_or(0.0, |last| last.below + slot.above);
        offsets.push(offset);
        last = Some(slot);
    }
    // Without the room they need, the places only have to keep their order.
    let wishes: Vec<Wish> = slots
        .iter()
        .zip(&offsets)
        .map(|(slot, offset)| Wish {
            value: slot.wish.value - offset,
            weight: slot.wish.weight,
        })
        .collect();
    isotonic(&wishes)
        .iter()
        .zip(&offsets)
        .map(|(place, offset)| place + offset)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(value: f32) -> Wish {
        Wish { value, weight: 1.0 }
    }

    #[test]
    fn values_in_order_stay() {
        let wishes = [1.0, 2.0, 2.0, 5.0].map(wish);
        assert_eq!(isotonic(&wishes), [1.0, 2.0, 2.0, 5.0]);
    }

    #[test]
    fn values_out_of_order_meet_in_the_middle() {
        assert_eq!(isotonic(&[4.0, 2.0, 9.0].map(wish)), [3.0, 3.0, 9.0]);
        assert_eq!(isotonic(&[3.0, 2.0, 1.0].map(wish)), [2.0, 2.0, 2.0]);
        assert!(isotonic(&[]).is_empty());
    }

    #[test]
    fn slots_that_want_one_place_stand_around_it() {
        let slot = Slot {
            wish: wish(100.0),
            above: 5.0,
            below: 5.0,
        };
        assert_eq!(spread(&[slot; 3]), [90.0, 100.0, 110.0]);
    }
}
