//! Where our own files are, by the rules of each platform.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;

use crate::error::{ConfigError, ConfigErrorKind};

/// The folder of ours in each of the platform's folders.
const OWN: &str = "mcp-launch";

/// Where our own files are.
///
/// Linux and BSD: the XDG Base Directory Specification 0.8, whose variables count only if they are
/// absolute. macOS: the same variables where they are set, else `~/Library/Application Support`.
/// Windows: `%APPDATA%` and `%LOCALAPPDATA%`. Nothing is created here.
#[derive(Clone, Debug)]
pub struct Directories {
    home: Option<PathBuf>,
    config: Option<PathBuf>,
    data: Option<PathBuf>,
    state: Option<PathBuf>,
}

impl Directories {
    /// The directories of the person that `environment` belongs to.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        Self::on(Platform::CURRENT, environment)
    }

    /// Where settings are: `config.toml`.
    ///
    /// # Errors
    /// When there is no home.
    pub fn config_dir(&self) -> Result<&Path, ConfigError> {
        known(self.config.as_deref())
    }

    /// Where data that cannot be made again is: the sealed store.
    ///
    /// # Errors
    /// When there is no home.
    pub fn data_dir(&self) -> Result<&Path, ConfigError> {
        known(self.data.as_deref())
    }

    /// Where what we remember is: which project files are trusted.
    ///
    /// # Errors
    /// When there is no home.
    pub fn state_dir(&self) -> Result<&Path, ConfigError> {
        known(self.state.as_deref())
    }

    /// The person's home.
    #[must_use]
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    fn on(platform: Platform, environment: &Environment) -> Self {
        let absolute = |name: &str| {
            environment
                .get(name)
                .map(Path::new)
                .filter(|path| path.is_absolute())
                .map(Path::to_owned)
        };
        let home_variable = match platform {
            Platform::MacOs | Platform::Xdg => "HOME",
            Platform::Windows => "USERPROFILE",
        };
        let home = absolute(home_variable).or_else(home_of_user);
        let below = |place: &str| home.as_ref().map(|home| home.join(place));
        let own = |place: Option<PathBuf>| place.map(|place| place.join(OWN));

        let (config, data, state) = match platform {
            Platform::MacOs => {
                let support = || below("Library/Application Support");
                (
                    own(absolute("XDG_CONFIG_HOME").or_else(support)),
                    own(absolute("XDG_DATA_HOME").or_else(support)),
                    own(absolute("XDG_STATE_HOME").or_else(support)),
                )
            }
            Platform::Windows => {
                let local = || absolute("LOCALAPPDATA").or_else(|| below("AppData/Local"));
                (
                    own(absolute("APPDATA").or_else(|| below("AppData/Roaming"))),
                    own(local()),
                    own(local()),
                )
            }
            Platform::Xdg => (
                own(absolute("XDG_CONFIG_HOME").or_else(|| below(".config"))),
                own(absolute("XDG_DATA_HOME").or_else(|| below(".local/share"))),
                own(absolute("XDG_STATE_HOME").or_else(|| below(".local/state"))),
            ),
        };
        Self {
            home,
            config,
            data,
            state,
        }
    }
}

/// Whose rules hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Platform {
    MacOs,
    Windows,
    Xdg,
}

impl Platform {
    const CURRENT: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Xdg
    };
}

/// `path`, if it begins with `~/`, below `home`.
pub(crate) fn expand_home(path: &OsStr, home: Option<&Path>) -> PathBuf {
    match (Path::new(path).strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn known(directory: Option<&Path>) -> Result<&Path, ConfigError> {
    directory.ok_or_else(|| ConfigError::of_file(Path::new(""), ConfigErrorKind::NoHome))
}

/// The home that `/etc/passwd` names for us. Directory services are not asked: a statically linked
/// program cannot load their modules.
#[cfg(unix)]
fn home_of_user() -> Option<PathBuf> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    home_in(&users, rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn home_of_user() -> Option<PathBuf> {
    None
}

/// The home of `uid` in a password file, passwd(5): `name:password:uid:gid:comment:home:shell`.
#[cfg(unix)]
fn home_in(users: &str, uid: u32) -> Option<PathBuf> {
    users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2).and_then(|field| field.parse().ok()) == Some(uid))
        .and_then(|fields| fields.get(5).map(PathBuf::from))
        .filter(|home| home.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_of(platform: Platform, pairs: &[(&str, &str)]) -> String {
        let directories = Directories::on(platform, &Environment::from_pairs(pairs.to_vec()));
        directories
            .config_dir()
            .map_or_else(|error| error.to_string(), |path| path.display().to_string())
    }

    #[test]
    fn follows_each_platforms_rules() {
        let home = ("HOME", "/home/me");
        assert_eq!(
            config_of(Platform::Xdg, &[home]),
            "/home/me/.config/mcp-launch"
        );
        assert_eq!(
            config_of(Platform::Xdg, &[home, ("XDG_CONFIG_HOME", "/etc/me")]),
            "/etc/me/mcp-launch"
        );
        assert_eq!(
            config_of(Platform::MacOs, &[home]),
            "/home/me/Library/Application Support/mcp-launch"
        );
        assert_eq!(
            config_of(Platform::Windows, &[("APPDATA", "/c/roaming")]),
            "/c/roaming/mcp-launch"
        );
    }

    #[test]
    fn a_relative_directory_counts_as_unset() {
        for relative in ["", "conf", "./conf"] {
            assert_eq!(
                config_of(
                    Platform::Xdg,
                    &[("HOME", "/home/me"), ("XDG_CONFIG_HOME", relative)]
                ),
                "/home/me/.config/mcp-launch"
            );
        }
    }

    #[test]
    fn the_other_places_follow_home_too() {
        let environment = Environment::from_pairs([("HOME", "/h")]);
        let directories = Directories::on(Platform::Xdg, &environment);
        assert_eq!(
            directories.data_dir().unwrap(),
            Path::new("/h/.local/share/mcp-launch")
        );
        assert_eq!(
            directories.state_dir().unwrap(),
            Path::new("/h/.local/state/mcp-launch")
        );
    }

    #[cfg(unix)]
    #[test]
    fn without_home_the_password_file_says_it() {
        let users = "root:x:0:0::/root:/bin/sh\nbroken\nme:x:1000:1000:Me,,:/home/me:/bin/zsh\nx:x:7:7::rel:\n";
        assert_eq!(home_in(users, 1000), Some(PathBuf::from("/home/me")));
        assert_eq!(home_in(users, 7), None);
        assert_eq!(home_in(users, 8), None);
    }
}
