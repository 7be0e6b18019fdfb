//! What the tools write, read: a small made-up example of each under `examples/`.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::{Path, PathBuf};

use mcp_launch_exchange::{Contents, Origin, ReadErrorKind, Taken, read};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples")
}

fn example(name: &str) -> Vec<u8> {
    std::fs::read(examples().join(name)).unwrap()
}

/// Each entry as `line NAME=value`, or with a word in brackets for what is no value; then the notes.
#[expect(
    clippy::disallowed_methods,
    reason = "the made-up values of the examples"
)]
fn shown(contents: &Contents) -> Vec<String> {
    let entries = contents.entries.iter().map(|entry| {
        let value = match &entry.value {
            Taken::Empty => "(empty)".to_owned(),
            Taken::NameOnly => "(name only)".to_owned(),
            Taken::Reference => "(reference)".to_owned(),
            Taken::Unreadable(unreadable) => format!("({})", unreadable.error),
            Taken::Value(value) => value.expose().escape_ascii().to_string(),
        };
        format!("{} {}={value}", entry.line, entry.name)
    });
    let notes = contents.notes.iter().map(ToString::to_string);
    entries.chain(notes).collect()
}

#[track_caller]
fn reads(name: &str, origin: Origin, expected: &[&str]) {
    let contents = read(&example(name), origin, None).unwrap();
    assert_eq!(shown(&contents), expected, "{name}");
}

#[test]
fn a_dotenv_file_gives_what_its_readers_agree_on() {
    reads(
        "plain.env",
        Origin::Env,
        &[
            "8 GITHUB_TOKEN=ghp_the_last_one_counts",
            "3 DB_PASSWORD=p#1 example",
            "4 EMPTY=(empty)",
            "5 MOVED=(reference)",
            "6 IN_1PASSWORD=(reference)",
            "7 AMBIGUOUS=(ambiguous (line 7): the readers of .env files disagree about `$`)",
        ],
    );
    let contents = read(&example("plain.env"), Origin::Env, None).unwrap();
    let Some(Taken::Unreadable(unreadable)) = contents.entries.last().map(|entry| &entry.value)
    else {
        panic!("the last entry is the ambiguous one");
    };
    assert!(
        unreadable
            .remedy
            .as_deref()
            .unwrap()
            .contains("single quotes")
    );

    let contents = read(b"A=1\nKEY=-----BEGIN\nMIIE+/x==\n", Origin::Env, None).unwrap();
    assert!(!format!("{contents:?}").contains("MIIE"));
    assert_eq!(contents.notes.len(), 1);

    let node = source_dotenv::Dialect::parse("node");
    let contents = read(&example("plain.env"), Origin::Env, node).unwrap();
    assert!(shown(&contents).contains(&"7 AMBIGUOUS=pa$$word".to_owned()));
}

#[test]
fn a_docker_file_is_read_as_it_is() {
    reads(
        "docker.list",
        Origin::DockerEnvFile,
        &[
            r#"3 QUOTED="with quotes""#.replace('"', "\\\"").as_str(),
            "4 INDENTED= a = b ",
            "5 FROM_OUTSIDE=(name only)",
            "6 EMPTY=(empty)",
            "7 TOKEN=the last one counts",
            "line 3: the quotes of QUOTED are part of its value, as Docker reads it",
        ],
    );
    let contents = read(b"A=1\nMIIE+/x==\nMIIE+/y\n", Origin::DockerEnvFile, None).unwrap();
    let left_out = "what stands where a name should be is none; the line was left out";
    let expected = [
        "1 A=1",
        &format!("line 2: {left_out}"),
        &format!("line 3: {left_out}"),
    ];
    assert_eq!(shown(&contents), expected);
    for (bytes, line) in [(&b"A=1\nA B=2"[..], 2), (b"=1", 1)] {
        let error = read(bytes, Origin::DockerEnvFile, None).unwrap_err();
        assert_eq!((error.kind, error.line), (ReadErrorKind::Line, line));
    }
}

