//! `$<file:…>`: one file, or a name in a systemd or container secrets folder.
//!
//! * A path (`/run/keys/github`, `~/keys/github`, `./key`) is that file.
//! * A bare name (`github`) is looked up in `$CREDENTIALS_DIRECTORY`, where systemd puts what
//!   `LoadCredential=` names, then in `/run/secrets`, where Docker, Podman and Compose put secrets.
//!
//! The value is the file's bytes, a final line end included: nothing is trimmed unless the settings
//! say so.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use mcp_launch_core::{
    Deadline, Environment, LineEnd, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind, shown,
};
use zeroize::Zeroizing;

/// The scheme `file`.
pub const SCHEME: Scheme = Scheme {
    name: "file",
    summary: "one file, or a name in a systemd or container secrets folder",
    example: "$<file:/run/secrets/github>",
    check,
    overlap,
    logins: &[],
};

/// The largest file that is taken for a value. An environment of more than about 2 MB cannot be given to a
/// process, and one variable has at most 128 KiB on Linux (`MAX_ARG_STRLEN`).
const LARGEST: u64 = 1 << 20;

const CONTAINER_SECRETS: &str = "/run/secrets";

fn check(locator: &str) -> Result<(), LocatorError> {
    if locator == ".." || locator == "." || locator.ends_with('/') {
        return Err(LocatorError("this names a folder, not a file"));
    }
    Ok(())
}

fn overlap(one: &str, other: &str, environment: &Environment) -> bool {
    let others = places(other, environment);
    places(one, environment)
        .iter()
        .any(|place| others.contains(place))
}

/// The absolute paths of a locator, without `.`, `..` and double slashes.
fn places(locator: &str, environment: &Environment) -> Vec<String> {
    FileSource::new(environment, LineEnd::Keep)
        .paths(&Locator::new(locator))
        .iter()
        .map(|path| cleaned(path).to_string_lossy().into_owned())
        .collect()
}

fn cleaned(path: &Path) -> PathBuf {
    // It fails where the working directory is gone, and then a relative path leads nowhere.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut cleaned = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                cleaned.pop();
            }
            component => cleaned.push(component),
        }
    }
    cleaned
}

/// Reads files.
pub struct FileSource {
    home: Option<PathBuf>,
    folders: Vec<PathBuf>,
    line_end: LineEnd,
}

impl FileSource {
    /// The source as `environment` shows it: `HOME` for `~/`, `CREDENTIALS_DIRECTORY` for bare names.
    #[must_use]
    pub fn new(environment: &Environment, line_end: LineEnd) -> Self {
        let folders = environment
            .get_non_empty("CREDENTIALS_DIRECTORY")
            .map(PathBuf::from)
            .into_iter()
            .chain([PathBuf::from(CONTAINER_SECRETS)])
            .collect();
        Self {
            home: environment.get_non_empty("HOME").map(PathBuf::from),
            folders,
            line_end,
        }
    }

    /// The paths a locator may mean, in the order they are tried.
    fn paths(&self, locator: &Locator) -> Vec<PathBuf> {
        let text = locator.as_str();
        match (text.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => vec![home.join(rest)],
            _ if text.contains(['/', '\\']) => vec![PathBuf::from(text)],
            _ => self
                .folders
                .iter()
                .map(|folder| folder.join(text))
                .collect(),
        }
    }

    /// The first of a locator's paths that exists, opened.
    fn open(&self, locator: &Locator) -> Result<File, SourceError> {
        for path in self.paths(locator) {
            match open_regular(&path) {
                Err(error) if error.kind() == SourceErrorKind::Missing => {}
                answer => return answer,
            }
        }
        Err(SourceError::new(SourceErrorKind::Missing))
    }

    fn read(&self, locator: &Locator) -> Result<Secret, SourceError> {
        let file = self.open(locator)?;
        let length = file
            .metadata()
            .map_err(|error| SourceError::from_io(&error))?
            .len();
        // Room for one byte more than announced, so that the buffer is not moved while it is filled.
        let mut bytes = Zeroizing::new(Vec::with_capacity(
            usize::try_from(length.min(LARGEST)).unwrap_or(0) + 1,
        ));
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| SourceError::from_io(&error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(SourceError::new(SourceErrorKind::Malformed)
                .note("the file is larger than 1 MiB, so it is hardly a secret"));
        }
        self.line_end.apply(&mut bytes);
        Ok(Secret::from(bytes))
    }
}

impl Source for FileSource {
    fn place(&self, locator: &Locator) -> String {
        let paths: Vec<String> = self
            .paths(locator)
            .iter()
            .map(|path| shown(&path).to_string())
            .collect();
        paths.join(" or ")
    }

    fn fetch(&self, locators: &[Locator], _: Deadline) -> Vec<Result<Secret, SourceError>> {
        locators.iter().map(|locator| self.read(locator)).collect()
    }

