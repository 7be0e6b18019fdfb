//! How the account stands for launches: in which region, with whose credentials. Secrets Manager is not asked.

use mcp_launch_core::{Deadline, SourceError};
use mcp_launch_network::{Endpoint, block_on};

use super::AwsSource;
use crate::diagnosis::{Diagnosis, of_endpoint};
use crate::fault::Fault;
use crate::remedy;
use crate::remedy::Scene;
use crate::session::{Session, Start};

/// How long access key ids are at least, in characters.
const SHORTEST_ID: usize = 16;

/// How much of one is told.
const END_OF_ID: usize = 4;

impl AwsSource {
    /// In a few words; else the error, and what to do about it.
    pub(super) fn stand(
        &self,
        deadline: Deadline,
    ) -> Result<String, (SourceError, Option<String>)> {
        let mut scene = self.scene();
        let diagnosis = if deadline.passed() {
            Fault::TimedOut.into()
        } else {
            let fixed = self
                .fixed(deadline)
                .map_err(|diagnosis| told(&diagnosis, &scene))?;
            let logins = self.common(fixed.as_ref(), deadline).sharing(None, None);
            let start = Start {
                settings: &self.settings,
                environment: &self.environment,
                fixed,
                arn_region: None,
                sharing: &logins,
            };
            let opened = block_on(deadline, Session::open(start, &mut scene, deadline));
            match opened.map(|session| session.and_then(|session| self.words(&session))) {
                Ok(Ok(words)) => return Ok(words),
                Ok(Err(diagnosis)) => diagnosis,
                Err(trouble) => Diagnosis::Trouble(trouble, None),
            }
        };
        Err(told(&diagnosis, &scene))
    }

    fn words(&self, session: &Session) -> Result<String, Diagnosis> {
        let endpoint = match session.endpoint_url() {
            Some(url) => {
                let endpoint = Endpoint::parse(&url, self.settings.allow_http);
                format!(" at {}", endpoint.map_err(of_endpoint)?)
            }
            None => String::new(),
        };
        Ok(format!(
            "{}{endpoint}, credentials of {}{}",
            session.region(),
            session.origin(),
            end_of(session.access_key_id())
        ))
    }
}

fn told(diagnosis: &Diagnosis, scene: &Scene) -> (SourceError, Option<String>) {
    (diagnosis.error(), remedy::of_login(diagnosis, scene))
}

/// The end of an access key id. Nothing of what does not look like one, because it may stand in the wrong place.
fn end_of(id: &str) -> String {
    let like_one = id.len() >= SHORTEST_ID
        && id
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if like_one {
        format!(", access key ending in {}", &id[id.len() - END_OF_ID..])
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_characters_of_an_id_are_told_and_none_of_anything_else() {
        assert_eq!(
            end_of("AKIAIOSFODNN7EXAMPLE"),
            ", access key ending in MPLE"
        );
        for other in ["", "AKIASHORT", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"] {
            assert_eq!(end_of(other), "", "{other}");
        }
    }
}
