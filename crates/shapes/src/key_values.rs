//! Connection strings that are lists: `Server=…;Password=…` of ADO and ODBC, `host=… password=…` of libpq,
//! `host:6379,password=…` of StackExchange.Redis, `AccountName=…;AccountKey=…` of Azure.

use std::ops::Range;

use crate::credential_name::{Noun, credential};
use crate::findings::Findings;
use crate::judgement::{Confidence, Kind};
use crate::suggestion;
use crate::weight::weigh_password;
use crate::words::one_of;

/// Keys that only connection strings have.
#[rustfmt::skip]
const CONNECTION: &[&str] = &[
    "accountname", "addr", "address", "blobendpoint", "data source", "database", "databasename", "db", "dbname",
    "defaultendpointsprotocol", "driver", "endpoint", "endpointsuffix", "host", "hostname", "initial catalog", "port",
    "provider", "server", "servername", "sharedaccesskeyname", "sslmode", "uid", "user", "user id", "userid",
    "username",
];

/// What closes a value in quotes or braces.
const CLOSING: [char; 3] = ['\'', '"', '}'];

/// One `key=value` of a list.
struct Pair<'a> {
    key: &'a str,
    value: Range<usize>,
}

/// Adds the passwords of the list that `text`, which stands under `name`, is. `promised`: the name promises a secret, so
/// that only a list which is a connection string is taken apart.
pub(crate) fn collect(name: &str, text: &str, promised: bool, findings: &mut Findings) {
    let Some(pairs) = [';', ',', ' ']
        .iter()
        .find_map(|&separator| pairs(text, separator))
    else {
        return;
    };
    let connects = pairs.iter().any(|pair| one_of(pair.key.trim(), CONNECTION));
    if promised && !connects {
        return;
    }
    let user = pairs
        .iter()
        .find(|pair| {
            one_of(
                pair.key.trim(),
                &["user", "user id", "uid", "username", "userid"],
            )
        })
        .map_or("", |pair| &text[pair.value.clone()]);
    for pair in &pairs {
        let key = pair.key.trim();
        let Some(noun) = credential(key) else {
            continue;
        };
        if noun == Noun::Auth && !key.to_ascii_lowercase().ends_with("signature") {
            continue;
        }
        let value = &text[pair.value.clone()];
        let Some(confidence) = weigh_password(user, value) else {
            findings.placeholder |= !value.is_empty();
            continue;
        };
        // Without a host beside it, a pair is an option like any other.
        let confidence = if connects {
            confidence
        } else {
            confidence.min(Confidence::Medium)
        };
        if !connects && (value.len() < 8 || crate::plain::plain(value, noun).is_some()) {
            continue;
        }
        let part = match noun {
            Noun::Password => "PASSWORD".to_owned(),
            _ => suggestion::from_name(key).unwrap_or_default(),
        };
        let suggestion = suggestion::of_part(name, "DATABASE", &part);
        findings.add(
            pair.value.clone(),
            confidence,
            Kind::ConnectionString,
            suggestion,
        );
    }
}

/// The pairs of a list, if `text` is one: at least two pieces, each of which but the first is `key=value`.
fn pairs(text: &str, separator: char) -> Option<Vec<Pair<'_>>> {
    // Looked for once: behind the last of its kind, every piece would look for it in all the rest.
    let last = CLOSING.map(|close| text.rfind(close).unwrap_or_default());
    let mut pairs = Vec::new();
    let mut at = 0;
    let mut pieces = 0;
    while at < text.len() {
        let end = piece_end(text, at, separator, last);
        let piece = &text[at..end];
        if !piece.trim().is_empty() {
            pieces += 1;
            match pair(text, at..end) {
                Some(pair) => pairs.push(pair),
                None if pieces == 1 => {}
                None => return None,
            }
        }
        at = end + separator.len_utf8();
    }
    (pieces >= 2 && !pairs.is_empty()).then_some(pairs)
}

