//! What the user says of a hook.

use std::ffi::OsString;
use std::time::Duration;

use mcp_launch_core::Environment;
use mcp_launch_rotation::{Bundle, Recipe};

use crate::Program;

/// Variables that a program needs to be itself. None of them is a credential's.
const PASSED: [&str; 22] = [
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "NO_PROXY",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// A hook, and the credential that it rotates.
pub struct HookSettings {
    /// The credential's name.
    pub credential: String,
    /// What the names of all that is made for this credential begin with: the same on every host, and of no other credential
    /// at the vendor. The program gets it as `prefix`, and with the rotation behind it as `name`.
    pub prefix: String,
    /// The program.
    pub program: Program,
    /// Its arguments. No values: anybody on the machine can read them.
    pub arguments: Vec<String>,
    /// What it is given as `auth`; without one, the stored value.
    pub administrator: Option<Bundle>,
    /// How a value is made that we choose: for the class `set`.
    pub chosen: Chosen,
    /// How long a new value shall live: the program gets the time of its end as `expires_at`.
    pub lifetime: Option<Duration>,
    /// For the class `roll` without an administrator: whether it is accepted that a lost answer loses the credential.
    pub accepts_loss: bool,
    /// The longest that one operation may take.
    pub timeout: Duration,
    /// The variables of the program's environment, and no others: see [`HookSettings::variables`].
    pub environment: Vec<(OsString, OsString)>,
}

/// How a value is made that we choose.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Chosen {
    /// The field that is replaced; empty for a value without fields.
    pub field: String,
    /// What it is made of.
    pub recipe: Recipe,
}

impl HookSettings {
    /// The variables of `environment` that a program needs to be itself, such as `PATH` and `HOME`, and those that the user
    /// named.
    #[must_use]
    pub fn variables(environment: &Environment, named: &[String]) -> Vec<(OsString, OsString)> {
        let passed = environment.iter().filter(|(name, _)| {
            PASSED.iter().any(|own| name == own)
                || named.iter().any(|own| name.to_str() == Some(own.as_str()))
        });
        passed
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
