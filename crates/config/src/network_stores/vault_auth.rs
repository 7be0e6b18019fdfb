//! `auth` of a Vault: how to log in, each method with its own keys.

use mcp_launch_core::Template;

use crate::decode::{Table, Value};
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::login::{self, placeholder_such_as};
use crate::network_stores::{VaultAuth, texts};

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
    const WORDS: &[(&str, Self)] = &[
        ("approle", Self::AppRole),
        ("cert", Self::Cert),
        ("jwt", Self::Jwt),
        ("kubernetes", Self::Kubernetes),
        ("token", Self::Token),
        ("userpass", Self::Userpass),
    ];

    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(
            Self::WORDS,
            "one of \"approle\", \"cert\", \"jwt\", \"kubernetes\", \"token\", \"userpass\"",
        )
    }

    /// As it stands in a file.
    fn setting(self) -> &'static str {
        match self {
            Self::AppRole => "method = \"approle\"",
            Self::Cert => "method = \"cert\"",
            Self::Jwt => "method = \"jwt\"",
            Self::Kubernetes => "method = \"kubernetes\"",
            Self::Token => "method = \"token\"",
            Self::Userpass => "method = \"userpass\"",
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
                mount: mount(&mut table, "cert")?,
                role: table.take_value("role", texts::plain)?,
            },
            Method::Jwt => Self::jwt(value, &mut table)?,
            Method::Kubernetes => Self::Kubernetes {
                mount: mount(&mut table, "kubernetes")?,
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
        let mount = mount(table, "approle")?;
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
            mount: mount(table, "jwt")?,
            role: table.take_value("role", texts::plain)?,
            jwt: text_or_file(table, "jwt", JWT, "jwt_file")?
                .ok_or_else(|| value.lacks("`jwt` or `jwt_file`"))?,
        })
    }

    fn userpass(value: &Value<'_>, table: &mut Table<'_>) -> Result<Self, ConfigError> {
        const PASSWORD: &str = placeholder_such_as!("vault-password");
        Ok(Self::Userpass {
            mount: mount(table, "userpass")?,
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
fn mount(table: &mut Table<'_>, usual: &'static str) -> Result<String, ConfigError> {
    const EXPECTED: &str =
        "a mount such as \"approle\", without `auth/` and without a slash at its ends";
    let mount = table.take_value("mount", |value| {
        let text = value.text(EXPECTED)?;
        if text.starts_with("auth/") {
            return Err(value.expected(EXPECTED));
        }
        texts::vault_path(text, value, EXPECTED)
    })?;
    Ok(mount.unwrap_or_else(|| usual.to_owned()))
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
                Err(value.error(ConfigErrorKind::Foreign(method.setting())))
            })?;
        }
    }
    table.finish()
}
