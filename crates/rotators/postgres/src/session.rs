//! One session: the login, and statements of the simple protocol.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator as _;
use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::Trouble;
use mcp_launch_rotation::{Account, Liveness};
use postgres_protocol::message::backend::{ErrorFields, ErrorResponseBody, Message};
use postgres_protocol::message::frontend;

use crate::fault::{Fault, Point, Said};
use crate::login;
use crate::stream::{Secured, Stream, unreachable};
use crate::{Server, sql};

/// More than any answer to what is asked here. What is longer is no answer of PostgreSQL's.
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// A change that waits for a lock ends this long before we stop listening: with an answer, and not later without us.
const MARGIN: Duration = Duration::from_millis(500);

/// A row, by its columns as text.
pub(crate) type Row = Vec<Option<String>>;

/// A session that was let in. Dropping it ends it.
pub(crate) struct Session {
    wire: Wire,
    deadline: Deadline,
    is_proven: bool,
}

/// The messages of a connection.
pub(crate) struct Wire {
    stream: Stream,
    received: BytesMut,
    /// A `GRANT` was answered by a warning that nothing was granted.
    was_not_granted: bool,
}

impl Session {
    /// Logs in, once.
    pub(crate) fn begin(
        server: &Server,
        account: &Account,
        environment: &Environment,
        deadline: Deadline,
    ) -> Result<Self, Fault> {
        let (stream, secured) = Stream::connect(server, environment, deadline)?;
        let mut wire = Wire {
            stream,
            received: BytesMut::new(),
            was_not_granted: false,
        };
        let is_proven = wire.log_in(server, account, &secured)?;
        Ok(Self {
            wire,
            deadline,
            is_proven,
        })
    }

    /// Whether the server has asked for the password: one that lets everybody in says nothing about it.
    pub(crate) fn is_proven(&self) -> bool {
        self.is_proven
    }

    /// Whether a `GRANT` has granted nothing, which PostgreSQL does not call an error.
    pub(crate) fn was_not_granted(&self) -> bool {
        self.wire.was_not_granted
    }

    /// Makes the session fit for changes: no name means what somebody put into a schema, and a role that reads only by
    /// default may write.
    pub(crate) fn prepare(&mut self) -> Result<(), Fault> {
        self.ask("SET search_path TO ''; SET default_transaction_read_only TO off")
            .map(drop)
    }

    /// The rows of a statement that only reads.
    pub(crate) fn ask(&mut self, sql: &str) -> Result<Vec<Row>, Fault> {
        self.run(sql, Point::Reading).map_err(|fault| match fault {
            Fault::NoAnswer => Fault::Unreachable(Trouble::Closed),
            fault => fault,
        })
    }

    /// Runs a statement that changes something. [`Fault::NoAnswer`] when it may have been done.
    pub(crate) fn change(&mut self, sql: &str) -> Result<(), Fault> {
        let span = self.deadline.remaining().saturating_sub(MARGIN).as_millis();
        // 0 would mean: no limit.
        if span == 0 {
            return Err(Fault::Unreachable(Trouble::TimedOut));
        }
        let span = span.min(60_000);
        self.ask(&format!("SET statement_timeout TO {span}"))?;
        self.run(sql, Point::Changing).map(drop)
    }

