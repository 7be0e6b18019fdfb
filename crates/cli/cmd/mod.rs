//! One file per command.

pub(crate) mod cache;
pub(crate) mod doctor;
pub(crate) mod generate;
#[cfg(feature = "vault")]
pub(crate) mod keep;
pub(crate) mod lock;
pub(crate) mod run;
pub(crate) mod secrets;
pub(crate) mod trust;
pub(crate) mod unlock;
