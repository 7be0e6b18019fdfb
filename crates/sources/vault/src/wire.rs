//! One request, one answer: the joint of vaultrs's endpoints and the HTTP client.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use rustify::client::Client;
use rustify::errors::ClientError;
use zeroize::Zeroizing;

/// The largest answer that is read, in bytes. A secret of a Vault has at most 1 MiB by default.
const LARGEST: usize = 8 << 20;

/// What an answer begins with room for, so that few are copied while they grow.
const USUAL: usize = 16 << 10;

/// Where an answer's size goes beyond what is read.
#[derive(Debug)]
pub(crate) struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer is too large")
    }
}

impl std::error::Error for TooLarge {}

/// Sends what vaultrs's endpoints make. Unlike rustify's own client it bounds the answer, keeps the headers that say what
/// time it is, where a redirect leads and when to ask again, and hands an error's answer on as an answer.
#[derive(Clone)]
pub(crate) struct Wire {
    base: String,
    http: reqwest::Client,
}

impl Wire {
    /// A wire to the server at `base`, a URL without a path.
    pub(crate) fn new(base: String, http: reqwest::Client) -> Self {
        Self { base, http }
    }
}

#[async_trait]
impl Client for Wire {
    fn base(&self) -> &str {
        &self.base
    }

    async fn send(
        &self,
        mut request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, ClientError> {
        if request.method() == http::Method::PATCH {
            // A Vault refuses a patch of another kind, or of none (415).
            let kind = http::HeaderValue::from_static("application/merge-patch+json");
            let headers = request.headers_mut();
            headers.insert(http::header::CONTENT_TYPE, kind);
        }
        // What is written may be a value: its one copy here is wiped when it was sent.
        let request = request.map(|body| Bytes::from_owner(Zeroizing::new(body)));
        let request = reqwest::Request::try_from(request)
            .map_err(|source| ClientError::ReqwestBuildError { source })?;
        let mut response = self.http.execute(request).await.map_err(failed)?;
        let mut answer = http::Response::builder().status(response.status());
        for name in [
            http::header::DATE,
            http::header::LOCATION,
            http::header::RETRY_AFTER,
        ] {
            if let Some(value) = response.headers().get(&name) {
                answer = answer.header(name, value);
            }
        }
        let mut body = Zeroizing::new(Vec::with_capacity(USUAL));
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if body.len() + piece.len() > LARGEST {
                return Err(failed(TooLarge));
            }
            append(&mut body, &piece);
        }
        answer
            .body(std::mem::take(&mut *body))
            .map_err(|source| ClientError::ResponseError {
                source: source.into(),
            })
    }

    /// Any status is an answer here.
    async fn execute(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, ClientError> {
        self.send(request).await
    }
}

/// Appends without leaving an unwiped copy behind when the buffer grows.
fn append(body: &mut Zeroizing<Vec<u8>>, piece: &[u8]) {
    if body.capacity() - body.len() < piece.len() {
        let mut larger = Zeroizing::new(Vec::with_capacity((body.len() + piece.len()) * 2));
        larger.extend_from_slice(body);
        *body = larger;
    }
    body.extend_from_slice(piece);
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ClientError {
    ClientError::GenericError {
        source: error.into(),
    }
}

/// The host that a redirect leads to.
pub(crate) fn leads_to(response: &http::Response<Vec<u8>>) -> Option<String> {
    let location = response.headers().get(http::header::LOCATION)?;
    let location: http::Uri = location.to_str().ok()?.parse().ok()?;
    let host = location.host()?;
    let scheme = location.scheme_str().unwrap_or("https");
    Some(match location.port() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// When the answer was given, by the server's clock. None where it does not say, or nothing that is a date (RFC 9110,
/// section 6.6.1).
pub(crate) fn date(response: &http::Response<Vec<u8>>) -> Option<Timestamp> {
    let date = response.headers().get(http::header::DATE)?.to_str().ok()?;
    let parser = DateTimeParser::new();
    parser.parse_timestamp(date.trim()).ok()
}

/// When to ask again. A date instead of seconds is not understood: then the usual pause is made.
pub(crate) fn retry_after(response: &http::Response<Vec<u8>>) -> Option<Duration> {
    let seconds = response.headers().get(http::header::RETRY_AFTER)?;
    seconds
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_without_losing_a_byte() {
        let mut body = Zeroizing::new(Vec::with_capacity(2));
        for piece in [&b"a"[..], b"bc", b"", b"defghijklmn"] {
            append(&mut body, piece);
        }
        assert_eq!(*body, b"abcdefghijklmn");
    }

    #[test]
    fn reads_the_date_of_an_answer() {
        let date = |text: &str| {
            let response = http::Response::builder()
                .header("date", text)
                .body(Vec::new());
            date(&response.unwrap()).map(Timestamp::as_second)
        };
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(date("yesterday"), None);
        assert_eq!(super::date(&http::Response::new(Vec::new())), None);
    }

    #[test]
    fn names_the_host_of_a_redirect_and_nothing_more_of_it() {
        let to = |location: &str| {
            let response = http::Response::builder()
                .header("location", location)
                .body(Vec::new());
            leads_to(&response.unwrap())
        };
        let active = "https://active.example:8200/v1/secret/data/x?token=y";
        assert_eq!(to(active).as_deref(), Some("https://active.example:8200"));
        assert_eq!(to("/ui/").as_deref(), None);
        assert_eq!(to("http://[").as_deref(), None);
    }
}
