//! The texts of a rotator's table.

use mcp_launch_core::{Delivery, Syntax, Template};

use crate::decode::{Table, Value};
use crate::error::ConfigError;
use crate::network_stores::NetworkStores;
use crate::scalars;

pub(super) use crate::network_stores::plain;

/// A secret: one placeholder of any store and nothing else, so that no part of the secret stands in the file.
pub(super) fn secret(value: &Value<'_>, stores: &NetworkStores) -> Result<Template, ConfigError> {
    const EXPECTED: &str = "a placeholder such as \"$<keychain:admin>\", not the secret itself";
    let template = scalars::parsed_template(value, EXPECTED, Syntax::Angle)
        .map_err(|_| value.expected(EXPECTED))?;
    let is_plain = template.placeholders().all(|placeholder| {
        placeholder.default().is_none() && placeholder.delivery() != Delivery::Descriptor
    });
    if !template.is_one_placeholder() || !is_plain {
        return Err(value.expected(EXPECTED));
    }
    scalars::template(value, Syntax::Angle, stores)
}

/// Several texts without placeholders.
pub(super) fn list(value: &Value<'_>, expected: &'static str) -> Result<Vec<String>, ConfigError> {
    value.list(expected)?.iter().map(plain).collect()
}

/// A setting that has to be there.
pub(super) fn needed<T>(
    value: &Value<'_>,
    table: &mut Table<'_>,
    key: &'static str,
    lacks: &'static str,
    decode: impl FnOnce(&Value<'_>) -> Result<T, ConfigError>,
) -> Result<T, ConfigError> {
    table
        .take_value(key, |value| decode(value))?
        .ok_or_else(|| value.lacks(lacks))
}
