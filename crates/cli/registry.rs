//! Every kind of source this build has: one line each.

use std::path::PathBuf;
use std::sync::Arc;

use mcp_launch_config::{DotenvFile, NamedBy, Settings};
use mcp_launch_core::{
    Address, Connect, Environment, Scheme, Source, SourceError, SourceErrorKind,
};
use source_dotenv::Accepted;

/// What sources are set up from.
pub(crate) struct Reach {
    /// The kinds that this executable has.
    pub(crate) sources: &'static [Kind],
    pub(crate) environment: Arc<Environment>,
    /// The working directory.
    pub(crate) directory: PathBuf,
    pub(crate) settings: Arc<Settings>,
    /// The `.env` that bare names and `$<dotenv:…>` are read from, if there is one.
    pub(crate) dotenv: Option<DotenvFile>,
}

/// A kind of source: what it is, and how it is set up. Setting up touches no store.
pub(crate) struct Kind {
    pub(crate) scheme: &'static Scheme,
    connect: fn(&Reach) -> Result<Box<dyn Source>, SourceError>,
}

/// What the quick executable reads: files and variables.
#[cfg(unix)]
pub(crate) const QUICK: &[Kind] = &[DOTENV, ENVIRONMENT, FILE];

/// Every kind, sorted by its scheme.
pub(crate) const ALL: &[Kind] = &[DOTENV, ENVIRONMENT, COMMAND, FILE, KEYCHAIN, SEALED];

/// What every kind is, without the way to reach it.
const SCHEMES: &[&Scheme] = &[
    &source_dotenv::SCHEME,
    &source_environment::SCHEME,
    &source_command::SCHEME,
    &source_file::SCHEME,
    &source_keychain::SCHEME,
    &source_sealed::SCHEME,
];

const COMMAND: Kind = Kind {
    scheme: &source_command::SCHEME,
    connect: command,
};
const DOTENV: Kind = Kind {
    scheme: &source_dotenv::SCHEME,
    connect: dotenv,
};
const ENVIRONMENT: Kind = Kind {
    scheme: &source_environment::SCHEME,
    connect: environment,
};
const FILE: Kind = Kind {
    scheme: &source_file::SCHEME,
    connect: file,
};
const KEYCHAIN: Kind = Kind {
    scheme: &source_keychain::SCHEME,
    connect: keychain,
};
const SEALED: Kind = Kind {
    scheme: &source_sealed::SCHEME,
    connect: sealed,
};

impl Connect for Reach {
    fn connect(&self, scheme: &str) -> Result<Box<dyn Source>, SourceError> {
        let kind = self
            .sources
            .iter()
            .find(|kind| kind.scheme.name == scheme)
            .ok_or(SourceError::new(SourceErrorKind::Unavailable))?;
        (kind.connect)(self)
    }
}

/// Why an address cannot be used.
pub(crate) struct AddressError {
    pub(crate) text: String,
    pub(crate) remedy: Option<String>,
}

/// Whether an address is one of a known source, well formed.
pub(crate) fn check(address: &Address) -> Result<(), AddressError> {
    let Some(scheme) = scheme(&address.scheme) else {
        let known: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.name).collect();
        let near = known
            .iter()
            .find(|name| strsim::osa_distance(name, &address.scheme) <= 2);
        return Err(AddressError {
            text: format!("there is no source `{}`", address.scheme),
            remedy: Some(match near {
                Some(name) => format!("did you mean `$<{name}:{}>`?", address.locator),
                None => format!("use one of: {}", known.join(", ")),
            }),
        });
    };
    (scheme.check)(address.locator.as_str()).map_err(|error| AddressError {
        text: error.to_string(),
        remedy: Some(format!("for example {}", scheme.example)),
    })
}

/// Whether two addresses can lead to the same value.
pub(crate) fn is_same_place(one: &Address, other: &Address, environment: &Environment) -> bool {
    if one.scheme != other.scheme {
        return false;
    }
    let Some(scheme) = scheme(&one.scheme) else {
        return one == other;
    };
    let places = |address: &Address| (scheme.places)(address.locator.as_str(), environment);
    let others = places(other);
    places(one).iter().any(|place| others.contains(place))
}

