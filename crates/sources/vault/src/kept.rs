//! Where a secret is kept, and what is there now, as far as it is to be written.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mcp_launch_core::Secret;
use vaultrs::api::kv1::requests::GetSecretRequest;

use crate::answer::Answer;
use crate::exchange::{Repeat, Vault};
use crate::fault::{Failure, Fault};
use crate::found::unversioned;
use crate::layout::{Layout, Way};
use crate::reference::SecretPath;
use crate::secret::{Mount, data_path};
use crate::settings::Engine;

/// The place of one secret.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) mount: String,
    /// Below the mount, without what the API has between.
    pub(crate) path: String,
    /// Whether the engine keeps versions.
    pub(crate) versioned: bool,
}

/// What is there.
pub(crate) struct Current {
    pub(crate) home: Home,
    /// The fields as JSON. None where there is no secret, or its newest version is gone.
    pub(crate) data: Option<Secret>,
    /// The newest version, gone or not; 0 where there is none.
    pub(crate) version: u64,
    /// Why there are no fields, where there are none.
    pub(crate) absent: Fault,
    /// When that version was made, as the Vault writes it; empty where there is none. It tells a secret from another of the
    /// same path, made after the end of the first.
    pub(crate) created: String,
    /// When this was so, by the Vault's clock, as far as it said.
    pub(crate) date: Option<Timestamp>,
}

/// The mounts that were found out. No mount is within another.
#[derive(Default)]
pub(crate) struct Mounts(Mutex<Vec<(String, Engine)>>);

impl Mounts {
    fn found(&self) -> MutexGuard<'_, Vec<(String, Engine)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who asks where secrets are kept.
pub(crate) struct Keeping<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) token: &'a str,
    pub(crate) layout: &'a Layout,
    pub(crate) mounts: &'a Mounts,
}

impl Home {
    /// A path of the API: of the `data`, the `metadata` of the secret, of what its versions are deleted by. Without
    /// versions there is one path alone.
    pub(crate) fn api(&self, part: &str) -> String {
        let Self { mount, path, .. } = self;
        match (self.versioned, path.is_empty()) {
            (true, false) => format!("{mount}/{part}/{path}"),
            (true, true) => format!("{mount}/{part}"),
            (false, _) => format!("{mount}/{path}"),
        }
    }
}

impl Current {
    fn new(home: Home, data: Option<Secret>, version: u64, absent: Fault) -> Self {
        Self {
            home,
            data,
            version,
            absent,
            created: String::new(),
            date: None,
        }
    }

    /// What `answer` says of a secret with versions. None where it says nothing of one.
    #[must_use]
    fn versioned(answer: &Answer, mount: &str, path: &str) -> Option<Self> {
        if !answer.succeeded() && answer.status != 404 {
            return None;
        }
        let versioned = answer.versioned()?;
        let home = Home {
            mount: mount.to_owned(),
            path: path.to_owned(),
            versioned: true,
        };
        let data = versioned.data.filter(|_| answer.succeeded());
        let data = data.map(|data| Secret::new(data.get().as_bytes().to_vec()));
        let absent = if versioned.metadata.destroyed {
            Fault::Destroyed
        } else {
            Fault::Deleted
        };
        Some(Self {
            created: versioned.metadata.created,
            date: answer.date,
            ..Self::new(home, data, versioned.metadata.version, absent)
        })
    }
}

