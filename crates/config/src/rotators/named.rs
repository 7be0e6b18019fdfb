//! The rotators of a file, by name.

use std::collections::BTreeMap;

use mcp_launch_core::Template;

use super::{Administrator, PostgresRotator, RandomRotator, Rotator, TrackRotator};
use crate::decode::Value;
use crate::document::Located;
use crate::error::ConfigError;
use crate::network_stores::NetworkStores;
use crate::settings::Settings;
use crate::vocabulary::nearest;

/// The rotators that the person's own file describes, by name.
pub(crate) type Rotators = BTreeMap<String, Located<Rotator>>;

/// The kinds that need nothing said, so that their names are rotators without a table.
const PLAIN: [&str; 2] = ["random", "track"];

impl Rotator {
    fn decode(value: &Value<'_>, stores: &NetworkStores) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let kind = table
            .take_value("kind", |value| {
                value.choice(&KINDS.map(|kind| (kind, kind)))
            })?
            .ok_or_else(|| value.lacks("`kind`"))?;
        Ok(match kind {
            "postgres" => Self::Postgres(PostgresRotator::decode(value, table, stores)?),
            "random" => Self::Random(RandomRotator::decode(table)?),
            _ => Self::Track(TrackRotator::decode(table)?),
        })
    }

    /// Every rotator of a `[rotators]` table.
    pub(crate) fn decode_all(
        value: &Value<'_>,
        stores: &NetworkStores,
    ) -> Result<Rotators, ConfigError> {
        value.only_in_user_file()?;
        let rotators = value.table()?.take_all(|key, value| {
            let is_name = !key.is_empty()
                && key
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            if !is_name {
                return Err(value.expected("a name of letters, digits, `_` and `-`"));
            }
            Ok((key.to_owned(), Self::decode(value, stores)?))
        })?;
        Ok(rotators.into_iter().collect())
    }

    /// As `kind` says it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Random(_) => "random",
            Self::Track(_) => "track",
        }
    }
}

const KINDS: [&str; 3] = ["postgres", "random", "track"];

impl Settings {
    /// The rotator that a secret's `using` names. `random` and `track` are there without a word in the file.
    ///
    /// # Errors
    /// That there is none of this name, with the nearest.
    pub fn rotator(&self, using: &Located<String>, key: &str) -> Result<Rotator, ConfigError> {
        let named = self.user.as_ref().map(|user| &user.rotators);
        let name = using.value.as_str();
        if let Some(rotator) = named.and_then(|named| named.get(name)) {
            return Ok(rotator.value.clone());
        }
        match name {
            "random" => Ok(Rotator::Random(RandomRotator::default())),
            "track" => Ok(Rotator::Track(TrackRotator::default())),
            _ => {
                let own = named.into_iter().flat_map(|named| named.keys());
                let words: Vec<&str> = own.map(String::as_str).chain(PLAIN).collect();
                Err(using.no_rotator(key, nearest(name, &words).map(str::to_owned)))
            }
        }
    }
}

impl Rotator {
    /// The secrets of administrators that it needs, each one placeholder.
    #[must_use]
    pub fn secrets(&self) -> Vec<&Template> {
        match self {
            Self::Postgres(rotator) => {
                let admin: Option<&Administrator> = rotator.admin.as_ref();
                admin.map(|admin| &admin.password).into_iter().collect()
            }
            Self::Random(_) | Self::Track(_) => Vec::new(),
        }
    }
}
