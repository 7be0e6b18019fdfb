//! Access keys of a user of IAM.
//!
//! A user has two at most. While the old one works the new one is made; the old one is deactivated and deleted after its
//! grace.
//!
//! # Which keys are ours
//!
//! Keys carry no name, and none may be touched that somebody else made. So what was made here is written into a tag of the
//! user, `mcp-launch:CREDENTIAL` (`ledger.rs`), which `list` goes by:
//!
//! * A key that was made is written down with the rotation that it was made for, at once. It is ours without doubt.
//! * *Before* a key is asked for, it is written down for which rotation, when by IAM's clock, and which key there was. A
//!   process that dies before it has the answer, or has written it down, leaves that. Then a key is taken for ours that was
//!   not there before, was created in the forty seconds after, which is as long as the attempt may take, and has never
//!   been used: its secret half died with the process. An attempt that is known to have failed is struck out, so it
//!   explains no key.
//!
//! A key of somebody else would have to be made for the same user in just those seconds, in place of ours and not beside it
//! (there is room for one), and still be unused when the claim of the dead process has run out, a quarter of an hour
//! later. All other keys that take the room end the run: they are named with their dates, for a person to decide.
//!
//! # Why not by the SDK
//!
//! `aws-sdk-iam` is five times as large as the SDK of Secrets Manager (1.6 MB of compressed source, 170 operations) for the
//! seven calls that are made here. They are forms signed by `aws-sigv4`, which is in the tree anyway, and sent once by
//! the HTTP client of the launcher: whether `CreateAccessKey` was heard is known then, which the retries of an SDK hide.

mod ledger;
mod query;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_network::{EndpointError, block_on};
use mcp_launch_rotation::{
    Bundle, Generation, Handle, Issue, Liveness, Login, Method, Predecessor, Retire, RotationId,
    Rotator, RotatorError, Successor,
};

use ledger::{Intent, Ledger};
use query::{AccessKey, Iam, Key, Said};

/// What the login of a rotation has to be allowed to do with its user: `arn:aws:iam::ACCOUNT:user/${aws:username}`.
pub const IAM_PRIVILEGES: [&str; 7] = [
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:GetAccessKeyLastUsed",
    "iam:ListAccessKeys",
    "iam:ListUserTags",
    "iam:TagUser",
    "iam:UpdateAccessKey",
];

/// The keys that a user can have: a quota that cannot be raised.
const ROOM: usize = 2;

/// How long a new key may take to be known everywhere (99designs/aws-vault#170: eight seconds).
const PROPAGATION: Duration = Duration::from_secs(10);

/// How long making a key may take in all.
const ATTEMPT: Duration = Duration::from_secs(30);

/// How long after an attempt was written down, by IAM's clock in whole seconds, its key may have been created.
const WINDOW: i64 = 40;

/// How one user's keys are rotated.
#[derive(Clone, Debug)]
pub struct IamSettings {
    /// The user; the one whose key logs in, where it is not said.
    pub user: Option<String>,
    /// The field of the id: `AKIA…`.
    pub access_key_id: String,
    /// The field of the secret half.
    pub secret_access_key: String,
    /// A region of the account's partition; else `AWS_REGION`, `AWS_DEFAULT_REGION`, `us-east-1`.
    pub region: Option<String>,
    /// Where IAM is, if not where AWS has it; else `AWS_ENDPOINT_URL_IAM`, `AWS_ENDPOINT_URL`.
    pub iam_endpoint_url: Option<String>,
    /// Where STS is, if not where AWS has it; else `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`.
    pub sts_endpoint_url: Option<String>,
    /// Whether an endpoint on another machine may be reached over plain http.
    pub allow_http: bool,
}

impl Default for IamSettings {
    fn default() -> Self {
        Self {
            user: None,
            access_key_id: "access_key_id".to_owned(),
            secret_access_key: "secret_access_key".to_owned(),
            region: None,
            iam_endpoint_url: None,
            sts_endpoint_url: None,
            allow_http: false,
        }
    }
}

