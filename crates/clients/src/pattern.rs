//! Patterns of paths: `*` for any text within a name, `**` for any folders between.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// How many folders `**` may stand for. A cache of plugins is laid out as marketplace, plugin and
/// version; what lies deeper is the plugin's own.
const DEEPEST: usize = 4;

/// Folders that `**` does not enter: they hold thousands of files and no config of a client.
const NOT_ENTERED: &[&str] = &[".git", "node_modules"];

/// The files that `pattern` names below `folder`, in the order of their names.
///
/// A folder that cannot be read holds nothing. Symbolic links are followed by name and not by `**`.
pub(crate) fn existing(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = all(folder, pattern);
    found.retain(|path| path.is_file());
    found
}

/// The folders that `pattern` names below `folder`, in the order of their names.
pub(crate) fn existing_folders(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = all(folder, pattern);
    found.retain(|path| path.is_dir());
    found
}

fn all(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder.to_owned(), &parts(pattern), DEEPEST, &mut found);
    found
}

fn parts(pattern: &str) -> Vec<&str> {
    pattern.split('/').filter(|part| !part.is_empty()).collect()
}

fn collect(at: PathBuf, parts: &[&str], depth: usize, found: &mut Vec<PathBuf>) {
    let Some((first, rest)) = parts.split_first() else {
        found.push(at);
        return;
    };
    if *first == "**" {
        collect(at.clone(), rest, depth, found);
        if depth > 0 {
            for name in names(&at) {
                let below = at.join(&name);
                let entered = !NOT_ENTERED.iter().any(|not| name == *not);
                if entered && below.is_dir() && !below.is_symlink() {
                    collect(below, parts, depth - 1, found);
                }
            }
        }
    } else if first.contains('*') {
        for name in names(&at) {
            if matches(first, &name.to_string_lossy(), false) {
                collect(at.join(&name), rest, depth, found);
            }
        }
    } else {
        collect(at.join(first), rest, depth, found);
    }
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let entries = folder.read_dir().into_iter().flatten();
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names
}

/// Whether `path` ends as `pattern` says, each part of which is a name or a pattern of one.
pub(crate) fn is_tail(pattern: &str, path: &Path, any_case: bool) -> bool {
    let names: Vec<&OsStr> = path.iter().collect();
    tail(&parts(pattern), &names, any_case)
}

/// Whether the whole of `path` is what `pattern` says.
pub(crate) fn is_whole(pattern: &Path, path: &Path, any_case: bool) -> bool {
    let parts: Vec<_> = pattern.iter().map(OsStr::to_string_lossy).collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    let names: Vec<&OsStr> = path.iter().collect();
    let same_length = parts.len() == names.len() || parts.contains(&"**");
    same_length && tail(&parts, &names, any_case)
}

fn tail(parts: &[&str], names: &[&OsStr], any_case: bool) -> bool {
    match (parts.split_last(), names.split_last()) {
        (None, _) => true,
        (Some((&"**", rest)), _) => {
            (0..=names.len()).any(|kept| tail(rest, names.get(..kept).unwrap_or(&[]), any_case))
        }
        (Some(_), None) => false,
        (Some((part, rest)), Some((name, above))) => {
            matches(part, &name.to_string_lossy(), any_case) && tail(rest, above, any_case)
        }
    }
}

/// Whether `name` is what `pattern` says.
fn matches(pattern: &str, name: &str, any_case: bool) -> bool {
    if any_case {
        return matches(&pattern.to_lowercase(), &name.to_lowercase(), false);
    }
    let Some((start, mut rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    while let Some((middle, after)) = rest.split_once('*') {
        let Some((_, left)) = name.split_once(middle) else {
            return false;
        };
        (name, rest) = (left, after);
    }
    name.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_within_a_name() {
        for (pattern, name, is) in [
            ("Claude_*", "Claude_pzs8sxrjxfjjc", true),
            ("Claude_*", "Claude", false),
            ("*.json", "a.json", true),
            ("*.json", "a.yaml", false),
            ("*", "anything", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c", false),
            ("a*a", "a", false),
            ("plain", "plain", true),
        ] {
            assert_eq!(matches(pattern, name, false), is, "{pattern} {name}");
        }
    }

    #[test]
    fn two_stars_stand_for_any_folders() {
        let pattern = "plugins/cache/**/.mcp.json";
        for (path, is) in [
            ("/h/.claude/plugins/cache/.mcp.json", true),
            ("/h/.claude/plugins/cache/m/p/1.0/.mcp.json", true),
            ("/h/.claude/plugins/.mcp.json", false),
        ] {
            assert_eq!(is_tail(pattern, Path::new(path), false), is, "{path}");
        }
    }

    #[test]
    fn windows_does_not_mind_the_case() {
        let path = Path::new("/c/roaming/claude/Claude_Desktop_Config.json");
        let pattern = "Claude/claude_desktop_config.json";
        assert!(is_tail(pattern, path, true));
        assert!(!is_tail(pattern, path, false));
    }

    #[test]
    fn what_is_there_is_found_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b/x.json",
            "a/x.json",
            "a/y.txt",
            "node_modules/x.json",
            "a/b/c/d/e/x.json",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            mcp_launch_atomic::write(&path, b"{}", 0o600).unwrap();
        }
        let found = |pattern| -> Vec<String> {
            existing(folder.path(), pattern)
                .iter()
                .map(|path| {
                    path.strip_prefix(folder.path())
                        .unwrap()
                        .display()
                        .to_string()
                })
                .collect()
        };
        assert_eq!(found("**/x.json"), ["a/x.json", "b/x.json"]);
        assert_eq!(
            found("*/x.json"),
            ["a/x.json", "b/x.json", "node_modules/x.json"]
        );
        assert_eq!(found("a/*"), ["a/x.json", "a/y.txt"]);
        assert_eq!(found("none/x.json"), [""; 0]);
    }
}
