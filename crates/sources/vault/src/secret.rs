//! Reading one secret, whatever engine it is in.

use std::collections::BTreeMap;

use serde::Deserialize;
use vaultrs::api::kv1::requests::GetSecretRequest;
use vaultrs::api::kv2::requests::ReadSecretRequest;

use crate::answer::{Answer, Said};
use crate::denial;
use crate::endpoint::{MountOf, Read, Request};
use crate::exchange::{Repeat, Vault};
use crate::fault::{Failure, Fault};
use crate::found::{Found, lent, unversioned, versioned};
use crate::hint::advice;
use crate::layout::{Way, needed};
use crate::reference::SecretPath;
use crate::settings::Engine;

/// What reading a static secret came to.
pub(crate) enum Reading {
    Found(Found),
    /// It is in another engine than a key-value one, so reading it may make a credential. Not read.
    Dynamic,
}

/// Whether it is known what stands where a secret was looked for. Where it is not, nobody can say that the secret is
/// missing.
#[derive(Clone, Copy)]
pub(crate) enum Mount {
    Known,
    Unknown,
}

impl Vault {
    /// Reads `secret` if it is in a key-value engine.
    pub(crate) async fn read(
        &self,
        token: &str,
        secret: &SecretPath,
        way: Way<'_>,
    ) -> Result<Reading, Failure> {
        match way {
            Way::Guessed => self.read_guessing(token, secret).await,
            Way::Known(mount, engine) => self.read_in(token, secret, mount, engine).await,
            Way::Dynamic | Way::Written(_) => Ok(Reading::Dynamic),
        }
    }

    /// Reads `secret` where that may make a credential. Once: what was not heard may have been done.
    pub(crate) async fn borrow(
        &self,
        token: &str,
        secret: &SecretPath,
        way: Way<'_>,
    ) -> Result<Found, Failure> {
        if secret.version.is_some() {
            return Err(Fault::VersionNone.into());
        }
        let path = secret.path.clone();
        let answer = match way {
            Way::Written(body) => {
                let body = serde_json::to_vec(body).map_err(|_| Fault::Refused)?;
                let request = Request { path, body };
                self.ask(Some(token), request, Repeat::WhenPutOff).await?
            }
            _ => {
                self.ask(Some(token), Read { path }, Repeat::WhenPutOff)
                    .await?
            }
        };
        if answer.succeeded() {
            // The path of the API of a secret with versions: it has the fields that it has under its own path.
            if let Some(found) = versioned(&answer)? {
                return Ok(found);
            }
            return lent(&answer, &secret.path);
        }
        let mut mount = match way {
            Way::Known(..) => Mount::Known,
            Way::Dynamic | Way::Guessed | Way::Written(_) => Mount::Unknown,
        };
        // A key-value engine may have a secret whose path looks like one that makes credentials.
        if way == Way::Dynamic
            && answer.status == 404
            && answer.failure(&self.host).is_none()
            && let Some((path, engine)) = self.mount_of(token, secret).await?
        {
            mount = Mount::Known;
            if let Reading::Found(found) = self.read_in(token, secret, &path, engine).await? {
                return Ok(found);
            }
        }
        Err(self
            .refusal(token, &answer, &secret.path, needed(way), mount)
            .await)
    }