/// Why settings cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IamError {
    /// The credential's name cannot stand in the key of a tag.
    #[error(
        "the name is not one that a tag of IAM takes: letters, digits, spaces and _.:/=+-@, at most 117 characters"
    )]
    Name,
    /// The fields have no name, or the same.
    #[error("the id and the secret half of an access key are two fields, each with a name")]
    Fields,
    /// An administrator logs in, and it is not said for whom.
    #[error("the user has to be named where an administrator logs in")]
    NoUser,
    /// An address cannot be used.
    #[error("an address of IAM or STS cannot be used: {0}")]
    Endpoint(EndpointError),
}

/// Rotates the access keys of one user.
pub struct IamKeys {
    tag: String,
    settings: IamSettings,
    iam: Iam,
    administrator: Option<Key>,
    remedy: Mutex<Option<(RotatorError, String)>>,
}

impl IamKeys {
    /// The keys of the credential `name`, the same on every host. `administrator`, of the same fields, logs in for every
    /// change; without one the credential does itself. Touches nothing.
    ///
    /// # Errors
    /// [`IamError`].
    pub fn new(
        name: &str,
        settings: IamSettings,
        administrator: Option<&Bundle>,
        environment: &Arc<Environment>,
    ) -> Result<Self, IamError> {
        let tag = ledger::tag(name).ok_or(IamError::Name)?;
        let (id, secret) = (&settings.access_key_id, &settings.secret_access_key);
        if id.is_empty() || secret.is_empty() || id == secret {
            return Err(IamError::Fields);
        }
        if administrator.is_some() && settings.user.is_none() {
            return Err(IamError::NoUser);
        }
        let administrator = administrator
            .map(|bundle| Key::of(bundle, &settings).ok_or(IamError::Fields))
            .transpose()?;
        Ok(Self {
            tag,
            iam: Iam::new(&settings, environment).map_err(IamError::Endpoint)?,
            settings,
            administrator,
            remedy: Mutex::default(),
        })
    }

    /// Logs in as the administrator, else as `login`, and does `work` for the user.
    fn as_login<T>(
        &self,
        login: &Bundle,
        deadline: Deadline,
        work: impl AsyncFnOnce(&Key, &str) -> Result<T, Said>,
    ) -> Result<T, Said> {
        let own;
        let key = match &self.administrator {
            Some(key) => key,
            None => {
                own = Key::of(login, &self.settings).ok_or(Said::Failed)?;
                &own
            }
        };
        let done = block_on(deadline, async {
            let user = match &self.settings.user {
                Some(user) => user.clone(),
                None => self.iam.user(key).await?,
            };
            work(key, &user).await
        });
        done.unwrap_or(Err(Said::Lost))
    }

    /// As an error, with what a person does about it. `changes`: something may have been done.
    fn failed(&self, said: Said, changes: bool) -> RotatorError {
        let (error, remedy) = match said {
            Said::Denied => (
                RotatorError::Denied,
                Some(format!(
                    "allow it in IAM, for the user whose keys they are: {}",
                    IAM_PRIVILEGES.join(", ")
                )),
            ),
            Said::KeyDead => (
                RotatorError::Denied,
                Some("the access key that logs in is not known to AWS, or not with this secret half".to_owned()),
            ),
            Said::Full(keys) => (RotatorError::Occupied, Some(full(&keys))),
            Said::Limited => (RotatorError::Limited(None), None),
            Said::Lost if changes => (RotatorError::Ambiguous, None),
            Said::Lost | Said::Unreachable => (
                RotatorError::Unavailable,
                Some("check the network, and `endpoint_url` of IAM and STS".to_owned()),
            ),
            Said::NotThere | Said::Failed => (
                RotatorError::Failed,
                Some(
                    "check that the login is an access key of a user of IAM (roles have none), that the user is \
                     there, and that the id of the rotation is one that a tag takes"
                        .to_owned(),
                ),
            ),
        };
        *self.remedy.lock().unwrap_or_else(PoisonError::into_inner) =
            remedy.map(|remedy| (error, remedy));
        error
    }

