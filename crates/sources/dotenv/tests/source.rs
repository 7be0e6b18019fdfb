//! The file as a source: what it says when it is absent, odd or a pipe.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::PathBuf;
use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, Secret, Source, SourceErrorKind};
use mcp_launch_source_dotenv::{Accepted, Dialect, DotenvSource, SCHEME, names_in};
use mcp_launch_testkit::{Canary, ORDINARY_UID, Scratch, conformance};

#[expect(clippy::disallowed_methods, reason = "made-up files")]
fn file(scratch: &Scratch, text: &[u8]) -> PathBuf {
    let path = scratch.home().join(".env");
    std::fs::write(&path, text).unwrap();
    path
}

fn fetch(source: &DotenvSource, names: &[&str]) -> Vec<Result<String, SourceErrorKind>> {
    let locators: Vec<Locator> = names.iter().copied().map(Locator::new).collect();
    source
        .fetch(&locators, Deadline::after(Duration::from_secs(10)))
        .into_iter()
        .map(|outcome| {
            outcome
                .map(|value| text(&value))
                .map_err(|error| error.kind())
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "made-up values, compared")]
fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}

#[test]
fn conforms_however_the_file_is_read() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    let value = canary.value();
    let plain = file(
        &scratch,
        format!("# c\npresent='{value}'\nother=1\n").as_bytes(),
    );
    conformance(
        &DotenvSource::new(plain, None),
        "present",
        "missing",
        &canary,
    );

    let text = format!("odd=$x y\npresent='{value}'\nopen='{value}\n");
    let odd = file(&scratch, text.as_bytes());
    for dialect in Dialect::ALL.into_iter().map(Some).chain([None]) {
        let source = DotenvSource::new(odd.clone(), dialect);
        conformance(&source, "present", "missing", &canary);
    }
}

/// Nothing of a value stands in what is said of a name that has none.
#[test]
fn refusals_hold_no_value() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    let value = canary.value();
    for text in [
        format!("A=\"{value}$x\"\n"),
        format!("A={value} {value}\n"),
        format!("A='{value}\n"),
        format!("B='{value}\nA={value}\n"),
        format!("A={value}'\\\"$\n"),
        format!("A=`{value}\n"),
        format!("A=$({value})\n{value}\n"),
    ] {
        let path = file(&scratch, text.as_bytes());
        for dialect in Dialect::ALL.into_iter().map(Some).chain([None]) {
            let source = DotenvSource::new(path.clone(), dialect);
            let name = Locator::new("A");
            let answers = source.fetch(
                std::slice::from_ref(&name),
                Deadline::after(Duration::from_secs(10)),
            );
            for error in answers.into_iter().filter_map(Result::err) {
                canary.assert_absent("the error", format!("{error} {error:?}"));
                let remedy = source.remedy(&name, error).unwrap_or_default();
                canary.assert_absent("the remedy", remedy);
            }
        }
    }
}

#[test]
fn answers_in_order_and_keeps_the_remedy() {
    let scratch = Scratch::new();
    let path = file(&scratch, b"A=1\nB=a#b\nC='3'\n");
    let source = DotenvSource::new(path.clone(), None);
    assert_eq!(
        fetch(&source, &["C", "B", "D", "A"]),
        [
            Ok("3".to_owned()),
            Err(SourceErrorKind::Ambiguous),
            Err(SourceErrorKind::Missing),
            Ok("1".to_owned()),
        ]
    );
    let remedy = |name: &str| {
        let error = mcp_launch_core::SourceError::new(SourceErrorKind::Ambiguous);
        source.remedy(&Locator::new(name), error)
    };
    assert!(remedy("B").unwrap().starts_with("write line 2 as B='…'"));
    assert_eq!(remedy("A"), None);
    assert_eq!(source.place(&Locator::new("A")), path.display().to_string());

    let looked = source.look(
        &[Locator::new("A"), Locator::new("B")],
        Deadline::after(Duration::ZERO),
    );
    assert!(looked[0].is_ok());
    assert_eq!(looked[1].unwrap_err().kind(), SourceErrorKind::Ambiguous);

    let node = DotenvSource::new(path.clone(), Dialect::parse("node"));
    assert_eq!(fetch(&node, &["B"]), [Ok("a".to_owned())]);
    assert_eq!(
        names_in(&path, Deadline::after(Duration::ZERO)).unwrap(),
        ["A", "B", "C"]
    );
}

#[test]
fn says_what_is_wrong_with_the_file() {
    let scratch = Scratch::new();
    let absent = DotenvSource::new(scratch.home().join("none"), None).only(Accepted::Own);
    assert_eq!(
        fetch(&absent, &["A", "B"]),
        [Err(SourceErrorKind::Absent), Err(SourceErrorKind::Absent)]
    );
    let is_folder = DotenvSource::new(scratch.home(), None);
    assert_eq!(fetch(&is_folder, &["A"]), [Err(SourceErrorKind::Malformed)]);
    let endless = DotenvSource::new(PathBuf::from("/dev/zero"), None);
    assert_eq!(fetch(&endless, &["A"]), [Err(SourceErrorKind::Malformed)]);
    let long = file(&scratch, &[b'#'; (4 << 20) + 1]);
    assert_eq!(
        fetch(&DotenvSource::new(long, None), &["A"]),
        [Err(SourceErrorKind::Malformed)]
    );
}