impl Keeping<'_> {
    /// What is there of `secret`. One request where the secret is in an engine with versions at the first segment of its
    /// path and is there; the mount is asked for once.
    pub(crate) async fn current(&self, secret: &SecretPath) -> Result<Current, Failure> {
        if let Some((mount, engine)) = self.known(secret)? {
            return self.current_in(secret, &mount, engine).await;
        }
        let (first, rest) = secret.path.split_once('/').ok_or(Fault::PathMissing)?;
        if self.layout.way(secret) == Way::Guessed {
            // As the reading half takes such a path.
            let path = rest.strip_prefix("data/").unwrap_or(rest);
            let read = self.vault.read_version(self.token, first, path, None);
            let answer = read.await?;
            if let Some(current) = Current::versioned(&answer, first, path) {
                return Ok(current);
            }
            if !answer.succeeded() && !matches!(answer.status, 403..=405) {
                return Err(self.refused(&answer, &secret.path, "read").await);
            }
            // Nobody writes into an engine that is not known.
            return match self.mount_of(secret).await? {
                // The same again would be answered the same.
                Some((mount, Engine::KvV2))
                    if mount == first && path == rest && answer.is_nothing() =>
                {
                    let versioned = true;
                    let path = path.to_owned();
                    let home = Home {
                        mount,
                        path,
                        versioned,
                    };
                    Ok(Current::new(home, None, 0, Fault::PathMissing))
                }
                Some((mount, engine)) => self.current_in(secret, &mount, engine).await,
                None => Err(self
                    .vault
                    .refusal(
                        self.token,
                        &answer,
                        &data_path(first, path),
                        "read",
                        Mount::Unknown,
                    )
                    .await),
            };
        }
        match self.mount_of(secret).await? {
            Some((mount, engine)) => self.current_in(secret, &mount, engine).await,
            None => Err(Fault::MakesCredentials.into()),
        }
    }

    /// What is there of a secret that nobody has written yet, without asking. Only where its place is certain: the engine
    /// has versions, and takes a write over version 0 for nothing else than a new secret.
    pub(crate) fn unread(&self, secret: &SecretPath) -> Option<Current> {
        let (mount, engine) = self.known(secret).ok()??;
        let path = secret.below(&mount)?.to_owned();
        let is_certain = engine == Engine::KvV2 && !path.starts_with("data/");
        is_certain.then(|| {
            let versioned = true;
            let home = Home {
                mount,
                path,
                versioned,
            };
            Current::new(home, None, 0, Fault::PathMissing)
        })
    }

    /// What is there now at `home`.
    pub(crate) async fn again(&self, home: Home) -> Result<Current, Failure> {
        if home.versioned {
            self.current_versioned(home).await
        } else {
            self.current_unversioned(home).await
        }
    }

    /// The mount of `secret`, as far as it is known without asking.
    pub(crate) fn known(&self, secret: &SecretPath) -> Result<Option<(String, Engine)>, Failure> {
        match self.layout.way(secret) {
            Way::Written(_) => Err(Fault::MakesCredentials.into()),
            Way::Known(mount, engine) => Ok(Some((mount.to_owned(), engine))),
            Way::Dynamic | Way::Guessed => {
                let found = self.mounts.found();
                let within = found
                    .iter()
                    .find(|(mount, _)| secret.below(mount).is_some());
                Ok(within.cloned())
            }
        }
    }

    /// The mount of `secret`, asked for and remembered.
    pub(crate) async fn mount_of(
        &self,
        secret: &SecretPath,
    ) -> Result<Option<(String, Engine)>, Failure> {
        let found = self.vault.mount_of(self.token, secret).await?;
        self.mounts.found().extend(found.clone());
        Ok(found)
    }

    async fn current_in(
        &self,
        secret: &SecretPath,
        mount: &str,
        engine: Engine,
    ) -> Result<Current, Failure> {
        let rest = secret.below(mount).ok_or(Fault::PathMissing)?;
        let home = |path: &str, versioned| Home {
            mount: mount.to_owned(),
            path: path.to_owned(),
            versioned,
        };
        match engine {
            Engine::Other => Err(Fault::MakesCredentials.into()),
            Engine::KvV1 => self.current_unversioned(home(rest, false)).await,
            Engine::KvV2 => {
                let Some(short) = rest.strip_prefix("data/") else {
                    return self.current_versioned(home(rest, true)).await;
                };
                // The path of the API, or a secret in a folder of that name, which then has to be there.
                let current = self.current_versioned(home(short, true)).await?;
                if current.version > 0 {
                    return Ok(current);
                }
                let within = self.current_versioned(home(rest, true)).await?;
                Ok(if within.version > 0 { within } else { current })
            }
        }
    }

    async fn current_versioned(&self, home: Home) -> Result<Current, Failure> {
        let Home { mount, path, .. } = &home;
        let answer = self
            .vault
            .read_version(self.token, mount, path, None)
            .await?;
        if let Some(current) = Current::versioned(&answer, mount, path) {
            return Ok(current);
        }
        if answer.succeeded() {
            return Err(Fault::Unreadable.into());
        }
        if answer.is_nothing() {
            return Ok(Current::new(home, None, 0, Fault::PathMissing));
        }
        Err(self.refused(&answer, &home.api("data"), "read").await)
    }

    async fn current_unversioned(&self, home: Home) -> Result<Current, Failure> {
        let request = GetSecretRequest {
            mount: home.mount.clone(),
            path: home.path.clone(),
        };
        let asked = self
            .vault
            .ask(Some(self.token), request, Repeat::AfterFailure);
        let answer = asked.await?;
        if answer.succeeded() {
            // What the settings take for an engine without versions has some: it would lose the others of its fields.
            if answer.versioned().is_some() {
                return Err(Fault::EngineOther.into());
            }
            let data = unversioned(&answer)?.data;
            return Ok(Current::new(home, Some(data), 0, Fault::PathMissing));
        }
        if answer.is_nothing() {
            return Ok(Current::new(home, None, 0, Fault::PathMissing));
        }
        Err(self.refused(&answer, &home.api("data"), "read").await)
    }

    /// What an answer means that is no success, when `capability` on `path` was used. `path` is the API's.
    pub(crate) async fn refused(&self, answer: &Answer, path: &str, capability: &str) -> Failure {
        self.vault
            .refusal(self.token, answer, path, capability, Mount::Known)
            .await
    }
}
