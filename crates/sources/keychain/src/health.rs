//! How the keychain stands, for `doctor`: names and states, never a value.

use std::fmt;

use mcp_launch_core::{SourceError, SourceErrorKind};

use crate::remedy;

/// How the keychain stands.
#[derive(Clone, Debug)]
pub struct Health {
    /// Which kind of keychain this system has.
    pub keychain: &'static str,
    /// Where it was looked for, and which variable said so; empty where that is fixed.
    pub address: String,
    /// The program that answers, where that could be seen.
    pub owner: Option<String>,
    /// What it said.
    pub standing: Standing,
}

/// What the keychain said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It could not be asked.
    Failed(SourceError),
    /// It answers and is locked: a launch would ask for the password.
    Locked,
    /// It answers and has no collection to store into yet: the first `secrets set` creates one.
    NoCollection,
    /// It answers and is unlocked.
    Ready,
}

impl Health {
    /// What a person does about it; none when it is ready.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        const SEALED: &str = "mcp-launch secrets set NAME --store sealed";
        match self.standing {
            Standing::Ready => None,
            Standing::Locked => Some(remedy::unlock(SEALED)),
            Standing::NoCollection => Some(format!(
                "`mcp-launch secrets set NAME --store keychain` in your desktop session creates one; \
                 where there is no desktop: `{SEALED}`"
            )),
            Standing::Failed(error) => match error.kind() {
                SourceErrorKind::Absent => {
                    Some(format!("keep values in a sealed file: `{SEALED}`"))
                }
                SourceErrorKind::Denied if remedy::HAS_BUS => Some(remedy::denied(SEALED)),
                SourceErrorKind::Locked => Some(remedy::unlock(SEALED)),
                _ => Some(remedy::silent(SEALED)),
            },
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.keychain)?;
        match self.standing {
            Standing::Failed(error) => error.fmt(f)?,
            Standing::Locked => f.write_str("locked")?,
            Standing::NoCollection => f.write_str("nothing stored yet")?,
            Standing::Ready => f.write_str("unlocked")?,
        }
        if let Some(owner) = &self.owner {
            write!(f, ", answered by {owner}")?;
        }
        if !self.address.is_empty() {
            write!(f, ", at {}", self.address)?;
        }
        Ok(())
    }
}
