//! How the Vault stands for launches, in words: where it is, as whom they log in, what their token is.

use std::collections::BTreeSet;
use std::time::Duration;

use mcp_launch_core::{rough, shown};
use serde::Deserialize;
use vaultrs::api::token::requests::{LookupTokenSelfRequest, RevokeTokenSelfRequest};

use super::{Round, is_refused_token};
use crate::denial;
use crate::exchange::Repeat;
use crate::fault::{Failure, Fault};
use crate::login::Login;
use crate::shares::LOGIN;
use crate::token::Token;

/// What a Vault tells of a token. The token itself is in the answer too, and is not taken out of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Looked {
    display_name: String,
    expire_time: Option<String>,
    identity_policies: Option<BTreeSet<String>>,
    meta: Option<Meta>,
    policies: Option<BTreeSet<String>>,
    /// In seconds.
    ttl: u64,
}

/// What a login method noted on it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    /// The role of an approle, which is in no other field.
    role_name: String,
}

impl Round<'_> {
    /// Logs in as a launch does, and tells where and as whom. A wrapped `secret_id` is not used up for it.
    pub(crate) async fn standing(&self) -> Result<String, Failure> {
        let place = match &self.vault.namespace {
            Some(namespace) => format!("{}, namespace {namespace}", self.vault.address),
            None => self.vault.address.clone(),
        };
        if let Some(wrapped) = self.still_wrapped().await {
            return wrapped.map(|()| format!("{place}, login by a wrapped secret-id is not tried"));
        }
        let looked = self.look_up_session().await?;
        let login = &self.shares.login;
        Ok(format!("{place}, logged in by {}", who(login, looked)))
    }

    /// What the Vault tells of the session that launches share. None where it may not be asked.
    async fn look_up_session(&self) -> Result<Option<Looked>, Failure> {
        let (token, borrowed) = self.shared_session().await?;
        let looked = self.look_up(&token).await;
        if borrowed && is_refused_token(&looked) {
            // Whoever logged in has ended its session since.
            self.shares.sessions.forget(LOGIN);
            let (token, borrowed) = self.shared_session().await?;
            let looked = self.look_up(&token).await;
            self.end_if_unshared(&token, borrowed).await;
            return looked;
        }
        self.end_if_unshared(&token, borrowed).await;
        looked
    }

    async fn look_up(&self, token: &Token) -> Result<Option<Looked>, Failure> {
        let lookup = LookupTokenSelfRequest {};
        let token = token.as_str();
        let answer = self
            .vault
            .ask(Some(token), lookup, Repeat::WhenPutOff)
            .await?;
        if let Some(failure) = answer.failure(&self.vault.host) {
            return Err(failure);
        }
        if answer.status == 403 {
            return denial::check_unread_token(&self.vault, token)
                .await
                .map(|()| None);
        }
        if !answer.succeeded() {
            return Err(Fault::Refused.at(answer.status).into());
        }
        let data = answer.envelope()?.data.ok_or(Fault::Unreadable)?;
        let looked = serde_json::from_str(data.get()).map_err(|_| Fault::Unreadable)?;
        Ok(Some(looked))
    }

    /// Ends a session of this launch's own making, where no other can borrow it.
    async fn end_if_unshared(&self, token: &Token, borrowed: bool) {
        let persons = self.shares.login.token().is_some();
        if persons || borrowed || self.shares.sessions.fresh(LOGIN).is_some() {
            return;
        }
        let request = RevokeTokenSelfRequest {};
        let token = Some(token.as_str());
        // One that cannot be ended in time ends by itself.
        drop(self.vault.ask(token, request, Repeat::WhenPutOff).await);
    }
}

/// The method, the name that the Vault has for who logged in, and what their token is.
fn who(login: &Login, looked: Option<Looked>) -> String {
    let (method, mount) = login.method();
    let method = login.token().map_or(method, |_| login.origin().told());
    let Some(looked) = looked else {
        return format!("{method}; its policies do not let it be asked as whom");
    };
    // A Vault puts the mount before the name that the method gives.
    let mount = mount.trim_matches('/').replace('/', "-");
    let after_mount = looked.display_name.strip_prefix(&mount);
    let name = match after_mount.map(|rest| (rest, rest.strip_prefix('-'))) {
        Some(("", _)) => looked.meta.unwrap_or_default().role_name,
        Some((_, Some(name))) => name.to_owned(),
        Some((_, None)) | None => looked.display_name,
    };
    let name = match name.as_str() {
        "" => String::new(),
        name => format!(" as {}", shown(name)),
    };
    let term = match looked.expire_time {
        None if looked.ttl == 0 => "token without an end".to_owned(),
        _ => format!("token for {}", rough(Duration::from_secs(looked.ttl))),
    };
    let mut policies = looked.policies.unwrap_or_default();
    policies.extend(looked.identity_policies.unwrap_or_default());
    let policies: Vec<String> = policies
        .iter()
        .map(|policy| shown(policy).to_string())
        .collect();
    let policies = match policies.as_slice() {
        [] => "no policies".to_owned(),
        names => format!("policies {}", names.join(", ")),
    };
    format!("{method}{name}, {term}, {policies}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Origin;

    fn told(login: &Login, looked: &str) -> String {
        who(login, Some(serde_json::from_str(looked).unwrap()))
    }

    #[test]
    fn a_name_is_told_without_its_mount() {
        let userpass = |mount: &str| Login::Userpass {
            mount: mount.to_owned(),
            username: "me".to_owned(),
            password: "pw".to_owned().into(),
        };
        let of = |name: &str| format!(r#"{{"display_name":"{name}","ttl":3599,"policies":["a"]}}"#);
        let rest = "token for 59 minutes, policies a";
        for (mount, name, words) in [
            ("userpass", "userpass-me", "userpass as me"),
            ("team/people", "team-people-me", "userpass as me"),
            ("userpass", "userpass", "userpass"),
            ("userpass", "userpassage", "userpass as userpassage"),
        ] {
            assert_eq!(
                told(&userpass(mount), &of(name)),
                format!("{words}, {rest}")
            );
        }
        let steering = of("userpass-\\u001b[2J");
        assert!(!told(&userpass("userpass"), &steering).contains('\u{1b}'));
    }

    #[test]
    fn a_token_that_is_about_to_end_is_not_one_without_an_end() {
        let login = Login::Token(Token::new(b"t").unwrap(), Origin::VaultToken);
        let ending = r#"{"display_name":"token","ttl":0,"expire_time":"2026-01-01T00:00:00Z",
            "policies":["b"],"identity_policies":["a","b"],"meta":null}"#;
        assert_eq!(
            told(&login, ending),
            "the token of VAULT_TOKEN, token for 0 seconds, policies a, b"
        );
        let endless = r#"{"display_name":"root","ttl":0,"expire_time":null,"policies":["root"]}"#;
        assert_eq!(
            told(&login, endless),
            "the token of VAULT_TOKEN as root, token without an end, policies root"
        );
    }
}
