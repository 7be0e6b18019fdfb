//! What launches that log in alike share: the answers of the last seconds, and the session.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_sharing::Sharing;

use crate::fault::Failure;
use crate::identity;
use crate::layout::Layout;
use crate::login::Login;
use crate::reach::Reach;
use crate::reference::SecretPath;
use crate::settings::Settings;

/// What a session is lent as.
pub(crate) const LOGIN: &str = "login";

/// The answers of a round. The value is the whole secret, as JSON.
pub(crate) type Answers = BTreeMap<SecretPath, Result<Secret, Failure>>;

/// Who this launch logs in as, and what it shares with others that do.
pub(crate) struct Shares<'a> {
    pub(crate) login: Login,
    pub(crate) layout: &'a Layout,
    /// Answers.
    pub(crate) answers: Sharing,
    /// Sessions. Never older than the window, whatever the settings say of answers.
    pub(crate) sessions: Sharing,
    /// The paths that this process has written: it asks for them, whatever was lent of them.
    pub(crate) written: BTreeSet<String>,
    /// Whether it asks for all of them so.
    fresh: bool,
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
        let login = Login::prepare(settings.auth.as_ref(), environment, deadline)?;
        let store = identity::store(reach, &login);
        let proof = identity::proof(reach, &login);
        let sharing =
            |cache, stale| Sharing::new(environment, &store, proof.as_ref(), cache, stale);
        Ok(Self {
            answers: sharing(settings.cache, settings.stale),
            sessions: sharing(None, None),
            login,
            layout,
            written: BTreeSet::new(),
            fresh: settings.fresh,
        })
    }

    /// What other launches were told of `secrets` lately. Touches no network.
    pub(crate) fn lately(&self, secrets: &[SecretPath]) -> Answers {
        secrets
            .iter()
            .filter(|secret| !self.layout.may_lend(secret))
            .filter_map(|secret| {
                let data = self.fresh(secret)?;
                Some((secret.clone(), Ok(data)))
            })
            .collect()
    }

    /// What another launch was told of `secret` lately.
    pub(crate) fn fresh(&self, secret: &SecretPath) -> Option<Secret> {
        let is_shared = !self.is_own(secret);
        is_shared
            .then(|| self.answers.fresh(&what(secret)))
            .flatten()
    }

    /// Lends `data`, the answer to `secret`. What this process has written others ask for themselves: it may be written
    /// again.
    pub(crate) fn lend(&self, secret: &SecretPath, data: &Secret) {
        if !self.is_own(secret) {
            self.answers.lend(&what(secret), data);
        }
    }

    /// Whether this process asks for `secret` itself: it has written it, or takes nobody's word.
    pub(crate) fn is_own(&self, secret: &SecretPath) -> bool {
        self.fresh || self.written.contains(&secret.path)
    }

    /// An older answer, for when the Vault cannot be asked, and how old it is.
    pub(crate) fn stale(&self, secret: &SecretPath) -> Option<(Secret, Duration)> {
        let is_shared = !self.is_own(secret);
        is_shared
            .then(|| self.answers.stale(&what(secret)))
            .flatten()
    }

    /// Takes back what was lent of `secret`: the Vault said that it is not to be had.
    pub(crate) fn forget(&self, secret: &SecretPath) {
        self.answers.forget(&what(secret));
    }
}

/// What an answer is lent as. The version comes first, and has no end that a path could begin with.
pub(crate) fn what(secret: &SecretPath) -> String {
    let version = secret.version.map(|version| version.to_string());
    format!("{}\0{}", version.unwrap_or_default(), secret.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    #[test]
    fn a_version_is_no_part_of_a_path() {
        let what = |text| what(&Reference::parse(text).unwrap().secret);
        let all = [
            what("secret/a?version=1"),
            what("secret/a%3Fversion=1"),
            what("secret/a?version=11"),
            what("secret/a"),
            LOGIN.to_owned(),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one), "{one:?}");
        }
    }
}
