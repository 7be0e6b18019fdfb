//! Rotation, from the settings to what a person is told: which credentials there are, where each is kept, who rotates
//! it, and who runs with it.

mod credential;
mod holders;
mod pending;
mod rotator;
mod stores;
mod timetable;
mod told;
mod work;

pub(crate) use credential::{Chosen, Credential, chosen};
pub(crate) use holders::{Holders, held};
pub(crate) use pending::Pending;
pub(crate) use stores::Stores;
pub(crate) use told::{Told, date, span};
pub(crate) use work::{Job, Look, Work};
