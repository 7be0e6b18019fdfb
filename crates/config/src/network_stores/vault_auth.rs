//! `auth` of a Vault: how to log in, each method with its own keys.

use std::path::PathBuf;

use mcp_launch_core::Template;

use crate::decode::{Table, Value};
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::login::{self, placeholder_such_as};
#[cfg(feature = "schema")]
use crate::network_stores::schema;
use crate::network_stores::texts;

/// How to log in to a Vault. Texts may hold placeholders of local stores.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        tag = "method",
        rename_all = "lowercase",
        deny_unknown_fields,
        transform = schema::methods
    )
)]
pub enum VaultAuth {
    /// `approle`: a role and its secret.
    AppRole {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role; it may be a placeholder of a local store.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        role_id: Template,
        /// Its secret, as a placeholder of a local store. Some roles need none.
        #[cfg_attr(
            feature = "schema",
            schemars(default, with = "crate::schema::PlaceholderText")
        )]
        secret_id: Option<Template>,
        /// Whether the secret is the token of a wrapped response that holds it.
        wrapped: bool,
    },
    /// `cert`: the client certificate, which is `client_cert` of the store.
    Cert {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
        role: Option<String>,
    },
    /// `jwt`: a signed token of another system.
    Jwt {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
        role: Option<String>,
        /// The token, as a placeholder of a local store.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::PlaceholderText"))]
        jwt: Template,
    },
    /// `kubernetes`: the token of a Kubernetes service account.
    Kubernetes {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The role to log in to.
        role: String,
        /// Where the token is; where Kubernetes puts it, if not said.
        #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
        token_file: Option<PathBuf>,
    },
    /// `token`: a token.
    Token {
        /// The token, as a placeholder of a local store. Without it, `VAULT_TOKEN`, the token helper or
        /// `~/.vault-token`.
        #[cfg_attr(
            feature = "schema",
            schemars(default, with = "crate::schema::PlaceholderText")
        )]
        token: Option<Template>,
    },
    /// `userpass`: a name and a password.
    Userpass {
        /// Where the method is mounted, without `auth/`.
        mount: String,
        /// The name.
        username: String,
        /// The password, as a placeholder of a local store.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::PlaceholderText"))]
        password: Template,
    },
}

/// A method of logging in.
#[derive(Clone, Copy)]
enum Method {
    AppRole,
    Cert,
    Jwt,
    Kubernetes,
    Token,
    Userpass,
}

impl Method {
    const ALL: [Self; 6] = [
        Self::AppRole,
        Self::Cert,
        Self::Jwt,
        Self::Kubernetes,
        Self::Token,
        Self::Userpass,
    ];

    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(&Self::ALL.map(|method| (method.word(), method)))
    }

    /// As a file writes it; where it is mounted, unless a file says otherwise.
    fn word(self) -> &'static str {
        match self {
            Self::AppRole => "approle",
            Self::Cert => "cert",
            Self::Jwt => "jwt",
            Self::Kubernetes => "kubernetes",
            Self::Token => "token",
            Self::Userpass => "userpass",
        }
    }
}

/// The keys of all methods.
const KEYS: &[&str] = &[
    "jwt",
    "jwt_file",
    "mount",
    "password",
    "role",
    "role_id",
    "secret_id",
    "token",
    "token_file",
    "username",
    "wrapped",
];