    fn run(&mut self, sql: &str, point: Point) -> Result<Vec<Row>, Fault> {
        let mut request = BytesMut::new();
        frontend::query(sql, &mut request).map_err(|_| Fault::Malformed)?;
        // From the first byte on: what the system took over may arrive.
        self.wire.send(&request).map_err(|_| Fault::NoAnswer)?;
        let (mut rows, mut said) = (Vec::new(), None);
        loop {
            match self.wire.receive() {
                Ok(Message::DataRow(row)) => {
                    let buffer = row.buffer();
                    let columns = row
                        .ranges()
                        .map(|range| Ok(range.map(|range| sql::text(&buffer[range]))));
                    rows.push(columns.collect().map_err(|_| Fault::NoAnswer)?);
                }
                Ok(Message::ErrorResponse(body)) => {
                    let error = said_by(&body, point);
                    if error.fatal {
                        return Err(Fault::Said(error));
                    }
                    said = Some(error);
                }
                Ok(Message::ReadyForQuery(_)) => {
                    return said.map_or(Ok(rows), |said| Err(Fault::Said(said)));
                }
                Ok(
                    Message::CommandComplete(_)
                    | Message::RowDescription(_)
                    | Message::EmptyQueryResponse,
                ) => {}
                Ok(_) | Err(_) => return Err(Fault::NoAnswer),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut farewell = BytesMut::new();
        frontend::terminate(&mut farewell);
        // The server notices an end without it too.
        let _sent = self.wire.send(&farewell);
    }
}

impl Wire {
    /// The login. Gives whether the server has asked for the password.
    fn log_in(
        &mut self,
        server: &Server,
        account: &Account,
        secured: &Secured,
    ) -> Result<bool, Fault> {
        let mut hello = BytesMut::new();
        let parameters = [
            ("user", account.username.as_str()),
            ("database", server.database_name()),
            ("application_name", "mcp-launch"),
            ("client_encoding", "UTF8"),
        ];
        frontend::startup_message(parameters, &mut hello).map_err(|_| Fault::Malformed)?;
        self.send(&hello).map_err(|error| unreachable(&error))?;
        let proven = login::authenticate(self, account, secured)?;
        loop {
            match self.receive()? {
                Message::BackendKeyData(_) => {}
                Message::ReadyForQuery(_) => return Ok(proven),
                Message::ErrorResponse(body) => {
                    return Err(Fault::Said(said_by(&body, Point::Accepted { proven })));
                }
                _ => return Err(Fault::Malformed),
            }
        }
    }

    pub(crate) fn send(&mut self, message: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(message)?;
        self.stream.flush()
    }

    /// The next message that is not a notice.
    pub(crate) fn receive(&mut self) -> Result<Message, Fault> {
        loop {
            match Message::parse(&mut self.received).map_err(|_| Fault::Malformed)? {
                Some(Message::NoticeResponse(body)) => {
                    let said = said_in(body.fields(), Point::Reading);
                    self.was_not_granted |= said.is("01007");
                }
                Some(Message::NotificationResponse(_) | Message::ParameterStatus(_)) => {}
                Some(message) => return Ok(message),
                None => self.read_more()?,
            }
        }
    }

    fn read_more(&mut self) -> Result<(), Fault> {
        if self.received.len() > LARGEST_MESSAGE {
            return Err(Fault::Malformed);
        }
        let mut part = [0; 4096];
        match self.stream.read(&mut part) {
            Ok(0) => Err(Fault::Unreachable(Trouble::Closed)),
            Ok(length) => {
                self.received.extend_from_slice(&part[..length]);
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(unreachable(&error)),
        }
    }
}

/// The codes of an error. Its texts are not kept.
pub(crate) fn said_by(body: &ErrorResponseBody, point: Point) -> Said {
    said_in(body.fields(), point)
}

fn said_in(mut fields: ErrorFields<'_>, point: Point) -> Said {
    let mut said = Said {
        state: *b"XXXXX",
        point,
        fatal: false,
        by_address: false,
    };
    while let Ok(Some(field)) = fields.next() {
        let value = field.value_bytes();
        match field.type_() {
            b'C' => said.state = value.try_into().unwrap_or(said.state),
            // The severity in English, whatever the server's language is.
            b'V' => said.fatal = value != b"ERROR",
            // The function in the server's source: 28000 is said by several.
            b'R' => said.by_address = value == b"ClientAuthentication",
            _ => {}
        }
    }
    said
}

/// What a login says about the password, by rule: refused is dead, let in is live even if nothing is allowed there.
pub(crate) fn liveness(login: &Result<Session, Fault>) -> Liveness {
    match login {
        Ok(session) if session.is_proven() => Liveness::Live,
        Err(Fault::Said(said)) => match said.point {
            Point::Login if said.is("28P01") || (said.is("28000") && !said.by_address) => {
                Liveness::Dead
            }
            // The password was right, and the role may not log in.
            Point::Accepted { .. } if said.is_of_class("28") => Liveness::Dead,
            // No such database, no CONNECT, no connection left: all of them after the password.
            Point::Accepted { proven: true }
                if said.is("3D000") || said.is("42501") || said.is("53300") =>
            {
                Liveness::Live
            }
            _ => Liveness::Unknown,
        },
        _ => Liveness::Unknown,
    }
}
