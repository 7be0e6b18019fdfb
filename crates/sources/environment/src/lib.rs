//! `$<env:NAME>`: a variable of the environment that the client gave.
//!
//! For the places where something outside hands a secret over as a variable: a container runtime, a
//! CI job, `systemd`. The server gets the value under the name that its own config says.

use std::sync::Arc;

use mcp_launch_core::{
    Deadline, Environment, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind,
};

/// The scheme `env`.
pub const SCHEME: Scheme = Scheme {
    name: "env",
    summary: "a variable of the environment that the client gave",
    example: "$<env:GITHUB_TOKEN>",
    check,
    overlap: Scheme::same_text,
    logins: &[],
};

fn check(locator: &str) -> Result<(), LocatorError> {
    if locator.contains(['=', '\0']) {
        return Err(LocatorError("a variable's name holds no `=`"));
    }
    Ok(())
}

/// Reads the captured environment; nothing is asked of the system.
pub struct EnvironmentSource(Arc<Environment>);

impl EnvironmentSource {
    /// The source over this environment.
    #[must_use]
    pub fn new(environment: Arc<Environment>) -> Self {
        Self(environment)
    }
}

impl Source for EnvironmentSource {
    fn place(&self, locator: &Locator) -> String {
        format!("the client's environment, {locator}")
    }

    fn fetch(&self, locators: &[Locator], _: Deadline) -> Vec<Result<Secret, SourceError>> {
        let missing = SourceError::new(SourceErrorKind::Missing);
        locators
            .iter()
            .map(|locator| {
                let value = self.0.get(locator.as_str()).ok_or(missing)?;
                Ok(Secret::new(value.as_encoded_bytes().to_vec()))
            })
            .collect()
    }

    fn look(&self, locators: &[Locator], _: Deadline) -> Vec<Result<(), SourceError>> {
        let missing = SourceError::new(SourceErrorKind::Missing);
        locators
            .iter()
            .map(|locator| self.0.get(locator.as_str()).map(|_| ()).ok_or(missing))
            .collect()
    }

    fn remedy(&self, locator: &Locator, _: SourceError) -> Option<String> {
        Some(format!(
            "MCP clients pass only a few variables on: name {locator} in the `env` of the client's config, or keep the value in a store"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the value under test")]
    fn gives_the_bytes_or_says_that_there_are_none() {
        let environment = Environment::from_pairs([("A", "x y\n"), ("EMPTY", "")]);
        let source = EnvironmentSource::new(Arc::new(environment));
        let locators = ["EMPTY", "NONE", "A"].map(Locator::new);
        let deadline = Deadline::after(Duration::from_secs(1));
        let answers: Vec<_> = source
            .fetch(&locators, deadline)
            .into_iter()
            .map(|answer| answer.map(|secret| secret.expose().to_vec()))
            .collect();
        let missing = SourceError::new(SourceErrorKind::Missing);
        assert_eq!(
            answers,
            [Ok(Vec::new()), Err(missing), Ok(b"x y\n".to_vec())]
        );
        assert_eq!(
            source.look(&locators, deadline),
            [Ok(()), Err(missing), Ok(())]
        );
    }
}
