//! One connection to the session bus: calls out together, answers back in order.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::pin::Pin;

use futures_core::Stream;
use mcp_launch_core::{SourceError, SourceErrorKind};
use zbus::message::Type;
use zbus::{Address, Connection, Message, MessageStream};

use crate::secret_service::calls;
use crate::secret_service::socket;

/// A connection to the session bus. Lives as long as one call of the source.
pub(crate) struct Bus {
    connection: Connection,
}

impl Bus {
    /// Connects to the first address that has a bus.
    ///
    /// # Errors
    /// [`SourceErrorKind::Absent`] when no address has a socket, or no Secret Service is on the bus;
    /// else of the first that could not be used, [`SourceErrorKind::Denied`] when it is another
    /// user's.
    pub(crate) async fn connect(addresses: &[Address]) -> Result<Self, SourceError> {
        let mut failure = socket::NO_BUS;
        for address in addresses {
            match Self::at(address).await {
                Ok(bus) => {
                    bus.greet().await?;
                    return Ok(bus);
                }
                // One that is there and cannot be used says more than one that is not there, and must
                // not be taken for it.
                Err(error) if failure.kind() == SourceErrorKind::Absent => failure = error,
                Err(_) => {}
            }
        }
        Err(failure)
    }

    async fn at(address: &Address) -> Result<Self, SourceError> {
        let stream = socket::connect(address).await?;
        let connection = zbus::connection::Builder::unix_stream(stream)
            .build()
            .await
            .map_err(|error| match error {
                // The bus answered and did not let us in.
                zbus::Error::Handshake(_) => SourceError::new(SourceErrorKind::Denied)
                    .note("the session bus does not accept this user"),
                _ => CLOSED,
            })?;
        // The id of one bus, where the address names it: it has ended, and this is another.
        if address
            .guid()
            .is_some_and(|guid| guid.as_str() != connection.server_guid().as_str())
        {
            return Err(SourceError::new(SourceErrorKind::Unavailable)
                .note("the session bus of this address has ended, and another is in its place"));
        }
        Ok(Self { connection })
    }

    /// Asks something harmless and waits for the answer, before anything else is asked.
    ///
    /// GNOME Keyring, 42 to 50 at least, notes a new client in an idle callback that can lose a race
    /// against the client's first call, when that follows the connection at once. If that call is
    /// `OpenSession`, the daemon dereferences the missing note and aborts, and the whole keychain is
    /// locked again. (`service_message_filter` in its `gkd-secret-service.c`; its work items 190, 196
    /// and 199.) Reading a property needs no note, and its answer comes from the same main loop, so
    /// that once it is here the callback has run. Without this, a hundred launches in a row ended the
    /// daemon about once; twenty at the same time are what a client does on every start.
    async fn greet(&self) -> Result<(), SourceError> {
        match self.ask(calls::collections()?).await {
            // Whatever else a service answers, it has answered.
            Err(error) if error.kind() == SourceErrorKind::Absent => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Sends one call and waits for its answer.
    pub(crate) async fn ask(&self, call: Message) -> Result<Message, SourceError> {
        let mut answers = self.ask_all(&[call]).await?;
        answers.pop().unwrap_or(Err(CLOSED))
    }

    /// Sends all calls in one write, then gathers the answers in the order of the calls: the cost is
    /// one round trip, however many they are.
    pub(crate) async fn ask_all(
        &self,
        calls: &[Message],
    ) -> Result<Vec<Result<Message, SourceError>>, SourceError> {
        let mut incoming = MessageStream::from(&self.connection);
        self.connection.send_all(calls).await.map_err(|_| CLOSED)?;

        let mut open: HashMap<NonZeroU32, usize> = calls
            .iter()
            .enumerate()
            .map(|(index, call)| (call.primary_header().serial_num(), index))
            .collect();
        let mut answers: Vec<Result<Message, SourceError>> =
            calls.iter().map(|_| Err(CLOSED)).collect();
        while !open.is_empty() {
            let message = next(&mut incoming).await?;
            let answered = message
                .header()
                .reply_serial()
                .and_then(|serial| open.remove(&serial));
            if let Some(index) = answered {
                answers[index] = match message.message_type() {
                    Type::Error => Err(refusal(&message)),
                    _ => Ok(message),
                };
            }
        }
        Ok(answers)
    }
}

/// The next message of a stream.
pub(crate) async fn next(stream: &mut MessageStream) -> Result<Message, SourceError> {
    match std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await {
        Some(Ok(message)) => Ok(message),
        Some(Err(_)) | None => Err(CLOSED),
    }
}

const CLOSED: SourceError =
    SourceError::new(SourceErrorKind::Unavailable).note("the session bus closed the connection");

/// What to make of `error` where an entry is read, once the service has answered the first call.
///
/// It is there, and only a search that finds nothing says that an entry is missing. A service that has
/// ended meanwhile, or an object that is gone, must not let another store answer.
pub(crate) fn in_between(error: SourceError) -> SourceError {
    if error.lets_next_answer() {
        SourceError::new(SourceErrorKind::Unavailable)
            .note("the keychain, or the entry that it named, went away meanwhile")
    } else {
        error
    }
}

/// An error answer as a kind. Its text is not read: a service may put anything there.
///
/// Names: <https://specifications.freedesktop.org/secret-service-spec/0.2/errors.html> and the
/// header `dbus-protocol.h`.
fn refusal(message: &Message) -> SourceError {
    let header = message.header();
    let name = header.error_name().map_or("", |name| name.as_str());
    let bus = name.strip_prefix("org.freedesktop.DBus.Error.");
    let secret = name.strip_prefix("org.freedesktop.Secret.Error.");
    match (bus, secret) {
        (Some("ServiceUnknown" | "NameHasNoOwner" | "Spawn.ServiceNotFound"), _) => {
            SourceError::new(SourceErrorKind::Absent).note("no keychain answers on the session bus")
        }
        (Some("AccessDenied" | "AuthFailed"), _) => SourceError::new(SourceErrorKind::Denied),
        // Said when the service ends before it has answered, and when the bus gives up on it.
        (Some("NoReply" | "TimedOut" | "Timeout"), _) => {
            SourceError::new(SourceErrorKind::Unavailable)
                .note("the keychain ended, or gave no answer")
        }
        (Some("UnknownObject"), _) | (_, Some("NoSuchObject")) => {
            SourceError::new(SourceErrorKind::Missing)
        }
        (_, Some("IsLocked")) => SourceError::new(SourceErrorKind::Locked),
        (Some(_), _) => SourceError::new(SourceErrorKind::Unavailable)
            .note("the session bus could not reach the keychain"),
        _ => SourceError::new(SourceErrorKind::Unavailable).note("the keychain refused the call"),
    }
}
