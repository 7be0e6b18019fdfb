//! A request as it came.

use std::io::{self, Read};

/// More than any client sends here.
const MOST_HEADERS: usize = 64;

/// One request, with all that could give something away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `LIST`, ...
    pub method: String,
    /// With the query: `/v1/secret/data/app?version=2`.
    pub path: String,
    /// In their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// As its `Content-Length` says.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The next request of a connection; `None` when it ended between two.
    pub(super) fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        loop {
            if let Some((mut request, head)) = Self::parse(&bytes)? {
                let length = request.header("content-length").unwrap_or("0").parse();
                let length: usize = length.map_err(|_| io::ErrorKind::InvalidData)?;
                request.body = bytes.split_off(head);
                let missing = length.saturating_sub(request.body.len());
                let from = request.body.len();
                request.body.resize(from + missing, 0);
                stream.read_exact(&mut request.body[from..])?;
                return Ok(Some(request));
            }
            let mut piece = [0; 4096];
            match stream.read(&mut piece)? {
                0 if bytes.is_empty() => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => bytes.extend_from_slice(&piece[..read]),
            }
        }
    }

    /// The head and its length; `None` while it is not whole.
    fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Request::new(&mut headers);
        let parsed = head
            .parse(bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let httparse::Status::Complete(length) = parsed else {
            return Ok(None);
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            path: head.path.unwrap_or_default().to_owned(),
            headers: head
                .headers
                .iter()
                .map(|header| (header.name.to_ascii_lowercase(), text(header.value)))
                .collect(),
            body: Vec::new(),
        };
        Ok(Some((request, length)))
    }
}
