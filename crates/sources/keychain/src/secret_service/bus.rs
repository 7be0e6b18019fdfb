//! One connection to the session bus: calls out together, answers back in order.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::pin::Pin;

use futures_core::Stream;
use mcp_launch_core::{SourceError, SourceErrorKind};
use zbus::address::transport::{Transport, UnixSocket};
use zbus::message::Type;
use zbus::{Address, Connection, Message, MessageStream};

use crate::secret_service::calls;

/// A connection to the session bus. Lives as long as one call of the source.
pub(crate) struct Bus {
    connection: Connection,
}

impl Bus {
    /// Connects to the first address that has a bus.
    ///
    /// # Errors
    /// [`SourceErrorKind::Absent`] when no address has a socket, or no Secret Service is on the bus.
    pub(crate) async fn connect(addresses: &[Address]) -> Result<Self, SourceError> {
        let mut failure = NO_BUS;
        for address in addresses {
            let builder = zbus::connection::Builder::address(address.clone());
            match builder.build().await {
                Ok(connection) => {
                    let bus = Self { connection };
                    bus.greet().await?;
                    return Ok(bus);
                }
                Err(error) => failure = connecting(&error, address),
            }
        }
        Err(failure)
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
const NO_BUS: SourceError =
    SourceError::new(SourceErrorKind::Absent).note("there is no session bus");

fn connecting(error: &zbus::Error, address: &Address) -> SourceError {
    let io = match error {
        zbus::Error::Connection(io, _) | zbus::Error::InputOutput(io) => io,
        // The bus answered and did not let us in: it is another user's.
        zbus::Error::Handshake(_) => {
            return SourceError::new(SourceErrorKind::Denied)
                .note("the session bus does not accept this user");
        }
        _ => return CLOSED,
    };
    let is_file = matches!(
        address.transport(),
        Transport::Unix(unix) if matches!(unix.path(), UnixSocket::File(_))
    );
    let at = SourceError::from_io(io).position();
    match io.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => NO_BUS,
        // An abstract socket has no file: nobody listening is how its absence looks.
        std::io::ErrorKind::ConnectionRefused if !is_file => NO_BUS,
        std::io::ErrorKind::ConnectionRefused => SourceError::new(SourceErrorKind::Unavailable)
            .at(at)
            .note("the session bus of this address has ended"),
        std::io::ErrorKind::PermissionDenied => SourceError::new(SourceErrorKind::Denied).at(at),
        _ => SourceError::new(SourceErrorKind::Unavailable)
            .at(at)
            .note("the session bus could not be reached"),
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