    /// One request where the secret is in an engine with versions at the first segment of its path, as most are.
    async fn read_guessing(&self, token: &str, secret: &SecretPath) -> Result<Reading, Failure> {
        let (mount, rest) = secret.path.split_once('/').ok_or(Fault::PathMissing)?;
        // People write the path of the API too, with `data` in it.
        let path = rest.strip_prefix("data/").unwrap_or(rest);
        let answer = self
            .read_version(token, mount, path, secret.version)
            .await?;
        if answer.succeeded() {
            if let Some(found) = versioned(&answer)? {
                return Ok(Reading::Found(found));
            }
            // Another engine answered there, so that this was a secret without versions, or none at all.
            if path != rest && secret.version.is_none() {
                return Ok(Reading::Found(unversioned(&answer)?));
            }
        } else if let Some(failure) = self.gone(&answer, mount, path, secret) {
            return Err(failure);
        } else if !matches!(answer.status, 403..=405) {
            let refusal = self.refusal(token, &answer, &secret.path, "read", Mount::Unknown);
            return Err(refusal.await);
        }
        match self.mount_of(token, secret).await? {
            Some((found, engine)) => {
                // The same again would be answered the same.
                if engine == Engine::KvV2 && found == mount && path == rest {
                    return Err(self.no_version(token, &answer, mount, path, secret).await);
                }
                self.read_in(token, secret, &found, engine).await
            }
            None => {
                let asked = data_path(mount, path);
                Err(self
                    .refusal(token, &answer, &asked, "read", Mount::Unknown)
                    .await)
            }
        }
    }

    /// Reads `secret` in the engine that stands at `mount`, if that is a key-value one.
    pub(crate) async fn read_in(
        &self,
        token: &str,
        secret: &SecretPath,
        mount: &str,
        engine: Engine,
    ) -> Result<Reading, Failure> {
        let rest = secret.below(mount).ok_or(Fault::PathMissing)?;
        match engine {
            Engine::Other => Ok(Reading::Dynamic),
            Engine::KvV1 => {
                if secret.version.is_some() {
                    return Err(Fault::VersionNone.into());
                }
                let request = GetSecretRequest {
                    mount: mount.to_owned(),
                    path: rest.to_owned(),
                };
                let answer = self.ask(Some(token), request, Repeat::AfterFailure).await?;
                if answer.succeeded() {
                    let found = match versioned(&answer)? {
                        // The settings are wrong. A way around what holds for its fields it is not.
                        Some(found) => found,
                        None => unversioned(&answer)?,
                    };
                    return Ok(Reading::Found(found));
                }
                Err(self
                    .refusal(token, &answer, &secret.path, "read", Mount::Known)
                    .await)
            }
            Engine::KvV2 => {
                let short = rest.strip_prefix("data/");
                for path in short.into_iter().chain([rest]) {
                    let answer = self
                        .read_version(token, mount, path, secret.version)
                        .await?;
                    if answer.succeeded() {
                        let found = versioned(&answer)?.ok_or(Fault::Unreadable)?;
                        return Ok(Reading::Found(found));
                    }
                    if let Some(failure) = self.gone(&answer, mount, path, secret) {
                        return Err(failure);
                    }
                    if path == rest || answer.status != 404 {
                        return Err(self.no_version(token, &answer, mount, path, secret).await);
                    }
                }
                Err(Fault::PathMissing.into())
            }
        }
    }

    /// The answer to a read of a secret with versions: of `version`, else of the newest.
    pub(crate) async fn read_version(
        &self,
        token: &str,
        mount: &str,
        path: &str,
        version: Option<u64>,
    ) -> Result<Answer, Failure> {
        let request = ReadSecretRequest {
            mount: mount.to_owned(),
            path: path.to_owned(),
            version,
        };
        self.ask(Some(token), request, Repeat::AfterFailure).await
    }

    /// What an answer means that is no success, when a secret with versions was asked for.
    async fn no_version(
        &self,
        token: &str,
        answer: &Answer,
        mount: &str,
        path: &str,
        secret: &SecretPath,
    ) -> Failure {
        // The answer is the same whether the version is missing or the secret.
        if let (404, Some(_)) = (answer.status, secret.version) {
            let newest = self.read_version(token, mount, path, None).await;
            if let Some(versioned) = newest.ok().as_ref().and_then(Answer::versioned) {
                let newest = versioned.metadata.version;
                return Failure::with(
                    Fault::VersionMissing,
                    format!(
                        "the newest is version {newest}; old ones are removed when there are more than the secret keeps"
                    ),
                );
            }
        }
        let path = data_path(mount, path);
        self.refusal(token, answer, &path, "read", Mount::Known)
            .await
    }

