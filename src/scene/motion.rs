//! How things move.

/// Slow at both ends, from 0 to 1.
#[must_use]
pub(super) fn ease(fraction: f32) -> f32 {
    let fraction = fraction.clamp(0.0, 1.0);
    fraction * fraction * (3.0 - 2.0 * fraction)
}
