//! Rotators that ask nobody: values that only our own stores hold, and values that a person brings.

#![forbid(unsafe_code)]

mod random;
mod track;

pub use random::Random;
pub use track::Track;
