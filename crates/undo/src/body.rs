//! The half of a record that held secrets.

use std::fs::Metadata;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What a change did to a file. Deliberately without `Debug`: it holds what stood there.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The content before, in base64. None where there was no file.
    before: Option<Zeroizing<String>>,
    /// The digest of the content after.
    after: String,
    /// The edits in the words of whoever made them, as JSON.
    edits: Zeroizing<String>,
    /// Who had the file, and who could read it. None where there was no file, or the system has no owners and modes.
    access: Option<Access>,
}

/// The owner and the mode of a file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The number of the user whose it is.
    pub owner: u32,
    /// The permission bits, without the type: `0o600`.
    pub mode: u32,
}

impl Access {
    /// What the system says of a file. None where it has no such thing.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self {
            owner: metadata.uid(),
            mode: metadata.mode() & 0o777,
        })
    }

    /// Windows: access lists, which a file inherits from its folder.
    #[cfg(not(unix))]
    #[must_use]
    pub fn of(_metadata: &Metadata) -> Option<Self> {
        None
    }
}

/// How a file stands to a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// As the change left it.
    After,
    /// As it was before: the change was never made, or was taken back.
    Before,
    /// Otherwise: somebody has written it since.
    Changed,
    /// There is no file.
    Gone,
}

impl Body {
    /// The body of a change from `before` to `after`, of a file that had this `access`. `edits` is JSON.
    #[must_use]
    pub fn new(
        before: Option<&[u8]>,
        after: &[u8],
        edits: Zeroizing<String>,
        access: Option<Access>,
    ) -> Self {
        Self {
            before: before.map(|before| Zeroizing::new(STANDARD.encode(before))),
            after: digest(after),
            edits,
            access,
        }
    }

    /// Who had the file before the change, and who could read it.
    #[must_use]
    pub const fn access(&self) -> Option<Access> {
        self.access
    }

    /// The content before; None where there was no file, or the record is damaged.
    #[must_use]
    pub fn before(&self) -> Option<Zeroizing<Vec<u8>>> {
        let encoded = self.before.as_ref()?;
        STANDARD.decode(encoded.as_bytes()).ok().map(Zeroizing::new)
    }

    /// Whether the change made the file.
    #[must_use]
    pub const fn made_file(&self) -> bool {
        self.before.is_none()
    }

    /// The edits, as JSON.
    #[must_use]
    pub fn edits(&self) -> &str {
        &self.edits
    }

    /// How a file of this content stands to the change; None for no file.
    #[must_use]
    pub fn standing(&self, content: Option<&[u8]>) -> Standing {
        match (content, self.before()) {
            (Some(content), _) if digest(content) == self.after => Standing::After,
            (Some(content), Some(before)) if content == before.as_slice() => Standing::Before,
            (None, None) if self.made_file() => Standing::Before,
            (None, _) => Standing::Gone,
            (Some(_), _) => Standing::Changed,
        }
    }
}

fn digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
