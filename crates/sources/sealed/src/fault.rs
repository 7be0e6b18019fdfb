//! What can be wrong with a sealed store, as a closed table: kind, text, remedy.

use std::ffi::OsStr;

use mcp_launch_core::{SourceError, SourceErrorKind};

use crate::layout::Layout;

/// One thing that can be wrong. None holds text of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    AlreadyProtected,
    BothKeys,
    Damaged,
    DirectoryForeign,
    DirectoryWritable,
    EmptyPassphrase,
    KeyDamaged,
    KeyForeign,
    KeyLinked,
    KeyMismatch,
    KeyMissing,
    KeyReadable,
    KeyringAbsent,
    KeyringFull,
    KeyringRefused,
    LinkDangling,
    Locked,
    LockedMismatch,
    NewerVersion,
    NotProtected,
    OtherRecipients,
    PassphraseNotText,
    PassphraseWrong,
    PayloadMalformed,
    ProtectedKeyDamaged,
    StoreWritable,
    TooLarge,
    WriterWaited,
}

impl Fault {
    const ALL: [Self; 28] = [
        Self::AlreadyProtected,
        Self::BothKeys,
        Self::Damaged,
        Self::DirectoryForeign,
        Self::DirectoryWritable,
        Self::EmptyPassphrase,
        Self::KeyDamaged,
        Self::KeyForeign,
        Self::KeyLinked,
        Self::KeyMismatch,
        Self::KeyMissing,
        Self::KeyReadable,
        Self::KeyringAbsent,
        Self::KeyringFull,
        Self::KeyringRefused,
        Self::LinkDangling,
        Self::Locked,
        Self::LockedMismatch,
        Self::NewerVersion,
        Self::NotProtected,
        Self::OtherRecipients,
        Self::PassphraseNotText,
        Self::PassphraseWrong,
        Self::PayloadMalformed,
        Self::ProtectedKeyDamaged,
        Self::StoreWritable,
        Self::TooLarge,
        Self::WriterWaited,
    ];

    pub(crate) const fn error(self) -> SourceError {
        SourceError::new(self.kind()).note(self.note())
    }

