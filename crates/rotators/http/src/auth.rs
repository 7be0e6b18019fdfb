//! How a bundle is shown to a vendor.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_rotation::Bundle;
use zeroize::Zeroizing;

use crate::Request;
use crate::template::TemplateError;

/// How the fields of a bundle become headers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Auth {
    /// Basic authentication with these two fields.
    Basic {
        /// The field of the name.
        username: String,
        /// The field of the password; empty for a value without fields.
        password: String,
    },
    /// One header per field: a bearer token, an API key, or both an API and an application key.
    Headers(Vec<SecretHeader>),
}

/// A header that holds a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecretHeader {
    /// Its name: `Authorization`, `PRIVATE-TOKEN`.
    pub name: String,
    /// What stands before the value: `Bearer `, with its space.
    pub prefix: String,
    /// The field; empty for a value without fields.
    pub field: String,
}

impl Auth {
    /// `Authorization: Bearer VALUE`.
    #[must_use]
    pub fn bearer(field: &str) -> Self {
        Self::Headers(vec![SecretHeader {
            name: "Authorization".to_owned(),
            prefix: "Bearer ".to_owned(),
            field: field.to_owned(),
        }])
    }

    /// `NAME: VALUE`.
    #[must_use]
    pub fn header(name: &str, field: &str) -> Self {
        Self::Headers(vec![SecretHeader {
            name: name.to_owned(),
            prefix: String::new(),
            field: field.to_owned(),
        }])
    }

    /// The fields that it needs.
    pub(crate) fn fields(&self) -> Vec<&str> {
        match self {
            Self::Basic { username, password } => vec![username, password],
            Self::Headers(headers) => headers.iter().map(|header| &*header.field).collect(),
        }
    }

    pub(crate) fn checked(&self) -> Result<(), TemplateError> {
        let Self::Headers(headers) = self else {
            return Ok(());
        };
        for header in headers {
            let fits =
                Request::new(crate::Verb::Get, "/").header(&header.name, header.prefix.as_bytes());
            if fits.is_none() {
                return Err(TemplateError::Header(header.name.clone()));
            }
        }
        Ok(())
    }

    /// `request` with the headers of `bundle`. `None` where a field is missing, or has a sign that no header may have.
    #[expect(
        clippy::disallowed_methods,
        reason = "the value goes into the headers of a request to its vendor"
    )]
    pub(crate) fn applied(&self, mut request: Request, bundle: &Bundle) -> Option<Request> {
        match self {
            Self::Basic { username, password } => {
                let mut pair = Zeroizing::new(Vec::with_capacity(1024));
                pair.extend_from_slice(bundle.get(username)?.expose());
                pair.push(b':');
                pair.extend_from_slice(bundle.get(password)?.expose());
                let mut value = Zeroizing::new(String::with_capacity(6 + pair.len() * 4 / 3 + 4));
                value.push_str("Basic ");
                STANDARD.encode_string(&*pair, &mut value);
                request.secret_header("Authorization", value.as_bytes())
            }
            Self::Headers(headers) => {
                for header in headers {
                    let secret = bundle.get(&header.field)?;
                    let mut value =
                        Zeroizing::new(Vec::with_capacity(header.prefix.len() + secret.len()));
                    value.extend_from_slice(header.prefix.as_bytes());
                    value.extend_from_slice(secret.expose());
                    request = request.secret_header(&header.name, &value)?;
                }
                Some(request)
            }
        }
    }
}
