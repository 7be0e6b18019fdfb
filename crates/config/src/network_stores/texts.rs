//! The texts of a network store's table that are no secrets: they are taken as they are.

use crate::decode::Value;
use crate::error::ConfigError;

/// What stands for the name in `names`.
pub(crate) const NAME_PLACE: &str = "{name}";

/// Text on one line. A placeholder would not be filled here, so there is none.
pub(crate) fn plain(value: &Value<'_>) -> Result<String, ConfigError> {
    const EXPECTED: &str = "text on one line, without placeholders";
    let text = value.text(EXPECTED)?;
    if text.is_empty() || text.chars().any(char::is_control) || text.contains("$<") {
        return Err(value.expected(EXPECTED));
    }
    Ok(text.to_owned())
}

/// Where a server is.
pub(super) fn url(value: &Value<'_>, expected: &'static str) -> Result<String, ConfigError> {
    let text = value.text(expected)?;
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    // An `@` would end a password, which a server of ours does not ask for.
    let is_url = !host.is_empty() && !host.contains('@');
    if !is_url || text.contains(|c: char| c.is_control() || c.is_whitespace() || "?#<".contains(c))
    {
        return Err(value.expected(expected));
    }
    Ok(text.to_owned())
}

/// A path of a Vault, or where something is mounted: segments between single slashes.
pub(super) fn vault_path(
    text: &str,
    value: &Value<'_>,
    expected: &'static str,
) -> Result<String, ConfigError> {
    let is_path = text.split('/').all(|segment| {
        !matches!(segment, "" | "." | "..")
            && !segment.contains(|c: char| c.is_control() || "?#$<>".contains(c))
    });
    if !is_path {
        return Err(value.expected(expected));
    }
    Ok(text.to_owned())
}

/// `names`: a locator with one `{name}`.
pub(super) fn names(value: &Value<'_>, expected: &'static str) -> Result<String, ConfigError> {
    let text = value.text(expected)?;
    // `>` ends a placeholder and `:-` begins its default, so no address holds them.
    let is_locator = !text.chars().any(char::is_control)
        && !text.contains('>')
        && !text.contains(":-")
        && text.matches(NAME_PLACE).count() == 1;
    if !is_locator {
        return Err(value.expected(expected));
    }
    Ok(text.to_owned())
}
