//! Where a person's folders are, by the rules of each platform.

use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;

use crate::CLIENTS;

/// Whose rules hold for where files are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Platform {
    /// Linux and the BSDs, with the XDG Base Directory Specification.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// The platform that this program was built for.
    pub const CURRENT: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };

    /// All of them.
    pub const ALL: &[Self] = &[Self::Linux, Self::MacOs, Self::Windows];

    /// Its name, for tables and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::MacOs => "macOS",
            Self::Windows => "Windows",
        }
    }
}

/// A folder that a client's file is named from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Base {
    /// The person's home.
    Home,
    /// `$XDG_CONFIG_HOME`, else `~/.config`, on every platform.
    Config,
    /// Where desktop applications keep their settings: [`Base::Config`], `~/Library/Application
    /// Support` or `%APPDATA%`.
    Application,
    /// `%LOCALAPPDATA%`; only Windows has it.
    LocalApplication,
    /// Where the machine's own settings are: `/etc`, `/Library/Application Support` or
    /// `%ProgramData%`.
    Machine,
    /// `%ProgramFiles%`; only Windows has it.
    Programs,
    /// The working directory.
    Project,
    /// The working directory and every folder above it.
    Upward,
}

/// Where the folders of one person on one machine are.
///
/// It is made from an environment and a working directory and asks nobody else, so a test can make
/// that of any platform.
#[derive(Clone, Debug)]
pub struct Machine {
    platform: Platform,
    home: Option<PathBuf>,
    config: Option<PathBuf>,
    application: Option<PathBuf>,
    local_application: Option<PathBuf>,
    machine: PathBuf,
    programs: PathBuf,
    directory: PathBuf,
    moved: Vec<(&'static str, PathBuf)>,
}

impl Machine {
    /// The machine that this program runs on, for the person of `environment` in `directory`.
    #[must_use]
    pub fn new(environment: &Environment, directory: &Path) -> Self {
        Self::on(Platform::CURRENT, environment, directory)
    }

    /// A machine with the rules of `platform`.
    #[must_use]
    pub fn on(platform: Platform, environment: &Environment, directory: &Path) -> Self {
        let absolute = |name: &str| {
            environment
                .get(name)
                .map(Path::new)
                .filter(|path| path.is_absolute())
                .map(Path::to_owned)
        };
        let home = match platform {
            Platform::Linux | Platform::MacOs => absolute("HOME"),
            Platform::Windows => absolute("USERPROFILE"),
        };
        let windows = |name: &str, usual: &str| absolute(name).unwrap_or_else(|| usual.into());
        let machine = match platform {
            Platform::Linux => PathBuf::from("/etc"),
            Platform::MacOs => PathBuf::from("/Library/Application Support"),
            Platform::Windows => windows("ProgramData", "C:/ProgramData"),
        };
        let moved = CLIENTS
            .iter()
            .flat_map(|client| client.files)
            .flat_map(|file| file.moved_by)
            .filter_map(|&(name, _)| {
                let value = environment.get_non_empty(name)?;
                Some((name, directory.join(value)))
            })
            .collect();
        let mut made = Self {
            platform,
            home: None,
            config: absolute("XDG_CONFIG_HOME"),
            application: None,
            local_application: None,
            machine,
            programs: windows("ProgramFiles", "C:/Program Files"),
            directory: directory.to_owned(),
            moved,
        };
        if platform == Platform::Windows {
            made.application = absolute("APPDATA");
            made.local_application = absolute("LOCALAPPDATA");
        }
        match home {
            Some(home) => made.or_home(&home),
            None => made,
        }
    }

    /// The same, with `home` for the folders that the environment says nothing of.
    #[must_use]
    pub fn or_home(mut self, home: &Path) -> Self {
        let home = self.home.get_or_insert_with(|| home.to_owned());
        let config = self.config.get_or_insert_with(|| home.join(".config"));
        match self.platform {
            Platform::Linux => self.application = Some(config.clone()),
            Platform::MacOs => {
                self.application = Some(home.join("Library/Application Support"));
            }
            Platform::Windows => {
                let roaming = home.join("AppData/Roaming");
                self.application.get_or_insert(roaming);
                let local = home.join("AppData/Local");
                self.local_application.get_or_insert(local);
            }
        }
        self
    }

