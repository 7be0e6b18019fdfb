//! The source: from locators to values.

use std::sync::Arc;

use mcp_launch_core::{
    Deadline, Environment, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind,
};

use crate::settings::Settings;

/// The scheme `vault`.
pub const SCHEME: Scheme = Scheme {
    name: "vault",
    summary: "HashiCorp Vault or OpenBao: a field of a secret",
    example: "$<vault:secret/mcp/github#token>",
    check,
    places: Scheme::as_written,
    logins: &["BAO_TOKEN", "VAULT_TOKEN"],
};

fn check(_: &str) -> Result<(), LocatorError> {
    Ok(())
}

/// One Vault.
pub struct VaultSource {
    _settings: Settings,
}

impl VaultSource {
    /// The Vault that `settings` describe, and `environment` where they are silent. Touches nothing.
    ///
    /// # Errors
    /// Settings that no Vault can be reached with.
    pub fn new(settings: Settings, _environment: &Arc<Environment>) -> Result<Self, SourceError> {
        Ok(Self {
            _settings: settings,
        })
    }
}

impl Source for VaultSource {
    fn place(&self, locator: &Locator) -> String {
        locator.to_string()
    }

    fn fetch(&self, locators: &[Locator], _: Deadline) -> Vec<Result<Secret, SourceError>> {
        let error = SourceError::new(SourceErrorKind::Unavailable);
        locators.iter().map(|_| Err(error)).collect()
    }

    fn look(&self, locators: &[Locator], _: Deadline) -> Vec<Result<(), SourceError>> {
        let error = SourceError::new(SourceErrorKind::Unavailable);
        locators.iter().map(|_| Err(error)).collect()
    }
}
