//! A credential in a secret with versions, as a document of a rotation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use mcp_launch_core::{Deadline, LocatorError, Secret, SourceError, SourceErrorKind};
use mcp_launch_rotation::{Bundle, Document, Journalled, Loaded, Revision, Scrubbed, StoreError};
use serde::Deserialize;
use serde_json::json;

use super::document::{Extent, changed, parts};
use super::policy::lines;
use super::{Desk, Unmade, lock, remedy};
use crate::endpoint::{Read, Request};
use crate::exchange::Repeat;
use crate::fault::{Failure, Fault};
use crate::kept::{Current, Home, Keeping};
use crate::reference::{Reference, SecretPath};
use crate::sending::with_version;
use crate::source::VaultSource;

/// One credential in a secret of an engine with versions. All of one [`VaultSource`] share its login and its connections.
///
/// Its fields are the texts of the secret, or those that [`VaultCredential::of`] names; whatever else is in the secret stays
/// as it is. Each write is a new version, over the one that was read and no other.
///
/// Two requests for each step of a rotation, a read and a write; what is read between the two is not read again.
pub struct VaultCredential {
    desk: Arc<Desk>,
    secret: SecretPath,
    extent: Extent,
    /// What was read last, for the write that follows from it.
    held: Mutex<Option<Held>>,
    /// What a person does about the last error.
    told: Mutex<Option<(StoreError, String)>>,
}

/// A secret as it was read.
struct Held {
    revision: Revision,
    home: Home,
    version: u64,
    data: Secret,
}

impl VaultSource {
    /// The credential in the secret at `path`, `MOUNT/PATH`. Asks nothing.
    ///
    /// # Errors
    /// When `path` is none, or names a version or a field: a credential is rotated as a whole.
    pub fn credential(&self, path: &str) -> Result<VaultCredential, SourceError> {
        let malformed =
            |error: LocatorError| SourceError::new(SourceErrorKind::Malformed).note(error.0);
        let Reference { secret, field } = Reference::parse(path).map_err(malformed)?;
        if secret.version.is_some() || field.is_some() {
            return Err(malformed(LocatorError(
                "what is rotated is a secret, such as secret/mcp/pg, without a version and a field",
            )));
        }
        Ok(VaultCredential {
            desk: Arc::clone(&self.desk),
            secret,
            extent: Extent::default(),
            held: Mutex::default(),
            told: Mutex::default(),
        })
    }
}

impl VaultCredential {
    /// Of the secret only these fields, which have to be texts: what else a person changes there is then no change of the
    /// credential.
    #[must_use]
    pub fn of<N: Into<String>>(self, fields: impl IntoIterator<Item = N>) -> Self {
        let fields = fields.into_iter().map(Into::into).collect();
        Self {
            extent: Extent::Fields(fields),
            ..self
        }
    }

    /// The joint of the state machine.
    #[must_use]
    pub fn rotating(self) -> Journalled<Self> {
        Journalled::new(self)
    }

    /// The lines of a policy that a token needs to rotate it. Asks what is mounted there, once for each mount.
    ///
    /// # Errors
    /// When the Vault cannot be asked or logged in to.
    pub fn policy(&self, deadline: Deadline) -> Result<String, SourceError> {
        let home = self.desk.ask(deadline, async |keeping| {
            Ok(keeping.probable_home(&self.secret).await)
        });
        home.map(|home| lines(&home))
            .map_err(|unmade| unmade.failure.error())
    }

    fn told(&self, unmade: Unmade, error: impl Fn(Unmade) -> StoreError) -> StoreError {
        let told = remedy(&unmade.failure);
        let error = error(unmade);
        *lock(&self.told) = told.map(|told| (error, told));
        error
    }

