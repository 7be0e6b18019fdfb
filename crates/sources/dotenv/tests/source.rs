//! The file as a source: what it says when it is absent, odd or a pipe.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::path::PathBuf;
use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, Secret, Source, SourceErrorKind};
use mcp_launch_source_dotenv::{Dialect, DotenvSource, SCHEME, names_in};

/// A folder that is gone when the test is done.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("dotenv-source-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    #[expect(clippy::disallowed_methods, reason = "made-up files")]
    fn file(&self, text: &[u8]) -> PathBuf {
        let path = self.0.join(".env");
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
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
fn answers_in_order_and_keeps_the_remedy() {
    let folder = Folder::new("order");
    let path = folder.file(b"A=1\nB=a#b\nC='3'\n");
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
    assert_eq!(names_in(&path).unwrap(), ["A", "B", "C"]);
}

#[test]
fn says_what_is_wrong_with_the_file() {
    let folder = Folder::new("wrong");
    let absent = DotenvSource::new(folder.0.join("none"), None);
    assert_eq!(
        fetch(&absent, &["A", "B"]),
        [Err(SourceErrorKind::Absent), Err(SourceErrorKind::Absent)]
    );
    let is_folder = DotenvSource::new(folder.0.clone(), None);
    assert_eq!(fetch(&is_folder, &["A"]), [Err(SourceErrorKind::Malformed)]);
    let endless = DotenvSource::new(PathBuf::from("/dev/zero"), None);
    assert_eq!(fetch(&endless, &["A"]), [Err(SourceErrorKind::Malformed)]);
    let long = folder.file(&[b'#'; (4 << 20) + 1]);
    assert_eq!(
        fetch(&DotenvSource::new(long, None), &["A"]),
        [Err(SourceErrorKind::Malformed)]
    );
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

#[test]
fn takes_names_and_nothing_else() {
    assert!((SCHEME.check)("DB_URL").is_ok());
    assert!((SCHEME.check)("a.b-c").is_ok());
    for wrong in ["", "A B", "A=1", "A#", "'A'", "A\n"] {
        assert!((SCHEME.check)(wrong).is_err(), "{wrong:?}");
    }
}
