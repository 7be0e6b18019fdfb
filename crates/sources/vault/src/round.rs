//! One round of questions: who logs in, what is shared with other launches, what is lent to this one.

mod standing;
mod writing;

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use mcp_launch_core::{Deadline, Secret};
use mcp_launch_sharing::Sharing;
use vaultrs::api::sys::requests::WrappingLookupRequest;

use crate::denial::{self, May};
use crate::exchange::{Repeat, Vault};
use crate::fault::Failure;
use crate::holdings::Holdings;
use crate::layout::{Way, needed};
use crate::login::{Login, SecretId, unwrapped_before};
use crate::reach::Reach;
use crate::reference::SecretPath;
use crate::secret::Reading;
use crate::session::Session;
use crate::shares::{Answers, LOGIN, Shares, what};
use crate::token::Token;

pub(crate) use writing::{Group, Part};

/// How many secrets are read or written side by side. Each needs a connection.
const SIDE_BY_SIDE: usize = 8;

/// What is known of a path that may make a credential, without having it made.
pub(crate) enum Preview {
    /// It makes none: this is what it has.
    Found(Secret),
    /// The token may have one made.
    Allowed,
    /// The Vault does not say whether it may.
    Untold,
}

/// One round, of a Vault that can be asked.
pub(crate) struct Round<'a> {
    vault: Vault,
    shares: &'a Shares<'a>,
}

impl<'a> Round<'a> {
    /// A round of the Vault that `reach` leads to. Reads the files of TLS; asks the Vault nothing yet.
    pub(crate) fn new(
        reach: &Reach,
        shares: &'a Shares<'a>,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let mut vault = Vault::new(reach, deadline)?;
        vault.origin = shares.login.origin();
        Ok(Self { vault, shares })
    }

    /// Reads `secrets`. What was lent is added to `holdings` at once, so that it is known also when the rest fails. One
    /// that turns out to make a credential is read only if it is `wanted`; else it has no answer.
    pub(crate) async fn fetch(
        &self,
        secrets: &[SecretPath],
        wanted: &BTreeSet<SecretPath>,
        holdings: &mut Holdings,
    ) -> Answers {
        let (dynamic, fixed): (Vec<&SecretPath>, Vec<&SecretPath>) = secrets
            .iter()
            .partition(|secret| self.shares.layout.may_lend(secret));
        // What is lent ends with the session that it was lent to, and that session ends with the server. So it must
        // not be one that other launches use.
        let alone = !dynamic.is_empty() || holdings.own.is_some();
        let mut answers = Answers::new();
        let mut lending: Vec<SecretPath> = dynamic.into_iter().cloned().collect();
        if !fixed.is_empty() {
            let read = if alone {
                self.fetch_alone(&fixed, holdings).await
            } else {
                self.fetch_in_turn(&fixed).await
            };
            for (secret, reading) in read {
                match reading {
                    Ok(Some(data)) => drop(answers.insert(secret, Ok(data))),
                    Ok(None) if wanted.contains(&secret) => lending.push(secret),
                    Ok(None) => {}
                    Err(failure) => drop(answers.insert(secret, Err(failure))),
                }
            }
        }
        if !lending.is_empty() {
            answers.extend(self.borrow(&lending, holdings).await);
        }
        answers
    }

    /// Whether reading `secrets`, which may make credentials, would be allowed. Makes none. One that turns out to be in
    /// a key-value engine is read.
    pub(crate) async fn may_borrow(&self, secrets: &[SecretPath]) -> Vec<Result<Preview, Failure>> {
        let session = match self.shared_session().await {
            Ok((session, _)) => session,
            Err(failure) => return secrets.iter().map(|_| Err(failure.clone())).collect(),
        };
        let token = session.as_str();
        stream::iter(secrets)
            .map(|secret| self.judge(token, secret))
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await
    }

    async fn judge(&self, token: &str, secret: &SecretPath) -> Result<Preview, Failure> {
        let way = self.shares.layout.way(secret);
        if way == Way::Dynamic
            && let Some((mount, engine)) = self.vault.mount_of(token, secret).await?
            && let Reading::Found(found) = self.vault.read_in(token, secret, &mount, engine).await?
        {
            return Ok(Preview::Found(found.data));
        }
        let capability = needed(way);
        match denial::may(&self.vault, token, &secret.path).await? {
            May::Do(has) if !denial::allow(&has, capability) => {
                Err(denial::lacking(&secret.path, capability, &has))
            }
            May::Do(_) => Ok(Preview::Allowed),
            May::Unknown => {
                denial::check_token(&self.vault, token).await?;
                Ok(Preview::Untold)
            }
        }
    }

    /// Whether the secret_id is still wrapped, which can be asked without unwrapping it. None when it is not wrapped at
    /// all.
    pub(crate) async fn still_wrapped(&self) -> Option<Result<(), Failure>> {
        match &self.shares.login {
            Login::AppRole {
                secret_id: SecretId::Wrapped(token),
                ..
            } => Some(self.look_up_wrapping(token).await),
            _ => None,
        }
    }

    async fn look_up_wrapping(&self, token: &Token) -> Result<(), Failure> {
        let request = WrappingLookupRequest {
            token: token.as_str().to_owned(),
        };
        let answer = self.vault.ask(None, request, Repeat::WhenPutOff).await?;
        match answer.failure(&self.vault.host) {
            Some(failure) => Err(failure),
            None if answer.succeeded() => Ok(()),
            None => Err(unwrapped_before(answer.status)),
        }
    }

