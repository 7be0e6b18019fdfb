//! A place in a store that takes values by name: `keychain`, `vault:secret/app`, `aws:prod/`.

mod placeholder;

use std::path::{Path, PathBuf};

use mcp_launch_config::Settings;
use mcp_launch_core::{Address, Deadline, Locator, Name, Source, SourceError, SourceErrorKind};

use crate::registry::{self, Reach};
use crate::report::Report;

/// The field that a secret of its own holds its value in, where a store's secrets have fields.
const VALUE: &str = "value";

/// A place in a store that takes values by name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Shelf {
    /// What stands before the colon of an address.
    store: String,
    layout: Layout,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Layout {
    /// The store has no parts: a name is a value.
    Flat,
    /// One secret, with a field for each name.
    Fields(String),
    /// A `.env` file, with a line for each name.
    File(PathBuf),
    /// A secret for each name below this path, without its slash. The value is in this field, or the whole.
    Secrets(String, Option<&'static str>),
    /// Where the settings say that this store's names stand.
    Settings,
}

/// One value that a shelf has.
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) locator: Locator,
}

impl Shelf {
    /// The keychain or the sealed store.
    pub(crate) fn flat(store: &str) -> Self {
        Self {
            store: store.to_owned(),
            layout: Layout::Flat,
        }
    }

    /// Reads what `--to` takes.
    ///
    /// # Errors
    /// When no store is meant, or one that takes no values by name.
    pub(crate) fn parse(text: &str, settings: &Settings) -> Result<Self, Report> {
        let (store, within) = match text.split_once(':') {
            Some((store, within)) => (store, Some(within)),
            None => (text, None),
        };
        let kind = registry::scheme(settings, store).map(|scheme| scheme.name);
        let layout = match (kind, within) {
            (Some("keychain" | "sealed"), None) => Layout::Flat,
            (Some("keychain" | "sealed"), Some(_)) => return Err(has_no_parts(store)),
            (Some("dotenv"), Some(path)) if !path.is_empty() => Layout::File(path.into()),
            (Some("vault"), Some(path)) if path.contains(['#', '?']) => {
                return Err(no_field(store));
            }
            (Some("aws"), Some(path)) if path.contains('#') => return Err(no_field(store)),
            (Some("vault"), Some(path)) => match path.strip_suffix('/') {
                Some(path) => Layout::Secrets(path.to_owned(), Some(VALUE)),
                None => Layout::Fields(path.to_owned()),
            },
            (Some("aws"), Some(path)) => match path.strip_suffix('/') {
                Some(path) => Layout::Secrets(path.to_owned(), None),
                None => Layout::Fields(path.to_owned()),
            },
            (Some("aws" | "vault"), None) if has_names(settings, store) => Layout::Settings,
            (Some(kind @ ("aws" | "vault")), None) => return Err(needs_path(store, kind)),
            (Some(_), _) => return Err(takes_nothing(store)),
            (None, _) => return Err(no_store(store)),
        };
        let shelf = Self {
            store: store.to_owned(),
            layout,
        };
        let probe = shelf.address(settings, "NAME");
        if !matches!(shelf.layout, Layout::File(_)) {
            registry::check(settings, &probe).map_err(|error| {
                let report = Report::failure(error.text);
                match error.remedy {
                    Some(remedy) => report.hint(remedy),
                    None => report,
                }
            })?;
        }
        Ok(shelf)
    }

    /// What stands before the colon of its addresses.
    pub(crate) fn store(&self) -> &str {
        &self.store
    }

    /// Whether all names go into one write of the store.
    pub(crate) fn is_one_write(&self) -> bool {
        !matches!(self.layout, Layout::Secrets(..))
    }

    /// The text that [`Shelf::parse`] reads.
    pub(crate) fn spelling(&self) -> String {
        let store = &self.store;
        match &self.layout {
            Layout::Flat | Layout::Settings => store.clone(),
            Layout::Fields(path) => format!("{store}:{path}"),
            Layout::File(path) => format!("{store}:{}", path.display()),
            Layout::Secrets(path, _) => format!("{store}:{path}/"),
        }
    }

