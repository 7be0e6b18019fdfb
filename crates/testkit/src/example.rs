//! Where cargo has put the examples.

use std::path::PathBuf;

/// An example of the package whose test this is. `cargo test -p PACKAGE` builds it; `--test NAME` alone does not.
///
/// # Panics
/// With the command that builds it, when it is missing.
#[must_use]
#[track_caller]
pub fn example(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let test = std::env::current_exe().expect("a test knows its own file");
    // Cargo puts examples beside the folder of the tests; a test that was copied elsewhere has them beside itself.
    test.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("examples").join(&file))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is not built: cargo build --examples -p PACKAGE"))
}
