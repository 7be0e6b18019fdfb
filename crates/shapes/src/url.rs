//! Secrets in addresses: in front of the host, and in the parameters.

use std::ops::Range;

use crate::credential_name::{Noun, credential};
use crate::entropy::bits_per_byte;
use crate::findings::Findings;
use crate::judgement::{Confidence, Kind};
use crate::reference::{Reference, reference};
use crate::suggestion;
use crate::url_path;
use crate::weight::{Weight, weigh, weigh_password};
use crate::words::one_of;

/// Where the parts of one address stand in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Url {
    /// `https`
    scheme: Range<usize>,
    /// `user:password`, if an `@` follows.
    userinfo: Option<Range<usize>>,
    /// The host with its port.
    pub(crate) host: Range<usize>,
    /// From the first `/` on.
    pub(crate) path: Range<usize>,
    /// What follows the first `?` or `#`.
    query: Range<usize>,
}

/// The addresses in `text`.
pub(crate) fn urls(text: &str) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    for (at, _) in text.match_indices("://") {
        let inside_last = urls.last().is_some_and(|last| at < last.query.end);
        let scheme = text[..at]
            .bytes()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
            .count();
        let begins_with_letter = text
            .as_bytes()
            .get(at - scheme)
            .is_some_and(u8::is_ascii_alphabetic);
        if !inside_last && scheme > 0 && begins_with_letter {
            urls.push(url(text, at - scheme..at));
        }
    }
    urls
}

/// The address whose scheme stands at `scheme` in `text`.
fn url(text: &str, scheme: Range<usize>) -> Url {
    let start = scheme.end + "://".len();
    let embedded = scheme.start > 0;
    let end = end_of(text, start, embedded);
    let rest = &text[start..end];
    let semicolon = text[scheme.clone()].eq_ignore_ascii_case("sqlserver");
    let mut authority = rest
        .find(|each| matches!(each, '/' | '?' | '#') || (semicolon && each == ';'))
        .unwrap_or(rest.len());
    // A password that nobody has encoded: `user:pa/ss@host`.
    if let Some((_, port)) = rest[..authority].rsplit_once(':')
        && !rest[..authority].contains('@')
        && !port.starts_with(|first: char| first.is_ascii_digit())
        && !port.ends_with(']')
        && !semicolon
        && let Some(at) = rest.rfind('@')
    {
        authority = rest[at..]
            .find(['/', '?', '#'])
            .map_or(rest.len(), |more| at + more);
    }
    let (userinfo, host) = match rest[..authority].rfind('@') {
        Some(at) => (Some(start..start + at), start + at + 1),
        None => (None, start),
    };
    let path = start + authority;
    let query = text[path..end].find(['?', '#']).map_or(end, |at| path + at);
    Url {
        scheme,
        userinfo,
        host: host..path,
        path: path..query,
        query: query..end,
    }
}

/// Where the address that goes on at `start` ends. An embedded one ends at a quote or where a list of addresses goes on.
fn end_of(text: &str, start: usize, embedded: bool) -> usize {
    let rest = &text[start..];
    let by_character = rest.find(|each: char| {
        each.is_whitespace() || (embedded && matches!(each, '"' | '\'' | '`' | '\\'))
    });
    let mut end = by_character.unwrap_or(rest.len());
    // `redis://…,redis://…`
    for (comma, _) in rest[..end].match_indices(',') {
        let next = &rest[comma + 1..end];
        let scheme = next
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
            .count();
        if scheme > 0 && next[scheme..].starts_with("://") {
            end = comma;
            break;
        }
    }
    start + end
}

/// Adds what the addresses in `text`, which stands under `name`, hold.
pub(crate) fn collect(name: &str, text: &str, findings: &mut Findings) {
    for url in urls(text) {
        userinfo(name, text, &url, findings);
        url_path::collect(name, text, &url, findings);
        query(name, text, &url, findings);
    }
}

/// The password in front of the host, or a token that stands there alone.
fn userinfo(name: &str, text: &str, url: &Url, findings: &mut Findings) {
    let Some(userinfo) = url.userinfo.clone() else {
        return;
    };
    let (user, password) = match text[userinfo.clone()].find(':') {
        Some(colon) => {
            let colon = userinfo.start + colon;
            (userinfo.start..colon, colon + 1..userinfo.end)
        }
        None => (userinfo.clone(), userinfo.end..userinfo.end),
    };
    if let Some(confidence) = weigh_password(&text[user.clone()], &text[password.clone()]) {
        let scheme = text[url.scheme.clone()]
            .split(['+', '-', '.'])
            .next()
            .unwrap_or_default();
        let issuer = match scheme {
            "http" | "https" | "ws" | "wss" => domain(&text[url.host.clone()]),
            "postgresql" => "postgres",
            other => other,
        };
        let suggestion = suggestion::of_part(name, issuer, "PASSWORD");
        findings.add(password, confidence, Kind::UrlPassword, suggestion);
        return;
    }
    let empty = password.is_empty();
    let alone = &text[user.clone()];
    if alone.len() >= 20
        && alone.bytes().any(|byte| byte.is_ascii_digit())
        && !alone.contains(['.', '%', '@'])
        && reference(alone) == Reference::None
        && bits_per_byte(alone) >= 3.0
    {
        let suggestion = suggestion::of_part(name, domain(&text[url.host.clone()]), "TOKEN");
        findings.add(user, Confidence::Medium, Kind::UrlPassword, suggestion);
    } else if !empty {
        findings.placeholder |= reference(&text[password]) == Reference::None;
    }
}

/// The parameters whose names promise a secret.
fn query(name: &str, text: &str, url: &Url, findings: &mut Findings) {
    let mut at = url.query.start;
    for pair in text[url.query.clone()].split(['&', '?', '#', ';']) {
        let start = at;
        at += pair.len() + 1;
        let Some((key, value)) = pair.split_once('=') else {
            continue;
        };
        let Some(noun) = parameter(key) else {
            continue;
        };
        let value = start + key.len() + 1..start + key.len() + 1 + value.len();
        match weigh(noun, key, &text[value.clone()]) {
            Weight::Secret(confidence) => {
                let suggestion = if one_of(
                    key,
                    &[
                        "key",
                        "token",
                        "secret",
                        "sig",
                        "auth",
                        "password",
                        "signature",
                    ],
                ) {
                    suggestion::of_part(
                        name,
                        domain(&text[url.host.clone()]),
                        &key.to_ascii_uppercase(),
                    )
                } else {
                    suggestion::from_name(key)
                };
                findings.add(value, confidence, Kind::UrlQuery, suggestion);
            }
            Weight::Plain(why) => {
                findings.placeholder |= why == crate::judgement::Plain::Placeholder;
            }
        }
    }
}

/// What the name of a parameter promises.
fn parameter(key: &str) -> Option<Noun> {
    (!key.is_empty() && key.len() <= 64)
        .then(|| credential(key))
        .flatten()
}

/// The label of a host that says whose it is: `brightdata` of `mcp.brightdata.com`.
pub(crate) fn domain(host: &str) -> &str {
    let host = host.split(':').next().unwrap_or_default();
    if host.parse::<std::net::IpAddr>().is_ok() {
        return "";
    }
    let labels: Vec<&str> = host.split('.').collect();
    let before_top = labels.len().checked_sub(2).map_or(host, |at| labels[at]);
    if before_top.len() <= 3 && labels.len() >= 3 {
        return labels[labels.len() - 3];
    }
    before_top
}
