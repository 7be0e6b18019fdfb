//! Folders that hold one tool in several versions: nvm's and fnm's. Which one a shell would have.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

/// Aliases that name aliases; nvm follows no more either.
const ALIASES: usize = 8;

/// An alias of nvm is a line; a file that is longer is not one.
const LONGEST_ALIAS: u64 = 256;

/// The `bin` folders of nvm's versions: the default one first, then the newest to the oldest.
///
/// The default is what `alias/default` names: a version, the beginning of one (`20`), or another alias
/// (`lts/*`, `lts/iron`), as nvm's README describes them.
pub(crate) fn nvm(root: &Path) -> Vec<PathBuf> {
    let mut versions = installed(&root.join("versions/node"));
    if let Some(default) = nvm_default(root, &versions) {
        let chosen = versions.remove(default);
        versions.insert(0, chosen);
    }
    versions
        .into_iter()
        .map(|(_, folder)| folder.join("bin"))
        .collect()
}

/// The `bin` folders of fnm's versions: the default one first, then the newest to the oldest.
pub(crate) fn fnm(root: &Path) -> Vec<PathBuf> {
    let versions = installed(&root.join("node-versions"))
        .into_iter()
        .map(|(_, folder)| folder.join("installation/bin"));
    std::iter::once(root.join("aliases/default/bin"))
        .chain(versions)
        .collect()
}

type Version = (u64, u64, u64);

/// The versions in a folder, newest first. Whatever is not named as one is left out.
fn installed(folder: &Path) -> Vec<(Version, PathBuf)> {
    let mut versions: Vec<(Version, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path())))
        .collect();
    versions.sort_by_key(|(version, _)| Reverse(*version));
    versions
}

/// `v20.11.0`. A version with more to it than numbers is a release candidate and not chosen by itself.
fn version(text: &str) -> Option<Version> {
    let mut numbers = text.strip_prefix('v')?.split('.');
    let mut next = || numbers.next()?.parse().ok();
    let version = (next()?, next()?, next()?);
    numbers.next().is_none().then_some(version)
}

/// Which of the versions the default alias means.
fn nvm_default(root: &Path, versions: &[(Version, PathBuf)]) -> Option<usize> {
    let mut alias = "default".to_owned();
    for _ in 0..ALIASES {
        if let Some(found) = matching(&alias, versions) {
            return Some(found);
        }
        // An alias is one name or `lts/NAME`, and leads nowhere else.
        if alias.starts_with('/') || alias.split('/').any(|part| part == "..") {
            return None;
        }
        let file = root.join("alias").join(&alias);
        if file.metadata().ok()?.len() > LONGEST_ALIAS {
            return None;
        }
        alias = fs::read_to_string(file).ok()?.trim().to_owned();
    }
    None
}

/// `node` and `stable` mean the newest; `20` and `v20.11` the newest that begins so.
fn matching(alias: &str, versions: &[(Version, PathBuf)]) -> Option<usize> {
    if matches!(alias, "node" | "stable") {
        return (!versions.is_empty()).then_some(0);
    }
    let wanted: Vec<u64> = alias
        .strip_prefix('v')
        .unwrap_or(alias)
        .split('.')
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    versions
        .iter()
        .position(|&((major, minor, patch), _)| [major, minor, patch].starts_with(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nvm_with(aliases: &[(&str, &str)]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for version in [
            "v9.0.0",
            "v18.20.4",
            "v20.9.1",
            "v20.11.0",
            "v22.0.0-rc.1",
            "system",
        ] {
            fs::create_dir_all(root.path().join("versions/node").join(version)).unwrap();
        }
        fs::create_dir_all(root.path().join("alias/lts")).unwrap();
        for (name, content) in aliases {
            mcp_launch_atomic::write(
                &root.path().join("alias").join(name),
                content.as_bytes(),
                0o644,
            )
            .unwrap();
        }
        nvm(root.path())
            .iter()
            .map(|path| {
                let version = path.parent().unwrap().file_name().unwrap();
                version.to_str().unwrap().to_owned()
            })
            .collect()
    }

    #[test]
    fn without_a_default_the_newest_by_number_comes_first() {
        assert_eq!(nvm_with(&[]), ["v20.11.0", "v20.9.1", "v18.20.4", "v9.0.0"]);
    }

    #[test]
    fn the_default_comes_first_whatever_way_it_is_named() {
        for (aliases, first) in [
            (&[("default", "v18.20.4\n")][..], "v18.20.4"),
            (&[("default", "18\n")], "v18.20.4"),
            (&[("default", "20.9")], "v20.9.1"),
            (&[("default", "node")], "v20.11.0"),
            (
                &[
                    ("default", "lts/*"),
                    ("lts/*", "lts/hydrogen"),
                    ("lts/hydrogen", "v18.20.4"),
                ],
                "v18.20.4",
            ),
            (&[("default", "system")], "v20.11.0"),
            (&[("default", "default")], "v20.11.0"),
            (&[("default", "../../etc/passwd")], "v20.11.0"),
            (&[("default", "21")], "v20.11.0"),
        ] {
            let found = nvm_with(aliases);
            assert_eq!((found[0].as_str(), found.len()), (first, 4), "{aliases:?}");
        }
    }
}
