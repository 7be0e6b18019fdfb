//! Texts that somebody made to be slow are judged in a time that grows as they do: with one that grows as its square, these
//! tests would go on for hours.

use mcp_launch_shapes::{ARGUMENTS, LONGEST, Plain, Standing, judge, judge_arguments};

#[test]
fn a_text_that_is_longer_than_any_secret_is_not_judged() {
    let key = "ghp_kR7mZ2qLxW9tB4vNcY6sHd1pJf8uGe3aVo5X ";
    let longer = format!("{key}{}", "x".repeat(LONGEST));
    let longest = &longer[..LONGEST];
    assert_eq!(judge("TOKEN", longest).standing, Standing::Secret);
    let told = judge("TOKEN", &longer).standing;
    assert_eq!(told, Standing::Plain(Plain::TooLong));
    let huge = key.repeat((20 << 20) / key.len());
    assert!(judge_arguments("bash", &["-c", &huge]).is_empty());
}

#[test]
fn every_argument_up_to_the_last_that_is_judged_is_looked_at_once() {
    let key = "ghp_kR7mZ2qLxW9tB4vNcY6sHd1pJf8uGe3aVo5X";
    for (program, word) in [("server", "a b"), ("bash", "-c"), ("docker", "-e")] {
        let mut arguments = vec![word; 100_000];
        arguments[0] = "run";
        arguments[ARGUMENTS - 1] = key;
        arguments[ARGUMENTS] = key;
        let found = judge_arguments(program, &arguments);
        let indices: Vec<usize> = found.iter().map(|found| found.index).collect();
        assert_eq!(indices, [ARGUMENTS - 1], "{program}");
    }
    // A shell is known by any argument before, also by one far away.
    let mut arguments = vec!["x"; ARGUMENTS - 2];
    let line = format!("server --token {key}");
    arguments[0] = "bash";
    arguments.extend(["-c", &line]);
    let found = judge_arguments("env", &arguments);
    assert_eq!(found[0].index, ARGUMENTS - 1);
    assert_eq!(&line[found[0].finding.part.clone()], key);
}

#[test]
fn texts_that_repeat_themselves_are_judged_to_their_end() {
    let nested = format!(
        "{}\"token\":\"x\"{}",
        "{\"a\":".repeat(43_000),
        "}".repeat(43_000)
    );
    let repeated = |text: &str| text.repeat((32 << 10) / text.len());
    for text in [
        nested,
        format!("[{}\"x\"]", "[\"a\",".repeat(20_000)),
        format!("{{{}\"a\":\"b\"}}", "\"a\":\"\\\"b\\\"\",".repeat(20_000)),
        format!("x://{}", repeated(",")),
        format!("x://{}", repeated("a,")),
        repeated("x://"),
        repeated("a://b:c@d "),
        // Fast for each, so there are many.
        "a={;".repeat(LONGEST / 16),
        repeated("a='x;"),
        repeated("a=b;"),
        repeated("$<"),
        repeated("${"),
        repeated("{{"),
        repeated("%"),
        repeated("$a"),
        repeated("eyJ."),
        repeated("A: b\n"),
        repeated("-----BEGIN "),
        repeated("ghp_kR7mZ2qLxW9tB4vNcY6sHd1pJf8uGe3aVo5X "),
        repeated("\""),
        repeated("\\\""),
    ] {
        std::hint::black_box(judge("SETTINGS", &text));
        assert!(judge_arguments("sh", &["-c", &text]).len() <= ARGUMENTS);
    }
}
