//! Another tool's file, taken apart.

mod bitwarden;
mod docker;
mod doppler;
mod env;
mod flat;
mod fnox;
mod kubernetes;
mod one_password;
mod secretspec;

use source_dotenv::Dialect;

pub(crate) use bitwarden::is_bitwarden;
pub(crate) use doppler::is_doppler;
pub(crate) use kubernetes::is_kubernetes;
pub(crate) use one_password::is_one_password;

use crate::contents::{Contents, Entry, Taken};
use crate::error::ReadError;
use crate::name::apart;
use crate::origin::Origin;
use crate::tree::{Format, Node, begins_as_json, parse};

/// Reads what `origin` wrote. `dialect` is the one reader that counts for a `.env` file, if there is one; other origins
/// have no use for it.
///
/// # Errors
/// When the file as a whole is not what the origin writes; see [`crate::ReadErrorKind`]. A single value that cannot be
/// told is an entry: [`Taken::Unreadable`].
pub fn read(bytes: &[u8], origin: Origin, dialect: Option<Dialect>) -> Result<Contents, ReadError> {
    match origin {
        Origin::Bitwarden => bitwarden::read(&parse(bytes, Format::Json)?),
        Origin::DockerEnvFile => docker::read(bytes),
        Origin::Doppler => doppler::read(&parse(bytes, Format::Json)?),
        Origin::Env => env::read(bytes, dialect),
        Origin::Fnox => fnox::read(&parse(bytes, Format::Toml)?),
        Origin::Json => flat::read(&parse(bytes, Format::Json)?),
        // `kubectl get secret -o json` is YAML as well, but its errors are better told as JSON's.
        Origin::KubernetesSecret if begins_as_json(bytes) => {
            kubernetes::read(&parse(bytes, Format::Json)?)
        }
        Origin::KubernetesSecret => kubernetes::read(&parse(bytes, Format::Yaml)?),
        Origin::OnePassword => one_password::read(&parse(bytes, Format::Json)?),
        Origin::Secretspec => secretspec::read(&parse(bytes, Format::Toml)?),
        Origin::Yaml => flat::read(&parse(bytes, Format::Yaml)?),
    }
}

/// An entry whose name is still to be told apart from those of others.
struct Draft {
    /// From the shortest name on.
    names: Vec<String>,
    value: Taken,
    line: usize,
}

fn named(drafts: Vec<Draft>) -> Vec<Entry> {
    let (choices, rest): (Vec<_>, Vec<_>) = drafts
        .into_iter()
        .map(|draft| (draft.names, (draft.value, draft.line)))
        .unzip();
    apart(&choices)
        .into_iter()
        .zip(rest)
        .map(|(name, (value, line))| Entry { name, value, line })
        .collect()
}

/// The node itself, or the nodes of a list.
fn one_or_many(root: &Node) -> &[Node] {
    root.list().unwrap_or(std::slice::from_ref(root))
}
