//! The order of the questions.

use crate::crc32::github_checksum_holds;
use crate::credential_name::{Noun, credential};
use crate::findings::Findings;
use crate::format;
use crate::formats::FORMATS;
use crate::judgement::{Confidence, Judgement, Kind, Plain, Standing};
use crate::pem::{Pem, pem};
use crate::placeholder::within_key;
use crate::reference::{Reference, reference};
use crate::scheme::{after_scheme, header};
use crate::weight::{Weight, is_guessable, weigh};
use crate::{dsn, json, key_values, suggestion, url};

/// The longest text that is judged, in bytes. No secret is longer, and no system starts a program with more.
pub const LONGEST: usize = 1 << 20;

/// How deep a value is looked into.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Depth {
    /// JSON and headers within it are taken apart.
    Within,
    /// It is within JSON or a header itself.
    Surface,
}

/// What `value` is under `name`: the name of a variable or the key of a setting, empty if there is none.
#[must_use]
pub fn judge(name: &str, value: &str) -> Judgement {
    inspect(name, value, Depth::Within)
}

/// What the value of the header `name` is.
#[must_use]
pub fn judge_header(name: &str, value: &str) -> Judgement {
    let mut judgement = inspect(name, value, Depth::Within);
    for finding in &mut judgement.findings {
        if matches!(finding.kind, Kind::AuthScheme | Kind::SecretName) {
            finding.suggestion = suggestion::from_header(name);
        }
    }
    judgement
}

/// What the address of a server holds.
#[must_use]
pub fn judge_url(url: &str) -> Judgement {
    inspect("", url, Depth::Within)
}

fn inspect(name: &str, value: &str, depth: Depth) -> Judgement {
    if value.len() > LONGEST {
        return Judgement::plain(Plain::TooLong);
    }
    if value.trim().is_empty() {
        return Judgement::plain(Plain::Empty);
    }
    let noun = credential(name);
    let referring = reference(value);
    if referring == Reference::All {
        return Judgement::plain(Plain::Reference);
    }
    if referring == Reference::None
        && depth == Depth::Within
        && let Some(judgement) = inspect_json(name, value)
    {
        return judgement;
    }
    let mut findings = Findings::default();
    url::collect(name, value, &mut findings);
    key_values::collect(name, value, noun.is_some(), &mut findings);
    dsn::collect(name, value, &mut findings);
    if referring == Reference::Part {
        // What somebody fills in stays what it is, but a password beside it is still a password.
        return Judgement::of(findings.into_vec(), Plain::Reference);
    }
    match pem(value) {
        Some(Pem::PrivateKey) => {
            return whole(
                value,
                Confidence::High,
                Kind::PemKey,
                suggestion::from_name(name),
            );
        }
        Some(Pem::Stump) => return Judgement::plain(Plain::Placeholder),
        Some(Pem::Public) if findings.is_empty() => return Judgement::plain(Plain::PublicKey),
        Some(Pem::Public) | None => {}
    }
    formats(name, value, noun, &mut findings);
    if findings.is_empty() && depth == Depth::Within {
        headers(value, &mut findings);
    }
    if findings.is_empty() {
        after_a_scheme(name, value, noun, &mut findings);
    }
    if !findings.is_empty() {
        return Judgement::of(findings.into_vec(), Plain::NotSecretName);
    }
    if findings.placeholder {
        return Judgement::plain(Plain::Placeholder);
    }
    let Some(noun) = noun else {
        let url = value.contains("://") && !value.contains(char::is_whitespace);
        return Judgement::plain(if url {
            Plain::Url
        } else {
            Plain::NotSecretName
        });
    };
    match weigh(noun, name, value) {
        Weight::Plain(why) => Judgement::plain(why),
        // `AUTH` names a method as often as a credential.
        Weight::Secret(Confidence::Low) if noun == Noun::Auth => Judgement::plain(Plain::Word),
        Weight::Secret(confidence) => whole(
            value,
            confidence,
            Kind::SecretName,
            suggestion::from_name(name),
        ),
    }
}

