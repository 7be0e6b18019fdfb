//! The rotation of one credential, such that no crash, no second runner and no lost answer ever leaves it without a
//! working value.
//!
//! ```text
//!          begin (CAS)       set / issue        probe      promote (CAS)      grace over       scrub
//!   Idle ──────────────► Staged ─────────► it logs in ──────────────► Overlap ───────────► retired ─────► Idle
//!     └──► Claimed ─► issue, record (CAS) ──▲
//! ```
//!
//! The store that holds the secret is the journal: what is pending stands in it, and nowhere else. Whether a pending
//! value is in force is found by logging in with it. The rules, each held by the model check in `tests/`:
//!
//! * R1: the successor is durable in the store before anything can break the current value.
//! * R2: a stored value is dropped only after a different stored value was read back and logged in with.
//! * R3: no answer means that it may have happened: probe, never assume.
//! * R4: only handles that were recorded are retired, and never the one that is current.
//!
//! A store implements [`RotatingStore`], a vendor [`Rotator`]; neither knows the other, and this crate knows neither.

#![forbid(unsafe_code)]

mod account;
mod bundle;
mod clock;
mod entries;
mod journal;
mod journalled;
mod names;
mod observer;
mod outcome;
mod recipe;
mod resume;
mod rotator;
mod run;
pub mod schedule;
mod state;
mod store;

pub use account::{Account, AccountForm};
pub use bundle::{Bundle, BundleError};
pub use clock::{Clock, SystemClock};
pub use entries::{Entries, EntriesError};
pub use journal::{Journal, JournalError};
pub use journalled::{Document, Journalled, Loaded};
pub use names::{Handle, NameError, Owner, Revision, RotationId};
pub use observer::{Action, Observer, Unobserved};
pub use outcome::{End, Notice, Outcome, Progress, Reason};
pub use recipe::{Alphabet, Recipe, RecipeError};
pub use rotator::{
    Delegate, Generation, Issue, Liveness, Login, Method, Predecessor, Retire, Roll, Rotator,
    RotatorError, Set,
};
pub use run::{Memory, Rotation, Terms, Wish};
pub use state::{Claim, Current, Mastery, Previous, Record, Snapshot, Stage, Staged};
pub use store::{Opening, Promotion, RotatingStore, Scrubbed, StoreError, Successor};
