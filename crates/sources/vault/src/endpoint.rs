//! The requests that vaultrs has no endpoint for, or none that keeps what is needed of the answer.

use rustify_derive::Endpoint;
use zeroize::Zeroize as _;

/// A path as it is. Any engine; the answer keeps its lease.
#[derive(Endpoint)]
#[endpoint(path = "{self.path}")]
pub(crate) struct Read {
    #[endpoint(skip)]
    pub(crate) path: String,
}

/// A path that something is written to. What was written may be a value, so it is wiped.
#[derive(Endpoint)]
#[endpoint(path = "{self.path}", method = "POST")]
pub(crate) struct Request {
    #[endpoint(skip)]
    pub(crate) path: String,
    /// A JSON object.
    #[endpoint(raw)]
    pub(crate) body: Vec<u8>,
}

impl Drop for Request {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

/// A path whose document is changed by a JSON merge patch (RFC 7396). [`crate::wire`] says that it is one.
#[derive(Endpoint)]
#[endpoint(path = "{self.path}", method = "PATCH")]
pub(crate) struct Patch {
    #[endpoint(skip)]
    pub(crate) path: String,
    /// A JSON object.
    #[endpoint(raw)]
    pub(crate) body: Vec<u8>,
}

impl Drop for Patch {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}

/// The end of what is at a path. Not of any version but the newest, where there are versions.
#[derive(Endpoint)]
#[endpoint(path = "{self.path}", method = "DELETE")]
pub(crate) struct Delete {
    #[endpoint(skip)]
    pub(crate) path: String,
}

/// The names below a path.
#[derive(Endpoint)]
#[endpoint(path = "{self.path}", method = "LIST")]
pub(crate) struct List {
    #[endpoint(skip)]
    pub(crate) path: String,
}

/// Which mount a path belongs to, and of what kind that is.
#[derive(Endpoint)]
#[endpoint(path = "sys/internal/ui/mounts/{self.path}")]
pub(crate) struct MountOf {
    #[endpoint(skip)]
    pub(crate) path: String,
}

/// The mounts that the token may do something below. Every token that holds may ask, whatever its policies.
#[derive(Endpoint)]
#[endpoint(path = "sys/internal/ui/mounts")]
pub(crate) struct Mounts {}

/// What the token may do at paths.
#[derive(Endpoint)]
#[endpoint(path = "sys/capabilities-self", method = "POST")]
pub(crate) struct Capabilities {
    pub(crate) paths: Vec<String>,
}

/// Whether the Vault is initialised and unsealed.
#[derive(Endpoint)]
#[endpoint(path = "sys/seal-status")]
pub(crate) struct SealStatus {}

/// Prolongs a lease by as many seconds.
#[derive(Endpoint)]
#[endpoint(path = "sys/leases/renew", method = "POST")]
pub(crate) struct RenewLease {
    pub(crate) lease_id: String,
    pub(crate) increment: u64,
}

/// Ends a lease; the answer comes when the credential is gone.
#[derive(Endpoint)]
#[endpoint(path = "sys/leases/revoke", method = "POST")]
pub(crate) struct RevokeLease {
    pub(crate) lease_id: String,
    pub(crate) sync: bool,
}

/// A login by client certificate. vaultrs's own sends the role under a name that the Vault does not read.
#[derive(Endpoint)]
#[endpoint(path = "auth/{self.mount}/login", method = "POST")]
pub(crate) struct CertLogin {
    #[endpoint(skip)]
    pub(crate) mount: String,
    pub(crate) name: Option<String>,
}
