//! Moves values into a store, and is certain of it: compares, writes, reads back.
//!
//! The place that values come from may be cleared only after [`carry()`] said that all of them arrived.

#![forbid(unsafe_code)]

mod carry;
mod fingerprint;
mod survey;

pub use carry::{Arrival, carry};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use survey::{Parcel, Standing, Surveyed, survey};