    /// The failure of a version that was there once. The answer says so with what it still knows of it.
    fn gone(
        &self,
        answer: &Answer,
        mount: &str,
        path: &str,
        secret: &SecretPath,
    ) -> Option<Failure> {
        if answer.status != 404 {
            return None;
        }
        let versioned = answer.versioned()?;
        let version = secret
            .version
            .map(|version| format!(" -versions={version}"))
            .unwrap_or_default();
        Some(if versioned.metadata.destroyed {
            Failure::from(Fault::Destroyed)
        } else {
            let back = format!("bao kv undelete -mount={mount}{version} {path}");
            Failure::with(Fault::Deleted, back)
        })
    }

    /// The mount that `secret` is in, and what it is. None where there is none, or none that the token may see.
    pub(crate) async fn mount_of(
        &self,
        token: &str,
        secret: &SecretPath,
    ) -> Result<Option<(String, Engine)>, Failure> {
        #[derive(Deserialize)]
        struct Mounted {
            path: String,
            #[serde(rename = "type")]
            kind: String,
            #[serde(default)]
            options: Option<BTreeMap<String, String>>,
        }
        let request = MountOf {
            path: secret.path.clone(),
        };
        let answer = self.ask(Some(token), request, Repeat::AfterFailure).await?;
        if !answer.succeeded() {
            return match answer.failure(&self.host) {
                Some(failure) => Err(failure),
                None => Ok(None),
            };
        }
        let envelope = answer.envelope()?;
        let data = envelope.data.ok_or(Fault::Unreadable)?;
        let mount: Mounted = serde_json::from_str(data.get()).map_err(|_| Fault::Unreadable)?;
        let version = mount
            .options
            .as_ref()
            .and_then(|options| options.get("version"));
        let engine = match (mount.kind.as_str(), version.map(String::as_str)) {
            ("kv", Some("2")) => Engine::KvV2,
            ("kv" | "generic" | "cubbyhole", _) => Engine::KvV1,
            _ => Engine::Other,
        };
        let path = mount.path.trim_matches('/').to_owned();
        Ok(secret.below(&path).is_some().then_some((path, engine)))
    }

    /// What an answer that is no success means, when `capability` on `path` was used. `path` is the API's.
    pub(crate) async fn refusal(
        &self,
        token: &str,
        answer: &Answer,
        path: &str,
        capability: &str,
        mount: Mount,
    ) -> Failure {
        if let Some(failure) = answer.failure(&self.host) {
            return failure;
        }
        match answer.status {
            403 => denial::explain(self, token, path, capability).await,
            404 if answer.said() == Said::NoRoute => Failure::with(
                Fault::MountMissing.at(404),
                "check the first part of the path, and the namespace setting",
            ),
            404 if answer.said() == Said::Nothing => match mount {
                Mount::Known => Fault::PathMissing.into(),
                Mount::Unknown => Failure::with(
                    Fault::MountUnknown.at(404),
                    "check the address and the path; if both are right, set under `mounts` of the store what is mounted there",
                ),
            },
            status @ (400 | 413) if answer.said() == Said::TooMuch => Failure::with(
                Fault::TooMuch.at(status),
                "write to several secrets, or to a secret for each name; an OpenBao takes some 490 fields in one request, unless max_request_json_strings of its listener is set",
            ),
            405 => Failure::with(
                Fault::Refused.at(405),
                format!(
                    "if {path} gives a value only when it is written to, say so under `requests` of the store"
                ),
            ),
            status => Failure::with(Fault::Refused.at(status), advice(path)),
        }
    }
}

/// The path by which the API knows a secret with versions.
pub(crate) fn data_path(mount: &str, path: &str) -> String {
    format!("{mount}/data/{path}")
}
