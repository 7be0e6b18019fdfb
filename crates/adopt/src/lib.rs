//! What adopting does to a client's config: from a document to a document, nothing else is touched.

#![forbid(unsafe_code)]

mod braces;
mod edit;
mod naming;
mod on_the_way;
mod remote;
mod rewrite;
mod sighting;
mod stdio;
mod template;

pub use braces::{BracedVariable, braced_variables};
pub use edit::{Edit, Edits, Items, Snapshot, TakenBack, take_back};
pub use naming::{Naming, candidates};
pub use on_the_way::is_read_on_the_way;
pub use rewrite::{Moved, Obstacle, Rewritten, rewrite};
pub use sighting::{Sighting, Site, sightings};
