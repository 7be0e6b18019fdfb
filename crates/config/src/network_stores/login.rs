//! The texts of a login, which come from stores that need none.

use mcp_launch_core::{Delivery, Reference, Syntax, Template};

use crate::decode::Value;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::scalars;
use crate::vocabulary::{LOCAL, nearest};

/// What is expected of a secret, with a name that it could have in the keychain.
macro_rules! placeholder_such_as {
    ($name:literal) => {
        concat!(
            "a placeholder such as \"$<keychain:",
            $name,
            ">\", not the secret itself"
        )
    };
}
pub(super) use placeholder_such_as;

/// A secret: one placeholder and nothing else, so that no part of the secret stands in the file.
pub(super) fn secret(value: &Value<'_>, expected: &'static str) -> Result<Template, ConfigError> {
    let template = scalars::parsed_template(value, expected, Syntax::AngleAndBrace)
        // Where a `$<` stands in a secret is a word about the secret.
        .map_err(|_| value.expected(expected))?;
    let has_default = template
        .placeholders()
        .any(|placeholder| placeholder.default().is_some());
    if !template.is_one_placeholder() || has_default {
        return Err(value.expected(expected));
    }
    of_local_stores(template, value)
}

/// A text that may be in the file, or in part.
pub(super) fn text(value: &Value<'_>) -> Result<Template, ConfigError> {
    let template = scalars::parsed_template(value, "text", Syntax::AngleAndBrace)?;
    if value.text("text")?.is_empty() {
        return Err(value.expected("text"));
    }
    of_local_stores(template, value)
}

/// A secret in a file: the placeholder of the file.
pub(super) fn file(value: &Value<'_>) -> Result<Template, ConfigError> {
    const EXPECTED: &str = "a path without `>` and `:-`";
    let path = value.path()?;
    let text = path
        .to_str()
        .filter(|text| !text.contains('>') && !text.contains(":-"))
        .ok_or_else(|| value.expected(EXPECTED))?;
    Template::parse(format!("$<file:{text}>").as_bytes(), Syntax::Angle)
        .map_err(|_| value.expected(EXPECTED))
}

fn of_local_stores(template: Template, value: &Value<'_>) -> Result<Template, ConfigError> {
    for placeholder in template.placeholders() {
        if placeholder.delivery() == Delivery::Descriptor {
            return Err(value.expected("a placeholder without `fd:`, which is for servers"));
        }
        if let Reference::Address(address) = placeholder.reference()
            && !LOCAL.contains(&address.scheme.as_str())
        {
            let near = nearest(&address.scheme, LOCAL);
            return Err(value.error(ConfigErrorKind::NotLocal { near }));
        }
    }
    Ok(template)
}