    /// The same, with `folder` for the settings of the machine itself, [`Base::Machine`].
    #[must_use]
    pub fn with_machine_folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.machine);
        self
    }

    /// Whose rules hold.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// The person's home.
    #[must_use]
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The working directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The folders that `base` means here, the nearest first; none where the platform has none.
    #[must_use]
    pub fn folders(&self, base: Base) -> Vec<&Path> {
        let windows = self.platform == Platform::Windows;
        let one = match base {
            Base::Home => self.home.as_deref(),
            Base::Config => self.config.as_deref(),
            Base::Application => self.application.as_deref(),
            Base::LocalApplication => self.local_application.as_deref(),
            Base::Machine => Some(self.machine.as_path()),
            Base::Programs => Some(self.programs.as_path()).filter(|_| windows),
            Base::Project => Some(self.directory.as_path()),
            Base::Upward => return self.directory.ancestors().collect(),
        };
        one.into_iter().collect()
    }

    /// Where the variable `name`, one of those that move a client's files, says that they are.
    pub(crate) fn moved_to(&self, name: &str) -> Option<&Path> {
        self.moved
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, path)| path.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(platform: Platform, pairs: &[(&str, &str)], base: Base) -> Option<String> {
        let environment = Environment::from_pairs(pairs.to_vec());
        let machine = Machine::on(platform, &environment, Path::new("/work/project"));
        let folders = machine.folders(base);
        folders.first().map(|path| path.display().to_string())
    }

    #[test]
    fn each_platform_keeps_applications_in_its_own_folder() {
        let home = ("HOME", "/home/me");
        let on = |platform, pairs: &[_]| folder(platform, pairs, Base::Application).unwrap();
        assert_eq!(on(Platform::Linux, &[home]), "/home/me/.config");
        assert_eq!(
            on(Platform::Linux, &[home, ("XDG_CONFIG_HOME", "/x")]),
            "/x"
        );
        assert_eq!(
            on(Platform::MacOs, &[home, ("XDG_CONFIG_HOME", "/x")]),
            "/home/me/Library/Application Support"
        );
        let profile = ("USERPROFILE", "/users/me");
        assert_eq!(
            on(Platform::Windows, &[profile]),
            "/users/me/AppData/Roaming"
        );
        assert_eq!(
            on(Platform::Windows, &[profile, ("APPDATA", "/roaming")]),
            "/roaming"
        );
    }

    #[test]
    fn a_relative_folder_of_the_environment_counts_as_unset() {
        let pairs = [("HOME", "/home/me"), ("XDG_CONFIG_HOME", "conf")];
        assert_eq!(
            folder(Platform::Linux, &pairs, Base::Config).unwrap(),
            "/home/me/.config"
        );
        assert_eq!(folder(Platform::Linux, &[("HOME", "me")], Base::Home), None);
    }

    #[test]
    fn without_a_home_another_can_be_named() {
        let environment = Environment::from_pairs([("XDG_CONFIG_HOME", "/conf")]);
        let machine = Machine::on(Platform::Linux, &environment, Path::new("/"));
        assert!(machine.folders(Base::Home).is_empty());
        let machine = machine.or_home(Path::new("/home/me"));
        assert_eq!(machine.folders(Base::Home), [Path::new("/home/me")]);
        assert_eq!(machine.folders(Base::Config), [Path::new("/conf")]);
    }

    #[test]
    fn only_windows_has_the_folders_of_windows() {
        let home = [("HOME", "/h"), ("USERPROFILE", "/h")];
        for base in [Base::LocalApplication, Base::Programs] {
            assert_eq!(folder(Platform::Linux, &home, base), None);
            assert_eq!(folder(Platform::MacOs, &home, base), None);
            assert!(folder(Platform::Windows, &home, base).is_some());
        }
    }

    #[test]
    fn upward_goes_to_the_root() {
        let machine = Machine::on(
            Platform::Linux,
            &Environment::from_pairs::<&str, &str>([]),
            Path::new("/a/b"),
        );
        let folders: Vec<_> = machine.folders(Base::Upward);
        assert_eq!(folders, ["/a/b", "/a", "/"].map(Path::new));
    }
}