    /// The `.env` that it is, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.layout {
            Layout::File(path) => Some(path),
            _ => None,
        }
    }

    /// Whether only this machine has it, and so whatever was put there from here is ours to remove.
    pub(crate) fn is_local(&self) -> bool {
        self.layout == Layout::Flat
    }

    /// What it is called.
    pub(crate) fn in_words(&self) -> String {
        match &self.layout {
            Layout::Flat if self.store == "sealed" => "the sealed store".to_owned(),
            Layout::Flat => format!("the {}", self.store),
            Layout::Fields(path) => format!("the secret {}:{path}", self.store),
            Layout::File(path) => mcp_launch_core::shown(path).to_string(),
            Layout::Secrets(path, _) => format!("secrets below {}:{path}/", self.store),
            Layout::Settings => format!("the store {}", self.store),
        }
    }

    /// The address of the value called `name`.
    pub(crate) fn address(&self, settings: &Settings, name: &str) -> Address {
        let locator = match &self.layout {
            Layout::Flat | Layout::File(_) => name.to_owned(),
            Layout::Fields(path) if self.spells(settings) => format!("{path}#{}", spelled(name)),
            Layout::Fields(path) => format!("{path}#{name}"),
            Layout::Secrets(path, Some(field)) => format!("{path}/{}#{field}", spelled(name)),
            Layout::Secrets(path, None) => join(path, name),
            Layout::Settings => return settings.address_of(&self.store, name),
        };
        Address::new(self.store.as_str(), locator)
    }

    /// Whether it can hold a value called `name`.
    pub(crate) fn takes(&self, name: &str) -> bool {
        match self.layout {
            Layout::Flat | Layout::File(_) | Layout::Settings => Name::new(name).is_some(),
            Layout::Fields(_) | Layout::Secrets(..) => !name.is_empty(),
        }
    }

    /// Whether its locators spell some characters in hexadecimal; Vault's names are spelled so, too.
    fn spells(&self, settings: &Settings) -> bool {
        registry::scheme(settings, &self.store).is_some_and(|scheme| scheme.name == "vault")
    }

    /// The store, not yet asked for anything.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub(crate) fn connect(&self, reach: &Reach) -> Result<Box<dyn Source>, Report> {
        if let Layout::File(path) = &self.layout {
            let path = reach.directory.join(path);
            // One that is not there yet has nothing, and the first value makes it.
            let source = source_dotenv::DotenvSource::new(path, None);
            return Ok(Box::new(source.only(source_dotenv::Accepted::Own)));
        }
        reach
            .connect_fresh(&self.store)
            .map_err(|error| Report::failure(format!("{}: {error}", self.in_words())))
    }

    /// All values that it has, by name.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn contents(
        &self,
        source: &dyn Source,
        settings: &Settings,
        deadline: Deadline,
    ) -> Result<Vec<Kept>, SourceError> {
        let store = source
            .store()
            .ok_or(SourceError::new(SourceErrorKind::Unavailable).note("it cannot be listed"))?;
        let kept = |name: String| {
            let locator = self.address(settings, &name).locator;
            Kept { name, locator }
        };
        match &self.layout {
            Layout::Flat | Layout::File(_) => {
                Ok(store.names("", deadline)?.into_iter().map(kept).collect())
            }
            Layout::Fields(path) => {
                let names = store.names(path, deadline)?.into_iter();
                match self.spells(settings) {
                    true => Ok(names.map(|name| kept(read(&name))).collect()),
                    false => Ok(names.map(kept).collect()),
                }
            }
            Layout::Secrets(path, None) => {
                let names = store.names(&format!("{path}/"), deadline)?;
                Ok(names.into_iter().map(kept).collect())
            }
            Layout::Secrets(path, Some(_)) => {
                let mut contents = Vec::new();
                for secret in store.names(&format!("{path}/"), deadline)? {
                    if secret.ends_with('/') {
                        continue;
                    }
                    let secret_path = format!("{path}/{secret}");
                    let secret = read(&secret);
                    let fields = store.names(&secret_path, deadline)?;
                    for field in &fields {
                        let name = match fields.len() {
                            1 => secret.clone(),
                            _ => format!("{secret}_{}", read(field)),
                        };
                        let locator = Locator::new(format!("{secret_path}#{field}"));
                        contents.push(Kept { name, locator });
                    }
                }
                Ok(contents)
            }
            Layout::Settings => Err(SourceError::new(SourceErrorKind::Malformed)
                .note("name the path, too: the settings say only where single names stand")),
        }
    }
}

/// Whether the settings say where bare names stand in this store.
fn has_names(settings: &Settings, store: &str) -> bool {
    settings
        .network_store(store)
        .is_some_and(|store| store.names().is_some())
}