/// Where the piece that begins at `start` ends; a quoted value may hold the separator. `last` is where the last of each of
/// [`CLOSING`] stands.
fn piece_end(text: &str, start: usize, separator: char, last: [usize; 3]) -> usize {
    let rest = &text[start..];
    let plain_end = rest.find(separator).unwrap_or(rest.len());
    let Some(equals) = rest[..plain_end].find('=') else {
        return start + plain_end;
    };
    let value = &rest[equals + 1..];
    let close = match value.bytes().next() {
        Some(b'\'') => 0,
        Some(b'"') => 1,
        Some(b'{') => 2,
        _ => return start + plain_end,
    };
    if last[close] < start {
        return start + plain_end;
    }
    let Some(closed) = value[1..].find(CLOSING[close]) else {
        return start + plain_end;
    };
    let after = equals + 1 + 1 + closed;
    start
        + rest[after..]
            .find(separator)
            .map_or(rest.len(), |more| after + more)
}

/// The pair that the piece at `piece` is. Quotes and braces around its value do not belong to the value.
fn pair(text: &str, piece: Range<usize>) -> Option<Pair<'_>> {
    let (key, value) = text[piece.clone()].split_once('=')?;
    let named = key.trim();
    let well_formed = named.starts_with(|first: char| first.is_ascii_alphabetic())
        && named.len() <= 40
        && named
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" _-.".contains(&byte));
    if !well_formed {
        return None;
    }
    let mut start = piece.end - value.len() + (value.len() - value.trim_start().len());
    let mut end = start + value.trim().len();
    for (open, close) in [('\'', '\''), ('"', '"'), ('{', '}')] {
        let value = &text[start..end];
        if value.len() >= 2 && value.starts_with(open) && value.ends_with(close) {
            start += 1;
            end -= 1;
            break;
        }
    }
    Some(Pair {
        key,
        value: start..end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str, promised: bool) -> Vec<String> {
        let mut findings = Findings::default();
        collect(name, text, promised, &mut findings);
        findings
            .into_vec()
            .into_iter()
            .map(|finding| text[finding.part].to_owned())
            .collect()
    }

    #[test]
    fn only_the_password_of_a_connection_string_is_the_secret() {
        for (text, expected) in [
            (
                "Server=db,1433;Database=app;User Id=sa;Password=Xk9!fQ2p;Encrypt=true",
                &["Xk9!fQ2p"][..],
            ),
            (
                "Driver={ODBC Driver 17 for SQL Server};Server=db;UID=app;PWD={a;b9Xk!q};",
                &["a;b9Xk!q"],
            ),
            ("Server=db;Uid=app;Pwd='Xk9;fQ2p'", &["Xk9;fQ2p"]),
            (
                "host=db.example user=app password=Xk9fQ2pLm dbname=x",
                &["Xk9fQ2pLm"],
            ),
            (
                "cache.example:6380,password=Xk9fQ2pLm7=,ssl=True",
                &["Xk9fQ2pLm7="],
            ),
            (
                "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=Xk9fQ2pLm7/aB+c4==;EndpointSuffix=core.windows.net",
                &["Xk9fQ2pLm7/aB+c4=="],
            ),
            (
                "Endpoint=sb://x.example/;SharedAccessKeyName=Root;SharedAccessKey=Xk9fQ2pLm7=",
                &["Xk9fQ2pLm7="],
            ),
            (
                "jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=Xk9!fQ2p",
                &["Xk9!fQ2p"],
            ),
            ("Server=db;User Id=sa;Password=<password>", &[]),
            ("Server=db;User Id=sa;Password=${PASSWORD}", &[]),
            ("Server=db;Integrated Security=true", &[]),
            ("a=b;c=d", &[]),
            ("C:\\bin;D:\\tools", &[]),
        ] {
            assert_eq!(found("DB", text, false), expected, "{text}");
        }
    }

    #[test]
    fn a_cookie_is_one_secret_and_not_a_list() {
        assert_eq!(
            found("COOKIE", "token=Xk9fQ2pLm7;theme=dark", true),
            Vec::<String>::new()
        );
    }
}
