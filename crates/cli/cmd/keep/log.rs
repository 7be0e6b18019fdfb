//! `keeper.log`: what keepers did, one line for each event, for the person whose leases they are.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The size from which on a new file is begun, in bytes. One older file stays, `keeper.log.1`.
const LARGE: u64 = 256 << 10;

/// The longest text of an event, in bytes.
const LONGEST_EVENT: usize = 4 << 10;

/// The log of all keepers of a user, to which this one writes.
pub(super) struct Log {
    file: Option<PathBuf>,
    about: String,
}

impl Log {
    /// The log in `folder`, about the keeper that this process is. Without a folder nothing is written.
    pub(super) fn within(folder: Option<PathBuf>, server: u32, store: &str) -> Self {
        let own = std::process::id();
        Self {
            file: folder.map(|folder| folder.join("keeper.log")),
            about: format!("keeper {own} of server {server}, {store}"),
        }
    }

    /// Writes a line. One that cannot be written is lost: keeping goes on.
    pub(super) fn write(&self, event: &str) {
        if let Some(file) = &self.file {
            let line = format!("{} {}: {}\n", now(), self.about, one_line(event));
            let _lost = append(file, line.as_bytes());
        }
    }
}

/// The file is opened for each line, because another keeper may have begun a new one.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let mut file = open(path)?;
    // One that holds the lock for longer is stopped or gone mad: then the file is large for once.
    let alone = file.try_lock().is_ok();
    if alone && fs::metadata(path)?.len() >= LARGE {
        fs::rename(path, path.with_extension("log.1"))?;
        file = open(path)?;
    }
    file.write_all(line)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut folder = DirBuilder::new();
            folder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
            folder.create(path.parent().unwrap_or(path))?;
            options.open(path)
        }
        opened => opened,
    }
}

/// In seconds, in universal time: `2026-03-01T12:00:00Z`.
fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0)
        .unwrap_or(now)
        .format(&Rfc3339)
        .unwrap_or_default()
}

/// A path of a store must not look like a line of ours, or steer the terminal that shows it, or fill the log.
fn one_line(event: &str) -> String {
    let mut line = mcp_launch_core::shown(event).to_string();
    if line.len() > LONGEST_EVENT {
        line.truncate(line.floor_char_boundary(LONGEST_EVENT));
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_only_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::within(
            Some(folder.path().join("deep/state")),
            7,
            "https://vault.example",
        );
        log.write("a\nb\u{1b}");
        log.write("c");
        let path = folder.path().join("deep/state/keeper.log");
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0].ends_with(" of server 7, https://vault.example: a\\u{a}b\\u{1b}"),
            "{text}"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
        }
    }

    #[test]
    fn a_long_event_is_cut() {
        let line = one_line(&"\u{fc}\n".repeat(LONGEST_EVENT));
        assert!(
            line.len() <= LONGEST_EVENT + '…'.len_utf8(),
            "{}",
            line.len()
        );
        assert!(line.ends_with('…') && !line.contains('\n'));
        assert_eq!(one_line("short"), "short");
    }

    #[test]
    fn is_kept_small_with_one_older_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keeper.log");
        let line = [b'x'; 1 << 10];
        for _ in 0..3 * (LARGE >> 10) {
            append(&path, &line).unwrap();
        }
        let sizes: Vec<u64> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|size| *size <= LARGE), "{sizes:?}");
    }
}
