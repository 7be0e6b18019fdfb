//! The files that are there are found, each once and with its client.

use std::path::{Path, PathBuf};

use mcp_launch_clients::{ConfigFile, GENERIC, Machine, Platform, Scope, client, destination};
use mcp_launch_clients::{find, of_path};
use mcp_launch_core::Environment;
use mcp_launch_lossless::Format;
use tempfile::TempDir;

/// A home and a project in it, with a machine of a platform around them.
struct Person {
    root: TempDir,
}

impl Person {
    fn with(files: &[&str]) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(root.path().join("home/project/below")).expect("a project");
        for file in files {
            let path = root.path().join(file);
            let folder = path.parent().expect("a file is in a folder");
            std::fs::create_dir_all(folder).expect("its folder");
            mcp_launch_atomic::write(&path, b"{}\n", 0o600).expect("a config");
        }
        Self { root }
    }

    fn machine(&self, platform: Platform, pairs: &[(&str, &str)]) -> Machine {
        let home = self.path("home");
        let home = home.to_str().expect("a path in UTF-8");
        let homes = [("HOME", home), ("USERPROFILE", home)];
        let environment = Environment::from_pairs(homes.into_iter().chain(pairs.iter().copied()));
        let directory = self.path("home/project/below");
        Machine::on(platform, &environment, &directory).with_machine_folder(&self.path("etc"))
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    fn shown(&self, file: &ConfigFile) -> String {
        let path = file.path.strip_prefix(self.root.path());
        let path = path.expect("a file of this person");
        let also: Vec<_> = file.also.iter().map(|client| client.id).collect();
        let place = path.display();
        let shown = format!("{} {} {place}", file.client.id, file.scope);
        if also.is_empty() {
            shown
        } else {
            format!("{shown} ({})", also.join(", "))
        }
    }

    fn found(&self, platform: Platform) -> Vec<String> {
        let files = find(&self.machine(platform, &[]));
        files.iter().map(|file| self.shown(file)).collect()
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let person = Person::with(&[]);
    for &platform in Platform::ALL {
        assert_eq!(person.found(platform), [""; 0]);
    }
}

#[test]
fn files_of_every_scope_are_found_in_the_order_of_the_clients() {
    let person = Person::with(&[
        "home/.claude.json",
        "home/.cursor/mcp.json",
        "home/.config/Code/User/profiles/b/mcp.json",
        "home/.config/Code/User/profiles/a/mcp.json",
        "home/.config/Code - Insiders/User/mcp.json",
        "home/.config/VSCodium/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
        "home/.claude/plugins/cache/market/plugin/1.0/.mcp.json",
        "home/.claude/plugins/cache/market/plugin/1.0/node_modules/x/.mcp.json",
        "home/.continue/mcpServers/one.yaml",
        "home/.aws/amazonq/cli-agents/mine.json",
        "home/project/below/.roo/mcp.json",
        "etc/gemini-cli/settings.json",
        "etc/claude-code/managed-mcp.json",
    ]);
    let expected = [
        "claude-code user home/.claude.json",
        "claude-code system etc/claude-code/managed-mcp.json",
        "claude-code installed home/.claude/plugins/cache/market/plugin/1.0/.mcp.json",
        "cursor user home/.cursor/mcp.json",
        "vscode user home/.config/Code - Insiders/User/mcp.json",
        "vscode user home/.config/Code/User/profiles/a/mcp.json",
        "vscode user home/.config/Code/User/profiles/b/mcp.json",
        "gemini-cli system etc/gemini-cli/settings.json",
        "roo user home/.config/VSCodium/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
        "roo project home/project/below/.roo/mcp.json",
        "continue user home/.continue/mcpServers/one.yaml",
        "amazon-q user home/.aws/amazonq/cli-agents/mine.json",
    ];
    assert_eq!(person.found(Platform::Linux), expected);
}

#[test]
fn only_claude_code_looks_above_the_working_directory() {
    let person = Person::with(&["home/project/.mcp.json", "home/project/.cursor/mcp.json"]);
    let expected = ["claude-code project home/project/.mcp.json"];
    assert_eq!(person.found(Platform::Linux), expected);
}

#[test]
fn a_file_of_several_clients_is_found_once_with_all_of_them() {
    let person = Person::with(&["home/project/below/.mcp.json"]);
    let file = "home/project/below/.mcp.json";
    assert_eq!(
        person.found(Platform::Linux),
        [format!(
            "claude-code project {file} (copilot-cli, vscode, qwen-code, warp)"
        )]
    );
    assert_eq!(
        person.found(Platform::Windows),
        [format!(
            "claude-code project {file} (copilot-cli, vscode, qwen-code, warp, visual-studio)"
        )]
    );
}

#[test]
fn a_home_that_is_the_working_directory_gives_no_file_twice() {
    let person = Person::with(&["home/.gemini/settings.json"]);
    let home = person.path("home");
    let environment = Environment::from_pairs([("HOME", &home)]);
    let files = find(&Machine::on(Platform::Linux, &environment, &home));
    let shown: Vec<_> = files.iter().map(|file| person.shown(file)).collect();
    assert_eq!(shown, ["gemini-cli user home/.gemini/settings.json"]);
}

#[test]
fn the_packaged_claude_desktop_of_windows_comes_first() {
    let package = "home/AppData/Local/Packages/Claude_pzs8/LocalCache/Roaming/Claude/claude_desktop_config.json";
    let usual = "home/AppData/Roaming/Claude/claude_desktop_config.json";
    let person = Person::with(&[usual, package]);
    let expected = [package, usual].map(|path| format!("claude-desktop user {path}"));
    assert_eq!(person.found(Platform::Windows), expected);
    assert_eq!(person.found(Platform::Linux), [""; 0]);
}

#[test]
fn a_moved_folder_is_looked_in_instead() {
    let person = Person::with(&["home/.codex/config.toml", "home/moved/config.toml"]);
    let moved = person.path("home/moved");
    let pairs = [("CODEX_HOME", moved.to_str().unwrap())];
    let files = find(&person.machine(Platform::Linux, &pairs));
    let shown: Vec<_> = files.iter().map(|file| person.shown(file)).collect();
    assert_eq!(shown, ["codex user home/moved/config.toml"]);
}

#[test]
fn a_named_file_is_that_of_the_client_whose_place_it_is() {
    let person = Person::with(&[]);
    let machine = person.machine(Platform::Linux, &[]);
    let of = |path: &str| of_path(&person.path(path), &machine);
    for (path, id, scope) in [
        ("home/.claude.json", "claude-code", Scope::User),
        ("home/.cursor/mcp.json", "cursor", Scope::User),
        (
            "home/project/below/.cursor/mcp.json",
            "cursor",
            Scope::Project,
        ),
        ("home/project/.mcp.json", "claude-code", Scope::Project),
        ("home/.config/goose/config.yaml", "goose", Scope::User),
        (
            "home/.claude/plugins/cache/a/b/c/.mcp.json",
            "claude-code",
            Scope::Installed,
        ),
        ("etc/gemini-cli/settings.json", "gemini-cli", Scope::System),
    ] {
        let file = of(path);
        assert_eq!((file.client.id, file.scope), (id, scope), "{path}");
    }
}

#[test]
fn a_named_file_elsewhere_is_told_by_its_folders_or_its_name() {
    let person = Person::with(&[]);
    let machine = person.machine(Platform::Linux, &[]);
    for (path, id, format) in [
        ("/backup/.cursor/mcp.json", "cursor", Format::Json),
        ("/backup/.codex/config.toml", "codex", Format::Toml),
        (
            "/mnt/c/Users/me/AppData/Roaming/Claude/claude_desktop_config.json",
            "claude-desktop",
            Format::Json,
        ),
        (
            "/dots/claude_desktop_config.json",
            "claude-desktop",
            Format::Json,
        ),
        ("/dots/cline_mcp_settings.json", "cline", Format::Json),
        ("/dots/opencode.jsonc", "opencode", Format::Json),
        ("/dots/mcp.json", "generic", Format::Json),
        ("/dots/settings.json", "generic", Format::Json),
        ("/dots/config.toml", "generic", Format::Toml),
        ("/dots/some.yml", "generic", Format::Yaml),
        ("/dots/servers", "generic", Format::Json),
    ] {
        let file = of_path(Path::new(path), &machine);
        assert_eq!((file.client.id, file.format), (id, format), "{path}");
        assert_eq!(file.location.is_none(), file.client == &GENERIC);
    }
}

#[test]
fn a_relative_name_starts_at_the_working_directory() {
    let person = Person::with(&[]);
    let machine = person.machine(Platform::Linux, &[]);
    let file = of_path(Path::new(".vscode/mcp.json"), &machine);
    assert_eq!(
        file.path,
        person.path("home/project/below/.vscode/mcp.json")
    );
    assert_eq!(
        person.shown(&file),
        "vscode project home/project/below/.vscode/mcp.json (mcphub)"
    );
}

#[test]
fn windows_finds_a_named_file_in_any_case() {
    let person = Person::with(&[]);
    let path = Path::new("/x/CLAUDE/Claude_Desktop_Config.JSON");
    let on = |platform| of_path(path, &person.machine(platform, &[])).client.id;
    assert_eq!(on(Platform::Windows), "claude-desktop");
    assert_eq!(on(Platform::Linux), "generic");
}

#[test]
fn a_new_server_goes_into_the_file_that_is_there_else_into_the_first() {
    let to = |person: &Person, id: &str, platform, scope| {
        let machine = person.machine(platform, &[]);
        destination(client(id).unwrap(), &machine, scope).map(|file| {
            let path = file.path.strip_prefix(person.root.path()).unwrap();
            path.display().to_string()
        })
    };
    let nothing = Person::with(&[]);
    let linux = |id, scope| to(&nothing, id, Platform::Linux, scope);
    assert_eq!(
        linux("lm-studio", Scope::User).unwrap(),
        "home/.lmstudio/mcp.json"
    );
    assert_eq!(
        linux("claude-code", Scope::Project).unwrap(),
        "home/project/below/.mcp.json"
    );
    assert_eq!(linux("lm-studio", Scope::Project), None);
    assert_eq!(linux("ai-assistant", Scope::User), None);

    let older = Person::with(&[
        "home/.cache/lm-studio/mcp.json",
        "home/.config/Code/User/settings.json",
        "home/project/.mcp.json",
    ]);
    let linux = |id, scope| to(&older, id, Platform::Linux, scope);
    assert_eq!(
        linux("lm-studio", Scope::User).unwrap(),
        "home/.cache/lm-studio/mcp.json"
    );
    assert_eq!(
        linux("vscode", Scope::User).unwrap(),
        "home/.config/Code/User/mcp.json"
    );
    assert_eq!(
        linux("claude-code", Scope::Project).unwrap(),
        "home/project/.mcp.json"
    );
}

#[test]
fn a_package_that_has_no_config_yet_is_where_claude_desktop_reads() {
    let person = Person::with(&[
        "home/AppData/Local/Packages/Claude_pzs8/LocalCache/Roaming/Claude/Preferences",
    ]);
    let machine = person.machine(Platform::Windows, &[]);
    let file = destination(client("claude-desktop").unwrap(), &machine, Scope::User).unwrap();
    let expected = "home/AppData/Local/Packages/Claude_pzs8/LocalCache/Roaming/Claude/claude_desktop_config.json";
    assert_eq!(file.path, person.path(expected));
}
