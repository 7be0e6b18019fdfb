//! What a login needs: from the settings' placeholders, from a pod's file.

use std::path::Path;

use mcp_launch_core::{Credential, Deadline, LineEnd, Secret, shown};
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};
use crate::token::{Token, open, refuse_writable};

/// The longest token of another system, in bytes.
const LONGEST: u64 = 64 << 10;

/// The token of a wrapped secret_id.
pub(crate) fn wrapping_token(secret_id: &Credential, deadline: Deadline) -> Result<Token, Failure> {
    Token::of(&obtain(secret_id, deadline)?)
}

/// What a placeholder of the settings gives, or why it gives nothing.
///
/// Another thread asks, because the store that has it may drive a runtime of its own, and this one may be within ours.
pub(crate) fn obtain(credential: &Credential, deadline: Deadline) -> Result<Secret, Failure> {
    let asked = std::thread::scope(|scope| scope.spawn(|| credential.obtain(deadline)).join());
    let obtained = asked.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    obtained.map_err(|error| {
        let told = match error.remedy() {
            Some(remedy) => format!("{error}; {remedy}"),
            None => error.to_string(),
        };
        Failure::with(Fault::CredentialMissing, told)
    })
}

/// The same as a text. A line end at its end, as files have it, is none of it.
#[expect(
    clippy::disallowed_methods,
    reason = "a credential on its way into a login"
)]
pub(crate) fn text(
    credential: &Credential,
    deadline: Deadline,
) -> Result<Zeroizing<String>, Failure> {
    let secret = obtain(credential, deadline)?;
    let mut bytes = Zeroizing::new(secret.expose().to_vec());
    LineEnd::Strip.apply(&mut bytes);
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.is_empty() => Ok(Zeroizing::new(text.to_owned())),
        _ => Err(Fault::CredentialUnusable.into()),
    }
}

/// The token of the service account, which Kubernetes writes anew from time to time.
pub(crate) fn service_account(path: &Path) -> Result<Zeroizing<String>, Failure> {
    use std::io::Read as _;
    let unreadable = |error: std::io::Error| {
        Failure::with(
            Fault::CredentialMissing,
            format!(
                "{}: {error}; outside a pod, set auth.token_file",
                shown(path)
            ),
        )
    };
    let file = open(path).map_err(unreadable)?;
    refuse_writable(&file, path)?;
    let mut token = Zeroizing::new(String::with_capacity(8 << 10));
    file.take(LONGEST)
        .read_to_string(&mut token)
        .map_err(unreadable)?;
    Ok(token)
}
