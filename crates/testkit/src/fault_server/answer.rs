//! One thing that a server may do to its client.

use std::time::Duration;

use serde_json::Value;

/// What is done to one request, or to one connection.
#[derive(Clone, Debug)]
pub struct Answer(pub(super) Conduct);

#[derive(Clone, Debug)]
pub(super) enum Conduct {
    /// Of a connection, before any byte is read.
    HangUp,
    /// Of a connection: accepted, never spoken to.
    HalfOpen,
    /// Of a connection: half of the server's first words in TLS.
    BreakHandshake,
    /// Of a request that was read: never answered.
    Stall,
    Reply(Reply),
}

#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Before its first byte.
    pub(super) delay: Duration,
    pub(super) ending: Ending,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// All of it; the connection stays open.
    Whole,
    /// So many bytes of the body, and no more.
    CutBody(usize),
    /// Half of the bytes on the wire, within a TLS record where there is TLS.
    CutRecord,
    /// The body a byte at a time.
    Slow(Duration),
    /// No length is given, and in TLS the end is not announced: the connection just ends.
    Unannounced,
}

impl Answer {
    /// A status with an empty body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(Conduct::Reply(Reply {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            ending: Ending::Whole,
        }))
    }

    /// A status with a body of JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::status(status)
            .header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// To another address, with the method kept: 307.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::status(307).header("Location", location)
    }

    /// As OpenBao and Vault answer while they are sealed.
    #[must_use]
    pub fn sealed() -> Self {
        Self::json(503, &serde_json::json!({ "errors": ["Vault is sealed"] }))
    }

    /// The connection is accepted and never spoken to.
    #[must_use]
    pub fn half_open() -> Self {
        Self(Conduct::HalfOpen)
    }

    /// The connection is closed at once.
    #[must_use]
    pub fn hang_up() -> Self {
        Self(Conduct::HangUp)
    }

    /// The connection ends within the handshake of TLS.
    #[must_use]
    pub fn broken_handshake() -> Self {
        Self(Conduct::BreakHandshake)
    }

    /// The request is read and never answered.
    #[must_use]
    pub fn stall() -> Self {
        Self(Conduct::Stall)
    }

    /// With one more header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.changed(|reply| reply.headers.push((name.to_owned(), value.to_owned())))
    }

    /// With another body.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        self.changed(|reply| reply.body = body.into())
    }

    /// Not before `delay` after the request was read.
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Self {
        self.changed(|reply| reply.delay = delay)
    }

    /// The whole length is promised, `bytes` of the body are sent, and the connection ends.
    #[must_use]
    pub fn cut_body(self, bytes: usize) -> Self {
        self.ending(Ending::CutBody(bytes))
    }

    /// The connection ends after half of the bytes on the wire: with TLS, within a record.
    #[must_use]
    pub fn cut_record(self) -> Self {
        self.ending(Ending::CutRecord)
    }

    /// The body comes a byte at a time, with this pause before each.
    #[must_use]
    pub fn slowly(self, pause: Duration) -> Self {
        self.ending(Ending::Slow(pause))
    }

    /// No length is promised, and the connection ends after the body; with TLS without the word that it ends, so that a
    /// client cannot know whether it has all.
    #[must_use]
    pub fn unannounced_end(self) -> Self {
        self.ending(Ending::Unannounced)
    }

    fn ending(self, ending: Ending) -> Self {
        self.changed(|reply| reply.ending = ending)
    }

    fn changed(mut self, change: impl FnOnce(&mut Reply)) -> Self {
        match &mut self.0 {
            Conduct::Reply(reply) => change(reply),
            other => panic!("{other:?} has no head and no body"),
        }
        self
    }
}

impl Conduct {
    /// Whether it is decided when a connection is accepted, not when a request was read.
    pub(super) fn is_of_a_connection(&self) -> bool {
        matches!(self, Self::HangUp | Self::HalfOpen | Self::BreakHandshake)
    }
}

impl Reply {
    /// Status line and headers.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Told\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&match self.ending {
            Ending::Unannounced => "Connection: close\r\n\r\n".to_owned(),
            _ => format!("Content-Length: {}\r\n\r\n", self.body.len()),
        });
        head.into_bytes()
    }
}
