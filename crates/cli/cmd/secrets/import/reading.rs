//! What an import reads: the file, the format, which of its entries.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use mcp_launch_config::{Settings, open_at_once};
use mcp_launch_core::{Secret, shown};
use mcp_launch_exchange::{Contents, Entry, Origin, Taken};
use mcp_launch_shapes::{Standing, judge};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::args::ImportArgs;
use crate::cmd::secrets::import::absolute;
use crate::context::Context;
use crate::report::Report;
use crate::selection::Selection;
use crate::terminal;

/// More than any export of secrets has.
const LARGEST: u64 = 16 << 20;

/// A source that was read.
pub(crate) struct Source {
    /// The file, absolute; None for standard input.
    pub(crate) path: Option<PathBuf>,
    pub(crate) origin: Origin,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    taken: Vec<(String, Secret)>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
}

/// An entry that is not moved.
struct Skipped {
    name: String,
    why: &'static str,
}

/// Reads the source of an import, and chooses.
///
/// # Errors
/// When it cannot be read, or one of the entries that are meant has no value that can be told.
pub(crate) fn read(
    context: &Context,
    settings: &Settings,
    args: &ImportArgs,
) -> Result<Source, Report> {
    let (path, bytes) = bytes(context, &args.source)?;
    let name = path
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let origin = args
        .from
        .or_else(|| mcp_launch_exchange::detect(name, &bytes))
        .or_else(|| of_ending(path.as_deref()))
        .ok_or_else(|| unknown(path.as_deref()))?;
    let dialect = settings.dotenv_dialect().ok().flatten();
    let dialect = dialect.and_then(|dialect| source_dotenv::Dialect::parse(dialect.as_str()));
    let contents = mcp_launch_exchange::read(&bytes, origin, dialect).map_err(|error| {
        let place = in_words(path.as_deref());
        let report = Report::failure(format!("{place}: {error}"));
        match error.remedy() {
            Some(remedy) => report.hint(remedy),
            None if args.from.is_none() => report.hint(format!(
                "it was read as `{}`; --from names another format",
                origin.as_str()
            )),
            None => report,
        }
    })?;
    let mut source = Source {
        path,
        origin,
        bytes,
        taken: Vec::new(),
        skipped: Vec::new(),
        notes: contents.notes.iter().map(ToString::to_string).collect(),
    };
    source.choose(contents, args)?;
    Ok(source)
}

impl Source {
    /// Takes what is meant of `contents`.
    fn choose(&mut self, contents: Contents, args: &ImportArgs) -> Result<(), Report> {
        let selection = Selection::of(&args.selection);
        selection.must_fit(contents.entries.iter().map(|entry| entry.name.as_str()))?;
        let mut unreadable = Vec::new();
        for Entry { name, value, line } in contents.entries {
            if !selection.has(&name) {
                continue;
            }
            match value {
                Taken::Value(value) if args.secrets_only && !is_secret(&name, &value) => {
                    self.skip(name, "not recognised as a secret");
                }
                Taken::Value(value) => self.taken.push((name, value)),
                Taken::Empty => self.skip(name, "empty"),
                Taken::Reference => self.skip(name, "a reference already"),
                Taken::NameOnly => match asked_for(&name)? {
                    Some(value) => self.taken.push((name, value)),
                    None => self.skip(name, "nothing was typed"),
                },
                Taken::Unreadable(reason) => unreadable.push((name, line, reason)),
            }
        }
        if unreadable.is_empty() {
            return Ok(());
        }
        let mut message = format!(
            "{}: {} of the values cannot be told, so nothing was written",
            self.in_words(),
            unreadable.len()
        );
        for (name, _, reason) in &unreadable {
            message.push_str(&format!("\n  {name}: {}", reason.error));
            if let Some(remedy) = &reason.remedy {
                message.push_str(&format!(
                    "\n    fix: {}",
                    crate::report::indented(remedy, 9)
                ));
            }
        }
        Err(Report::failure(message).hint("--except NAME leaves one out"))
    }

