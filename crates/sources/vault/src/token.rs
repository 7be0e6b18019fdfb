//! The token of the person: the variables, the token helper, the file that `bao login` writes.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use mcp_launch_core::{Deadline, Environment, LineEnd, Secret};
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};
use crate::token_helper;

/// The longest token, in bytes. Tokens that are JWTs have a few kB.
const LONGEST: usize = 64 << 10;

/// Where the token of a launch comes from, as far as a person sees to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    BaoToken,
    File,
    Helper,
    /// This launch, or another of the last seconds, logged in for it.
    Login,
    Settings,
    VaultToken,
}

impl Origin {
    /// What follows "logged in by".
    pub(crate) const fn told(self) -> &'static str {
        match self {
            Self::BaoToken => "the token of BAO_TOKEN",
            Self::File => "the token of ~/.vault-token",
            Self::Helper => "the token of the token helper",
            Self::Login => "the token",
            Self::Settings => "the token of the settings",
            Self::VaultToken => "the token of VAULT_TOKEN",
        }
    }

    /// What a person does about such a token that has ended.
    pub(crate) const fn renewal(self) -> &'static str {
        match self {
            Self::BaoToken => {
                "set BAO_TOKEN anew, or unset it: it comes before what `bao login` writes"
            }
            Self::File => "log in anew (bao login, vault login)",
            Self::Helper => "log in anew (bao login, vault login), which tells the helper",
            Self::Login => "start it again, which logs in anew",
            Self::Settings => "renew what auth.token of the store names",
            Self::VaultToken => {
                "set VAULT_TOKEN anew, or unset it: it comes before what `vault login` writes"
            }
        }
    }
}

/// A token that a request can carry.
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    /// The token in `bytes`. vaultrs panics on one that a header cannot hold, such as one with a line end.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let usable = !text.is_empty()
            && text.len() <= LONGEST
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !usable {
            return Err(Fault::TokenUnusable.into());
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The token that a store gave. A line end at its end, as files have it, is none of it.
    #[expect(
        clippy::disallowed_methods,
        reason = "a token on its way into a header"
    )]
    pub(crate) fn of(secret: &Secret) -> Result<Self, Failure> {
        let mut bytes = Zeroizing::new(secret.expose().to_vec());
        LineEnd::Strip.apply(&mut bytes);
        Self::new(&bytes)
    }

    /// The same once more.
    pub(crate) fn again(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The token of the person, as `bao` finds it, and where it was.
pub(crate) fn find(
    environment: &Environment,
    deadline: Deadline,
) -> Result<(Token, Origin), Failure> {
    for (name, origin) in [
        ("BAO_TOKEN", Origin::BaoToken),
        ("VAULT_TOKEN", Origin::VaultToken),
    ] {
        if let Some(value) = environment.get_non_empty(name) {
            let token = Token::new(value.as_encoded_bytes()).map_err(|failure| Failure {
                remedy: Some(format!("set {name} anew, or unset it")),
                ..failure
            })?;
            return Ok((token, origin));
        }
    }
    if let Some(program) = token_helper::configured(environment)? {
        let token = token_helper::ask(&program, environment, deadline)?;
        return Ok((token, Origin::Helper));
    }
    let path = home(environment).map(|home| home.join(".vault-token"));
    let token = path.map(|path| of_file(&path)).transpose()?.flatten();
    Ok((token.ok_or_else(none)?, Origin::File))
}

/// The home folder of the person.
pub(crate) fn home(environment: &Environment) -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    environment.get_non_empty(name).map(PathBuf::from)
}

/// The token in a file of the person's own; None where there is no such file.
fn of_file(path: &Path) -> Result<Option<Token>, Failure> {
    let unreadable = |told: String| Failure::with(Fault::TokenFileUnreadable, told);
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(unreadable(format!(
                "{}: {error}",
                mcp_launch_core::shown(path)
            )));
        }
    };
    if !is_ours(&file) {
        return Err(Failure::with(
            Fault::TokenFileForeign,
            format!("remove {} and log in anew", mcp_launch_core::shown(path)),
        ));
    }
    refuse_writable(&file, path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 2));
    file.take(LONGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(format!("{}: {error}", mcp_launch_core::shown(path))))?;
    LineEnd::Strip.apply(&mut bytes);
    Token::new(&bytes).map(Some).map_err(|failure| Failure {
        remedy: Some(format!(
            "log in anew (bao login, vault login), which writes {}",
            mcp_launch_core::shown(path)
        )),
        ..failure
    })
}

