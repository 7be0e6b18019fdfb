//! What launches that log in alike share: the answers of the last seconds, and the session.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_sharing::Sharing;

use crate::fault::Failure;
use crate::keeper::Reach;
use crate::layout::Layout;
use crate::login::Login;
use crate::reference::SecretPath;
use crate::settings::{Auth, Settings};

/// What a session is lent as.
pub(crate) const LOGIN: &str = "login";

/// The answers of a round. The value is the whole secret, as JSON.
pub(crate) type Answers = BTreeMap<SecretPath, Result<Secret, Failure>>;

/// Who this launch logs in as, and what it shares with others that do.
pub(crate) struct Shares<'a> {
    pub(crate) login: Login,
    pub(crate) auth: Option<&'a Auth>,
    pub(crate) layout: &'a Layout,
    /// Answers.
    pub(crate) answers: Sharing,
    /// Sessions. Never older than the window, whatever the settings say of answers.
    pub(crate) sessions: Sharing,
}

impl<'a> Shares<'a> {
    /// Finds out who logs in to the Vault that `reach` leads to. Asks the Vault nothing.
    pub(crate) fn new(
        settings: &'a Settings,
        layout: &'a Layout,
        reach: &Reach,
        environment: &Environment,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let auth = settings.auth.as_ref();
        let login = Login::prepare(auth, environment, deadline)?;
        let store = format!(
            "vault\0{}\0{}\0{}",
            reach.address,
            reach.namespace.as_deref().unwrap_or_default(),
            login.identity()
        );
        Ok(Self {
            login,
            auth,
            layout,
            answers: Sharing::new(environment, &store, settings.cache, settings.stale),
            sessions: Sharing::new(environment, &store, None, None),
        })
    }

    /// What other launches were told of `secrets` lately. Touches no network.
    pub(crate) fn lately(&self, secrets: &[SecretPath]) -> Answers {
        secrets
            .iter()
            .filter(|secret| !self.layout.may_lend(secret))
            .filter_map(|secret| {
                let data = self.answers.fresh(&what(secret))?;
                Some((secret.clone(), Ok(data)))
            })
            .collect()
    }

    /// An older answer, for when the Vault cannot be asked, and how old it is.
    pub(crate) fn stale(&self, secret: &SecretPath) -> Option<(Secret, Duration)> {
        self.answers.stale(&what(secret))
    }
}

/// What an answer is lent as.
pub(crate) fn what(secret: &SecretPath) -> String {
    match secret.version {
        Some(version) => format!("{}?version={version}", secret.path),
        None => secret.path.clone(),
    }
}
