//! A connection of one account, and the answers of the server in closed kinds.

use std::sync::Arc;

use mcp_launch_core::{Environment, Secret};
use mcp_launch_network::{Trouble, dial};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, Pipeline, RedisConnectionInfo, RedisError, Value};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::fault::Fault;
use crate::settings::{Encryption, Server};

/// A connection that was let in.
pub(crate) struct Connection {
    redis: MultiplexedConnection,
    /// Who is logged in.
    who: String,
    place: String,
}

/// What a server says to a login.
pub(crate) enum Answer {
    Admitted(Connection),
    Refused,
}

/// An error of the server by its first word: `ERR`, `NOPERM`. What follows may quote what was sent, so it is not kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal(String);

impl Refusal {
    /// The server has no time, or will have some later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self.0.as_str(),
            "BUSY" | "CLUSTERDOWN" | "LOADING" | "MASTERDOWN" | "TRYAGAIN"
        )
    }

    pub(crate) fn is_no_permission(&self) -> bool {
        self.0 == "NOPERM"
    }
}

/// Connects and logs in.
pub(crate) async fn log_in(
    server: &Server,
    encryption: &Encryption,
    environment: &Environment,
    name: &str,
    password: &Secret,
) -> Result<Answer, Fault> {
    let place = server.to_string();
    let unreached = |trouble| Fault::NotReached {
        trouble,
        place: place.clone(),
    };
    if encryption.tls.unverified && server.encrypted && !server.is_here {
        return Err(Fault::UnverifiedElsewhere(place));
    }
    let tls = match server.encrypted {
        true => Some(
            encryption
                .tls
                .client_config(environment)
                .map_err(Fault::Tls)?,
        ),
        false => None,
    };
    let stream = dial(&server.host, server.port).await.map_err(unreached)?;
    let redis = match tls {
        None => speak(stream).await,
        Some(config) => {
            let named = encryption.server_name.as_ref().unwrap_or(&server.host);
            let name =
                ServerName::try_from(named.clone()).map_err(|_| unreached(Trouble::TlsName))?;
            let stream = TlsConnector::from(Arc::new(config))
                .connect(name, stream)
                .await;
            speak(stream.map_err(|error| unreached(Trouble::of(&error)))?).await
        }
    };
    let mut connection = Connection {
        redis: redis.map_err(|_| unreached(Trouble::Closed))?,
        who: name.to_owned(),
        place: place.clone(),
    };
    match connection
        .ask(&login(name, password))
        .await
        .map_err(Fault::of_question)?
    {
        Ok(_) => Ok(Answer::Admitted(connection)),
        Err(Refusal(word)) if word == "WRONGPASS" => Ok(Answer::Refused),
        // Of servers before Redis 6, which know no names.
        Err(Refusal(word)) if word == "ERR" => Err(Fault::NoAccounts(place)),
        Err(refusal) if refusal.is_passing() => Err(Fault::Busy(place)),
        Err(_) => Err(Fault::Unclear(place)),
    }
}

/// Says nothing by itself: the first request is the login.
async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<MultiplexedConnection, RedisError> {
    let info = RedisConnectionInfo::default().set_skip_set_lib_name();
    // The deadline is that of the whole question.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let (connection, driver) =
        MultiplexedConnection::new_with_config(&info, stream, config).await?;
    // Ends with the runtime of this question.
    drop(tokio::spawn(driver));
    Ok(connection)
}

#[expect(clippy::disallowed_methods, reason = "a login sends the password")]
fn login(name: &str, password: &Secret) -> Cmd {
    let mut command = redis::cmd("AUTH");
    command.arg(name).arg(password.expose());
    command
}

impl Connection {
    /// Who is logged in.
    pub(crate) fn who(&self) -> &str {
        &self.who
    }

    /// The server.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Sends one command.
    ///
    /// # Errors
    /// [`Fault::Lost`] when there is no answer.
    pub(crate) async fn ask(&mut self, command: &Cmd) -> Result<Result<Value, Refusal>, Fault> {
        match self.redis.send_packed_command(command).await {
            Ok(value) => Ok(answer(value)),
            Err(error) => self.refusal(&error).map(Err),
        }
    }

    /// Asks for something that changes nothing.
    pub(crate) async fn question(
        &mut self,
        name: &'static str,
        words: &[&str],
    ) -> Result<Value, Fault> {
        let mut command = Cmd::new();
        for word in name.split(' ').chain(words.iter().copied()) {
            command.arg(word);
        }
        let answer = self.ask(&command).await.map_err(Fault::of_question)?;
        answer.map_err(|refusal| self.refused(&refusal, name))
    }

    /// Sends commands as one transaction: the server does all of them or, when the connection ends before it has them all,
    /// none. Gives the answer to each of them, or why none was done.
    ///
    /// # Errors
    /// [`Fault::Lost`] when there is no answer.
    pub(crate) async fn transaction(
        &mut self,
        commands: &[Cmd],
    ) -> Result<Result<Vec<Result<Value, Refusal>>, Refusal>, Fault> {
        let mut pipeline = Pipeline::new();
        pipeline.add_command(redis::cmd("MULTI"));
        for command in commands {
            pipeline.add_command(command.clone());
        }
        pipeline.add_command(redis::cmd("EXEC"));
        let count = commands.len() + 2;
        let answers = match self.redis.send_packed_commands(&pipeline, 0, count).await {
            Ok(answers) => answers,
            Err(error) => return self.refusal(&error).map(Err),
        };
        let mut refusal = None;
        for (place, value) in answers.into_iter().enumerate() {
            match (answer(value), place + 1 == count) {
                // The first says why, the last only that.
                (Err(word), _) => {
                    refusal.get_or_insert(word);
                }
                (Ok(Value::Array(done)), true) if done.len() == commands.len() => {
                    return Ok(Ok(done.into_iter().map(answer).collect()));
                }
                (Ok(_), _) => {}
            }
        }
        match refusal {
            Some(refusal) => Ok(Err(refusal)),
            None => Err(Fault::Lost(self.place.clone())),
        }
    }

    /// What a refusal of `command` means.
    pub(crate) fn refused(&self, refusal: &Refusal, command: &'static str) -> Fault {
        let place = self.place.clone();
        if refusal.is_no_permission() {
            let who = self.who.clone();
            return Fault::NotPermitted {
                who,
                command,
                place,
            };
        }
        match refusal.is_passing() {
            true => Fault::Busy(place),
            false => Fault::Unclear(place),
        }
    }

    /// The server's error, if it is one.
    fn refusal(&self, error: &RedisError) -> Result<Refusal, Fault> {
        match error.code() {
            Some(word) => Ok(Refusal(word.to_owned())),
            None => Err(Fault::Lost(self.place.clone())),
        }
    }
}

fn answer(value: Value) -> Result<Value, Refusal> {
    match value {
        Value::ServerError(error) => Err(Refusal(error.code().to_owned())),
        value => Ok(value),
    }
}

/// The text of an answer.
pub(crate) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// The value of `name` in an answer of names and values, by turns.
pub(crate) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Array(items) = value else {
        return None;
    };
    let pairs = items.chunks_exact(2);
    pairs
        .filter(|pair| text(&pair[0]) == Some(name))
        .map(|pair| &pair[1])
        .next()
}

/// The texts of a list.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        _ => Vec::new(),
    }
}
