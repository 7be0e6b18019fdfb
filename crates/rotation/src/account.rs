//! A name and a password within a bundle: two fields, the two halves of a URL, or a bare password.

use mcp_launch_core::Secret;
use zeroize::Zeroizing;

use crate::Bundle;

/// Where the name and the password of a login stand in a bundle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AccountForm {
    /// Two fields.
    Fields {
        /// That of the name.
        username: String,
        /// That of the password.
        password: String,
    },
    /// The field `password`, or the whole value where it is empty. The name is always this one.
    Password {
        /// The name.
        username: String,
        /// The field; empty for a value without fields.
        password: String,
    },
    /// A URL whose userinfo they are: `postgres://NAME:PASSWORD@host/…`, percent-encoded. Everything else in it stays as
    /// it is.
    Url {
        /// The field; empty for a value without fields.
        field: String,
    },
}

/// A name and its password.
pub struct Account {
    /// The name. No secret.
    pub username: String,
    /// The password.
    pub password: Secret,
}

impl AccountForm {
    /// The account in `bundle`; `None` where the bundle has not this form.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "a name is taken out of it, and the password into a secret"
    )]
    pub fn account(&self, bundle: &Bundle) -> Option<Account> {
        match self {
            Self::Fields { username, password } => Some(Account {
                username: std::str::from_utf8(bundle.get(username)?.expose())
                    .ok()?
                    .to_owned(),
                password: bundle.get(password)?.again(),
            }),
            Self::Password { username, password } => Some(Account {
                username: username.clone(),
                password: bundle.get(password)?.again(),
            }),
            Self::Url { field } => {
                let url = std::str::from_utf8(bundle.get(field)?.expose()).ok()?;
                let userinfo = Userinfo::of(url)?;
                let name = decoded(userinfo.name)?;
                Some(Account {
                    username: std::str::from_utf8(&name).ok()?.to_owned(),
                    password: Secret::new(decoded(userinfo.password)?.to_vec()),
                })
            }
        }
    }

    /// `bundle` with this account in place of its own. `None` where the bundle has not this form.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "a URL is put together, and becomes a secret again"
    )]
    pub fn with(&self, bundle: &Bundle, account: &Account) -> Option<Bundle> {
        self.account(bundle)?;
        let mut changed: Vec<(&str, Secret)> = Vec::new();
        match self {
            Self::Fields { username, password } => {
                let name = account.username.as_bytes().to_vec();
                changed.push((username, Secret::new(name)));
                changed.push((password, account.password.again()));
            }
            Self::Password { password, .. } => changed.push((password, account.password.again())),
            Self::Url { field } => {
                let url = std::str::from_utf8(bundle.get(field)?.expose()).ok()?;
                let userinfo = Userinfo::of(url)?;
                let password = encoded(account.password.expose());
                let name = encoded(account.username.as_bytes());
                let mut new = Vec::with_capacity(url.len() + name.len() + password.len());
                for part in [userinfo.before, &name, ":", &password, userinfo.after] {
                    new.extend_from_slice(part.as_bytes());
                }
                changed.push((field, Secret::new(new)));
            }
        }
        let fields = bundle.iter().map(|(name, value)| {
            let new = changed.iter().find(|(own, _)| *own == name);
            (name.to_owned(), new.map_or(value, |(_, new)| new).again())
        });
        Bundle::new(fields).ok()
    }
}

/// A URL, cut where its userinfo is.
struct Userinfo<'a> {
    before: &'a str,
    name: &'a str,
    password: &'a str,
    after: &'a str,
}

impl<'a> Userinfo<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let start = url.find("://")? + 3;
        let authority = url[start..]
            .find(['/', '?', '#'])
            .map_or(url.len(), |end| start + end);
        // A password that somebody did not encode may hold an `@`.
        let end = start + url[start..authority].rfind('@')?;
        let colon = start + url[start..end].find(':')?;
        Some(Self {
            before: &url[..start],
            name: &url[start..colon],
            password: &url[colon + 1..end],
            after: &url[end..],
        })
    }
}

fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    Some(bytes)
}

fn encoded(bytes: &[u8]) -> Zeroizing<String> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 3));
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    text
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "values of this test alone")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn url() -> AccountForm {
        AccountForm::Url {
            field: String::new(),
        }
    }

    #[test]
    fn of_a_url_only_the_userinfo_changes() {
        for (before, after) in [
            (
                "postgres://a:b@h:5432/d?sslmode=require",
                "postgres://n:p%40%3A%2F@h:5432/d?sslmode=require",
            ),
            ("redis://:old@h/0", "redis://n:p%40%3A%2F@h/0"),
            ("mysql://a:b@c@h", "mysql://n:p%40%3A%2F@h"),
        ] {
            let account = Account {
                username: "n".to_owned(),
                password: secret("p@:/"),
            };
            let new = url().with(&Bundle::bare(secret(before)), &account).unwrap();
            assert_eq!(new.whole().unwrap().expose(), after.as_bytes());
        }
    }

    #[test]
    fn what_is_no_url_with_a_login_is_refused() {
        for text in [
            "",
            "password",
            "postgres://h/d",
            "postgres://a@h/d",
            "postgres://a:%zz@h",
            "a:b@h",
        ] {
            assert!(
                url().account(&Bundle::bare(secret(text))).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn other_fields_stay() {
        let form = AccountForm::Fields {
            username: "u".to_owned(),
            password: "p".to_owned(),
        };
        let bundle = Bundle::new([
            ("u".to_owned(), secret("a")),
            ("p".to_owned(), secret("b")),
            ("host".to_owned(), secret("h")),
        ]);
        let account = Account {
            username: "c".to_owned(),
            password: secret("d"),
        };
        let new = form.with(&bundle.unwrap(), &account).unwrap();
        let read = form.account(&new).unwrap();
        assert!(read.username == "c" && read.password.expose() == b"d");
        assert_eq!(new.get("host").unwrap().expose(), b"h");
        assert!(form.account(&Bundle::bare(secret("x"))).is_none());
    }

    proptest! {
        #[test]
        fn what_is_put_into_a_url_comes_out_of_it(name in "\\PC{1,12}", password: Vec<u8>) {
            let account = Account { username: name.clone(), password: Secret::new(password.clone()) };
            let new = url().with(&Bundle::bare(secret("x://a:b@h:1/p#f")), &account).unwrap();
            let read = url().account(&new).unwrap();
            prop_assert_eq!(read.username, name);
            prop_assert_eq!(read.password.expose(), &password[..]);
        }
    }
}
