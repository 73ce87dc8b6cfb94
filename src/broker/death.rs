//! Dead-lettering (D1–D11).

/// Why a copy died (D1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeathReason {
    /// Nacked or rejected without requeue.
    Rejected,
    /// Its time was up.
    Expired,
    /// Its queue was too long.
    MaxLen,
    /// It was returned too often.
    DeliveryLimit,
}
