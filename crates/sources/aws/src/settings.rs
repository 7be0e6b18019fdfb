//! How an account's Secrets Manager is reached, as the settings say it.

use std::time::Duration;

use mcp_launch_core::Credential;

/// One account and region. What is not set here is taken from the variables and files that every AWS tool uses.
#[derive(Default)]
pub struct Settings {
    /// Fixed keys in place of the credential chain.
    pub access_key: Option<AccessKey>,
    /// Whether an endpoint on another machine may be reached over plain http.
    pub allow_http: bool,
    /// How long an answer may be used again without asking. None: not at all.
    pub cache: Option<Duration>,
    /// Where Secrets Manager is, if not where AWS has it; else `AWS_ENDPOINT_URL_SECRETS_MANAGER`, `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// Whether every answer is asked for anew, whatever others were told lately: for who writes, and clears the place that
    /// values came from.
    pub fresh: bool,
    /// A profile of `~/.aws/config`; else `AWS_PROFILE`.
    pub profile: Option<String>,
    /// The region; else `AWS_REGION`, the profile's, the machine's.
    pub region: Option<String>,
    /// How old an answer may be that is used when AWS cannot be reached. None: such an answer is not used.
    pub stale: Option<Duration>,
}

/// An access key.
pub struct AccessKey {
    /// `AKIA…`
    pub id: Credential,
    /// The secret half.
    pub secret: Credential,
    /// The session token of a temporary key.
    pub session_token: Option<Credential>,
}
