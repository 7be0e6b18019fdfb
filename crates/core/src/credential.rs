//! What a store's own login needs, which may itself stand in another store.

use std::fmt;
use std::sync::Arc;

use crate::deadline::Deadline;
use crate::inquiry::Connect;
use crate::plan::PlannedText;
use crate::resolver::{Failure, resolve_text};
use crate::secret::Secret;

/// A secret of a store's login, as the settings write it: a text whose placeholders other stores resolve.
pub struct Credential {
    text: PlannedText,
    connect: Arc<dyn Connect + Send + Sync>,
}

impl Credential {
    /// The credential that `text` describes, with `connect` for the stores it names. Asks nobody.
    #[must_use]
    pub fn new(text: PlannedText, connect: Arc<dyn Connect + Send + Sync>) -> Self {
        Self { text, connect }
    }

    /// The credential itself.
    ///
    /// # Errors
    /// The placeholders without a value.
    pub fn obtain(&self, deadline: Deadline) -> Result<Secret, CredentialError> {
        resolve_text(&self.text, &*self.connect, deadline).map_err(CredentialError)
    }
}

/// Why a store cannot log in: a placeholder of its own login has no value. Names and kinds only.
#[derive(Clone, Debug)]
pub struct CredentialError(Vec<Failure>);

impl CredentialError {
    /// What to do about the first that has a remedy.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        self.0
            .iter()
            .flat_map(|failure| &failure.attempts)
            .find_map(|attempt| attempt.remedy.clone())
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, failure) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{} has no value ({})", failure.placeholder, failure.site)?;
            for attempt in &failure.attempts {
                write!(f, ", {}: {}", attempt.address.scheme, attempt.error)?;
                if let Some(referral) = &attempt.referral {
                    write!(f, ", {referral}")?;
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for CredentialError {}
