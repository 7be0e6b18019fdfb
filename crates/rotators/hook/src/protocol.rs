//! Protocol 1: one JSON object in, one out.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_launch_core::Secret;
use mcp_launch_rotation::{Bundle, Handle, RotatorError};
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

/// The version of the protocol.
pub(crate) const VERSION: u32 = 1;
/// What the value of a credential without fields is called.
pub(crate) const WHOLE: &str = "value";

/// What is asked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Op {
    Apply,
    Describe,
    Identify,
    Issue,
    KillSessions,
    Ours,
    Preflight,
    Probe,
    Retire,
    Roll,
    Trigger,
}

impl Op {
    /// Whether it changes something at the vendor, so that without a clear answer it may have.
    pub(crate) const fn changes(self) -> bool {
        matches!(
            self,
            Self::Apply
                | Self::Issue
                | Self::KillSessions
                | Self::Retire
                | Self::Roll
                | Self::Trigger
        )
    }

    /// Whether its answer holds a value that nobody else knows.
    pub(crate) const fn makes(self) -> bool {
        matches!(self, Self::Issue | Self::Roll)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Describe => "describe",
            Self::Identify => "identify",
            Self::Issue => "issue",
            Self::KillSessions => "kill_sessions",
            Self::Ours => "ours",
            Self::Preflight => "preflight",
            Self::Probe => "probe",
            Self::Retire => "retire",
            Self::Roll => "roll",
            Self::Trigger => "trigger",
        }
    }
}

/// One question.
#[derive(Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) v: u32,
    pub(crate) op: Op,
    pub(crate) credential: &'a str,
    pub(crate) prefix: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rotation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handle: Option<&'a str>,
    /// As whom the change is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth: Option<Fields<'a>>,
    /// What the store holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<Fields<'a>>,
    /// What the question is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Fields<'a>>,
}

/// The fields of a bundle, as an object.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Bundle);

impl Serialize for Fields<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "values go into the input of the program that rotates them"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Vec::new();
        for (name, value) in self.0.iter() {
            let text = std::str::from_utf8(value.expose())
                .map_err(|_| serde::ser::Error::custom("a value is no text"))?;
            fields.push((if name.is_empty() { WHOLE } else { name }, text));
        }
        serializer.collect_map(fields)
    }
}

impl Request<'_> {
    /// As it is written. `None` where a value is no text, which JSON cannot hold.
    pub(crate) fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let bundles = [self.auth, self.current, self.value];
        let values = bundles
            .into_iter()
            .flatten()
            .flat_map(|fields| fields.0.iter());
        // Six bytes for one at most, so that no copy is left behind when it grows.
        let most = values
            .map(|(name, value)| 6 * (name.len() + value.len()) + 8)
            .sum::<usize>();
        let mut bytes = Zeroizing::new(Vec::with_capacity(most + 8192));
        serde_json::to_writer(&mut *bytes, self).ok()?;
        bytes.push(b'\n');
        Some(bytes)
    }
}

/// One answer. What a program adds is passed over.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) ok: bool,
    fail: Option<String>,
    retry_after: Option<u64>,
    pub(crate) message: Option<Zeroizing<String>>,
    /// Of `issue`, `roll`.
    pub(crate) fields: Option<BTreeMap<String, Zeroizing<String>>>,
    /// Of `issue`, `roll`, `identify`.
    pub(crate) handle: Option<Name>,
    pub(crate) expires_at: Option<String>,
    /// Of `probe`.
    pub(crate) live: Option<String>,
    /// Of `ours`.
    pub(crate) ours: Option<Vec<Ours>>,
    /// Of `kill_sessions`.
    pub(crate) sessions: Option<u32>,
    /// Of `describe`.
    pub(crate) protocol: Option<u32>,
    pub(crate) class: Option<String>,
    pub(crate) predecessor: Option<String>,
    pub(crate) login: Option<String>,
    pub(crate) propagation: Option<u64>,
    #[serde(default)]
    pub(crate) ops: Vec<String>,
}

/// A public name: a text or a number.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Name {
    Number(i64),
    Text(String),
}

impl Name {
    pub(crate) fn handle(&self) -> Option<Handle> {
        match self {
            Self::Number(number) => Handle::new(number.to_string()).ok(),
            Self::Text(text) => Handle::new(text.clone()).ok(),
        }
    }
}

/// One value that was made for this credential.
#[derive(Deserialize)]
pub(crate) struct Ours {
    pub(crate) handle: Name,
    /// The rotation, or the whole name with it.
    pub(crate) rotation_id: Option<String>,
    pub(crate) name: Option<String>,
}