    async fn read(&self, keeping: &Keeping<'_>) -> Result<Current, Unmade> {
        match keeping.current(&self.secret).await {
            Ok(current) if current.home.versioned => Ok(current),
            Ok(current) => Err(unversioned(&current.home.mount).into()),
            Err(failure) if failure.is(Fault::MakesCredentials) => Err(Failure::with(
                failure.cause,
                "keep the credential in a key-value engine of version 2; what an engine makes by itself is not rotated this way",
            )
            .into()),
            Err(failure) => Err(keeping.with_lines(failure, &self.secret).await.into()),
        }
    }

    async fn load_by(&self, keeping: &Keeping<'_>) -> Result<(Loaded, Held), Unmade> {
        let current = self.read(keeping).await?;
        let Current {
            home,
            data,
            version,
            absent,
            created,
            date,
        } = current;
        let data = data.ok_or_else(|| gone(absent, &home))?;
        let (bundle, journal) = parts(&data, &self.extent)?;
        let revision = revision(version, &created)?;
        let loaded = Loaded {
            revision: revision.clone(),
            read_at: date.unwrap_or_else(Timestamp::now),
            current: bundle,
            journal,
        };
        let held = Held {
            revision,
            home,
            version,
            data,
        };
        Ok((loaded, held))
    }

    /// What was read at `at`, if nothing was written since, as far as is known here.
    fn held_at(&self, at: &Revision, deadline: Deadline) -> Result<Held, StoreError> {
        let held = lock(&self.held).take();
        if let Some(held) = held.filter(|held| held.revision == *at) {
            return Ok(held);
        }
        let read = self
            .desk
            .ask(deadline, async |keeping| self.load_by(keeping).await);
        let (_, held) = read.map_err(|unmade| self.told(unmade, Unmade::read))?;
        if held.revision == *at {
            Ok(held)
        } else {
            Err(StoreError::Conflict)
        }
    }

    /// Writes `document` over the version of `held`.
    async fn write(
        &self,
        keeping: &Keeping<'_>,
        held: &Held,
        document: &Secret,
    ) -> Result<(), Unmade> {
        #[derive(Deserialize)]
        struct Written {
            version: u64,
        }
        let path = held.home.api("data");
        #[expect(
            clippy::disallowed_methods,
            reason = "a secret on its way into its store"
        )]
        let mut body = with_version(document.expose(), held.version);
        let request = Request {
            path: path.clone(),
            body: std::mem::take(&mut *body),
        };
        let answer = keeping.vault.change(Some(keeping.token), request).await?;
        if !answer.succeeded() {
            if answer.said() == crate::answer::Said::Outdated {
                return Err(conflict().into());
            }
            let failure = keeping.refused(&answer, &path, "update").await;
            return Err(keeping.with_lines(failure, &self.secret).await.into());
        }
        // Whatever stands between here and the Vault may say 200 too.
        let envelope = answer.envelope().map_err(Unmade::unheard)?;
        let data = envelope.data.map(serde_json::value::RawValue::get);
        match data.map(serde_json::from_str::<Written>) {
            Some(Ok(written)) if written.version > held.version => Ok(()),
            _ => Err(Unmade::unheard(Fault::Unreadable.at(answer.status).into())),
        }
    }

    async fn destroy_before(&self, keeping: &Keeping<'_>, held: &Held) -> Result<Scrubbed, Unmade> {
        #[derive(Deserialize)]
        struct Listed {
            current_version: u64,
            versions: BTreeMap<String, Version>,
        }
        #[derive(Deserialize)]
        struct Version {
            created_time: String,
            destroyed: bool,
        }
        let path = held.home.api("metadata");
        let request = Read { path: path.clone() };
        let asked = keeping
            .vault
            .ask(Some(keeping.token), request, Repeat::AfterFailure);
        let answer = asked.await?;
        if answer.is_nothing() {
            return Err(conflict().into());
        }
        if !answer.succeeded() {
            return stays(keeping.refused(&answer, &path, "read").await);
        }
        let data = answer.envelope()?.data.ok_or(Fault::Unreadable)?;
        let listed: Listed = serde_json::from_str(data.get()).map_err(|_| Fault::Unreadable)?;
        let newest = listed.versions.get(&listed.current_version.to_string());
        let created = newest.map_or("", |version| version.created_time.as_str());
        if revision(listed.current_version, created)? != held.revision {
            return Err(conflict().into());
        }
        let earlier: Vec<u64> = listed
            .versions
            .iter()
            .filter(|(_, version)| !version.destroyed)
            .filter_map(|(number, _)| number.parse().ok())
            .filter(|&number| number < held.version)
            .collect();
        if earlier.is_empty() {
            return Ok(Scrubbed::Everything);
        }
        let path = held.home.api("destroy");
        let request = Request {
            path: path.clone(),
            body: json!({ "versions": earlier }).to_string().into_bytes(),
        };
        // Doing it again changes nothing.
        let asked = keeping
            .vault
            .ask(Some(keeping.token), request, Repeat::AfterFailure);
        let answer = asked.await?;
        if answer.succeeded() {
            return Ok(Scrubbed::Everything);
        }
        stays(keeping.refused(&answer, &path, "update").await)
    }
}

