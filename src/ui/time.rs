//! Moments as text.

use crate::broker::Micros;

/// A moment in seconds with two decimals, for lists and the clock.
pub fn seconds(at: Micros) -> String {
    format!("{:.2}", at.as_secs_f64())
}