impl Answer {
    /// `None` where it is not one JSON object of this form.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// What a program that says no means.
    pub(crate) fn error(&self, op: Op) -> RotatorError {
        let unclear = unclear(op);
        match self.fail.as_deref() {
            Some("ambiguous") => unclear,
            Some("definite") => RotatorError::Failed,
            Some("denied") => RotatorError::Denied,
            Some("limited") => RotatorError::Limited(self.retry_after.map(Duration::from_secs)),
            Some("occupied") => RotatorError::Occupied,
            Some("rejected") => RotatorError::Rejected,
            Some("unavailable") => RotatorError::Unavailable,
            _ if op.changes() => RotatorError::Ambiguous,
            _ => RotatorError::Failed,
        }
    }

    /// The values in it.
    pub(crate) fn values(&self) -> Vec<Secret> {
        let fields = self.fields.iter().flatten();
        fields
            .map(|(_, value)| Secret::new(value.as_bytes().to_vec()))
            .collect()
    }

    /// `current` with the fields that are new. `None` where there are none, one is empty, or `current` has no such field.
    pub(crate) fn merged(&self, current: &Bundle) -> Option<Bundle> {
        let new = self.fields.as_ref().filter(|new| !new.is_empty())?;
        let own = |name: &str| match name.is_empty() {
            true => WHOLE.to_owned(),
            false => name.to_owned(),
        };
        let is_known = |name: &String| current.iter().any(|(known, _)| own(known) == *name);
        if new
            .iter()
            .any(|(name, value)| value.is_empty() || !is_known(name))
        {
            return None;
        }
        let fields = current.iter().map(|(name, old)| {
            let value = match new.get(&own(name)) {
                Some(value) => Secret::new(value.as_bytes().to_vec()),
                None => old.again(),
            };
            (name.to_owned(), value)
        });
        Bundle::new(fields).ok()
    }
}

/// What no clear answer means.
pub(crate) const fn unclear(op: Op) -> RotatorError {
    if op.changes() {
        RotatorError::Ambiguous
    } else {
        RotatorError::Unavailable
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "values of this test alone")]
mod tests {
    use super::*;

    fn bundle(fields: &[(&str, &str)]) -> Bundle {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(value.as_bytes().to_vec())));
        Bundle::new(fields).unwrap()
    }

    #[test]
    fn new_fields_take_the_place_of_old_ones_and_add_none() {
        let current = bundle(&[("token", "old"), ("url", "u")]);
        let answer = Answer::parse(br#"{"ok":true,"fields":{"token":"new"},"more":1}"#).unwrap();
        let merged = answer.merged(&current).unwrap();
        assert_eq!(merged.get("token").unwrap().expose(), b"new");
        assert_eq!(merged.get("url").unwrap().expose(), b"u");
        for text in [
            r#"{"ok":true}"#,
            r#"{"ok":true,"fields":{}}"#,
            r#"{"ok":true,"fields":{"token":""}}"#,
            r#"{"ok":true,"fields":{"token":"a","other":"b"}}"#,
            r#"{"ok":true,"fields":{"value":"a"}}"#,
        ] {
            assert!(
                Answer::parse(text.as_bytes())
                    .unwrap()
                    .merged(&current)
                    .is_none(),
                "{text}"
            );
        }
        let bare = bundle(&[("", "old")]);
        let answer = Answer::parse(br#"{"ok":true,"fields":{"value":"new"}}"#).unwrap();
        assert_eq!(
            answer.merged(&bare).unwrap().whole().unwrap().expose(),
            b"new"
        );
    }

    #[test]
    fn what_is_not_one_object_is_no_answer() {
        for text in [
            "",
            "{}",
            "ok",
            "[]",
            r#"{"ok":true} {"ok":true}"#,
            r#"{"ok":"true"}"#,
            r#"{"ok":true"#,
        ] {
            assert!(Answer::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn an_unknown_failure_of_a_change_may_be_a_change() {
        let of = |text: &str, op| Answer::parse(text.as_bytes()).unwrap().error(op);
        assert_eq!(of(r#"{"ok":false}"#, Op::Issue), RotatorError::Ambiguous);
        assert_eq!(
            of(r#"{"ok":false,"fail":"boom"}"#, Op::Retire),
            RotatorError::Ambiguous
        );
        assert_eq!(
            of(r#"{"ok":false,"fail":"boom"}"#, Op::Ours),
            RotatorError::Failed
        );
        assert_eq!(
            of(r#"{"ok":false,"fail":"ambiguous"}"#, Op::Ours),
            RotatorError::Unavailable
        );
        assert_eq!(
            of(r#"{"ok":false,"fail":"definite"}"#, Op::Roll),
            RotatorError::Failed
        );
        let limited = of(
            r#"{"ok":false,"fail":"limited","retry_after":30}"#,
            Op::Issue,
        );
        assert_eq!(
            limited,
            RotatorError::Limited(Some(Duration::from_secs(30)))
        );
    }
}
