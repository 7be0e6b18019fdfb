//! When and by whom a secret is rotated: `[rotation]`, and `rotate` of a secret.
//!
//! Times and windows stay texts here, with their places: a launch does not need their meaning, and should not fail for
//! a word about next month. `rotate` reads them, and says where they stand.

use std::collections::BTreeMap;

use mcp_launch_core::{Address, Name};

use crate::decode::{Table, Value};
use crate::document::{Author, Located, Origin};
use crate::error::{ConfigError, ConfigErrorKind};
use crate::scalars;
use crate::settings::{Settings, value_of};

/// When a secret is rotated. What a secret does not say, `[rotation]` says.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub struct Timing {
    /// How often, at most: `30d`, `12h`, `1mo`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub every: Option<Located<String>>,
    /// How long the old value stays valid for the servers that run with it: `24h`, at most. Shorter than `every`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub grace: Option<Located<String>>,
    /// How much earlier it may be, so that not all come at once: `10%`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub jitter: Option<Located<String>>,
    /// Past this age no window is waited for, and `rotate --check` says that it is overdue: `90d`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub max_age: Option<Located<String>>,
    /// On the dates of a cron expression instead of `every`: `0 3 1 * * Europe/Berlin`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub schedule: Option<Located<String>>,
    /// How long before its end a warning is given: `["14d", "3d", "1d"]`.
    #[cfg_attr(feature = "schema", schemars(default, with = "Vec<String>"))]
    pub warn_before: Option<Located<Vec<String>>>,
    /// When it may be done: `Mon-Fri 02:00-05:00 Europe/Berlin`, one or several.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::OneOrMoreTexts")
    )]
    pub window: Option<Located<Vec<String>>>,
}

impl Timing {
    fn take(table: &mut Table<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            every: table.take("every", |value| text(value, "a time such as \"30d\""))?,
            grace: table.take("grace", |value| text(value, "a time such as \"24h\""))?,
            jitter: table.take("jitter", |value| text(value, "a part such as \"10%\""))?,
            max_age: table.take("max_age", |value| text(value, "a time such as \"90d\""))?,
            schedule: table.take("schedule", |value| {
                text(value, "a cron expression such as \"0 3 1 * *\"")
            })?,
            warn_before: table.take("warn_before", |value| {
                texts(value, "a list of times such as [\"14d\", \"3d\"]")
            })?,
            window: table.take("window", |value| {
                texts(value, "a window such as \"Mon-Fri 02:00-05:00\"")
            })?,
        })
    }

    /// `[rotation]`.
    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.only_in_user_file()?;
        let mut table = value.table()?;
        let timing = Self::take(&mut table)?;
        table.finish()?;
        one_rhythm(value, &timing)?;
        Ok(timing)
    }

    /// What this says, and where it says nothing, what `other` does. A rhythm of its own is the whole rhythm.
    #[must_use]
    fn or(self, other: &Self) -> Self {
        let own_rhythm = self.every.is_some() || self.schedule.is_some();
        let rhythm = |one: Option<Located<String>>, other: &Option<Located<String>>| {
            one.or_else(|| other.clone().filter(|_| !own_rhythm))
        };
        Self {
            every: rhythm(self.every, &other.every),
            grace: self.grace.or_else(|| other.grace.clone()),
            jitter: self.jitter.or_else(|| other.jitter.clone()),
            max_age: self.max_age.or_else(|| other.max_age.clone()),
            schedule: rhythm(self.schedule, &other.schedule),
            warn_before: self.warn_before.or_else(|| other.warn_before.clone()),
            window: self.window.or_else(|| other.window.clone()),
        }
    }
}

/// `rotate` of a secret.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub(crate) struct RotateEntry {
    /// When.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    timing: Timing,
    /// The fields of the credential, each with the name at which its store has it: for a credential of several values in
    /// a `.env` or the sealed store, which come into force together.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "BTreeMap<String, String>")
    )]
    fields: Option<Located<BTreeMap<String, String>>>,
    /// Who rotates it: the name of a `[rotators.NAME]`, or `random` or `track`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    using: Located<String>,
}