    fn look(&self, locators: &[Locator], _: Deadline) -> Vec<Result<(), SourceError>> {
        locators
            .iter()
            .map(|locator| self.open(locator).map(|_| ()))
            .collect()
    }

    fn remedy(&self, locator: &Locator, error: SourceError) -> Option<String> {
        let place = self.place(locator);
        match error.kind() {
            SourceErrorKind::Denied => Some(format!("let your user read {place}")),
            SourceErrorKind::Missing => Some(format!("create {place}")),
            _ => None,
        }
    }
}

/// Opens `path`, which must be a regular file: a pipe could make a launch wait for ever. What was opened is what
/// is looked at, so that nothing can be put in its place in between.
fn open_regular(path: &Path) -> Result<File, SourceError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // Opening a pipe does not wait for a writer then, and a terminal does not become ours.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options
        .open(path)
        .map_err(|error| SourceError::from_io(&error))?;
    let metadata = file
        .metadata()
        .map_err(|error| SourceError::from_io(&error))?;
    if !metadata.is_file() {
        return Err(SourceError::new(SourceErrorKind::Malformed).note("this is not a regular file"));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(5))
    }

    #[expect(clippy::disallowed_methods, reason = "the values under test")]
    fn fetched(source: &FileSource, locators: &[&str]) -> Vec<Result<Vec<u8>, SourceErrorKind>> {
        let locators: Vec<Locator> = locators.iter().map(|&text| Locator::new(text)).collect();
        let looked: Vec<_> = source
            .look(&locators, soon())
            .into_iter()
            .map(|answer| answer.map_err(|error| error.kind()))
            .collect();
        let fetched: Vec<_> = source
            .fetch(&locators, soon())
            .into_iter()
            .map(|answer| {
                answer
                    .map(|secret| secret.expose().to_vec())
                    .map_err(|error| error.kind())
            })
            .collect();
        for (looked, fetched) in looked.iter().zip(&fetched) {
            assert_eq!(looked.is_ok(), fetched.is_ok());
        }
        fetched
    }

    #[test]
    fn every_spelling_of_a_path_has_a_place_in_common() {
        let environment =
            Environment::from_pairs([("HOME", "/h"), ("CREDENTIALS_DIRECTORY", "/run/c")]);
        let places = |locator: &str| super::places(locator, &environment);
        let here = std::env::current_dir().unwrap();
        let below = "../".repeat(here.components().count());
        for spelling in [
            "/h/secret",
            "/h/./secret",
            "//h//secret",
            "/h/x/../secret",
            "/../h/secret",
            "~/secret",
            "~//h/secret",
            &format!("{below}h/secret"),
        ] {
            assert_eq!(places(spelling), ["/h/secret"], "{spelling}");
        }
        assert_eq!(places("github"), ["/run/c/github", "/run/secrets/github"]);
        assert_eq!(places("./key"), [here.join("key").display().to_string()]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "files of the test's own")]
    fn reads_paths_home_paths_and_credential_names() {
        let folder = mcp_launch_testkit::Scratch::new();
        let root = folder.home();
        std::fs::create_dir(root.join("credentials")).unwrap();
        std::fs::write(root.join("credentials/github"), b"\xffbytes\n").unwrap();
        std::fs::write(root.join("key"), b"k\r\n").unwrap();
        let environment = Environment::from_pairs([
            ("HOME", root.clone()),
            ("CREDENTIALS_DIRECTORY", root.join("credentials")),
        ]);
        let absolute = root.join("key").display().to_string();
        let locators = [
            &absolute,
            "~/key",
            "github",
            "none",
            "~/none",
            "~/credentials",
        ];

        let kept = FileSource::new(&environment, LineEnd::Keep);
        assert_eq!(
            fetched(&kept, &locators),
            [
                Ok(b"k\r\n".to_vec()),
                Ok(b"k\r\n".to_vec()),
                Ok(b"\xffbytes\n".to_vec()),
                Err(SourceErrorKind::Missing),
                Err(SourceErrorKind::Missing),
                Err(SourceErrorKind::Malformed),
            ]
        );
        let stripped = FileSource::new(&environment, LineEnd::Strip);
        assert_eq!(
            fetched(&stripped, &["~/key", "github"]),
            [Ok(b"k".to_vec()), Ok(b"\xffbytes".to_vec())]
        );
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "files of the test's own")]
    fn refuses_what_is_too_large_for_a_secret() {
        let folder = mcp_launch_testkit::Scratch::new();
        let path = folder.home().join("large");
        std::fs::write(&path, vec![b'x'; LARGEST as usize + 1]).unwrap();
        let source = FileSource::new(&Environment::from_pairs::<&str, &str>([]), LineEnd::Keep);
        let locators = [Locator::new(path.display().to_string())];
        let answer = source.fetch(&locators, soon()).remove(0);
        assert_eq!(
            answer.err().map(|error| error.kind()),
            Some(SourceErrorKind::Malformed)
        );
    }
}