    fn skip(&mut self, name: String, why: &'static str) {
        self.skipped.push(Skipped { name, why });
    }

    /// The values that are to be moved.
    pub(crate) fn values(&self) -> Vec<(String, Secret)> {
        self.taken
            .iter()
            .map(|(name, value)| (name.clone(), copy(value)))
            .collect()
    }

    /// What it is called.
    pub(crate) fn in_words(&self) -> String {
        in_words(self.path.as_deref())
    }

    /// What it is called for a machine.
    pub(crate) fn json_name(&self) -> Value {
        json!({
            "path": self.path.as_ref().map(|path| path.to_string_lossy()),
            "format": self.origin.as_str(),
        })
    }

    pub(crate) fn skipped_json(&self) -> Value {
        let skipped = self.skipped.iter();
        skipped
            .map(|skipped| json!({ "name": skipped.name, "why": skipped.why }))
            .collect()
    }

    pub(crate) fn skipped_lines(&self) -> Vec<String> {
        let skipped = self.skipped.iter();
        skipped
            .map(|skipped| format!("  {} stays: {}", skipped.name, skipped.why))
            .chain(self.notes.iter().map(|note| format!("  {note}")))
            .collect()
    }
}

fn in_words(path: Option<&Path>) -> String {
    path.map_or_else(
        || "standard input".to_owned(),
        |path| shown(path).to_string(),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "looks at the value's shape; nothing of it is kept"
)]
fn is_secret(name: &str, value: &Secret) -> bool {
    match std::str::from_utf8(value.expose()) {
        Ok(text) => !matches!(judge(name, text).standing, Standing::Plain(_)),
        // Bytes that are no text are no port and no log level.
        Err(_) => true,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "from one wiped buffer to another: the source stays for comparing"
)]
fn copy(value: &Secret) -> Secret {
    Secret::new(value.expose().to_vec())
}

/// Asks for a value of which the file has the name only. Nothing typed leaves it out.
fn asked_for(name: &str) -> Result<Option<Secret>, Report> {
    if !terminal::stdin_is_terminal() {
        return Err(Report::failure(format!(
            "the file has the name {name} only, and there is no terminal to ask for its value"
        ))
        .hint("run it in a terminal, or leave the name out with --except"));
    }
    match terminal::ask_hidden(&format!("Value of {name} (nothing leaves it out): ")) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(report) => Err(report),
    }
}

/// The format that the name promises, so that what is wrong with the content can be told.
fn of_ending(path: Option<&Path>) -> Option<Origin> {
    match path?.extension()?.to_str()? {
        "json" => Some(Origin::Json),
        "yaml" | "yml" => Some(Origin::Yaml),
        _ => None,
    }
}

fn unknown(path: Option<&Path>) -> Report {
    Report::failure(format!("{}: the format cannot be told", in_words(path)))
        .hint("name it: --from env, docker, json, yaml, doppler, 1password, bitwarden, fnox, secretspec or k8s-secret")
}

/// The path and the bytes of the source.
fn bytes(
    context: &Context,
    source: &Path,
) -> Result<(Option<PathBuf>, Zeroizing<Vec<u8>>), Report> {
    if source == Path::new("-") {
        return Ok((None, terminal::read_stdin()?));
    }
    let path = absolute(context, source);
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Report::failure(format!("there is no {}", shown(&path)))
            .hint("name the file: mcp-launch secrets import FILE, or - for standard input"),
        _ => Report::failure(format!("cannot read {}: {error}", shown(&path))),
    };
    let file = open_at_once(&path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(
            Report::failure(format!("{} is not a regular file", shown(&path)))
                .hint("what another program prints goes in by standard input: mcp-launch secrets import -"),
        );
    }
    let too_large = || Report::failure(format!("{} has more than 16 MiB", shown(&path)));
    if metadata.len() > LARGEST {
        return Err(too_large());
    }
    // Full size from the start, so that no copy is left behind when it grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        usize::try_from(metadata.len()).unwrap_or_default() + 1,
    ));
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    Ok((Some(path), bytes))
}
