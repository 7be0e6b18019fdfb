//! The statements, with names and texts quoted. A password is never among them: only its verifier.

use mcp_launch_core::Secret;
use postgres_protocol::escape::{escape_identifier, escape_literal};

/// A name, in quotes.
pub(crate) fn name(text: &str) -> String {
    escape_identifier(text)
}

/// A text, in quotes.
pub(crate) fn literal(text: &str) -> String {
    escape_literal(text)
}

/// A text of an answer.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The SCRAM-SHA-256 verifier of a password, as `pg_authid` holds it: a statement with it in the server's log gives nobody
/// the password.
#[expect(
    clippy::disallowed_methods,
    reason = "a verifier is made of it, from which it cannot be had"
)]
pub(crate) fn verifier(password: &Secret) -> String {
    postgres_protocol::password::scram_sha_256(password.expose())
}

/// Puts a password in force. `until` is a point in time by the server's clock.
pub(crate) fn set_password(
    role: &str,
    verifier: &str,
    gives_login: bool,
    until: Option<&str>,
) -> String {
    let login = if gives_login { " LOGIN" } else { "" };
    let until = until.map_or_else(String::new, |until| {
        format!(" VALID UNTIL {}", literal(until))
    });
    format!(
        "ALTER ROLE {}{login} PASSWORD {}{until}",
        name(role),
        literal(verifier)
    )
}

/// Keeps a role from logging in, by its password or by another.
pub(crate) fn lock_out(role: &str) -> String {
    format!("ALTER ROLE {} NOLOGIN PASSWORD NULL", name(role))
}

/// Ends the sessions of a role, and gives a row for each.
pub(crate) fn end_sessions(role: &str) -> String {
    format!(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {} AND pid <> pg_backend_pid()",
        literal(role)
    )
}