/// One finding that is all of `value`.
fn whole(value: &str, confidence: Confidence, kind: Kind, suggestion: Option<String>) -> Judgement {
    let mut findings = Findings::default();
    findings.add(0..value.len(), confidence, kind, suggestion);
    Judgement::of(findings.into_vec(), Plain::NotSecretName)
}

/// What JSON is: a secret as a whole, if anything in it is one. `None`, if `value` is no JSON.
fn inspect_json(name: &str, value: &str) -> Option<Judgement> {
    let texts = json::texts(value)?;
    let mut surest = None;
    let mut replaced = false;
    for (key, text) in texts {
        let judgement = inspect(key, text, Depth::Surface);
        replaced |= judgement.standing == Standing::Plain(Plain::Placeholder);
        surest = surest.max(
            judgement
                .findings
                .iter()
                .map(|finding| finding.confidence)
                .max(),
        );
    }
    Some(match surest {
        Some(confidence) => whole(value, confidence, Kind::Json, suggestion::from_name(name)),
        None => Judgement::plain(if replaced {
            Plain::Placeholder
        } else {
            Plain::NotSecretName
        }),
    })
}

/// Adds the keys of known formats.
fn formats(name: &str, value: &str, noun: Option<Noun>, findings: &mut Findings) {
    for (format, part) in format::matches(FORMATS, value) {
        let key = &value[part.start + format.prefix.len()..part.end];
        if within_key(key) {
            findings.placeholder = true;
            continue;
        }
        let invented = format.issuer == "GitHub" && key.len() == 36 && !github_checksum_holds(key);
        let confidence = if invented {
            Confidence::Medium
        } else {
            format.confidence
        };
        let confidence = if noun.is_some() {
            confidence.max(Confidence::Medium)
        } else {
            confidence
        };
        let all = part.len() == value.trim().len();
        let by_name =
            suggestion::from_name(name).filter(|_| all && noun.is_some() && !is_general(name));
        let suggestion = by_name.or_else(|| suggestion::of_format(format));
        findings.add(part, confidence, Kind::Format(format), suggestion);
    }
}

/// Whether a name says nothing about whose the credential is.
fn is_general(name: &str) -> bool {
    [
        "authorization",
        "proxy-authorization",
        "token",
        "key",
        "--token",
        "--key",
    ]
    .iter()
    .any(|general| general.eq_ignore_ascii_case(name))
}

/// Adds what the headers in `value` hold, one in each line: `Authorization: Bearer X`.
fn headers(value: &str, findings: &mut Findings) {
    let mut start = 0;
    for line in value.split('\n') {
        if let Some((name, part)) = header(line).filter(|(name, _)| credential(name).is_some()) {
            let offset = start + part.start;
            for finding in inspect(name, &line[part], Depth::Surface).findings {
                let moved = finding.part.start + offset..finding.part.end + offset;
                findings.add(
                    moved,
                    finding.confidence,
                    finding.kind,
                    suggestion::from_header(name),
                );
            }
        }
        start += line.len() + 1;
    }
}

/// Adds what follows `Bearer` and the like.
fn after_a_scheme(name: &str, value: &str, noun: Option<Noun>, findings: &mut Findings) {
    let Some(part) = after_scheme(value, noun.is_some()) else {
        return;
    };
    let text = &value[part.clone()];
    let weight = weigh(Noun::Token, "", text);
    if weight == Weight::Plain(Plain::Placeholder) {
        findings.placeholder = true;
    } else if noun.is_some() || matches!(weight, Weight::Secret(_)) {
        let weak = text.len() < 8 || is_guessable(text);
        let confidence = if weak {
            Confidence::Low
        } else {
            Confidence::High
        };
        findings.add(
            part,
            confidence,
            Kind::AuthScheme,
            suggestion::from_name(name),
        );
    }
}