impl RotateEntry {
    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.only_in_user_file()?;
        let mut table = value.table()?;
        let timing = Timing::take(&mut table)?;
        let fields = table.take("fields", fields)?;
        let using = table.take("using", |value| {
            text(value, "the name of a rotator, such as \"random\"")
        })?;
        table.finish()?;
        one_rhythm(value, &timing)?;
        Ok(Self {
            timing,
            fields,
            using: using.ok_or_else(|| value.lacks("`using`, the name of a rotator"))?,
        })
    }
}

/// How one secret is rotated, with what holds for all.
#[derive(Clone, Debug)]
pub struct Rotate {
    /// The secret.
    pub name: Name,
    /// Where it comes from; nowhere in particular, where the settings do not bind it.
    pub from: Option<Located<Address>>,
    /// When.
    pub timing: Timing,
    /// The fields, and the names that its store has for them; empty for one value, or a document with its own fields.
    pub fields: BTreeMap<String, String>,
    /// Who rotates it.
    pub using: Located<String>,
    /// Its end, where a person wrote it down: a date, `2027-03-01`.
    pub expires: Option<Located<String>>,
    /// The entry.
    pub origin: Origin,
}

impl Settings {
    /// The secrets that the person's own file has rotated, sorted by name. A project's file rotates nothing.
    #[must_use]
    pub fn rotated(&self) -> Vec<Rotate> {
        let Some(user) = &self.user else {
            return Vec::new();
        };
        let every = user.rotation.as_ref().map(|all| &all.value);
        let entries = user.secrets.iter();
        entries
            .filter_map(|(name, entry)| {
                let rotate = &entry.value.rotate.as_ref()?.value;
                let timing = rotate.timing.clone();
                Some(Rotate {
                    name: name.clone(),
                    from: entry.value.from.clone(),
                    timing: every.map_or(timing.clone(), |every| timing.or(every)),
                    fields: value_of(&rotate.fields).unwrap_or_default(),
                    using: rotate.using.clone(),
                    expires: entry.value.expires.clone(),
                    origin: entry.origin.clone(),
                })
            })
            .collect()
    }
}

impl<T> Located<T> {
    /// That this setting is not what it has to be, which is `expected`. `key` is its path in the file.
    #[must_use]
    pub fn refused(&self, key: &str, expected: &'static str) -> ConfigError {
        let kind = ConfigErrorKind::Expected(expected);
        ConfigError::at(&self.origin.file, self.origin.line, key, kind)
    }
}

impl Located<String> {
    /// That no rotator has this name.
    pub(crate) fn no_rotator(&self, key: &str, near: Option<String>) -> ConfigError {
        let kind = ConfigErrorKind::UnknownRotator { near };
        ConfigError::at(&self.origin.file, self.origin.line, key, kind)
    }
}

/// `expires` of a secret: a date.
pub(crate) fn date(value: &Value<'_>) -> Result<String, ConfigError> {
    const EXPECTED: &str = "a date such as 2027-03-01";
    value.date().ok_or_else(|| value.expected(EXPECTED))
}

fn one_rhythm(value: &Value<'_>, timing: &Timing) -> Result<(), ConfigError> {
    match (&timing.every, &timing.schedule) {
        (Some(_), Some(schedule)) => Err(ConfigError::at(
            &schedule.origin.file,
            schedule.origin.line,
            format!("{}.schedule", value.key()),
            ConfigErrorKind::Twice("every"),
        )),
        _ => Ok(()),
    }
}

fn text(value: &Value<'_>, expected: &'static str) -> Result<String, ConfigError> {
    let text = value.text(expected)?;
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(value.expected(expected));
    }
    Ok(text.to_owned())
}

fn texts(value: &Value<'_>, expected: &'static str) -> Result<Vec<String>, ConfigError> {
    if value.is_text() {
        return Ok(vec![text(value, expected)?]);
    }
    let list = value.list(expected)?;
    list.iter().map(|item| text(item, expected)).collect()
}

fn fields(value: &Value<'_>) -> Result<BTreeMap<String, String>, ConfigError> {
    const EXPECTED: &str = "the name that the store has for this field";
    debug_assert_eq!(value.author(), Author::User);
    let fields = value.table()?.take_all(|key, value| {
        let name = text(value, EXPECTED)?;
        scalars::name(&name, value)?;
        Ok((key.to_owned(), name))
    })?;
    if fields.is_empty() {
        return Err(value.expected("one field at least"));
    }
    Ok(fields
        .into_iter()
        .map(|(field, name)| (field, name.value))
        .collect())
}
