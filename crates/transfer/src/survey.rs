//! What a store has at the places that values are to go to.

use mcp_launch_core::{Deadline, Locator, Secret, Source, SourceError};

/// A value on its way into a store.
pub struct Parcel {
    /// The name that a person knows it by.
    pub name: String,
    /// Where it goes.
    pub locator: Locator,
    /// The value.
    pub value: Secret,
}

/// What a store has at a parcel's locator.
pub enum Standing {
    /// Nothing.
    New,
    /// The same value.
    Same,
    /// Another value: this one.
    Different(Secret),
}

/// What a store says of each parcel, in their order.
pub type Surveyed = Vec<Result<Standing, SourceError>>;

/// Asks `source` what it has. A store that is not there yet has nothing.
///
/// Of two parcels for one locator, the later is told as if the earlier were there.
#[must_use]
pub fn survey(source: &dyn Source, parcels: &[Parcel], deadline: Deadline) -> Surveyed {
    let locators: Vec<Locator> = parcels
        .iter()
        .map(|parcel| parcel.locator.clone())
        .collect();
    let mut answers = source.fetch(&locators, deadline).into_iter();
    parcels
        .iter()
        .map(|parcel| {
            let answer = answers.next().unwrap_or(Err(SourceError::new(
                mcp_launch_core::SourceErrorKind::Unavailable,
            )));
            match answer {
                Ok(there) if there.is_same(&parcel.value) => Ok(Standing::Same),
                Ok(there) => Ok(Standing::Different(there)),
                Err(error) if error.lets_next_answer() => Ok(Standing::New),
                Err(error) => Err(error),
            }
        })
        .collect()
}
