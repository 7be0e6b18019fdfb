//! Why a secret was not written.

use mcp_launch_core::SourceError;
use mcp_launch_json_field::{EditError, FieldError};

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;
use crate::said::of_field;

/// The error, and what it comes from where something can be done about that.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) error: SourceError,
    pub(crate) why: Option<Box<Diagnosis>>,
}

impl From<Diagnosis> for Failed {
    fn from(why: Diagnosis) -> Self {
        Self {
            error: why.error(),
            why: Some(Box::new(why)),
        }
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Diagnosis::from(fault).into()
    }
}

impl From<SourceError> for Failed {
    fn from(error: SourceError) -> Self {
        Self { error, why: None }
    }
}

impl From<FieldError> for Failed {
    fn from(error: FieldError) -> Self {
        let (fault, position) = of_field(&error);
        Self {
            error: fault.error().at(position),
            why: Some(Box::new(fault.into())),
        }
    }
}

impl From<EditError> for Failed {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Element => Fault::Element.into(),
            EditError::Field(error) => error.into(),
            EditError::Within => Fault::Within.into(),
        }
    }
}
