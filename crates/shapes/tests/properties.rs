//! What holds for every text.

use mcp_launch_shapes::{
    Finding, Plain, Standing, judge, judge_arguments, judge_header, judge_url,
};
use proptest::prelude::*;

/// Text that is made of what the judge looks for.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "://",
        "@",
        ":",
        "/",
        "?",
        "#",
        "&",
        "=",
        ";",
        ",",
        " ",
        "\n",
        "\"",
        "'",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "$",
        "%",
        "$<",
        "${",
        "}}",
        "Bearer ",
        "postgres",
        "password",
        "Password=",
        "token",
        "-----BEGIN PRIVATE KEY-----",
        "-----",
        "ghp_",
        "sk-",
        "eyJ",
        "--token",
        "-e",
        "docker",
        "run",
        "Authorization: ",
        "ключ",
        "…",
        "é",
        "\\",
        "@tcp(",
        "thin:",
        "Q~",
        "a1B2c3D4e5F6g7H8",
        "hooks.slack.com",
    ]);
    let piece =
        prop_oneof![3 => pieces.prop_map(str::to_owned), 1 => ".{0,12}", 1 => "[A-Za-z0-9]{1,40}"];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// Whether the parts of `findings` are text of `value`, in order and apart, and the suggestions names.
fn are_sound(value: &str, findings: &[Finding]) -> bool {
    let in_order = findings
        .windows(2)
        .all(|pair| pair[0].part.end <= pair[1].part.start);
    in_order
        && findings.iter().all(|finding| {
            value
                .get(finding.part.clone())
                .is_some_and(|part| !part.is_empty())
                && finding.suggestion.as_deref().is_none_or(|name| {
                    !name.is_empty()
                        && !name.starts_with(|first: char| first.is_ascii_digit())
                        && name.bytes().all(|byte| {
                            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
                        })
                })
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_finding_is_text_of_its_value(name in text(), value in text()) {
        for judgement in [judge(&name, &value), judge_header(&name, &value), judge_url(&value)] {
            prop_assert!(are_sound(&value, &judgement.findings));
            prop_assert_eq!(judgement.findings.is_empty(), matches!(judgement.standing, Standing::Plain(_)));
        }
    }

    #[test]
    fn every_finding_among_arguments_is_text_of_its_argument(program in text(), arguments in prop::collection::vec(text(), 0..6)) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        for each in judge_arguments(&program, &arguments) {
            prop_assert!(are_sound(arguments[each.index], &[each.finding]));
        }
    }

    #[test]
    fn our_own_placeholders_are_references(name in text(), inside in "[^>]{1,40}") {
        let value = format!("$<{inside}>");
        prop_assert_eq!(judge(&name, &value).standing, Standing::Plain(Plain::Reference));
        prop_assert_eq!(judge("API_KEY", &value).standing, Standing::Plain(Plain::Reference));
    }

    #[test]
    fn a_random_key_under_a_secret_name_is_a_secret(key in "[A-Za-z0-9]{24,40}") {
        let distinct = key.bytes().collect::<std::collections::BTreeSet<_>>().len();
        prop_assume!(distinct >= 14);
        prop_assert_eq!(judge("API_KEY", &key).standing, Standing::Secret);
        let url = format!("postgres://app:{key}@db/app");
        prop_assert_eq!(&url[judge("X", &url).findings[0].part.clone()], &key);
    }
}
