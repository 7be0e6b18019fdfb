//! Everything again as a user without privileges, where the tests run as root.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use mcp_launch_testkit::{example, tools};

use crate::session::Session;

/// `nobody`: owns nothing, and exists everywhere.
pub(crate) const NOBODY: &str = "65534";

/// Set in the second run, which must not start a third.
const AGAIN: &str = "MCP_LAUNCH_TEST_AS_NOBODY";

/// Whether this is the second run, which has no other user to act as.
#[expect(
    clippy::disallowed_methods,
    reason = "set for the tests, not for the launcher"
)]
pub(crate) fn is_second_run() -> bool {
    std::env::var_os(AGAIN).is_some()
}

#[test]
fn all_of_this_works_for_an_ordinary_user() {
    if !is_root() || is_second_run() {
        return;
    }
    let session = Session::without_bus();
    // The build folder may be closed to others: what is run is copied.
    let place = session.path("build");
    std::fs::create_dir_all(place.join("examples")).unwrap();
    let tests = place.join("tests");
    copy(&std::env::current_exe().unwrap(), &tests);
    for name in ["keychain_get", "keyring_entry"] {
        copy(&example(name), &place.join("examples").join(name));
    }
    let scratch = session.path("scratch");
    std::fs::create_dir(&scratch).unwrap();
    for (path, mode) in [(session.path(""), 0o755), (scratch.clone(), 0o1777)] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }
    copy_jeepney(&place.join("modules"));
    let output = session
        .command("setpriv")
        .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
        .arg(&tests)
        .env("TMPDIR", &scratch)
        .env("MCP_LAUNCH_TEST_TOOLS", &place)
        .env(AGAIN, "1")
        .current_dir(&scratch)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("`setpriv` is missing: `tests/run` installs what the tests need");
    assert!(
        output.status.success(),
        "as uid {NOBODY}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The Python of the test tools may belong to root alone; its one module is of plain Python, for the
/// system's own.
fn copy_jeepney(to: &Path) {
    let lib = tools().join("venv/lib");
    let packages = std::fs::read_dir(lib)
        .expect("the test tools have no Python environment: `tests/run` makes it")
        .map(|version| version.unwrap().path().join("site-packages/jeepney"))
        .find(|package| package.exists())
        .expect("jeepney is not in the test tools: `tests/run` installs it");
    copy_modules(&packages, &to.join("jeepney"));
}

fn copy_modules(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap().path();
        let to = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_modules(&entry, &to);
        } else {
            copy(&entry, &to);
        }
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
    std::fs::set_permissions(to, PermissionsExt::from_mode(0o755)).unwrap();
}

pub(crate) fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}