/// A name as a piece of a locator: what a placeholder could not hold is spelled in hexadecimal.
fn spelled(name: &str) -> String {
    name.chars()
        .map(|character| match character {
            '%' | '#' | '?' | '>' | ':' => format!("%{:02X}", u32::from(character)),
            character => character.to_string(),
        })
        .collect()
}

/// What [`spelled`] has written.
fn read(piece: &str) -> String {
    let mut bytes = Vec::with_capacity(piece.len());
    let mut rest = piece;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2);
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| piece.to_owned())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

fn no_field(store: &str) -> Report {
    Report::failure("a place for values is named without a field or a version").hint(format!(
        "{store}:PATH for one secret with a field for each name, {store}:PATH/ for a secret each"
    ))
}

fn needs_path(store: &str, kind: &str) -> Report {
    let example = match kind {
        "vault" => "secret/mcp/app",
        _ => "prod/mcp",
    };
    Report::failure(format!("say where in `{store}` the values go")).hint(format!(
        "{store}:{example} for one secret with a field for each name, {store}:{example}/ for a secret each"
    ))
}

fn has_no_parts(store: &str) -> Report {
    Report::failure(format!("`{store}` has no parts for values to go to"))
        .hint(format!("{store} alone, and --prefix TEXT before the names"))
}

fn takes_nothing(store: &str) -> Report {
    Report::failure(format!("`{store}` takes no values by name")).hint(PLACES)
}

fn no_store(store: &str) -> Report {
    // A word that is no store may be a value in the wrong place.
    let shown = if store.len() <= 32 && store.bytes().all(|byte| byte.is_ascii_lowercase()) {
        format!("there is no store `{store}`")
    } else {
        "there is no store of this name".to_owned()
    };
    Report::failure(shown).hint(PLACES)
}

const PLACES: &str = "one of: keychain, sealed, vault:MOUNT/PATH, aws:NAME, dotenv:FILE, or a store of your settings";

#[cfg(test)]
mod tests {
    use mcp_launch_core::Environment;
    use mcp_launch_testkit::Scratch;

    use super::*;

    fn settings(text: &str) -> Settings {
        let scratch = Scratch::new();
        scratch.write(".config/mcp-launch/config.toml", text);
        let home = scratch.home();
        let environment = Environment::from_pairs([("HOME", &home)]);
        Settings::load(&environment, &home).unwrap()
    }

    #[test]
    fn a_value_has_the_address_that_its_shelf_gives() {
        let settings = settings("");
        let address = |shelf| {
            Shelf::parse(shelf, &settings)
                .unwrap()
                .address(&settings, "A.B")
                .to_string()
        };
        assert_eq!(address("keychain"), "keychain:A.B");
        if cfg!(feature = "vault") {
            assert_eq!(address("vault:secret/app"), "vault:secret/app#A.B");
            assert_eq!(address("vault:secret/app/"), "vault:secret/app/A.B#value");
        }
        if cfg!(feature = "aws") {
            assert_eq!(address("aws:prod"), "aws:prod#A.B");
            assert_eq!(address("aws:prod/"), "aws:prod/A.B");
        }
    }

    #[test]
    fn a_name_is_spelled_and_read_back() {
        for name in ["A", "a#b", "50%", "%41", "x>?:y", "ü"] {
            assert_eq!(read(&spelled(name)), name);
        }
        assert_eq!(read("%zz%4"), "%zz%4");
    }

    #[test]
    fn the_bare_name_is_used_where_it_finds_the_value() {
        let settings = settings(
            "order = [\"sealed\"]\n[secrets.BOUND]\nfrom = \"keychain:OTHER\"\n[secrets.HERE]\nfrom = \"keychain:HERE\"\n",
        );
        let placeholder = |store: &str, name: &str| Shelf::flat(store).placeholder(&settings, name);
        assert_eq!(placeholder("sealed", "A"), "$<A>");
        assert_eq!(placeholder("keychain", "A"), "$<keychain:A>");
        assert_eq!(placeholder("sealed", "BOUND"), "$<sealed:BOUND>");
        assert_eq!(placeholder("keychain", "HERE"), "$<HERE>");
    }

    #[test]
    fn what_is_no_shelf_is_told_and_not_repeated() {
        let settings = settings("");
        for text in [
            "env:A",
            "file",
            "S3CRET=hunter2",
            "vault",
            "vault:a/b#c",
            "",
        ] {
            let told = Shelf::parse(text, &settings).unwrap_err().text();
            assert!(!told.contains("hunter2"), "{told}");
            assert!(told.contains("hint: "), "{told}");
        }
    }
}
