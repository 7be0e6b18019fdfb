//! Logging in, by each of the methods.

use std::path::PathBuf;

use mcp_launch_core::{Deadline, Environment, shown};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use vaultrs::api::auth::approle::requests::LoginWithApproleRequest;
use vaultrs::api::auth::kubernetes::requests::LoginWithKubernetesRequest;
use vaultrs::api::auth::oidc::requests::JWTLoginRequest;
use vaultrs::api::auth::userpass::requests::LoginRequest;
use vaultrs::api::sys::requests::UnwrapRequest;
use zeroize::Zeroizing;

use crate::answer::{Answer, Said};
use crate::credential::{obtain, service_account, text, wrapping_token};
use crate::endpoint::CertLogin;
use crate::exchange::{Repeat, Vault};
use crate::fault::{Failure, Fault};
use crate::keeper::Term;
use crate::session::Session;
use crate::settings::Auth;
use crate::token::{self, Token};

/// Where Kubernetes puts the token of a pod's service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// How this launch logs in, with every credential that could be had without the Vault.
pub(crate) enum Login {
    AppRole {
        mount: String,
        role_id: Zeroizing<String>,
    },
    Cert {
        mount: String,
        role: Option<String>,
    },
    Jwt {
        mount: String,
        role: Option<String>,
    },
    Kubernetes {
        mount: String,
        role: String,
        token_file: PathBuf,
    },
    Token(Token),
    Userpass {
        mount: String,
        username: String,
    },
}

impl Login {
    /// The login that `auth` describes; without one, the token of the person.
    pub(crate) fn prepare(
        auth: Option<&Auth>,
        environment: &Environment,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        Ok(match auth {
            None | Some(Auth::Token { token: None }) => {
                Self::Token(token::find(environment, deadline)?)
            }
            Some(Auth::Token { token: Some(token) }) => {
                let token = obtain(token, deadline)?;
                Self::Token(Token::of(&token).map_err(|failure| Failure {
                    remedy: Some("see what auth.token of the store gives".to_owned()),
                    ..failure
                })?)
            }
            Some(Auth::AppRole { mount, role_id, .. }) => Self::AppRole {
                mount: mount.clone(),
                role_id: text(role_id, deadline)?,
            },
            Some(Auth::Cert { mount, role }) => Self::Cert {
                mount: mount.clone(),
                role: role.clone(),
            },
            Some(Auth::Jwt { mount, role, .. }) => Self::Jwt {
                mount: mount.clone(),
                role: role.clone(),
            },
            Some(Auth::Kubernetes {
                mount,
                role,
                token_file,
            }) => Self::Kubernetes {
                mount: mount.clone(),
                role: role.clone(),
                token_file: token_file.clone().unwrap_or_else(|| SERVICE_ACCOUNT.into()),
            },
            Some(Auth::Userpass {
                mount, username, ..
            }) => Self::Userpass {
                mount: mount.clone(),
                username: username.clone(),
            },
        })
    }

    /// Who is logged in, as what is shared is kept apart by it. Never the password; of a token its digest.
    pub(crate) fn identity(&self) -> String {
        let parts: Vec<&str> = match self {
            Self::AppRole { mount, role_id } => vec!["approle", mount, role_id],
            Self::Cert { mount, role } => vec!["cert", mount, role.as_deref().unwrap_or_default()],
            Self::Jwt { mount, role } => vec!["jwt", mount, role.as_deref().unwrap_or_default()],
            Self::Kubernetes { mount, role, .. } => vec!["kubernetes", mount, role],
            Self::Token(token) => {
                let digest = Sha256::digest(token.as_str());
                let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                return format!("token\0{digits}");
            }
            Self::Userpass { mount, username } => vec!["userpass", mount, username],
        };
        parts.join("\0")
    }

    /// The token of the person, if that is how this launch logs in.
    pub(crate) fn token(&self) -> Option<&Token> {
        match self {
            Self::Token(token) => Some(token),
            _ => None,
        }
    }

    /// What the method is called, for a person, and where it is mounted.
    pub(crate) fn method(&self) -> (&'static str, &str) {
        match self {
            Self::AppRole { mount, .. } => ("approle", mount),
            Self::Cert { mount, .. } => ("cert", mount),
            Self::Jwt { mount, .. } => ("jwt", mount),
            Self::Kubernetes { mount, .. } => ("kubernetes", mount),
            Self::Token(_) => ("token", "token"),
            Self::Userpass { mount, .. } => ("userpass", mount),
        }
    }
}

