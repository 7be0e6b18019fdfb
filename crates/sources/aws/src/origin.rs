//! Which link of the chain gives the credentials.

use std::fmt;

use mcp_launch_core::shown;

/// Where credentials come from. What it names is a profile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    Container,
    Machine,
    Process(String),
    Profile(String),
    Settings,
    Sso(String),
    Variables,
    WebIdentity,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container => f.write_str("the container's role"),
            Self::Machine => f.write_str("the machine's role"),
            Self::Process(profile) => {
                write!(f, "the credential_process of profile {}", shown(profile))
            }
            Self::Profile(profile) => write!(f, "profile {}", shown(profile)),
            Self::Settings => f.write_str("the settings"),
            Self::Sso(profile) => write!(f, "the SSO login of profile {}", shown(profile)),
            Self::Variables => f.write_str("the environment"),
            Self::WebIdentity => f.write_str("a web identity"),
        }
    }
}