impl Document for VaultCredential {
    fn load(&self, deadline: Deadline) -> Result<Loaded, StoreError> {
        let read = self
            .desk
            .ask(deadline, async |keeping| self.load_by(keeping).await);
        let (loaded, held) = read.map_err(|unmade| self.told(unmade, Unmade::read))?;
        *lock(&self.held) = Some(held);
        Ok(loaded)
    }

    fn save(
        &self,
        at: &Revision,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let held = self.held_at(at, deadline)?;
        let document = changed(&held.data, &self.extent, current, journal)
            .map_err(|failure| self.told(failure.into(), Unmade::written))?;
        let written = self.desk.write(&self.secret, deadline, async |keeping| {
            self.write(keeping, &held, &document).await
        });
        written.map_err(|unmade| self.told(unmade, Unmade::written))
    }

    fn forget_earlier(&self, at: &Revision, deadline: Deadline) -> Result<Scrubbed, StoreError> {
        let held = self.held_at(at, deadline)?;
        let scrubbed = self.desk.ask(deadline, async |keeping| {
            self.destroy_before(keeping, &held).await
        });
        // The save that follows goes on from it.
        *lock(&self.held) = Some(held);
        scrubbed.map_err(|unmade| self.told(unmade, Unmade::read))
    }

    fn remedy(&self, error: StoreError) -> Option<String> {
        let told = lock(&self.told);
        let (of, remedy) = told.as_ref()?;
        (*of == error).then(|| remedy.clone())
    }
}

/// A version, with what tells it from one of the same number in a secret that was made anew.
fn revision(version: u64, created: &str) -> Result<Revision, Failure> {
    Revision::new(format!("{version}@{created}")).map_err(|_| Fault::Unreadable.into())
}

/// Without a permission the old versions stay; everything else is a failure.
fn stays(failure: Failure) -> Result<Scrubbed, Unmade> {
    if failure.is(Fault::Denied) {
        return Ok(Scrubbed::OldVersionsStay);
    }
    Err(failure.into())
}

fn conflict() -> Failure {
    SourceError::new(SourceErrorKind::Conflict).into()
}

fn unversioned(mount: &str) -> Failure {
    let mount = mcp_launch_core::shown(mount);
    Failure::with(
        Fault::VersionNone,
        format!(
            "a rotation needs an engine with versions, because only that compares before it sets: bao kv enable-versioning {mount}"
        ),
    )
}

fn gone(absent: Fault, home: &Home) -> Failure {
    let Home { mount, path, .. } = home;
    let (mount, path) = (mcp_launch_core::shown(mount), mcp_launch_core::shown(path));
    let remedy = match absent {
        Fault::Deleted => format!("bao kv undelete -mount={mount} -versions=NUMBER {path}"),
        Fault::Destroyed => format!("write the value anew: bao kv put -mount={mount} {path} ..."),
        _ => format!("check the path: bao kv list {mount} lists the names"),
    };
    Failure::with(absent, remedy)
}
