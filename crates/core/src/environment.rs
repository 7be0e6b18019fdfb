//! The environment that the client gave, captured once.

use std::ffi::{OsStr, OsString};

/// The environment that the client gave, captured once at the start.
///
/// Values may be secrets that a person pasted into a config, so it cannot be printed.
pub struct Environment {
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// Captures the environment of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one capture")]
    pub fn capture() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
        }
    }

    /// An environment of these variables and no others.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        Self {
            variables: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }

    /// The value of `name`; the first one where the name stands twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value of `name`, if it is set and not empty.
    #[must_use]
    pub fn get_non_empty(&self, name: &str) -> Option<&OsStr> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All variables in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Only the variables of `names`: what a client that passes an allow-list would hand on.
    #[must_use]
    pub fn restricted_to(&self, names: &[&str]) -> Self {
        Self::from_pairs(
            self.iter()
                .filter(|(name, _)| names.iter().any(|kept| name == kept)),
        )
    }
}
