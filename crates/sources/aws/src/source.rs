//! The source: from locators to values.

use std::sync::Arc;

use mcp_launch_core::{
    Deadline, Environment, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind,
};

use crate::settings::Settings;

/// The scheme `aws`.
pub const SCHEME: Scheme = Scheme {
    name: "aws",
    summary: "AWS Secrets Manager: a secret, or a field of one",
    example: "$<aws:prod/github#token>",
    check,
    places: Scheme::as_written,
    logins: &[
        "AWS_ACCESS_KEY_ID",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ],
};

fn check(_: &str) -> Result<(), LocatorError> {
    Ok(())
}

/// One account and region.
pub struct AwsSource {
    _settings: Settings,
}

impl AwsSource {
    /// The account that `settings` describe, and `environment` where they are silent. Touches nothing.
    ///
    /// # Errors
    /// Settings that no account can be reached with.
    pub fn new(settings: Settings, _environment: &Arc<Environment>) -> Result<Self, SourceError> {
        Ok(Self {
            _settings: settings,
        })
    }
}

impl Source for AwsSource {
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
