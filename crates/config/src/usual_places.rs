//! Where programs are that a login shell finds and a client started by a desktop does not.

use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;

use crate::checked_file::{is_foreign, writable_by};
#[cfg(not(windows))]
use crate::node_versions;

/// A place where programs usually are.
struct Place {
    /// The variable with which its tool is told another root.
    variable: Option<&'static str>,
    /// Its root: absolute, or below home.
    root: &'static str,
    /// The folders of programs below the root, best first.
    folders: fn(&Path) -> Vec<PathBuf>,
}

impl Place {
    /// A fixed folder.
    const fn fixed(root: &'static str) -> Self {
        Self {
            variable: None,
            root,
            folders: |root| vec![root.to_owned()],
        }
    }

    /// The folder `bin` of a tool that can be told another root.
    const fn bin_of(variable: &'static str, root: &'static str) -> Self {
        Self {
            variable: Some(variable),
            root,
            folders: |root| vec![root.join("bin")],
        }
    }

    /// The folder `shims` of a tool that can be told another root.
    #[cfg(not(windows))]
    const fn shims_of(variable: &'static str, root: &'static str) -> Self {
        Self {
            variable: Some(variable),
            root,
            folders: |root| vec![root.join("shims")],
        }
    }
}

/// In the order of a usual login shell: what a person installed for themselves, then version
/// managers, then languages, then the machine's.
#[cfg(not(windows))]
const PLACES: &[Place] = &[
    Place::fixed(".local/bin"),
    Place::shims_of("MISE_DATA_DIR", ".local/share/mise"),
    Place::shims_of("ASDF_DATA_DIR", ".asdf"),
    Place {
        variable: Some("NVM_DIR"),
        root: ".nvm",
        folders: node_versions::nvm,
    },
    Place {
        variable: None,
        root: ".config/nvm",
        folders: node_versions::nvm,
    },
    Place {
        variable: Some("FNM_DIR"),
        root: ".local/share/fnm",
        folders: node_versions::fnm,
    },
    Place {
        variable: None,
        root: "Library/Application Support/fnm",
        folders: node_versions::fnm,
    },
    Place::bin_of("VOLTA_HOME", ".volta"),
    Place::shims_of("PYENV_ROOT", ".pyenv"),
    Place::shims_of("RBENV_ROOT", ".rbenv"),
    Place::bin_of("PROTO_HOME", ".proto"),
    Place::shims_of("PROTO_HOME", ".proto"),
    Place::bin_of("N_PREFIX", "n"),
    Place::fixed(".npm-global/bin"),
    Place {
        variable: Some("PNPM_HOME"),
        root: ".local/share/pnpm",
        folders: |root| vec![root.to_owned(), root.join("bin")],
    },
    Place::fixed("Library/pnpm"),
    Place::fixed(".yarn/bin"),
    Place::bin_of("BUN_INSTALL", ".bun"),
    Place::bin_of("DENO_INSTALL", ".deno"),
    Place::bin_of("CARGO_HOME", ".cargo"),
    Place::bin_of("GOPATH", "go"),
    Place::fixed(".dotnet/tools"),
    Place::bin_of("SDKMAN_DIR", ".sdkman/candidates/java/current"),
    Place::fixed("miniconda3/bin"),
    Place::fixed(".nix-profile/bin"),
    Place::fixed(".local/state/nix/profile/bin"),
    Place::fixed("/run/current-system/sw/bin"),
    Place::fixed("/nix/var/nix/profiles/default/bin"),
    Place::fixed(".docker/bin"),
    Place::fixed(".rd/bin"),
    Place::fixed(".orbstack/bin"),
    Place::fixed("/opt/homebrew/bin"),
    Place::fixed("/home/linuxbrew/.linuxbrew/bin"),
    Place::fixed(".linuxbrew/bin"),
    Place::fixed("/opt/local/bin"),
    Place::fixed("/usr/local/bin"),
    Place::fixed("/Applications/Docker.app/Contents/Resources/bin"),
    Place::fixed("/snap/bin"),
    Place::fixed("/var/lib/snapd/snap/bin"),
    Place::fixed("/usr/bin"),
    Place::fixed("/bin"),
];

/// What the installers of Windows add to a person's `PATH`.
#[cfg(windows)]
const PLACES: &[Place] = &[
    Place::fixed(".local/bin"),
    Place::fixed("AppData/Roaming/npm"),
    Place::bin_of("VOLTA_HOME", "AppData/Local/Volta"),
    Place {
        variable: Some("PNPM_HOME"),
        root: "AppData/Local/pnpm",
        folders: |root| vec![root.to_owned()],
    },
    Place::bin_of("BUN_INSTALL", ".bun"),
    Place::bin_of("DENO_INSTALL", ".deno"),
    Place::bin_of("CARGO_HOME", ".cargo"),
    Place::fixed("scoop/shims"),
    Place::fixed("AppData/Local/Microsoft/WinGet/Links"),
    Place::fixed("AppData/Local/Microsoft/WindowsApps"),
    Place::fixed("C:/ProgramData/chocolatey/bin"),
    Place::fixed("C:/Program Files/nodejs"),
    Place::fixed("C:/Program Files/Docker/Docker/resources/bin"),
];

/// The usual places that are there and that nobody else can put a program into, best first.
pub(crate) fn folders(home: Option<&Path>, environment: &Environment) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for place in PLACES {
        let told = place
            .variable
            .and_then(|variable| environment.get(variable))
            .map(Path::new)
            .filter(|root| root.is_absolute());
        let root = match (told, home) {
            (Some(told), _) => told.to_owned(),
            (None, Some(home)) => home.join(place.root),
            (None, None) if Path::new(place.root).is_absolute() => PathBuf::from(place.root),
            (None, None) => continue,
        };
        folders.extend((place.folders)(&root).into_iter().filter(|f| is_ours(f)));
    }
    folders
}

/// Whether a folder is there, is ours or root's, and not everybody's to write.
fn is_ours(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|metadata| {
        metadata.is_dir() && !is_foreign(&metadata) && !writable_by(&metadata, 0o002)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_leads_out_of_its_root() {
        for place in PLACES {
            assert!(
                !place.root.ends_with('/') && !place.root.contains(".."),
                "{}",
                place.root
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_everybody_may_write_is_left_out() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let local = home.path().join(".local/bin");
        std::fs::create_dir_all(&local).unwrap();
        let none = Environment::from_pairs([("A", "")]);
        assert!(folders(Some(home.path()), &none).contains(&local));
        for mode in [0o777, 0o1777] {
            std::fs::set_permissions(&local, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                !folders(Some(home.path()), &none).contains(&local),
                "{mode:o}"
            );
        }
    }

    #[test]
    fn a_tool_told_another_root_is_looked_for_there() {
        let home = tempfile::tempdir().unwrap();
        let other = home.path().join("volta");
        std::fs::create_dir_all(other.join("bin")).unwrap();
        let told = Environment::from_pairs([("VOLTA_HOME", other.as_os_str())]);
        assert!(folders(Some(home.path()), &told).contains(&other.join("bin")));
        let relative = Environment::from_pairs([("VOLTA_HOME", "volta")]);
        assert!(!folders(Some(home.path()), &relative).contains(&other.join("bin")));
    }
}
