//! A line cut into dashes, bends and all; what is out of sight costs next to nothing.

use egui::Pos2;

/// Cuts `line` into dashes and tells `emit` each one that is `seen`. `pattern`
/// holds the lengths of dash and gap by turns. A dash of no length is one point.
pub fn dashes(
    line: &[Pos2],
    pattern: &[f32],
    seen: impl Fn(Pos2, Pos2) -> bool,
    mut emit: impl FnMut(&[Pos2]),
) {
    let Some(mut place) = Place::start(pattern) else {
        return;
    };
    let mut dash: Vec<Pos2> = Vec::new();
    for step in line.windows(2) {
        let &[from, to] = step else { continue };
        let length = from.distance(to);
        if !length.is_finite() {
            continue;
        }
        if !seen(from, to) {
            finish(&mut dash, &mut emit);
            place.skip(length);
            continue;
        }
        let mut gone = 0.0;
        loop {
            let at = |gone: f32| from.lerp(to, if length > 0.0 { gone / length } else { 0.0 });
            if place.in_dash() && dash.is_empty() {
                dash.push(at(gone));
            }
            if place.left > length - gone {
                place.left -= length - gone;
                break;
            }
            gone += place.left;
            if place.in_dash() {
                if place.left > 0.0 {
                    dash.push(at(gone));
                }
                finish(&mut dash, &mut emit);
            }
            place.turn();
        }
        if !dash.is_empty() {
            dash.push(to);
        }
    }
    finish(&mut dash, &mut emit);
}

fn finish(dash: &mut Vec<Pos2>, emit: &mut impl FnMut(&[Pos2])) {
    if !dash.is_empty() {
        emit(dash);
        dash.clear();
    }
}

/// Where in the pattern the pen is.
struct Place<'a> {
    pattern: &'a [f32],
    period: f32,
    index: usize,
    /// How much is left of the dash or gap.
    left: f32,
}

impl<'a> Place<'a> {
    /// The pattern's beginning, if the pattern leads anywhere.
    fn start(pattern: &'a [f32]) -> Option<Self> {
        let period: f32 = pattern.iter().sum();
        let sound = period.is_finite() && period > 0.0 && pattern.iter().all(|&part| part >= 0.0);
        let &left = pattern.first().filter(|_| sound)?;
        Some(Self {
            pattern,
            period,
            index: 0,
            left,
        })
    }

    fn in_dash(&self) -> bool {
        self.index.is_multiple_of(2)
    }

    /// On to the next dash or gap.
    fn turn(&mut self) {
        self.index = (self.index + 1) % self.pattern.len();
        self.left = self.pattern[self.index];
    }

    /// On by `length`, drawing nothing.
    fn skip(&mut self, length: f32) {
        let mut length = length % self.period;
        while length >= self.left {
            length -= self.left;
            self.turn();
        }
        self.left -= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    fn cut(line: &[Pos2], pattern: &[f32], seen: impl Fn(Pos2, Pos2) -> bool) -> Vec<Vec<Pos2>> {
        let mut all = Vec::new();
        dashes(line, pattern, seen, |dash| all.push(dash.to_vec()));
        all
    }

    #[test]
    fn a_straight_line_is_cut_by_the_pattern() {
        let line = [pos2(0.0, 0.0), pos2(10.0, 0.0)];
        let cut = cut(&line, &[3.0, 2.0], |_, _| true);
        let ends: Vec<_> = cut
            .iter()
            .map(|dash| (dash[0].x, dash[dash.len() - 1].x))
            .collect();
        assert_eq!(ends, [(0.0, 3.0), (5.0, 8.0), (10.0, 10.0)]);
    }

    #[test]
    fn a_dash_goes_round_the_bend() {
        let line = [pos2(0.0, 0.0), pos2(2.0, 0.0), pos2(2.0, 4.0)];
        let cut = cut(&line, &[4.0, 10.0], |_, _| true);
        assert_eq!(cut, [vec![line[0], line[1], pos2(2.0, 2.0)]]);
    }

    #[test]
    fn dashes_of_no_length_are_dots() {
        let line = [pos2(0.0, 0.0), pos2(7.0, 0.0)];
        let cut = cut(&line, &[0.0, 3.0], |_, _| true);
        assert_eq!(cut, [[pos2(0.0, 0.0)], [pos2(3.0, 0.0)], [pos2(6.0, 0.0)]]);
    }

    #[test]
    fn what_is_out_of_sight_moves_the_pattern_on() {
        let line = [pos2(0.0, 0.0), pos2(1001.0, 0.0), pos2(1006.0, 0.0)];
        let cut = cut(&line, &[3.0, 2.0], |from, _| from.x > 0.0);
        assert_eq!(cut[0], [pos2(1001.0, 0.0), pos2(1003.0, 0.0)]);
    }

    #[test]
    fn a_pattern_that_leads_nowhere_draws_nothing() {
        let line = [pos2(0.0, 0.0), pos2(7.0, 0.0)];
        for pattern in [&[][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[-1.0, 3.0]] {
            assert!(cut(&line, pattern, |_, _| true).is_empty());
        }
    }
}
