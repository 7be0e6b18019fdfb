//! Which tool wrote a file.

use crate::read::{is_bitwarden, is_doppler, is_kubernetes, is_one_password};
use crate::tree::{Form, Format, Node, begins_as_json, parse};

/// The tool or format that a file came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// `bw export --format json`, `bw list items`.
    Bitwarden,
    /// `docker run --env-file`: no quotes, each line as it is.
    DockerEnvFile,
    /// `doppler secrets download --no-file --format json`, `doppler secrets --json`.
    Doppler,
    /// A `.env` file.
    Env,
    /// `fnox.toml`.
    Fnox,
    /// An object of names and texts, or a list of names with their values.
    Json,
    /// A Secret of Kubernetes, in YAML or JSON.
    KubernetesSecret,
    /// `op item get --format json`.
    OnePassword,
    /// `secretspec.toml`: names without values.
    Secretspec,
    /// A mapping of names and texts.
    Yaml,
}

impl Origin {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 10] = [
        Self::OnePassword,
        Self::Bitwarden,
        Self::DockerEnvFile,
        Self::Doppler,
        Self::Env,
        Self::Fnox,
        Self::Json,
        Self::KubernetesSecret,
        Self::Secretspec,
        Self::Yaml,
    ];

    /// The origin of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == name)
    }

    /// Its name, as an option has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bitwarden => "bitwarden",
            Self::DockerEnvFile => "docker",
            Self::Doppler => "doppler",
            Self::Env => "env",
            Self::Fnox => "fnox",
            Self::Json => "json",
            Self::KubernetesSecret => "k8s-secret",
            Self::OnePassword => "1password",
            Self::Secretspec => "secretspec",
            Self::Yaml => "yaml",
        }
    }
}

/// Which tool wrote a file, by its name (the last piece of its path) and by its content. `None` when it could be any, or none;
/// [`Origin::DockerEnvFile`] looks like [`Origin::Env`], so it is only ever asked for.
#[must_use]
pub fn detect(file_name: Option<&str>, bytes: &[u8]) -> Option<Origin> {
    let name = file_name.unwrap_or_default().to_ascii_lowercase();
    let stem = name.strip_suffix(".toml");
    if let Some(stem) = stem {
        let stem = stem.trim_start_matches('.');
        return match stem.split('.').next() {
            Some("fnox") => Some(Origin::Fnox),
            Some("secretspec") => Some(Origin::Secretspec),
            _ => of_toml(&parse(bytes, Format::Toml).ok()?),
        };
    }
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        return of_yaml(&parse(bytes, Format::Yaml).ok()?);
    }
    let is_json = name.ends_with(".json");
    if !is_json && is_env_name(&name) {
        return Some(Origin::Env);
    }
    if is_json || begins_as_json(bytes) {
        return of_json(&parse(bytes, Format::Json).ok()?);
    }
    if has_assignment(bytes) {
        return Some(Origin::Env);
    }
    of_yaml(&parse(bytes, Format::Yaml).ok()?)
}

fn is_env_name(name: &str) -> bool {
    name.ends_with(".env") || name.starts_with(".env.")
}

/// Whether a line, the first one that is no comment, begins as an assignment does.
fn has_assignment(bytes: &[u8]) -> bool {
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    lines.next().is_some_and(|line| {
        let line = line.strip_prefix(b"export ").unwrap_or(line);
        let end = line.iter().position(|&byte| byte == b'=');
        end.and_then(|end| std::str::from_utf8(&line[..end]).ok())
            .is_some_and(|name| crate::name::is_variable(name.trim_end()))
    })
}

fn of_json(root: &Node) -> Option<Origin> {
    if is_kubernetes(root) {
        Some(Origin::KubernetesSecret)
    } else if is_bitwarden(root) {
        Some(Origin::Bitwarden)
    } else if is_one_password(root) {
        Some(Origin::OnePassword)
    } else if is_doppler(root) {
        Some(Origin::Doppler)
    } else {
        is_flat(root).then_some(Origin::Json)
    }
}

fn of_yaml(root: &Node) -> Option<Origin> {
    if is_kubernetes(root) {
        return Some(Origin::KubernetesSecret);
    }
    is_flat(root).then_some(Origin::Yaml)
}

fn of_toml(root: &Node) -> Option<Origin> {
    if root.has("project") && root.has("profiles") {
        return Some(Origin::Secretspec);
    }
    root.has("secrets").then_some(Origin::Fnox)
}

fn is_flat(root: &Node) -> bool {
    match &root.form {
        Form::Table(entries) => entries
            .iter()
            .all(|(_, node)| !matches!(node.form, Form::List(_) | Form::Table(_))),
        Form::List(items) => items.iter().all(|item| item.has("name") || item.has("key")),
        Form::Bare(_) | Form::Nothing | Form::Other | Form::Text(_) => false,
    }
}
