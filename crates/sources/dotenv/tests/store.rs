//! The file as a store: what a write changes, and what it refuses.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, Over, Secret, Source, SourceErrorKind, Store, Write};
use mcp_launch_source_dotenv::{Accepted, Dialect, DotenvSource};
use mcp_launch_testkit::{Canary, Scratch};

const FILE: &str = "# head\r\n\r\nA=1 # first\r\nexport B='two'\r\n\r\n# tail\r\nC=\"3\"";

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(10))
}

fn source(path: &Path) -> DotenvSource {
    DotenvSource::new(path.to_owned(), None)
}

fn file(scratch: &Scratch, text: &str) -> PathBuf {
    scratch.write(".env", text)
}

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

/// Writes all at once, and what became of each.
fn written(
    source: &DotenvSource,
    writes: &[(&str, &str, Over<'_>)],
) -> Vec<Option<SourceErrorKind>> {
    let values: Vec<Secret> = writes.iter().map(|(_, value, _)| secret(value)).collect();
    let writes: Vec<Write<'_>> = writes
        .iter()
        .zip(&values)
        .map(|((name, _, over), value)| Write {
            name,
            value,
            over: *over,
        })
        .collect();
    source
        .write(&writes, soon())
        .into_iter()
        .map(|outcome| outcome.err().map(|error| error.kind()))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "made-up values, compared")]
fn got(source: &DotenvSource, name: &str) -> Result<String, SourceErrorKind> {
    match source.fetch(&[Locator::new(name)], soon()).pop().unwrap() {
        Ok(value) => Ok(String::from_utf8_lossy(value.expose()).into_owned()),
        Err(error) => Err(error.kind()),
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn what_was_written_is_what_is_got() {
    let scratch = Scratch::new();
    let source = source(&scratch.home().join(".env"));
    assert_eq!(
        source.names("", soon()).unwrap_err().kind(),
        SourceErrorKind::Absent
    );
    for value in [
        "plain",
        "two words ",
        "a#b",
        "it's",
        "$x \\ \"q\"",
        "a\nb",
        "",
        "$$<A>",
    ] {
        source.put("A", &secret(value), soon()).unwrap();
        assert_eq!(got(&source, "A").as_deref(), Ok(value));
    }
    source.put("_B", &secret("b"), soon()).unwrap();
    assert_eq!(source.names("", soon()).unwrap(), ["A", "_B"]);
    source.remove("A", soon()).unwrap();
    assert_eq!(got(&source, "A"), Err(SourceErrorKind::Missing));
    assert_eq!(got(&source, "_B").as_deref(), Ok("b"));
    for name in ["A", "NEVER"] {
        assert_eq!(
            source.remove(name, soon()).unwrap_err().kind(),
            SourceErrorKind::Missing
        );
    }
    let entries = scratch.home().read_dir().unwrap();
    let beside = entries.filter(|entry| entry.as_ref().unwrap().path().is_file());
    assert_eq!(beside.count(), 1, "nothing is left beside it");
}

#[test]
fn comments_order_and_line_ends_stay() {
    let scratch = Scratch::new();
    let path = file(&scratch, FILE);
    let source = source(&path);
    let anything = Over::Anything;
    assert_eq!(
        written(
            &source,
            &[
                ("B", "it's", anything),
                ("NEW", "4", anything),
                ("A", "x y", anything)
            ]
        ),
        [None, None, None]
    );
    let expected = FILE.replace("'two'", "\"it's\"").replace("A=1", "A='x y'");
    assert_eq!(text(&path), format!("{expected}\r\nNEW=4"));
    source.remove("NEW", soon()).unwrap();
    assert_eq!(text(&path), format!("{expected}\r\n"));
}

#[test]
fn a_write_goes_over_nothing_that_it_was_not_told_of() {
    let scratch = Scratch::new();
    let path = file(&scratch, "A=1\nB=a#b\nR='$<R>'\n");
    let source = source(&path);
    let (one, two) = (secret("1"), secret("2"));
    let conflict = Some(SourceErrorKind::Conflict);
    assert_eq!(
        written(
            &source,
            &[
                ("A", "x", Over::Nothing),
                ("A", "x", Over::Value(&two)),
                ("NEW", "x", Over::Value(&one)),
                ("B", "x", Over::Nothing),
                ("R", "x", Over::Nothing),
                ("N", "n", Over::Nothing),
                ("A", "2", Over::Value(&one)),
                // What the batch itself has written counts.
                ("A", "3", Over::Value(&two)),
            ]
        ),
        [
            conflict,
            conflict,
            conflict,
            // Nobody can say what is there.
            Some(SourceErrorKind::Ambiguous),
            conflict,
            None,
            None,
            None
        ]
    );
    assert_eq!(text(&path), "A=3\nB=a#b\nR='$<R>'\nN=n\n");
    assert_eq!(
        written(
            &source,
            &[("B", "b", Over::Anything), ("R", "r", Over::Anything)]
        ),
        [None, None]
    );
    assert_eq!(text(&path), "A=3\nB=b\nR=r\nN=n\n");
}

#[test]
fn what_no_reader_or_not_every_reader_takes_is_refused_and_told() {
    let scratch = Scratch::new();
    let canary = Canary::new();
    let before = "A=1\n";
    let path = file(&scratch, before);
    let source = source(&path);
    for (name, value, note) in [
        ("A", format!("it's ${}", canary.value()), "no spelling"),
        ("A", format!("{}\0", canary.value()), "no spelling"),
        ("A-B", canary.value().to_owned(), "this name"),
        ("UID", canary.value().to_owned(), "this name"),
        ("A", "$<A>".to_owned(), "reference"),
        ("A", "$<no name>".to_owned(), "reference"),
    ] {
        let error = source.put(name, &secret(&value), soon()).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Malformed);
        let told = error.to_string();
        assert!(told.contains(note), "{told}");
        canary.assert_absent("the error", told);
        assert_eq!(text(&path), before);
    }
    // A quote that is open to some readers: what B is depends on it.
    let entangled = "A='x\nB=1\nC='y'\n";
    let path = file(&scratch, entangled);
    let error = source.remove("B", soon()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Ambiguous);
    assert_eq!(text(&path), entangled);
}

#[test]
fn the_reader_that_counts_reads_what_was_written() {
    let scratch = Scratch::new();
    let path = file(&scratch, FILE);
    for dialect in Dialect::ALL {
        let source = DotenvSource::new(path.clone(), Some(dialect));
        let before = text(&path);
        match source.put("A", &secret("new"), soon()) {
            Ok(()) => assert_eq!(got(&source, "A").as_deref(), Ok("new")),
            // To a shell the carriage return is part of the value.
            Err(error) => {
                assert_eq!(Some(dialect), Dialect::parse("bash"), "{error}");
                assert_eq!(text(&path), before);
            }
        }
    }
}

#[test]
fn only_a_regular_file_in_utf_8_is_written() {
    let scratch = Scratch::new();
    let foreign = scratch.write("utf16", b"\xFF\xFEA\0=\x001\0".as_slice());
    for path in [scratch.home(), foreign] {
        let error = source(&path).put("A", &secret("x"), soon()).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Malformed, "{error}");
    }
    let nowhere = scratch.home().join("nowhere/.env");
    let error = source(&nowhere).put("A", &secret("x"), soon()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Unavailable, "{error}");
}

#[cfg(unix)]
#[test]
fn a_new_file_is_private_and_an_old_one_keeps_mode_and_link() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let scratch = Scratch::new();
    let real = scratch.write("dotfiles/env", "A=1\n");
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
    let link = scratch.home().join(".env");
    symlink("dotfiles/env", &link).unwrap();
    source(&link).put("A", &secret("2"), soon()).unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(text(&real), "A=2\n");
    assert_eq!(real.metadata().unwrap().mode() & 0o7777, 0o640);

    let new = scratch.home().join("new.env");
    source(&new).put("A", &secret("2"), soon()).unwrap();
    assert_eq!(new.metadata().unwrap().mode() & 0o7777, 0o600);
    assert!(
        DotenvSource::new(new, None)
            .only(Accepted::Own)
            .store()
            .is_some()
    );
}

