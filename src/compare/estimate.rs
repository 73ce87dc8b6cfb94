//! A number of a run, as several runs with different seeds have it.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The share of such intervals that contain the true mean.
const CONFIDENCE: f64 = 0.95;

/// A mean over several seeds, and how far from it the true one may well be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean of what was found; zero if nothing was.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval, by Student's t; none of fewer than two.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// From what was found with each seed.
    #[must_use]
    pub fn of(found: &[f64]) -> Self {
        let count = found.len() as f64;
        let mean = match found {
            [] => 0.0,
            _ => found.iter().sum::<f64>() / count,
        };
        let half_width = t(found.len()).map(|t| {
            let squares = found.iter().map(|it| (it - mean).powi(2)).sum::<f64>();
            t * (squares / (count - 1.0) / count).sqrt()
        });
        Self { mean, half_width }
    }
}

/// How many standard errors half the interval is, of so many runs; none of fewer than two.
fn t(runs: usize) -> Option<f64> {
    let freedom = runs.checked_sub(1).filter(|&freedom| freedom > 0)?;
    let law = StudentsT::new(0.0, 1.0, freedom as f64).ok()?;
    Some(law.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn students_t_is_as_in_the_tables() {
        // Two-sided, 95 %.
        for (runs, tabled) in [
            (2, 12.706),
            (3, 4.303),
            (5, 2.776),
            (10, 2.262),
            (21, 2.086),
            (31, 2.042),
            (121, 1.980),
        ] {
            let found = t(runs).expect("an interval");
            assert!((found - tabled).abs() < 1e-3, "{runs}: {found}");
        }
    }

    #[test]
    fn an_interval_is_as_wide_as_what_was_found_differs() {
        let estimate = Estimate::of(&[8.0, 10.0, 12.0]);
        assert!((estimate.mean - 10.0).abs() < 1e-9);
        // 4.303 · 2 / √3
        assert!((estimate.half_width.expect("an interval") - 4.969).abs() < 1e-3);
        assert_eq!(Estimate::of(&[3.0, 3.0]).half_width, Some(0.0));
    }

    #[test]
    fn of_one_run_there_is_no_interval() {
        let one = Estimate::of(&[3.0]);
        assert_eq!((one.mean, one.half_width), (3.0, None));
        assert_eq!(Estimate::of(&[]).mean, 0.0);
    }
}