/// Opens a file of text. Anything else, such as a pipe that nobody writes to, would be waited for without end.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    File::open(path)
}

/// Whether the file belongs to this user, or to root. Of another's making, it would say as whom we ask.
#[cfg(unix)]
pub(crate) fn is_ours(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|metadata| {
        metadata.is_file()
            && (metadata.uid() == rustix::process::geteuid().as_raw() || metadata.uid() == 0)
    })
}

/// A home folder of Windows is closed to other users.
#[cfg(not(unix))]
pub(crate) fn is_ours(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Refuses the file of a token that others may write: they would say as whom we ask.
pub(crate) fn refuse_writable(file: &File, path: &Path) -> Result<(), Failure> {
    if others_may_write(file) {
        return Err(Failure::with(
            Fault::TokenFileWritable,
            format!("chmod go-w {}", mcp_launch_core::shown(path)),
        ));
    }
    Ok(())
}

/// Whether somebody else than the file's owner may write it.
#[cfg(unix)]
pub(crate) fn others_may_write(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

/// A home folder of Windows is closed to other users.
#[cfg(not(unix))]
pub(crate) fn others_may_write(_: &File) -> bool {
    false
}

fn none() -> Failure {
    Failure::with(
        Fault::TokenMissing,
        "set `auth` of the store, or log in: bao login, vault login",
    )
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::Duration;

    use mcp_launch_testkit::{Canary, Scratch};

    use super::*;

    fn found(pairs: &[(&str, &str)]) -> Result<String, Failure> {
        let environment = Environment::from_pairs(pairs.iter().copied());
        let deadline = Deadline::after(Duration::from_secs(5));
        find(&environment, deadline).map(|(token, _)| token.as_str().to_owned())
    }

    #[test]
    fn variables_come_before_the_file() {
        let scratch = Scratch::new();
        scratch.write(".vault-token", "of-the-file\n");
        let home = scratch.home();
        let home = ("HOME", home.to_str().unwrap());
        let all = [("VAULT_TOKEN", "of-vault"), ("BAO_TOKEN", "of-bao"), home];
        assert_eq!(found(&all).unwrap(), "of-bao");
        assert_eq!(found(&[all[0], home]).unwrap(), "of-vault");
        assert_eq!(found(&[("VAULT_TOKEN", ""), home]).unwrap(), "of-the-file");
        let none = Scratch::new();
        let failure = found(&[("HOME", none.home().to_str().unwrap())]).unwrap_err();
        assert!(failure.is(Fault::TokenMissing));
        assert!(found(&[]).unwrap_err().is(Fault::TokenMissing));
    }

    #[test]
    fn a_token_that_no_header_holds_is_an_error_and_no_panic() {
        let canary = Canary::shaped_like("s.aaaaAAAA0000aaaaAAAA0000");
        for text in [
            format!("{}\n{}", canary.value(), canary.value()),
            format!("{}\n\n", canary.value()),
            format!("{} ", canary.value()),
            format!("{}\u{e9}", canary.value()),
            "\n".to_owned(),
            canary.value().repeat(4000),
        ] {
            let scratch = Scratch::new();
            scratch.write(".vault-token", &text);
            let failure = found(&[("HOME", scratch.home().to_str().unwrap())]).unwrap_err();
            assert!(failure.is(Fault::TokenUnusable));
            canary.assert_absent("the failure", format!("{failure:?}"));
        }
        let failure = found(&[("VAULT_TOKEN", "a\nb")]).unwrap_err();
        assert!(failure.is(Fault::TokenUnusable));
    }

    #[test]
    fn a_file_that_others_may_write_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let scratch = Scratch::new();
        let path = scratch.write(".vault-token", "s.token");
        let home = scratch.home();
        let pairs = [("HOME", home.to_str().unwrap())];
        for (mode, taken) in [
            (0o666, false),
            (0o620, false),
            (0o602, false),
            (0o644, true),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            match found(&pairs) {
                Ok(token) => assert!(taken && token == "s.token", "{mode:o}"),
                Err(failure) => {
                    assert!(!taken && failure.is(Fault::TokenFileWritable), "{mode:o}");
                    let remedy = failure.remedy.unwrap();
                    assert_eq!(remedy, format!("chmod go-w {}", path.display()));
                }
            }
        }
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_no_token() {
        let scratch = Scratch::new();
        scratch.write(".vault-token/file", "x");
        assert!(found(&[("HOME", scratch.home().to_str().unwrap())]).is_err());
    }
}