    /// The fault behind `error`, if it is one of these.
    pub(crate) fn of(error: SourceError) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|fault| error.explanation() == Some(fault.note()))
    }

    const fn kind(self) -> SourceErrorKind {
        use SourceErrorKind as Kind;
        match self {
            Self::Locked | Self::LockedMismatch => Kind::Locked,
            Self::DirectoryForeign
            | Self::DirectoryWritable
            | Self::KeyForeign
            | Self::KeyLinked
            | Self::KeyMismatch
            | Self::KeyReadable
            | Self::PassphraseWrong
            | Self::StoreWritable => Kind::Denied,
            Self::Damaged
            | Self::EmptyPassphrase
            | Self::KeyDamaged
            | Self::NewerVersion
            | Self::PassphraseNotText
            | Self::PayloadMalformed
            | Self::ProtectedKeyDamaged
            | Self::TooLarge => Kind::Malformed,
            Self::WriterWaited => Kind::TimedOut,
            Self::AlreadyProtected
            | Self::BothKeys
            | Self::KeyMissing
            | Self::KeyringAbsent
            | Self::KeyringFull
            | Self::KeyringRefused
            | Self::LinkDangling
            | Self::NotProtected
            | Self::OtherRecipients => Kind::Unavailable,
        }
    }

    const fn note(self) -> &'static str {
        match self {
            Self::AlreadyProtected => "the key already has a passphrase",
            Self::BothKeys => {
                "the key stands in both forms: a change of its passphrase was interrupted"
            }
            Self::Damaged => "the sealed file is damaged or not an age file",
            Self::DirectoryForeign => "the directory belongs to another user",
            Self::DirectoryWritable => "other users may write into the directory",
            Self::EmptyPassphrase => "an empty passphrase protects nothing",
            Self::KeyDamaged => "the key file does not hold one age key",
            Self::KeyForeign => "the key file belongs to another user",
            Self::KeyLinked => "the key file is a link, which is not replaced",
            Self::KeyMismatch => "the key file does not open the sealed file",
            Self::KeyMissing => "the key that opens the sealed file is missing",
            Self::KeyReadable => "other users may read the key file",
            Self::KeyringAbsent => "this system has no kernel keyring to unlock into",
            Self::KeyringFull => "the kernel keyring of this user is full",
            Self::KeyringRefused => "the kernel keyring cannot be used here",
            Self::LinkDangling => "the sealed file is a link to a file that is not there",
            Self::Locked => "the key is protected by a passphrase",
            Self::LockedMismatch => "the unlocked key does not open the sealed file",
            Self::NewerVersion => "written by a newer mcp-launch",
            Self::NotProtected => "the key has no passphrase",
            Self::OtherRecipients => {
                "the sealed file is encrypted to other keys too, which a write would shut out"
            }
            Self::PassphraseNotText => "the passphrase is not UTF-8 text",
            Self::PassphraseWrong => "wrong passphrase",
            Self::PayloadMalformed => "what the sealed file holds is not a list of secrets",
            Self::ProtectedKeyDamaged => "the protected key file is damaged or not an age file",
            Self::StoreWritable => "other users may write the sealed file",
            Self::TooLarge => "larger than a sealed store can be",
            Self::WriterWaited => "another process is writing the store",
        }
    }

    /// What a person does about it. Paths are quoted for a shell.
    pub(crate) fn remedy(self, layout: &Layout) -> Option<String> {
        let text = match self {
            Self::BothKeys => {
                "mcp-launch secrets protect, or mcp-launch secrets protect --remove".to_owned()
            }
            Self::DirectoryForeign => {
                format!("chown \"$USER\" {}", shell_quoted(&layout.directory()))
            }
            Self::DirectoryWritable => format!("chmod 700 {}", shell_quoted(&layout.directory())),
            Self::KeyForeign => format!("chown \"$USER\" {}", shell_quoted(&layout.key())),
            Self::KeyLinked => format!(
                "put the key itself, not a link, at {}",
                shell_quoted(&layout.key())
            ),
            Self::KeyMismatch | Self::KeyMissing => format!(
                "restore the key that belongs to {} as {} from a copy",
                shell_quoted(&layout.store()),
                shell_quoted(&layout.key())
            ),
            Self::KeyReadable => format!("chmod 600 {}", shell_quoted(&layout.key())),
            Self::KeyringAbsent | Self::KeyringRefused => {
                "mcp-launch secrets protect --remove, or use the keychain".to_owned()
            }
            Self::Locked | Self::LockedMismatch => "mcp-launch unlock".to_owned(),
            Self::LinkDangling => format!(
                "restore or remove the link {}",
                shell_quoted(&layout.store())
            ),
            Self::StoreWritable => format!("chmod 600 {}", shell_quoted(&layout.store())),
            Self::NewerVersion => "update mcp-launch".to_owned(),
            Self::Damaged | Self::PayloadMalformed => {
                format!("restore {} from a backup", shell_quoted(&layout.store()))
            }
            Self::KeyDamaged => format!("restore {} from a backup", shell_quoted(&layout.key())),
            Self::ProtectedKeyDamaged => {
                format!(
                    "restore {} from a backup",
                    shell_quoted(&layout.protected_key())
                )
            }
            Self::AlreadyProtected
            | Self::EmptyPassphrase
            | Self::KeyringFull
            | Self::NotProtected
            | Self::OtherRecipients
            | Self::PassphraseNotText
            | Self::PassphraseWrong
            | Self::TooLarge
            | Self::WriterWaited => return None,
        };
        Some(text)
    }
}

/// The text as a shell takes it.
pub(crate) fn shell_quoted(text: &(impl AsRef<OsStr> + ?Sized)) -> String {
    let text = text.as_ref().to_string_lossy();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_again_by_its_note() {
        for fault in Fault::ALL {
            assert_eq!(Fault::of(fault.error()), Some(fault));
        }
        assert_eq!(Fault::of(SourceError::new(SourceErrorKind::Locked)), None);
    }

    #[test]
    fn no_fault_lets_the_next_store_answer() {
        for fault in Fault::ALL {
            assert!(!fault.error().lets_next_answer(), "{fault:?}");
        }
    }

    #[test]
    fn a_path_can_be_pasted_into_a_shell() {
        assert_eq!(shell_quoted("/home/a/x.key"), "/home/a/x.key");
        assert_eq!(shell_quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