    /// The room is taken: with what else there is known of the keys.
    async fn full(&self, key: &Key, keys: Vec<AccessKey>) -> Said {
        let mut dated = Vec::new();
        for own in keys {
            let used = self.iam.last_used(key, &own.id).await.unwrap_or_default();
            dated.push((own, used));
        }
        Said::Full(dated)
    }

    async fn make(&self, key: &Key, user: &str, id: &RotationId) -> Result<Successor, Said> {
        let (keys, now) = self.iam.keys(key, user).await?;
        let mut ledger = self.ledger(key, user).await?;
        if keys.len() >= ROOM {
            return Err(self.full(key, keys).await);
        }
        ledger
            .made
            .retain(|(made, _)| keys.iter().any(|key| key.id == *made));
        ledger.intent = Some(Intent {
            id: id.clone(),
            at: now,
            before: keys.into_iter().next().map(|key| key.id),
        });
        // Without this no key is made, so it is no matter whether it was heard.
        let written = self.write(key, user, &ledger).await;
        written.map_err(|said| match said {
            Said::Lost => Said::Unreachable,
            said => said,
        })?;
        let made = match self.iam.create(key, user).await {
            Ok(made) => made,
            Err(Said::Lost) => return Err(Said::Lost),
            Err(said) => {
                ledger.intent = None;
                drop(self.write(key, user, &ledger).await);
                return Err(match said {
                    Said::Full(_) => {
                        let keys = self.iam.keys(key, user).await;
                        self.full(key, keys.map(|(keys, _)| keys).unwrap_or_default())
                            .await
                    }
                    said => said,
                });
            }
        };
        let handle = Handle::new(made.id.as_str()).map_err(|_| Said::Lost)?;
        ledger.intent = None;
        ledger.made.push((made.id.clone(), id.clone()));
        // If it is not heard, the attempt above still tells whose key it is.
        drop(self.write(key, user, &ledger).await);
        let id = Secret::new(made.id.into_bytes());
        let fields = [
            (self.settings.access_key_id.clone(), id),
            (self.settings.secret_access_key.clone(), made.secret),
        ];
        Ok(Successor {
            bundle: Bundle::new(fields).map_err(|_| Said::Lost)?,
            handle: Some(handle),
            expires_at: None,
        })
    }

    async fn ours(&self, key: &Key, user: &str) -> Result<Vec<Generation>, Said> {
        let ledger = self.ledger(key, user).await?;
        if ledger.made.is_empty() && ledger.intent.is_none() {
            return Ok(Vec::new());
        }
        let (keys, _) = self.iam.keys(key, user).await?;
        let mut ours = Vec::new();
        let mut add = |own: &AccessKey, id: &RotationId| {
            if let Ok(handle) = Handle::new(own.id.as_str()) {
                let id = id.clone();
                ours.push(Generation { handle, id });
            }
        };
        for own in &keys {
            if let Some((_, id)) = ledger.made.iter().find(|(made, _)| *made == own.id) {
                add(own, id);
            } else if let Some(intent) = &ledger.intent
                && is_explained(own, intent)
                && self.iam.last_used(key, &own.id).await?.is_none()
            {
                add(own, &intent.id);
            }
        }
        Ok(ours)
    }

    async fn ledger(&self, key: &Key, user: &str) -> Result<Ledger, Said> {
        let tags = self.iam.tags(key, user).await?;
        let own = tags.into_iter().find(|(name, _)| *name == self.tag);
        Ok(own.map_or_else(Ledger::default, |(_, value)| Ledger::parse(&value)))
    }

