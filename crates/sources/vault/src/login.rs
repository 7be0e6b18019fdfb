//! Logging in, by each of the methods.

use std::path::Path;

use mcp_launch_core::{Deadline, Environment, shown};
use mcp_launch_sharing::Proof;
use serde::Deserialize;
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
use crate::lease::Term;
use crate::session::Session;
use crate::settings::Auth;
use crate::token::{self, Origin, Token};

/// Where Kubernetes puts the token of a pod's service account.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// How this launch logs in, with every credential that it needs.
pub(crate) enum Login {
    AppRole {
        mount: String,
        role_id: Zeroizing<String>,
        secret_id: SecretId,
    },
    Cert {
        mount: String,
        role: Option<String>,
    },
    Jwt {
        mount: String,
        role: Option<String>,
        jwt: Zeroizing<String>,
    },
    Kubernetes {
        mount: String,
        role: String,
        jwt: Zeroizing<String>,
    },
    Token(Token, Origin),
    Userpass {
        mount: String,
        username: String,
        password: Zeroizing<String>,
    },
}

/// The second half of an AppRole.
pub(crate) enum SecretId {
    /// The role needs none.
    None,
    Plain(Zeroizing<String>),
    /// The token of a wrapped response that holds it, which can be unwrapped once.
    Wrapped(Token),
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
                let (token, origin) = token::find(environment, deadline)?;
                Self::Token(token, origin)
            }
            Some(Auth::Token { token: Some(token) }) => {
                let token = obtain(token, deadline)?;
                let token = Token::of(&token).map_err(|failure| Failure {
                    remedy: Some("see what auth.token of the store gives".to_owned()),
                    ..failure
                })?;
                Self::Token(token, Origin::Settings)
            }
            Some(Auth::AppRole {
                mount,
                role_id,
                secret_id,
                wrapped,
            }) => Self::AppRole {
                mount: mount.clone(),
                role_id: text(role_id, deadline)?,
                secret_id: match secret_id {
                    None => SecretId::None,
                    Some(token) if *wrapped => SecretId::Wrapped(wrapping_token(token, deadline)?),
                    Some(secret_id) => SecretId::Plain(text(secret_id, deadline)?),
                },
            },
            Some(Auth::Cert { mount, role }) => Self::Cert {
                mount: mount.clone(),
                role: role.clone(),
            },
            Some(Auth::Jwt { mount, role, jwt }) => Self::Jwt {
                mount: mount.clone(),
                role: role.clone(),
                jwt: trimmed(text(jwt, deadline)?),
            },
            Some(Auth::Kubernetes {
                mount,
                role,
                token_file,
            }) => Self::Kubernetes {
                mount: mount.clone(),
                role: role.clone(),
                jwt: trimmed(service_account(
                    token_file.as_deref().unwrap_or(Path::new(SERVICE_ACCOUNT)),
                )?),
            },
            Some(Auth::Userpass {
                mount,
                username,
                password,
            }) => Self::Userpass {
                mount: mount.clone(),
                username: username.clone(),
                password: text(password, deadline)?,
            },
        })
    }

    /// What this login proves by itself, without the certificate of the client.
    pub(crate) fn proof(&self) -> Option<Proof> {
        let of = |parts: &[&str]| Some(Proof::of(parts.iter().map(|part| part.as_bytes())));
        match self {
            Self::AppRole {
                role_id, secret_id, ..
            } => match secret_id {
                SecretId::None => of(&[role_id]),
                SecretId::Plain(secret_id) => of(&[role_id, secret_id]),
                SecretId::Wrapped(token) => of(&[role_id, token.as_str()]),
            },
            Self::Cert { .. } => None,
            Self::Jwt { jwt, .. } | Self::Kubernetes { jwt, .. } => of(&[jwt]),
            Self::Token(token, _) => of(&[token.as_str()]),
            Self::Userpass {
                username, password, ..
            } => Proof::of_password(password.as_bytes(), username),
        }
    }

    /// The role or person that the login names, where that is no credential.
    pub(crate) fn whose(&self) -> Option<&str> {
        match self {
            Self::AppRole { .. } | Self::Token(..) => None,
            Self::Cert { role, .. } | Self::Jwt { role, .. } => role.as_deref(),
            Self::Kubernetes { role, .. } => Some(role),
            Self::Userpass { username, .. } => Some(username),
        }
    }

    /// The token of the person, if that is how this launch logs in.
    pub(crate) fn token(&self) -> Option<&Token> {
        match self {
            Self::Token(token, _) => Some(token),
            _ => None,
        }
    }

    /// Where the token comes from that the Vault is asked with.
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::Token(_, origin) => *origin,
            _ => Origin::Login,
        }
    }

    /// What the method is called, for a person, and where it is mounted.
    pub(crate) fn method(&self) -> (&'static str, &str) {
        match self {
            Self::AppRole { mount, .. } => ("approle", mount),
            Self::Cert { mount, .. } => ("cert", mount),
            Self::Jwt { mount, .. } => ("jwt", mount),
            Self::Kubernetes { mount, .. } => ("kubernetes", mount),
            Self::Token(..) => ("token", "token"),
            Self::Userpass { mount, .. } => ("userpass", mount),
        }
    }
}

impl Vault {
    /// Logs in.
    pub(crate) async fn log_in(&self, login: &Login) -> Result<Session, Failure> {
        let answer = match login {
            Login::AppRole {
                mount,
                role_id,
                secret_id,
            } => {
                let secret_id = match secret_id {
                    SecretId::None => Zeroizing::default(),
                    SecretId::Plain(secret_id) => secret_id.clone(),
                    SecretId::Wrapped(wrapping) => self.unwrap(wrapping).await?,
                };
                let request = LoginWithApproleRequest {
                    mount: mount.clone(),
                    role_id: role_id.to_string(),
                    secret_id: secret_id.to_string(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            Login::Cert { mount, role } => {
                let request = CertLogin {
                    mount: mount.clone(),
                    name: role.clone(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            Login::Jwt { mount, role, jwt } => {
                let request = JWTLoginRequest {
                    mount: mount.clone(),
                    jwt: jwt.to_string(),
                    role: role.clone(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            Login::Kubernetes { mount, role, jwt } => {
                let request = LoginWithKubernetesRequest {
                    mount: mount.clone(),
                    role: role.clone(),
                    jwt: jwt.to_string(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
            Login::Token(token, _) => {
                return Ok(Session {
                    token: token.again(),
                    logged_in: false,
                    term: Term::told(0, false),
                });
            }
            Login::Userpass {
                mount,
                username,
                password,
            } => {
                let request = LoginRequest {
                    mount: mount.clone(),
                    username: username.clone(),
                    password: password.to_string(),
                };
                self.ask(None, request, Repeat::WhenPutOff).await?
            }
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
                Fault::CredentialUnusable,
                "what was wrapped holds no secret_id: wrap the answer of auth/approle/role/ROLE/secret-id",
            )
        })?;
        Ok(wrapped.secret_id)
    }
}

/// Without the white space around it, which files have and no signed token does.
fn trimmed(token: Zeroizing<String>) -> Zeroizing<String> {
    Zeroizing::new(token.trim().to_owned())
}

/// The failure of a wrapped secret_id that is no longer wrapped.
pub(crate) fn unwrapped_before(status: u16) -> Failure {
    Failure::with(
        Fault::UnwrappedBefore.at(status),
        "have a new secret_id wrapped, and if nobody can say who used the old one, look for its use in the audit log; a plain secret_id needs no `wrapped = true`",
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
        Login::Token(..) => "the token",
        Login::Userpass { .. } => "username and password",
    }
}
