//! Credentials: the access key of the settings, what another launch of this user just got, or the chain.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use mcp_launch_core::{Credential, CredentialError, Deadline, Environment, Secret};
use mcp_launch_sharing::Sharing;
use zeroize::Zeroizing;

use crate::diagnosis::{Diagnosis, Ways};
use crate::fault::Fault;
use crate::profile::variable;
use crate::settings::{AccessKey, Settings};
use crate::standard_input::Aside;

/// What the credentials of a login are shared as.
const SHARED: &str = "credentials";

/// Lent credentials must outlive the launch that borrows them.
const LEAST_LIFE: Duration = Duration::from_secs(60);

/// The access key of the settings.
///
/// # Errors
/// What the placeholders of the settings said; `Ok(None)` where a part is no text.
pub(crate) fn fixed(
    key: &AccessKey,
    deadline: Deadline,
) -> Result<Option<Credentials>, CredentialError> {
    let part = |credential: &Credential| Ok(text_of(&credential.obtain(deadline)?));
    let (Some(id), Some(secret)) = (part(&key.id)?, part(&key.secret)?) else {
        return Ok(None);
    };
    let session_token = key.session_token.as_ref().map(part).transpose()?;
    if matches!(session_token, Some(None)) {
        return Ok(None);
    }
    Ok(Some(Credentials::new(
        id.as_str(),
        secret.as_str(),
        session_token.flatten().map(|token| token.to_string()),
        None,
        "settings",
    )))
}

/// Without a line end, which files have and no part of a key does.
#[expect(
    clippy::disallowed_methods,
    reason = "the gate through which an access key goes to the SDK, which wipes its own copy"
)]
fn text_of(secret: &Secret) -> Option<Zeroizing<String>> {
    let text = std::str::from_utf8(secret.expose()).ok()?;
    Some(Zeroizing::new(text.trim_ascii_end().to_owned()))
}

/// What the chain needs.
pub(crate) struct Chain<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) environment: &'a Environment,
    pub(crate) provider_config: &'a ProviderConfig,
    pub(crate) sdk: &'a SdkConfig,
    pub(crate) sharing: &'a Sharing,
    pub(crate) ways: Ways,
}

impl Chain<'_> {
    /// Credentials of the first link that has some. A login that asks another service is shared with the launches that
    /// start at the same time.
    pub(crate) async fn credentials(&self, deadline: Deadline) -> Result<Credentials, Diagnosis> {
        if self.finds_keys_at_once() {
            return self.load().await;
        }
        if let Some(credentials) = self.shared() {
            return Ok(credentials);
        }
        let _turn = self.sharing.turn(SHARED, deadline);
        if let Some(credentials) = self.shared() {
            return Ok(credentials);
        }
        let credentials = self.load().await?;
        // Keys without an end stand in a file or a variable, where the next launch finds them as quickly.
        if credentials.expiry().is_some() {
            self.sharing.lend(SHARED, &written(&credentials));
        }
        Ok(credentials)
    }

    fn finds_keys_at_once(&self) -> bool {
        self.settings.profile.is_none()
            && variable(self.environment, "AWS_ACCESS_KEY_ID").is_some()
            && variable(self.environment, "AWS_SECRET_ACCESS_KEY").is_some()
    }

    fn shared(&self) -> Option<Credentials> {
        read(&self.sharing.fresh(SHARED)?).filter(|credentials| {
            credentials
                .expiry()
                .is_none_or(|end| end > SystemTime::now() + LEAST_LIFE)
        })
    }

    async fn load(&self) -> Result<Credentials, Diagnosis> {
        let aside = self.ways.process.then(Aside::put).transpose();
        let _aside = aside.map_err(|_| Fault::StandardInput)?;
        match &self.settings.profile {
            // No other link of the chain: it may have the credentials of somebody else.
            Some(profile) => {
                let profile = ProfileFileCredentialsProvider::builder()
                    .configure(self.provider_config)
                    .profile_name(profile)
                    .build();
                profile.provide_credentials().await
            }
            None => {
                let chain = self.sdk.credentials_provider();
                let chain = chain.ok_or(Fault::NoCredentials)?;
                chain.provide_credentials().await
            }
        }
        .map_err(|error| Diagnosis::of_login(&error, self.ways))
    }
}

/// As it is lent: the parts, one to a line. None of them has a line end.
fn written(credentials: &Credentials) -> Secret {
    let expiry = credentials
        .expiry()
        .and_then(|end| end.duration_since(UNIX_EPOCH).ok())
        .map_or_else(String::new, |end| end.as_secs().to_string());
    let parts = [
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().unwrap_or_default(),
        &expiry,
    ];
    let mut text = Vec::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts {
        text.extend_from_slice(part.as_bytes());
        text.push(b'\n');
    }
    Secret::new(text)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gate through which shared credentials go to the SDK, which wipes its own copy"
)]
fn read(shared: &Secret) -> Option<Credentials> {
    let text = std::str::from_utf8(shared.expose()).ok()?;
    let mut lines = text.lines();
    let (id, secret, token, expiry) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    let expiry = match expiry {
        "" => None,
        seconds => Some(UNIX_EPOCH + Duration::from_secs(seconds.parse().ok()?)),
    };
    let token = (!token.is_empty()).then(|| token.to_owned());
    Some(Credentials::new(id, secret, token, expiry, "shared"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_comes_back() {
        let end = UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        for (token, expiry) in [(None, None), (Some("token"), Some(end)), (None, Some(end))] {
            let lent = Credentials::new("AKIA", "s/+=", token.map(str::to_owned), expiry, "test");
            let back = read(&written(&lent)).unwrap();
            assert_eq!(back.access_key_id(), "AKIA");
            assert_eq!(back.secret_access_key(), "s/+=");
            assert_eq!(back.session_token(), token);
            assert_eq!(back.expiry(), expiry);
        }
        assert!(read(&Secret::new(b"AKIA\nsecret\n".to_vec())).is_none());
    }
}