    async fn write(&self, key: &Key, user: &str, ledger: &Ledger) -> Result<(), Said> {
        let value = ledger.written().ok_or(Said::Failed)?;
        self.iam.tag(key, user, &self.tag, &value).await
    }
}

/// Whether an attempt whose answer is not known explains this key, but for its use.
fn is_explained(key: &AccessKey, intent: &Intent) -> bool {
    intent.before.as_ref() != Some(&key.id)
        && key.created_at.is_some_and(|created_at| {
            (intent.at..=intent.at.saturating_add(WINDOW)).contains(&created_at.as_second())
        })
}

/// What a person is told about keys that take the room.
fn full(keys: &[(AccessKey, Option<Timestamp>)]) -> String {
    let mut text = format!(
        "a user of IAM has room for {ROOM} access keys, and one that is not known to be of this credential takes the \
         place of the next; delete the one that nobody needs (aws iam delete-access-key):"
    );
    for (key, used) in keys {
        let date = |date: Option<Timestamp>, never: &str| {
            date.map_or_else(|| never.to_owned(), |date| date.to_string())
        };
        text.push_str(&format!(
            " {} ({}created {}, last used {});",
            key.id,
            if key.is_active { "" } else { "inactive, " },
            date(key.created_at, "at an unknown time"),
            date(*used, "never"),
        ));
    }
    text.pop();
    text
}

impl Rotator for IamKeys {
    fn method(&self) -> Method<'_> {
        Method::Issue(self)
    }

    fn predecessor(&self) -> Predecessor<'_> {
        Predecessor::Lives(self)
    }

    fn login(&self) -> Login {
        if self.administrator.is_some() {
            Login::Administrator
        } else {
            Login::Itself
        }
    }

    fn propagation(&self) -> Duration {
        PROPAGATION
    }

    /// By `sts:GetCallerIdentity`, which needs no permission and cannot be denied.
    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        let Some(key) = Key::of(value, &self.settings) else {
            return Liveness::Unknown;
        };
        match block_on(deadline, self.iam.identity(&key)) {
            Ok(Ok(_) | Err(Said::Denied)) => Liveness::Live,
            Ok(Err(Said::KeyDead)) => Liveness::Dead,
            Ok(Err(_)) | Err(_) => Liveness::Unknown,
        }
    }

    fn identify(&self, value: &Bundle, _: Deadline) -> Result<Option<Handle>, RotatorError> {
        let key = Key::of(value, &self.settings);
        Ok(key.and_then(|key| Handle::new(key.id).ok()))
    }

    fn remedy(&self, error: RotatorError) -> Option<String> {
        let remedy = self.remedy.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, remedy) = remedy.as_ref()?;
        (*of == error).then(|| remedy.clone())
    }
}

impl Issue for IamKeys {
    fn issue(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        let deadline = Deadline::after(deadline.remaining().min(ATTEMPT));
        let made = self.as_login(login, deadline, async |key, user| {
            self.make(key, user, id).await
        });
        made.map_err(|said| self.failed(said, true))
    }

    fn list(&self, login: &Bundle, deadline: Deadline) -> Result<Vec<Generation>, RotatorError> {
        let ours = self.as_login(login, deadline, async |key, user| {
            self.ours(key, user).await
        });
        ours.map_err(|said| self.failed(said, false))
    }
}

impl Retire for IamKeys {
    /// Deactivated first, which a person could undo until the next moment, then deleted. Never the key that logs in.
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let retired = self.as_login(login, deadline, async |key, user| {
            if key.id == handle.as_str() {
                return Err(Said::Failed);
            }
            for action in ["UpdateAccessKey", "DeleteAccessKey"] {
                match self.iam.end(action, key, user, handle.as_str()).await {
                    Ok(()) | Err(Said::NotThere) => {}
                    Err(said) => return Err(said),
                }
            }
            Ok(())
        });
        retired.map_err(|said| self.failed(said, true))
    }
}
