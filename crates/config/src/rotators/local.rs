//! The rotators that need nobody outside.

use super::texts::plain;
use crate::decode::{Table, Value};
use crate::error::ConfigError;

/// Values that only your own stores hold, such as a signing key.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub struct RandomRotator {
    /// Whether the value is hexadecimal digits, not digits and letters.
    pub hex: bool,
    /// How many characters it has: 43, if not said.
    #[cfg_attr(feature = "schema", schemars(default, with = "u16"))]
    pub length: Option<usize>,
}

impl RandomRotator {
    pub(super) fn decode(mut table: Table<'_>) -> Result<Self, ConfigError> {
        const LENGTH: &str = "a length from 12 to 512";
        let rotator = Self {
            hex: table.take_value("hex", Value::flag)?.unwrap_or_default(),
            length: table.take_value("length", |value| {
                let length = value.number(LENGTH)?;
                usize::try_from(length)
                    .ok()
                    .filter(|length| (12..=512).contains(length))
                    .ok_or_else(|| value.expected(LENGTH))
            })?,
        };
        table.finish()?;
        Ok(rotator)
    }
}

/// Tokens that no program can make.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub struct TrackRotator {
    /// Where a person makes a new one.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub url: Option<String>,
}

impl TrackRotator {
    pub(super) fn decode(mut table: Table<'_>) -> Result<Self, ConfigError> {
        let rotator = Self {
            url: table.take_value("url", plain)?,
        };
        table.finish()?;
        Ok(rotator)
    }
}
