//! Which names beside a file are those of a copy of it.

/// What a file beside another is, by its name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FileKind {
    /// A copy that a person or a program made: `.env.bak`, `config.json.orig`, `mcp (1).json`.
    Backup,
    /// A config of an MCP client.
    ClientConfig,
    /// What an editor leaves: `.env~`, `#.env#`, Vim's undo file.
    EditorBackup,
    /// What an editor holds of an open file, or held when it crashed: `.env.swp`.
    Swap,
    /// Another of the same sort: `.env.local`, `prod.env`.
    Twin,
}

/// Endings of copies, in lower case.
const BACKUP_ENDINGS: [&str; 8] = [
    ".backup", ".bak", ".bkp", ".copy", ".old", ".orig", ".save", ".tmp",
];

/// Where clients keep the config of a project, from its top.
pub(crate) const CLIENT_CONFIGS: [&str; 17] = [
    ".amazonq/mcp.json",
    ".claude.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/config.toml",
    ".continue/config.yaml",
    ".cursor/mcp.json",
    ".gemini/settings.json",
    ".kiro/settings/mcp.json",
    ".mcp.json",
    ".roo/mcp.json",
    ".vscode/mcp.json",
    ".vscode/settings.json",
    ".zed/settings.json",
    "claude_desktop_config.json",
    "mcp.json",
    "opencode.json",
];

/// What the file `name` is to the file `of` in the same folder; `None` for one that has nothing to do with it.
pub(crate) fn kind(name: &[u8], of: &[u8]) -> Option<FileKind> {
    if name == of {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if let [.., b'.', b's', b'w', b'k'..=b'p'] = *lower {
        return Some(FileKind::Swap);
    }
    if name.ends_with(b"~") || (name.starts_with(b"#") && name.ends_with(b"#")) {
        return Some(FileKind::EditorBackup);
    }
    // `.bak1` and `.old.2` as well.
    let unnumbered = lower
        .iter()
        .rposition(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .map_or(&lower[..], |last| &lower[..=last]);
    let is_its_end = |ending: &str| unnumbered.ends_with(ending.as_bytes());
    if BACKUP_ENDINGS.into_iter().any(is_its_end) {
        return Some(FileKind::Backup);
    }
    if (CLIENT_CONFIGS.iter()).any(|config| config.as_bytes() == name) {
        return Some(FileKind::ClientConfig);
    }
    if lower.starts_with(b".env") || lower.ends_with(b".env") {
        return Some(FileKind::Twin);
    }
    is_copy(name, of).then_some(FileKind::Backup)
}

/// `config.json.2`, `config (1).json`, `config copy.json`, `config-2.json`: the name, or its stem, with something
/// after it that begins a new word, and the same ending.
fn is_copy(name: &[u8], of: &[u8]) -> bool {
    let begins_a_word = |rest: &[u8]| {
        rest.first()
            .is_some_and(|byte| !byte.is_ascii_alphanumeric())
    };
    if name.strip_prefix(of).is_some_and(begins_a_word) {
        return true;
    }
    let dot = of
        .iter()
        .rposition(|&byte| byte == b'.')
        .filter(|&dot| dot > 0);
    let Some((stem, ending)) = dot.map(|dot| of.split_at(dot)) else {
        return false;
    };
    name.strip_prefix(stem)
        .and_then(|rest| rest.strip_suffix(ending))
        .is_some_and(begins_a_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_known_for_what_it_is() {
        use FileKind::{Backup, ClientConfig, EditorBackup, Swap, Twin};
        for (name, of, expected) in [
            (".env", ".env", None),
            (".env~", ".env", Some(EditorBackup)),
            (".env.~1~", ".env", Some(EditorBackup)),
            ("#.env#", ".env", Some(EditorBackup)),
            (".config.json.un~", "config.json", Some(EditorBackup)),
            (".env.swp", ".env", Some(Swap)),
            (".config.json.swo", "config.json", Some(Swap)),
            (".env.bak", ".env", Some(Backup)),
            (".env.BAK", ".env", Some(Backup)),
            (".env.bak2", ".env", Some(Backup)),
            ("config.json.old.1", "config.json", Some(Backup)),
            ("config.json.20261127", "config.json", Some(Backup)),
            ("config (1).json", "config.json", Some(Backup)),
            ("config copy.json", "config.json", Some(Backup)),
            ("other.orig", "config.json", Some(Backup)),
            (".mcp.json.before", ".mcp.json", Some(Backup)),
            (".env.local", ".env", Some(Twin)),
            (".envrc", ".env", Some(Twin)),
            (".env (1)", ".env", Some(Twin)),
            ("prod.env", "config.json", Some(Twin)),
            (".mcp.json", ".env", Some(ClientConfig)),
            ("configuration.json", "config.json", None),
            ("config.yaml", "config.json", None),
            ("main.rs", ".env", None),
            ("", ".env", None),
            ("123", ".env", None),
        ] {
            assert_eq!(kind(name.as_bytes(), of.as_bytes()), expected, "{name}");
        }
    }
}