impl VaultAuth {
    pub(super) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let method = table
            .take_value("method", Method::decode)?
            .ok_or_else(|| value.lacks("`method`"))?;
        let auth = match method {
            Method::AppRole => Self::app_role(value, &mut table)?,
            Method::Cert => Self::Cert {
                mount: mount(&mut table, Method::Cert)?,
                role: table.take_value("role", texts::plain)?,
            },
            Method::Jwt => Self::jwt(value, &mut table)?,
            Method::Kubernetes => Self::Kubernetes {
                mount: mount(&mut table, Method::Kubernetes)?,
                role: table
                    .take_value("role", texts::plain)?
                    .ok_or_else(|| value.lacks("`role`"))?,
                token_file: table.take_value("token_file", Value::path)?,
            },
            Method::Token => Self::Token {
                token: text_or_file(&mut table, "token", TOKEN, "token_file")?,
            },
            Method::Userpass => Self::userpass(value, &mut table)?,
        };
        finish(table, method)?;
        Ok(auth)
    }

    fn app_role(value: &Value<'_>, table: &mut Table<'_>) -> Result<Self, ConfigError> {
        const SECRET_ID: &str = placeholder_such_as!("vault-secret-id");
        let mount = mount(table, Method::AppRole)?;
        let role_id = table
            .take_value("role_id", login::text)?
            .ok_or_else(|| value.lacks("`role_id`"))?;
        let secret_id = table.take_value("secret_id", |value| login::secret(value, SECRET_ID))?;
        let wrapped = table
            .take_value("wrapped", Value::flag)?
            .unwrap_or_default();
        if wrapped && secret_id.is_none() {
            return Err(value.lacks("`secret_id`, which is wrapped"));
        }
        Ok(Self::AppRole {
            mount,
            role_id,
            secret_id,
            wrapped,
        })
    }

    fn jwt(value: &Value<'_>, table: &mut Table<'_>) -> Result<Self, ConfigError> {
        const JWT: &str = placeholder_such_as!("vault-jwt");
        Ok(Self::Jwt {
            mount: mount(table, Method::Jwt)?,
            role: table.take_value("role", texts::plain)?,
            jwt: text_or_file(table, "jwt", JWT, "jwt_file")?
                .ok_or_else(|| value.lacks("`jwt` or `jwt_file`"))?,
        })
    }

    fn userpass(value: &Value<'_>, table: &mut Table<'_>) -> Result<Self, ConfigError> {
        const PASSWORD: &str = placeholder_such_as!("vault-password");
        Ok(Self::Userpass {
            mount: mount(table, Method::Userpass)?,
            username: table
                .take_value("username", texts::plain)?
                .ok_or_else(|| value.lacks("`username`"))?,
            password: table
                .take_value("password", |value| login::secret(value, PASSWORD))?
                .ok_or_else(|| value.lacks("`password`"))?,
        })
    }

    /// The texts that may hold placeholders.
    pub(super) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::AppRole {
                role_id, secret_id, ..
            } => std::iter::once(role_id).chain(secret_id).collect(),
            Self::Jwt { jwt, .. } => vec![jwt],
            Self::Token { token } => token.iter().collect(),
            Self::Userpass { password, .. } => vec![password],
            Self::Cert { .. } | Self::Kubernetes { .. } => Vec::new(),
        }
    }
}

const TOKEN: &str = placeholder_such_as!("vault-token");

/// Where the method is mounted; under its own name, if the file does not say it.
fn mount(table: &mut Table<'_>, method: Method) -> Result<String, ConfigError> {
    const EXPECTED: &str =
        "a mount such as \"approle\", without `auth/` and without a slash at its ends";
    let mount = table.take_value("mount", |value| {
        let text = value.text(EXPECTED)?;
        if text.starts_with("auth/") {
            return Err(value.expected(EXPECTED));
        }
        texts::vault_path(text, value, EXPECTED)
    })?;
    Ok(mount.unwrap_or_else(|| method.word().to_owned()))
}

/// A secret that stands at `key` as a placeholder, or in the file at `file_key`.
fn text_or_file(
    table: &mut Table<'_>,
    key: &'static str,
    expected: &'static str,
    file_key: &'static str,
) -> Result<Option<Template>, ConfigError> {
    let text = table.take_value(key, |value| login::secret(value, expected))?;
    let is_said = text.is_some();
    let file = table.take_value(file_key, |value| {
        if is_said {
            return Err(value.error(ConfigErrorKind::Twice(key)));
        }
        login::file(value)
    })?;
    Ok(text.or(file))
}

/// Says that no key was left: neither one of another method, nor an unknown one.
fn finish(mut table: Table<'_>, method: Method) -> Result<(), ConfigError> {
    for &key in KEYS {
        if !table.was_asked(key) {
            table.take(key, |value| -> Result<(), ConfigError> {
                Err(value.error(ConfigErrorKind::Foreign(method.word())))
            })?;
        }
    }
    table.finish()
}
