//! A prompt of the keychain: shown, awaited, and taken away again when the time is up.

use std::num::NonZeroUsize;
use std::time::Duration;

use mcp_launch_core::{Deadline, SourceError, SourceErrorKind};
use zbus::message::Type;
use zbus::{MatchRule, MessageStream, OwnedObjectPath, OwnedVariant};

use crate::secret_service::bus::{self, Bus};
use crate::secret_service::calls;

/// Kept back from the deadline, to take an unanswered prompt away and say what happened.
const LEAVING: Duration = Duration::from_millis(50);

/// Shows `prompt` and waits until the person has answered.
///
/// # Errors
/// [`SourceErrorKind::Locked`] when it is dismissed, cannot be shown, or is not answered by
/// `deadline`. A keychain without a display dismisses its own prompts, within a tenth of a second.
pub(crate) async fn complete(
    bus: &Bus,
    prompt: &OwnedObjectPath,
    deadline: Deadline,
) -> Result<(), SourceError> {
    let mut signals = completed_signals(bus, prompt).await?;
    bus.ask(calls::show_prompt(prompt)?).await?;
    let wait = deadline.remaining().saturating_sub(LEAVING);
    let Ok(signal) = tokio::time::timeout(wait, bus::next(&mut signals)).await else {
        // Sent and not awaited: the prompt also goes when the connection does.
        if let Ok(call) = calls::dismiss_prompt(prompt) {
            bus.connection().send(&call).await.ok();
        }
        return Err(SourceError::new(SourceErrorKind::Locked)
            .note("nobody answered the keychain's prompt in time"));
    };
    let signal = signal?;
    let body = signal.body();
    let (dismissed, _): (bool, OwnedVariant) = calls::decoded(body.deserialize())?;
    if dismissed {
        return Err(SourceError::new(SourceErrorKind::Locked)
            .note("the keychain's prompt was dismissed, or could not be shown"));
    }
    Ok(())
}

/// Subscribed before the prompt is shown, so that no answer is missed.
async fn completed_signals(
    bus: &Bus,
    prompt: &OwnedObjectPath,
) -> Result<MessageStream, SourceError> {
    let unavailable = |_| SourceError::new(SourceErrorKind::Unavailable);
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(calls::BUS_NAME)
        .interface(calls::PROMPT)
        .member("Completed")
        .path(prompt.as_ref())
        .build()
        .map_err(unavailable)?;
    MessageStream::for_match_rule(rule, bus.connection(), Some(NonZeroUsize::MIN))
        .await
        .map_err(unavailable)
}
