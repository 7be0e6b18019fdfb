//! What is written is read back, byte for byte; what cannot be written is refused with the right reason.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use mcp_launch_core::Secret;
use mcp_launch_exchange::{Obstacle, Origin, Taken, Target, WriteError, WriteOptions, read, write};
use proptest::prelude::*;
use source_dotenv::Dialect;

/// Text in which what formats act on is frequent.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,6}",
        2 => proptest::sample::select(vec![
            "'", "\"", "\\", "$", "`", "#", " ", "\n", "\r", "\r\n", "\t", "=", "{", "}", "!", "&", "*", ":", "- ", "%",
            "\u{0}", "\u{1}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{fffe}", "ü", "鍵", "😀",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-z_][A-Za-z0-9_]{0,8}",
        1 => proptest::sample::select(vec!["y", "NO", "On", "null", "TRUE", "_", "N1", "E1"]).prop_map(str::to_owned),
    ]
}

fn entries(
    value: impl Strategy<Value = Vec<u8>>,
) -> impl Strategy<Value = std::collections::BTreeMap<String, Vec<u8>>> {
    proptest::collection::btree_map(name(), value, 0..5)
}

fn origin(target: Target) -> (Origin, Option<Dialect>) {
    match target {
        Target::Docker => (Origin::DockerEnvFile, None),
        Target::Env => (Origin::Env, None),
        Target::Json => (Origin::Json, None),
        Target::K8sSecret => (Origin::KubernetesSecret, None),
        Target::Shell => (Origin::Env, Dialect::parse("bash")),
        Target::Yaml => (Origin::Yaml, None),
    }
}

fn is_same(taken: &Taken, value: &Secret) -> bool {
    match taken {
        Taken::Value(own) => own.is_same(value),
        Taken::Empty => value.is_empty(),
        _ => false,
    }
}

/// Whether a value drawn at random may pass for one that is elsewhere.
fn may_refer(value: &[u8]) -> bool {
    value.starts_with(b"${") || value.windows(2).any(|pair| pair == b"$<")
}

/// Writes one value alone.
fn one(name: &str, value: &[u8], target: Target) -> Result<Vec<u8>, WriteError> {
    let value = Secret::new(value.to_vec());
    let entries = [(name.to_owned(), &value)];
    write(&entries, target, &WriteOptions::default()).map(|written| written.to_vec())
}

fn obstacle(name: &str, value: &[u8], target: Target) -> Option<Obstacle> {
    match one(name, value, target) {
        Ok(_) => None,
        Err(WriteError::Entry { obstacle, .. }) => Some(obstacle),
        Err(WriteError::ObjectName) => panic!("the default name is one"),
    }
}

