//! `[rotators.NAME]`: who rotates secrets, and what each needs for it.

mod database;
mod local;
mod named;
#[cfg(feature = "schema")]
mod schema;
mod texts;

pub use database::{Administrator, DatabaseServer, PostgresRotator, TlsMode};
pub use local::{RandomRotator, TrackRotator};

pub(crate) use named::Rotators;

/// What rotates a secret.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(tag = "kind", rename_all = "kebab-case", deny_unknown_fields, transform = schema::kinds)
)]
pub enum Rotator {
    /// `postgres`: roles of PostgreSQL.
    Postgres(PostgresRotator),
    /// `random`: a value that only your own stores hold.
    Random(RandomRotator),
    /// `track`: no program can make a new value; its end is watched.
    Track(TrackRotator),
}