#[test]
fn many_writers_lose_nothing() {
    let scratch = Scratch::new();
    let path = scratch.home().join(".env");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for index in 0..10 {
                    let name = format!("W{writer}_{index}");
                    source(path).put(&name, &secret("x"), soon()).unwrap();
                }
            });
        }
    });
    assert_eq!(source(&path).names("", soon()).unwrap().len(), 40);
}

#[test]
fn a_reference_is_never_handed_out() {
    let scratch = Scratch::new();
    let path = file(
        &scratch,
        "# c\nA='$<A>'\nV=\"1\"\nB='$<vault:secret/app#DB:-x>'\nFD='$<fd:A>'\nODD='$<a b>'\nTEXT='x$<A>'\nLITERAL='$$<A>'\n",
    );
    for dialect in Dialect::ALL.into_iter().map(Some).chain([None]) {
        let source = DotenvSource::new(path.clone(), dialect);
        let elsewhere = |name: &str| {
            let locator = Locator::new(name);
            let looked = source.look(std::slice::from_ref(&locator), soon());
            let told = looked.into_iter().next().unwrap().unwrap_err();
            assert_eq!(got(&source, name), Err(told.kind()));
            let referral = source.referral(&locator).map(|to| to.to_string());
            let remedy = source.remedy(&locator, told).is_some();
            (told.kind(), told.position(), referral, remedy)
        };
        use mcp_launch_core::Position::Line;
        // The readers that know backslashes or dollars in these quotes are asked too, each for itself.
        assert_eq!(
            elsewhere("A"),
            (
                SourceErrorKind::Elsewhere,
                Line(2),
                Some("$<A>".to_owned()),
                false
            )
        );
        let (kind, line, referral, _) = elsewhere("B");
        assert_eq!((kind, line), (SourceErrorKind::Elsewhere, Line(4)));
        assert_eq!(referral.as_deref(), Some("$<vault:secret/app#DB:-…>"));
        for (name, line) in [("FD", 5), ("ODD", 6)] {
            assert_eq!(
                elsewhere(name),
                (SourceErrorKind::Malformed, Line(line), None, true)
            );
        }
        assert_eq!(got(&source, "TEXT").as_deref(), Ok("x$<A>"));
        assert_eq!(got(&source, "LITERAL").as_deref(), Ok("$$<A>"));
    }
}
