//! What a writer leaves that is killed before its new file has the name.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// How the names of new files begin, and how they end.
pub(crate) const PREFIX: &str = ".mcp-launch-";
pub(crate) const SUFFIX: &str = ".tmp";

/// No writer lives so long between the creation of its file and the rename. One that does, because it was stopped, fails
/// at the rename, and the old content stays.
const AGE: Duration = Duration::from_mins(1);

/// Removes the new files of writers that are dead: they hold what the file held, secrets too. What cannot be
/// removed stays; it hinders nobody.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        // Not of what a link leads to.
        let Some(metadata) = is_ours.then(|| entry.metadata().ok()).flatten() else {
            continue;
        };
        let is_old = metadata.modified().is_ok_and(|modified| {
            SystemTime::now()
                .duration_since(modified)
                .is_ok_and(|age| age > AGE)
        });
        if metadata.is_file() && is_old {
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "made-up files")]
    fn what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".mcp-launch-dead.tmp", ".mcp-launch-live.tmp", ".mine.tmp"] {
            fs::write(at(name), b"x").unwrap();
        }
        let long_ago = SystemTime::now() - 2 * AGE;
        for name in [".mcp-launch-dead.tmp", ".mine.tmp"] {
            let file = fs::File::options().write(true).open(at(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        crate::write(&at("f"), b"one", 0o600).unwrap();
        assert!(!at(".mcp-launch-dead.tmp").exists());
        assert!(at(".mcp-launch-live.tmp").exists() && at(".mine.tmp").exists());
    }
}
