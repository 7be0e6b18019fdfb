//! The one key of a secret that is no field: under it stands the journal of the secret's rotation.

use mcp_launch_core::Secret;
use mcp_launch_json_field::Object;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The key. Under it there may be a value that is not yet in force, so it is neither given to anybody nor listed.
pub(crate) const JOURNAL: &str = "_mcp_launch";

/// What stands there in place of a journal that has a pending value, once the journal is taken out.
const PENDING: &[u8] = br#"{"pending":true}"#;

/// Whether `field` is the journal, or is looked for within it.
pub(crate) fn is_reserved(field: &str) -> bool {
    field
        .strip_prefix(JOURNAL)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The fields in `data`, without the journal. What is pending leaves a mark, and nothing of itself: what was read is lent
/// to other launches.
#[expect(
    clippy::disallowed_methods,
    reason = "the journal is taken out of what was read"
)]
pub(crate) fn without_journal(data: Secret) -> Secret {
    // What is no object is told by whoever looks for a field in it.
    let Ok(mut object) = Object::read(data.expose()) else {
        return data;
    };
    let Some(journal) = object.as_written(JOURNAL) else {
        return data;
    };
    if has_pending(journal) {
        // It is JSON.
        drop(object.set_json(JOURNAL, PENDING));
    } else {
        object.remove(JOURNAL);
    }
    match object.to_json() {
        Some(json) => Secret::from(json),
        None => Secret::new(b"{}".to_vec()),
    }
}

/// Whether a rotation was under way when `data` was read: in its journal, or by the mark that it left.
#[expect(clippy::disallowed_methods, reason = "only a mark is looked for")]
pub(crate) fn is_rotating(data: &Secret) -> bool {
    let object = Object::read(data.expose());
    object.is_ok_and(|object| object.as_written(JOURNAL).is_some_and(has_pending))
}

fn has_pending(journal: &str) -> bool {
    #[derive(Deserialize)]
    struct Shown {
        pending: Option<IgnoredAny>,
    }
    serde_json::from_str(journal).is_ok_and(|shown: Shown| shown.pending.is_some())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_taken_out_and_what_is_pending_leaves_a_mark() {
        for (data, left, rotating) in [
            (r#"{"a":1.10}"#, r#"{"a":1.10}"#, false),
            (
                r#"{"_mcp_launch":{"v":1},"a":1.10}"#,
                r#"{"a":1.10}"#,
                false,
            ),
            (
                r#"{"_mcp_launch":{"v":1,"pending":null},"a":"b"}"#,
                r#"{"a":"b"}"#,
                false,
            ),
            (
                r#"{"_mcp_launch":{"pending":{"fields":{"p":"new"}}},"a":"b"}"#,
                r#"{"_mcp_launch":{"pending":true},"a":"b"}"#,
                true,
            ),
            // As another program may spell the key.
            (r#"{"\u005fmcp_launch":"x","a":"b"}"#, r#"{"a":"b"}"#, false),
            ("[]", "[]", false),
        ] {
            let secret = || Secret::new(data.as_bytes().to_vec());
            let hidden = without_journal(secret());
            assert_eq!(std::str::from_utf8(hidden.expose()), Ok(left));
            assert_eq!(is_rotating(&hidden), rotating, "{data}");
            assert_eq!(is_rotating(&secret()), rotating, "{data}");
        }
    }

    #[test]
    fn what_is_within_it_is_reserved_too() {
        for field in ["_mcp_launch", "_mcp_launch.pending", "_mcp_launch[0]"] {
            assert!(is_reserved(field), "{field}");
        }
        for field in ["mcp_launch", "_mcp_launcher", "a._mcp_launch", ""] {
            assert!(!is_reserved(field), "{field}");
        }
    }
}
