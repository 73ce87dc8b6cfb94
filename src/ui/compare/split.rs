//! How two canvases share the width of the window.

use egui::Vec2;

/// No side has less of the width than this, for its heading to be read.
const LEAST: f32 = 0.34;

/// The share of a room that the left one of two pictures needs, so that both can be drawn as large as the room allows.
/// No picture is drawn larger than `most` times its size.
pub(super) fn left_share(room: Vec2, pictures: [Vec2; 2], most: f32) -> f32 {
    let size = |picture: Vec2| picture.max(Vec2::splat(1.0));
    let [left, right] = pictures.map(size);
    // As large as they can be in that height, if there were width enough.
    let wanted = [left, right].map(|picture| picture.x * (room.y / picture.y).min(most));
    let free = room.x - wanted[0] - wanted[1];
    let share = if free >= 0.0 {
        (wanted[0] + free / 2.0) / room.x
    } else {
        // There is not: who needs less than its share of the common scale has it, the other has the rest.
        let common = room.x / (left.x + right.x);
        match (wanted[0] <= left.x * common, wanted[1] <= right.x * common) {
            (true, _) => wanted[0] / room.x,
            (_, true) => 1.0 - wanted[1] / room.x,
            _ => left.x * common / room.x,
        }
    };
    share.clamp(LEAST, 1.0 - LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    use egui::vec2;

    fn scales(room: Vec2, pictures: [Vec2; 2]) -> [f32; 2] {
        let share = left_share(room, pictures, 1.5);
        let widths = [room.x * share, room.x * (1.0 - share)];
        let scale = |place: usize| {
            let picture: Vec2 = pictures[place];
            (widths[place] / picture.x).min(room.y / picture.y).min(1.5)
        };
        [scale(0), scale(1)]
    }

    #[test]
    fn where_both_want_more_width_they_are_drawn_to_one_scale() {
        let [left, right] = scales(
            vec2(1_200.0, 900.0),
            [vec2(600.0, 200.0), vec2(900.0, 200.0)],
        );
        assert!(
            (left - 0.8).abs() < 0.01 && (right - 0.8).abs() < 0.01,
            "{left} {right}"
        );
    }

    #[test]
    fn width_that_one_cannot_use_is_for_the_other() {
        // The right one is tall: half of its width would be left over.
        let [left, right] = scales(
            vec2(1_200.0, 300.0),
            [vec2(900.0, 200.0), vec2(700.0, 500.0)],
        );
        assert!((right - 0.6).abs() < 0.01, "{right}");
        assert!(left > 0.85, "{left}");
    }

    #[test]
    fn where_there_is_room_for_both_each_has_as_much_to_spare() {
        let share = left_share(vec2(2_000.0, 300.0), [vec2(300.0, 200.0); 2], 1.5);
        assert_eq!(share, 0.5);
    }

    #[test]
    fn no_side_is_squeezed_out_and_nothing_is_no_picture() {
        for pictures in [
            [vec2(10.0, 10.0), vec2(9_000.0, 10.0)],
            [vec2(0.0, 0.0), vec2(0.0, 0.0)],
            [vec2(9_000.0, 10.0), vec2(10.0, 5_000.0)],
        ] {
            let share = left_share(vec2(1_200.0, 300.0), pictures, 1.5);
            assert!((LEAST..=1.0 - LEAST).contains(&share), "{share}");
        }
    }
}