#[test]
fn doppler_leaves_its_own_entries_out() {
    reads(
        "doppler-download.json",
        Origin::Doppler,
        &[
            "1 API_KEY=example-api-key",
            "1 DATABASE_URL=postgres://u:example@db.example/app",
            "1 EMPTY=(empty)",
            "line 1: DOPPLER_CONFIG is Doppler's own and was left out",
            "line 1: DOPPLER_ENVIRONMENT is Doppler's own and was left out",
            "line 1: DOPPLER_PROJECT is Doppler's own and was left out",
        ],
    );
    reads(
        "doppler-secrets.json",
        Origin::Doppler,
        &[
            "1 API_KEY=example-api-key",
            "1 HIDDEN=(name only)",
            "1 NAMED_ONLY=(name only)",
            "line 1: DOPPLER_PROJECT is Doppler's own and was left out",
            "line 1: HIDDEN came without its value",
            "line 1: NAMED_ONLY came without its value",
        ],
    );
}

#[test]
fn an_item_of_1password_names_its_fields() {
    reads(
        "onepassword-item.json",
        Origin::OnePassword,
        &[
            "12 GITHUB_USERNAME=octocat",
            "20 GITHUB_PASSWORD=example password",
            "37 GITHUB_TOKEN=ghp_example_production",
            "45 GITHUB_STAGING_TOKEN=ghp_example_staging",
            "53 GITHUB_ONE_TIME_PASSWORD=otpauth://totp/example?secret=EXAMPLE",
        ],
    );
    reads(
        "onepassword-items.json",
        Origin::OnePassword,
        &[
            "5 STRIPE_CREDENTIAL=sk_example_1",
            "6 STRIPE_SHARED=shared 1",
            "12 LINEAR_CREDENTIAL=lin_example_2",
            "13 LINEAR_SHARED=shared 2",
            "14 LINEAR_EU_TOKEN=t eu",
            "15 LINEAR_US_TOKEN=t us",
            "16 LINEAR_SEE_ALSO=(reference)",
        ],
    );
    reads(
        "onepassword-fields.json",
        Origin::OnePassword,
        &["2 EMAIL=user@mail.example", "3 PASSWORD=example password"],
    );
}

#[test]
fn bitwarden_gives_logins_fields_notes_and_keys() {
    reads(
        "bitwarden-export.json",
        Origin::Bitwarden,
        &[
            "27 GITHUB_USERNAME=octocat",
            "28 GITHUB_PASSWORD=example password",
            "19 GITHUB_TOKEN=ghp_example",
            "20 GITHUB_API_URL=https://api.example",
            r"35 DEPLOY_KEY=-----BEGIN EXAMPLE-----\nexample\n-----END EXAMPLE-----\n",
            "47 DEPLOY_EXAMPLE_PRIVATE_KEY=example private key",
            "52 GITHUB_PASSWORD_2=the other password",
            "52 GITHUB_TOTP=EXAMPLETOTP",
            "line 38: the item Card was left out",
        ],
    );
    reads(
        "bitwarden-list.json",
        Origin::Bitwarden,
        &[
            "5 DB_EXAMPLE_USERNAME=mcp_ro",
            "5 DB_EXAMPLE_PASSWORD=example",
        ],
    );
    let error = read(
        &example("bitwarden-encrypted.json"),
        Origin::Bitwarden,
        None,
    )
    .unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::Encrypted);
    assert!(error.remedy().unwrap().contains("bw export"));
}

#[test]
fn fnox_gives_what_is_plain() {
    let fnox_alone = |name| {
        format!(
            "{name} is kept by a provider that fnox alone can read; `fnox export` writes the values themselves"
        )
    };
    reads(
        "fnox.toml",
        Origin::Fnox,
        &[
            "8 NODE_ENV=development",
            "9 API_URL=https://api.example",
            "10 STRIPE_KEY=(reference)",
            "11 BY_DEFAULT=(reference)",
            "12 WITH_DEFAULT=example default",
            "13 TO_BE_SET=(name only)",
            "14 PART=(cannot be read (line 14): fnox gives a part of this value only)",
            r"16 LONG_FORM=two\nlines",
            "line 23: the value of API_URL in a profile was left out",
            &format!("line 10: {}", fnox_alone("STRIPE_KEY")),
            &format!("line 11: {}", fnox_alone("BY_DEFAULT")),
        ],
    );
}