fn check(
    target: Target,
    entries: &std::collections::BTreeMap<String, Vec<u8>>,
) -> Result<(), TestCaseError> {
    let values: Vec<(String, Secret)> = entries
        .iter()
        .filter(|(name, value)| one(name, value, target).is_ok())
        .map(|(name, value)| (name.clone(), Secret::new(value.clone())))
        .collect();
    let borrowed: Vec<(String, &Secret)> = values
        .iter()
        .map(|(name, value)| (name.clone(), value))
        .collect();
    let written = write(&borrowed, target, &WriteOptions::default()).unwrap();
    let (origin, dialect) = origin(target);
    let contents = read(&written, origin, dialect).unwrap();
    prop_assert_eq!(contents.entries.len(), values.len());
    for (entry, (name, value)) in contents.entries.iter().zip(&values) {
        prop_assert_eq!(&entry.name, name);
        // bash's model tells less than bash itself reads: `readers.rs` asks that.
        let is_told = target != Target::Shell || !matches!(entry.value, Taken::Unreadable(_));
        let is_reference = matches!(entry.value, Taken::Reference) && may_refer(&entries[name]);
        prop_assert!(
            !is_told || is_reference || is_same(&entry.value, value),
            "{:?}",
            entry
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_comes_back(entries in entries(text().prop_map(String::into_bytes))) {
        for target in Target::ALL {
            check(target, &entries)?;
        }
    }

    #[test]
    fn bytes_come_back(entries in entries(proptest::collection::vec(any::<u8>(), 0..40))) {
        for target in Target::ALL {
            check(target, &entries)?;
        }
    }

    #[test]
    fn text_fits_into_json_and_yaml_and_anything_into_kubernetes(text in text(), bytes in any::<Vec<u8>>()) {
        prop_assert_eq!(obstacle("NAME", text.as_bytes(), Target::Json), None);
        prop_assert_eq!(obstacle("NAME", text.as_bytes(), Target::Yaml), None);
        prop_assert_eq!(obstacle("NAME", &bytes, Target::K8sSecret), None);
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let long = vec![b'a'; 64 * 1024];
    let cases: [(&str, &[u8], Target, Obstacle); 22] = [
        ("A", b"\xFF", Target::Docker, Obstacle::NotText),
        ("A", b"\xFF", Target::Env, Obstacle::NotText),
        ("A", b"\xFF", Target::Json, Obstacle::NotText),
        ("A", b"\xFF", Target::Yaml, Obstacle::NotText),
        ("A", b"a\nb", Target::Docker, Obstacle::LineEnd),
        ("A", b"a\r", Target::Docker, Obstacle::LineEnd),
        ("A", b"a\0", Target::Docker, Obstacle::Nul),
        ("A", b"a\0", Target::Env, Obstacle::Nul),
        ("A", b"a\0", Target::Shell, Obstacle::Nul),
        ("A", &long, Target::Docker, Obstacle::Long),
        ("A", b"it's \"x\"", Target::Env, Obstacle::Unspellable),
        ("UID", b"1", Target::Env, Obstacle::Name),
        ("UID", b"1", Target::Shell, Obstacle::Name),
        ("RANDOM", b"1", Target::Shell, Obstacle::Name),
        ("a-b", b"1", Target::Env, Obstacle::Name),
        ("a;b", b"1", Target::Shell, Obstacle::Name),
        ("1A", b"1", Target::Shell, Obstacle::Name),
        ("", b"1", Target::Docker, Obstacle::Name),
        ("#A", b"1", Target::Docker, Obstacle::Name),
        ("A B", b"1", Target::Docker, Obstacle::Name),
        ("a/b", b"1", Target::K8sSecret, Obstacle::Name),
        ("..a", b"1", Target::K8sSecret, Obstacle::Name),
    ];
    for (name, value, target, expected) in cases {
        assert_eq!(
            obstacle(name, value, target),
            Some(expected),
            "{name} {target:?}"
        );
    }
    let value = Secret::new(b"x".to_vec());
    let twice = [("A".to_owned(), &value), ("A".to_owned(), &value)];
    for target in Target::ALL {
        let error = write(&twice, target, &WriteOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "A: the name stands twice");
        assert_eq!(Target::parse(target.as_str()), Some(target));
    }
    for object_name in ["", "A", "a_b", "-a", "a.", &"a".repeat(254)] {
        let error = write(
            &twice[..1],
            Target::K8sSecret,
            &WriteOptions { object_name },
        );
        assert_eq!(error.unwrap_err(), WriteError::ObjectName, "{object_name}");
    }
}

#[test]
fn what_is_written_looks_as_people_expect() {
    for (target, expected) in [
        (Target::Docker, "TOKEN=it's é\nNO=\n"),
        (Target::Env, "TOKEN=\"it's é\"\nNO=''\n"),
        (
            Target::Json,
            "{\n  \"TOKEN\": \"it's é\",\n  \"NO\": \"\"\n}\n",
        ),
        (
            Target::K8sSecret,
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"mcp-launch\"\ntype: Opaque\ndata:\n  TOKEN: \"aXQncyDDqQ==\"\n  \"NO\": \"\"\n",
        ),
        (Target::Shell, "export TOKEN='it'\\''s é'\nexport NO=''\n"),
        (Target::Yaml, "TOKEN: \"it's \\xE9\"\n\"NO\": \"\"\n"),
    ] {
        let (token, no) = (Secret::new("it's é".into()), Secret::new(Vec::new()));
        let entries = [("TOKEN".to_owned(), &token), ("NO".to_owned(), &no)];
        let written = write(&entries, target, &WriteOptions::default()).unwrap();
        assert_eq!(std::str::from_utf8(&written).unwrap(), expected);
        let empty = write(&[], target, &WriteOptions::default()).unwrap();
        let (origin, dialect) = origin(target);
        assert!(read(&empty, origin, dialect).unwrap().entries.is_empty());
    }
}