fn scheme(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().copied().find(|scheme| scheme.name == name)
}

/// The commands that the user's own settings allow.
pub(crate) fn command_rules(settings: &Settings) -> source_command::Rules {
    source_command::Rules::new(settings.exec_rules().allow)
}

fn command(reach: &Reach) -> Result<Box<dyn Source>, SourceError> {
    let environment = Arc::clone(&reach.environment);
    let directory = reach.directory.clone();
    let find = move |name: &str| {
        mcp_launch_config::find_program(name.as_ref(), &environment, &directory)
            .ok()
            .map(|program| program.path)
    };
    Ok(Box::new(source_command::CommandSource::new(
        command_rules(&reach.settings),
        Box::new(find),
        mcp_launch_exec::withhold_descriptors,
        reach.settings.exec_rules().line_end,
    )))
}

fn dotenv(reach: &Reach) -> Result<Box<dyn Source>, SourceError> {
    let absent = SourceError::new(SourceErrorKind::Absent);
    let file = reach
        .dotenv
        .as_ref()
        .ok_or(absent.note("there is no .env here"))?;
    if let Some(unfit) = file.unfit {
        return Err(absent.note(unfit.text()));
    }
    let dialect = reach.settings.dotenv_dialect().map_err(|_| {
        SourceError::new(SourceErrorKind::Denied)
            .note("a project file that is not trusted says whose reading of the .env counts")
    })?;
    let dialect = dialect.and_then(|dialect| source_dotenv::Dialect::parse(dialect.as_str()));
    let accepted = match file.named_by {
        NamedBy::Flag => Accepted::Any,
        NamedBy::Project | NamedBy::WorkingDirectory => Accepted::Own,
        NamedBy::Settings(_) => Accepted::Regular,
    };
    let source = source_dotenv::DotenvSource::new(file.path.clone(), dialect).only(accepted);
    Ok(Box::new(source))
}

fn environment(reach: &Reach) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(source_environment::EnvironmentSource::new(
        Arc::clone(&reach.environment),
    )))
}

fn file(reach: &Reach) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(source_file::FileSource::new(
        &reach.environment,
        reach.settings.file_line_end(),
    )))
}

fn keychain(reach: &Reach) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(source_keychain::Keychain::new(&reach.environment)))
}

fn sealed(reach: &Reach) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(sealed_source(reach)?))
}

/// The sealed store, for the commands that do more with it than read.
pub(crate) fn sealed_source(reach: &Reach) -> Result<source_sealed::SealedSource, SourceError> {
    let folder = reach.settings.sealed_dir().map_err(|_| {
        SourceError::new(SourceErrorKind::Unavailable).note("there is no home folder")
    })?;
    Ok(source_sealed::SealedSource::new(folder.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_of_the_settings_is_one_of_the_reader() {
        for name in ["bash", "compose", "dotenvy", "node", "python"] {
            assert!(source_dotenv::Dialect::parse(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_kind_has_its_scheme_in_the_table() {
        let names = |kinds: &[Kind]| {
            kinds
                .iter()
                .map(|kind| kind.scheme.name)
                .collect::<Vec<_>>()
        };
        let table: Vec<_> = SCHEMES.iter().map(|scheme| scheme.name).collect();
        assert_eq!(names(ALL), table);
        #[cfg(unix)]
        assert!(names(QUICK).iter().all(|name| table.contains(name)));
        assert!(table.is_sorted());
    }

    #[test]
    fn every_example_is_a_placeholder_of_its_own_source() {
        for kind in ALL {
            let example = kind.scheme.example.as_bytes();
            let template =
                mcp_launch_core::Template::parse(example, mcp_launch_core::Syntax::Angle).unwrap();
            let placeholder = template.placeholders().next().unwrap();
            let mcp_launch_core::Reference::Address(address) = placeholder.reference() else {
                panic!("{} names no source", kind.scheme.example);
            };
            assert_eq!(address.scheme, kind.scheme.name);
            assert!(check(address).is_ok(), "{}", kind.scheme.example);
        }
    }
}