#[test]
fn secretspec_gives_names_and_the_defaults_on_which_profiles_agree() {
    reads(
        "secretspec.toml",
        Origin::Secretspec,
        &[
            "6 DATABASE_URL=(name only)",
            "7 LOG_LEVEL=info",
            "8 REDIS_URL=(name only)",
            "14 SENTRY_DSN=(name only)",
            "15 SIGNING_KEY=(name only)",
            "line 8: REDIS_URL has different defaults in different profiles; none was taken",
        ],
    );
}

#[test]
fn a_secret_of_kubernetes_is_decoded() {
    reads(
        "kubernetes-secret.yaml",
        Origin::KubernetesSecret,
        &[
            "10 password=example password",
            r"11 binary=\xff\x00\xfe",
            "12 TLS_CRT=example cert",
            "15 broken=(cannot be read (line 15): the value is not Base64)",
            "17 empty=(empty)",
            "19 both=new",
        ],
    );
    reads(
        "kubernetes-list.json",
        Origin::KubernetesSecret,
        &[
            "5 ONE_PASSWORD=one",
            "7 TWO_PASSWORD=two",
            "7 user=me",
            "line 6: the item settings was left out",
        ],
    );
}

#[test]
fn flat_files_keep_names_and_numbers_as_they_are_written() {
    reads(
        "flat.json",
        Origin::Json,
        &[
            r#"2 TOKEN=line\none \xc3\xbc \"q\""#,
            "3 PORT=5432",
            "4 RATE=1.10",
            "5 DEBUG=false",
            "6 NOTHING=(empty)",
            "7 lower-case name=kept",
            "8 MOVED=(reference)",
        ],
    );
    reads(
        "pairs.json",
        Origin::Json,
        &[
            "2 TOKEN=example",
            "3 OTHER=(empty)",
            "4 ELSEWHERE=(reference)",
        ],
    );
    reads(
        "flat.yaml",
        Origin::Yaml,
        &[
            r"2 TOKEN=example \xc3\xbc",
            "3 PORT=5432",
            "4 VERSION=1.10",
            "5 PLAIN=some text",
            "6 NOTHING=(empty)",
            r"7 KEY=-----BEGIN EXAMPLE-----\nexample\n",
            "10 SINGLE=it\\'s",
        ],
    );
}

#[test]
fn what_is_not_the_tool_s_own_is_refused_with_its_line() {
    for (text, origin, kind, line) in [
        (
            "{\"A\": {\"B\": \"x\"}}",
            Origin::Json,
            ReadErrorKind::Nested,
            1,
        ),
        (
            "{\"A\": \"x\",\n\"B\": [1]}",
            Origin::Json,
            ReadErrorKind::Nested,
            2,
        ),
        (
            "{\"A\": \"x\",\n\"A\": \"y\"}",
            Origin::Json,
            ReadErrorKind::Twice,
            2,
        ),
        (
            "[{\"name\":\"A\",\"value\":\"x\"},\n{\"name\":\"A\",\"value\":\"y\"}]",
            Origin::Json,
            ReadErrorKind::Twice,
            2,
        ),
        ("{\"A\": ", Origin::Json, ReadErrorKind::Syntax, 1),
        ("\"A\"", Origin::Json, ReadErrorKind::Shape, 1),
        (
            "[{\"id\": \"x\"}]",
            Origin::OnePassword,
            ReadErrorKind::Shape,
            1,
        ),
        (
            "[{\"id\": \"x\"}]",
            Origin::Bitwarden,
            ReadErrorKind::Shape,
            1,
        ),
        (
            "{\"items\": \"x\"}",
            Origin::Bitwarden,
            ReadErrorKind::Shape,
            1,
        ),
        (
            "kind: ConfigMap\n",
            Origin::KubernetesSecret,
            ReadErrorKind::Shape,
            1,
        ),
        ("A = 1\n", Origin::Fnox, ReadErrorKind::Shape, 1),
        ("[secrets]\nA = 1\n", Origin::Fnox, ReadErrorKind::Shape, 2),
        ("A = 1\n", Origin::Secretspec, ReadErrorKind::Shape, 1),
        ("A: [1]\n", Origin::Yaml, ReadErrorKind::Nested, 1),
    ] {
        let error = read(text.as_bytes(), origin, None).unwrap_err();
        assert_eq!((error.kind, error.line), (kind, line), "{text}");
    }
    for origin in Origin::ALL {
        let error = read(b"\xFF\xFEA\0=\0", origin, None).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::NotText, "{}", origin.as_str());
    }
}
