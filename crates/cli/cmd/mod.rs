//! One file per command.

pub(crate) mod add;
pub(crate) mod adopt;
pub(crate) mod cache;
pub(crate) mod clients;
pub(crate) mod doctor;
pub(crate) mod generate;
#[cfg(feature = "vault")]
pub(crate) mod keep;
pub(crate) mod lock;
pub(crate) mod restore;
pub(crate) mod rotate;
pub(crate) mod run;
pub(crate) mod secrets;
pub(crate) mod trust;
pub(crate) mod unlock;