#[cfg(unix)]
#[test]
fn what_was_not_named_for_this_launch_is_a_regular_file() {
    use std::os::unix::fs::{chown, symlink};

    let scratch = Scratch::new();
    let answer = |path: &std::path::Path, accepted| {
        let source = DotenvSource::new(path.to_owned(), None).only(accepted);
        fetch(&source, &["A"]).remove(0)
    };
    let pipe = scratch.home().join("pipe");
    let made = scratch.command("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let link = scratch.home().join("link");
    symlink("/dev/null", &link).unwrap();
    let plain = file(&scratch, b"A=1\n");
    for accepted in [Accepted::Own, Accepted::Regular] {
        for wrong in [pipe.as_path(), &link, &scratch.home()] {
            assert_eq!(answer(wrong, accepted), Err(SourceErrorKind::Malformed));
        }
        assert_eq!(answer(&plain, accepted), Ok("1".to_owned()));
    }

    chown(&plain, Some(ORDINARY_UID), None)
        .expect("this test gives a file to another user: run it as root, as `tests/run` does");
    assert_eq!(answer(&plain, Accepted::Own), Err(SourceErrorKind::Denied));
    assert_eq!(answer(&plain, Accepted::Regular), Ok("1".to_owned()));
}

/// Only a file that nobody named may be absent, and leave the answer to another store.
#[test]
fn a_named_file_must_be_there() {
    let scratch = Scratch::new();
    let path = scratch.home().join("none");
    let name = Locator::new("A");
    let deadline = Deadline::after(Duration::from_secs(10));
    for accepted in [Accepted::Any, Accepted::Regular] {
        let named = DotenvSource::new(path.clone(), None).only(accepted);
        let looked = named.look(std::slice::from_ref(&name), deadline);
        let error = looked[0].unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Unavailable);
        assert!(!error.lets_next_answer());
        let remedy = named.remedy(&name, error).unwrap();
        let create = format!("create {}, or correct", path.display());
        assert!(remedy.starts_with(&create), "{remedy}");
    }
    let unnamed = DotenvSource::new(path, None).only(Accepted::Own);
    let looked = unnamed.look(std::slice::from_ref(&name), deadline);
    assert!(looked[0].unwrap_err().lets_next_answer());
}

/// In such a file no reader sees the names, which must not pass for their absence.
#[test]
fn a_file_that_is_not_utf8_text_is_an_error_for_every_name() {
    let scratch = Scratch::new();
    let little: Vec<u8> = "\u{FEFF}A=1\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = "\u{FEFF}A=1\r\n"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let widest: Vec<u8> = "\u{FEFF}A=1\n"
        .chars()
        .flat_map(|one| (one as u32).to_be_bytes())
        .collect();
    for (bytes, about) in [
        (little.as_slice(), "UTF-16"),
        (&little[2..], "NUL bytes"),
        (&big, "UTF-16"),
        (&widest, "UTF-32"),
        (b"A=1\nB=\0\n", "NUL bytes"),
    ] {
        let path = file(&scratch, bytes);
        for dialect in Dialect::ALL.into_iter().map(Some).chain([None]) {
            let source = DotenvSource::new(path.clone(), dialect);
            for name in ["A", "NONE"] {
                let name = Locator::new(name);
                let deadline = Deadline::after(Duration::from_secs(10));
                let error = source.look(std::slice::from_ref(&name), deadline)[0].unwrap_err();
                assert_eq!(error.kind(), SourceErrorKind::Malformed, "{bytes:?}");
                assert!(error.explanation().unwrap().contains(about), "{error}");
                let remedy = source.remedy(&name, error).unwrap();
                assert_eq!(remedy, "save the file as UTF-8");
            }
        }
        let error = names_in(&path, Deadline::after(Duration::from_secs(10))).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Malformed);
    }
}

#[cfg(unix)]
#[test]
fn reads_a_pipe() {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    let (reader, mut writer) = std::io::pipe().unwrap();
    let text = "# comment\nA=1\n".repeat(2000);
    let written = text.clone();
    let thread = std::thread::spawn(move || writer.write_all(written.as_bytes()).unwrap());
    let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
    assert_eq!(
        fetch(&DotenvSource::new(path, None), &["A"]),
        [Ok("1".to_owned())]
    );
    thread.join().unwrap();
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_closes_is_an_error_at_the_deadline() {
    use std::os::fd::AsRawFd;

    let (reader, _writer) = std::io::pipe().unwrap();
    let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
    let deadline = Deadline::after(Duration::from_millis(50));
    let answers = DotenvSource::new(path, None).fetch(&[Locator::new("A")], deadline);
    let error = answers[0].as_ref().err().unwrap();
    assert_eq!(error.kind(), SourceErrorKind::TimedOut);
}

#[test]
fn takes_names_and_nothing_else() {
    assert!((SCHEME.check)("DB_URL").is_ok());
    assert!((SCHEME.check)("a.b-c").is_ok());
    for wrong in ["", "A B", "A=1", "A#", "'A'", "A\n"] {
        assert!((SCHEME.check)(wrong).is_err(), "{wrong:?}");
    }
}
