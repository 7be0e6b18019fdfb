//! What is known after asking, and what it says to one reference.

use std::collections::{BTreeSet, HashMap};

use mcp_launch_core::{Position, Secret, SourceError};
use mcp_launch_json_field::{self as json_field, FieldError};
use mcp_launch_sharing::Sharing;

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;
use crate::question::{Outcome, Wanted};
use crate::reference::Reference;
use crate::remedy::{self, Scene};

/// What is known after asking.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) outcomes: HashMap<Wanted, Outcome>,
    pub(crate) near: HashMap<Wanted, Vec<String>>,
    pub(crate) scene: Scene,
}

impl Said {
    /// Takes what is shared; gives what is left to ask for.
    pub(crate) fn take_shared(
        &mut self,
        wanted: BTreeSet<Wanted>,
        answers: &Sharing,
    ) -> BTreeSet<Wanted> {
        wanted
            .into_iter()
            .filter_map(|wanted| match answers.fresh(&wanted.shared_as()) {
                Some(value) => {
                    self.outcomes.insert(wanted, Ok(value));
                    None
                }
                None => Some(wanted),
            })
            .collect()
    }

    pub(crate) fn fail(&mut self, wanted: BTreeSet<Wanted>, diagnosis: &Diagnosis) {
        for wanted in wanted {
            self.outcomes.insert(wanted, Err(diagnosis.clone()));
        }
    }

    /// The value that `reference` means; else the error, and what to do about it.
    pub(crate) fn to(
        &self,
        reference: &Reference<'_>,
    ) -> Result<Secret, (SourceError, Option<String>)> {
        let wanted = Wanted::of(reference);
        let diagnosis = match self.outcomes.get(&wanted) {
            Some(Ok(secret)) => return value(secret, reference, &self.scene),
            Some(Err(diagnosis)) => diagnosis.clone(),
            None => Fault::Unexpected.into(),
        };
        let near = self.near.get(&wanted).map(Vec::as_slice);
        let remedy = remedy::of(&diagnosis, &self.scene, reference, near.unwrap_or_default());
        Err((diagnosis.error(), remedy))
    }
}

/// The whole secret, or its field.
#[expect(
    clippy::disallowed_methods,
    reason = "from one wiped buffer to another: several references may need one secret"
)]
fn value(
    secret: &Secret,
    reference: &Reference<'_>,
    scene: &Scene,
) -> Result<Secret, (SourceError, Option<String>)> {
    let Some(path) = reference.field else {
        return Ok(Secret::new(secret.expose().to_vec()));
    };
    json_field::select(secret.expose(), path).map_err(|error| {
        if let FieldError::Missing(names) = &error {
            return (Fault::NoField.error(), remedy::other_fields(names));
        }
        let (fault, position) = of_field(&error);
        let remedy = scene.of_fault(fault, reference);
        (fault.error().at(position), remedy)
    })
}

/// Why a field cannot be had, and where.
pub(crate) fn of_field(error: &FieldError) -> (Fault, Position) {
    match error {
        FieldError::DuplicateKey(byte) => (Fault::DuplicateKey, Position::Byte(*byte)),
        FieldError::Missing(_) => (Fault::NoField, Position::Whole),
        FieldError::NoFields => (Fault::NoObject, Position::Whole),
        FieldError::NotJson(byte) => (Fault::NotJson, Position::Byte(*byte)),
        FieldError::Null => (Fault::Null, Position::Whole),
    }
}