impl Vault {
    /// Logs in. `auth` is what `login` was prepared from.
    pub(crate) async fn log_in(
        &self,
        login: &Login,
        auth: Option<&Auth>,
    ) -> Result<Session, Failure> {
        let answer = match (login, auth) {
            (
                Login::AppRole { mount, role_id },
                Some(Auth::AppRole {
                    secret_id, wrapped, ..
                }),
            ) => {
                let secret_id = match secret_id {
                    None => Zeroizing::default(),
                    Some(secret_id) if *wrapped => {
                        self.unwrap(&wrapping_token(secret_id, self.deadline)?)
                            .await?
                    }
                    Some(secret_id) => text(secret_id, self.deadline)?,
                };
                let request = LoginWithApproleRequest {
                    mount: mount.clone(),
                    role_id: role_id.to_string(),
                    secret_id: secret_id.to_string(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            (Login::Cert { mount, role }, _) => {
                let request = CertLogin {
                    mount: mount.clone(),
                    name: role.clone(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            (Login::Jwt { mount, role }, Some(Auth::Jwt { jwt, .. })) => {
                let request = JWTLoginRequest {
                    mount: mount.clone(),
                    jwt: text(jwt, self.deadline)?.trim().to_owned(),
                    role: role.clone(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            (
                Login::Kubernetes {
                    mount,
                    role,
                    token_file,
                },
                _,
            ) => {
                let request = LoginWithKubernetesRequest {
                    mount: mount.clone(),
                    role: role.clone(),
                    jwt: service_account(token_file)?.trim().to_owned(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            (Login::Userpass { mount, username }, Some(Auth::Userpass { password, .. })) => {
                let request = LoginRequest {
                    mount: mount.clone(),
                    username: username.clone(),
                    password: text(password, self.deadline)?.to_string(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            _ => return Err(Fault::TokenMissing.into()),
        };
        self.session(&answer, login)
    }

    fn session(&self, answer: &Answer, login: &Login) -> Result<Session, Failure> {
        if let Some(failure) = answer.failure(&self.host) {
            return Err(failure);
        }
        let (method, mount) = login.method();
        if !answer.succeeded() {
            let at = format!("auth/{}", shown(mount));
            return Err(if answer.said() == Said::NoRoute || answer.status == 404 {
                Failure::with(
                    Fault::LoginMountMissing.at(answer.status),
                    format!("check auth.mount of the store ({at}), and the namespace setting"),
                )
            } else {
                // Nobody who is not logged in is told whether there is such a mount.
                let or = match answer.status {
                    403 => "; or no such method is mounted there",
                    _ => "",
                };
                Failure::with(
                    Fault::LoginRefused.at(answer.status),
                    format!(
                        "check what {method} logs in with at {at}: {}{or}",
                        credentials(login)
                    ),
                )
            });
        }
        let given = answer.envelope()?.auth.ok_or(Fault::Unreadable)?;
        Ok(Session {
            token: Token::new(given.client_token.as_bytes())?,
            logged_in: true,
            term: Term::told(given.lease_duration, given.renewable),
        })
    }

    /// The secret_id in a wrapped response. It can be unwrapped once, so that nobody on its way read it unnoticed.
    async fn unwrap(&self, wrapping: &Token) -> Result<Zeroizing<String>, Failure> {
        #[derive(Deserialize)]
        struct Wrapped {
            secret_id: Zeroizing<String>,
        }
        let request = UnwrapRequest { token: None };
        let answer = self
            .ask(Some(wrapping.as_str()), request, Repeat::WhenPutOff)
            .await?;
        if let Some(failure) = answer.failure(&self.host) {
            return Err(failure);
        }
        if !answer.succeeded() {
            return Err(unwrapped_before(answer.status));
        }
        let data = answer.envelope()?.data.ok_or(Fault::Unreadable)?;
        let wrapped: Wrapped = serde_json::from_str(data.get()).map_err(|_| {
            Failure::with(
                Fault::CredentialUnusable.error(),
                "what was wrapped holds no secret_id: wrap the answer of auth/approle/role/ROLE/secret-id",
            )
        })?;
        Ok(wrapped.secret_id)
    }
}

/// The failure of a wrapped secret_id that is no longer wrapped.
pub(crate) fn unwrapped_before(status: u16) -> Failure {
    Failure::with(
        Fault::UnwrappedBefore.at(status),
        "have a new secret_id wrapped, and if nobody can say who used the old one, look for its use in the audit log",
    )
}

/// What a person looks at when this login is refused.
fn credentials(login: &Login) -> &'static str {
    match login {
        Login::AppRole { .. } => {
            "role_id, and a secret_id that may have expired, be used up, or be bound to other addresses"
        }
        Login::Cert { .. } => "client_cert, and the role that trusts its CA",
        Login::Jwt { .. } => "the role, and the token's issuer, audience and time",
        Login::Kubernetes { .. } => {
            "the role, and the service account and namespace that it is bound to"
        }
        Login::Token(_) => "the token",
        Login::Userpass { .. } => "username and password",
    }
}