    /// Reads with this launch's own session.
    async fn fetch_alone(&self, fixed: &[&SecretPath], holdings: &mut Holdings) -> Readings {
        match self.own_session(holdings).await {
            Ok(token) => self.read_all(fixed, token.as_str()).await,
            Err(failure) => all(fixed, &failure),
        }
    }

    /// Reads with a session that launches of the same time share, in this launch's turn: of twenty that start at once,
    /// one logs in and one reads.
    async fn fetch_in_turn(&self, fixed: &[&SecretPath]) -> Readings {
        let (token, borrowed) = match self.shared_session().await {
            Ok(session) => session,
            Err(failure) => return all(fixed, &failure),
        };
        let whats: Vec<String> = fixed
            .iter()
            .filter(|secret| !self.shares.is_own(secret))
            .map(|secret| what(secret))
            .collect();
        let whats: Vec<&str> = whats.iter().map(String::as_str).collect();
        // Waits on this thread, which has nothing else to do meanwhile: the connection of the login stays open.
        let answers = &self.shares.answers;
        let turn = match whats.as_slice() {
            [] => None,
            whats => answers.turn_for_all(whats, self.vault.deadline),
        };
        let mut readings = Readings::new();
        let mut left = Vec::new();
        for secret in fixed {
            match turn.as_ref().and_then(|_| self.shares.fresh(secret)) {
                Some(data) => readings.push(((*secret).clone(), Ok(Some(data)))),
                None => left.push(*secret),
            }
        }
        let mut read = self.read_all(&left, token.as_str()).await;
        if borrowed && read.iter().any(|(_, reading)| is_refused_token(reading)) {
            // Whoever logged in has ended its session since.
            self.shares.sessions.forget(LOGIN);
            if let Ok((token, _)) = self.shared_session().await {
                read = self.read_all(&left, token.as_str()).await;
            }
        }
        readings.extend(read);
        readings
    }

    async fn read_all(&self, secrets: &[&SecretPath], token: &str) -> Readings {
        stream::iter(secrets)
            .map(|&secret| async move {
                let way = self.shares.layout.way(secret);
                let reading = match self.vault.read(token, secret, way).await {
                    Ok(Reading::Found(found)) => {
                        self.shares.lend(secret, &found.data);
                        Ok(Some(found.data))
                    }
                    Ok(Reading::Dynamic) => Ok(None),
                    Err(failure) => Err(failure),
                };
                (secret.clone(), reading)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await
    }

    /// Reads what makes credentials. Never shared, never cached, never twice.
    async fn borrow(&self, secrets: &[SecretPath], holdings: &mut Holdings) -> Answers {
        let token = match self.own_session(holdings).await {
            Ok(token) => token,
            Err(failure) => {
                return secrets
                    .iter()
                    .map(|secret| (secret.clone(), Err(failure.clone())))
                    .collect();
            }
        };
        let mut found = stream::iter(secrets)
            .map(|secret| {
                let token = token.as_str();
                async move {
                    let way = self.shares.layout.way(secret);
                    (secret, self.vault.borrow(token, secret, way).await)
                }
            })
            .buffer_unordered(SIDE_BY_SIDE);
        let mut answers = Answers::new();
        while let Some((secret, found)) = found.next().await {
            let data = found.map(|found| {
                holdings.leases.extend(found.lease);
                found.data
            });
            answers.insert(secret.clone(), data);
        }
        answers
    }

    /// A session of this launch alone; the person's token, where that is the login.
    async fn own_session(&self, holdings: &mut Holdings) -> Result<Token, Failure> {
        if let Some(session) = &holdings.own {
            return Ok(session.token.again());
        }
        let session = self.vault.log_in(&self.shares.login).await?;
        let token = session.token.again();
        holdings.own = Some(session);
        Ok(token)
    }

    /// A session that launches of the same time share, and whether another launch logged in for it.
    async fn shared_session(&self) -> Result<(Token, bool), Failure> {
        let Shares {
            login, sessions, ..
        } = self.shares;
        self.vault.shared_session(login, sessions).await
    }
}

impl Vault {
    /// A session of `login` that launches of the same time share, and whether another launch logged in for it.
    pub(crate) async fn shared_session(
        &self,
        login: &Login,
        sessions: &Sharing,
    ) -> Result<(Token, bool), Failure> {
        if let Some(token) = login.token() {
            return Ok((token.again(), false));
        }
        let lent = || Session::borrowed(&sessions.fresh(LOGIN)?);
        if let Some(session) = lent() {
            return Ok((session.token, true));
        }
        // Waits on this thread, as above.
        let turn = sessions.turn(LOGIN, self.deadline);
        if let Some(session) = turn.as_ref().and_then(|_| lent()) {
            return Ok((session.token, true));
        }
        let session = self.log_in(login).await?;
        if let Some(lent) = session.lend() {
            sessions.lend(LOGIN, &lent);
        }
        Ok((session.token, false))
    }
}

/// The data of each secret; None for one that is in an engine that makes credentials.
type Readings = Vec<(SecretPath, Result<Option<Secret>, Failure>)>;

fn all(secrets: &[&SecretPath], failure: &Failure) -> Readings {
    secrets
        .iter()
        .map(|&secret| (secret.clone(), Err(failure.clone())))
        .collect()
}

pub(crate) fn is_refused_token<T>(answer: &Result<T, Failure>) -> bool {
    matches!(answer, Err(failure) if failure.is_of_token())
}
