//! A field of a secret that is JSON: `password`, `db.password`, `hosts[0].name`.

mod compact;
mod edit;
mod members;
mod object;
mod overlap;
mod select;

pub use edit::{EditError, remove, set};
pub use object::Object;
pub use overlap::overlap;
pub use select::{FieldError, names, select};
