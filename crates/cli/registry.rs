//! Every kind of source this build has: one line each.

#[cfg(feature = "aws")]
mod aws;
mod check;
#[cfg(any(feature = "aws", feature = "vault"))]
mod login;
#[cfg(any(feature = "aws", feature = "vault"))]
mod network;
mod networked;
#[cfg(feature = "vault")]
mod vault;

use std::path::PathBuf;
use std::sync::Arc;

use mcp_launch_config::{DotenvFile, NamedBy, NetworkStore, Settings};
use mcp_launch_core::{
    Address, Connect, Environment, NotFollowed, Placeholder, Scheme, Source, SourceError,
    SourceErrorKind,
};
use source_dotenv::Accepted;

use crate::plan::Planner;

pub(crate) use check::{AddressError, check};
pub(crate) use networked::Networked;

/// What sources are set up from.
#[derive(Clone)]
pub(crate) struct Reach {
    /// Those that can be set up.
    pub(crate) sources: Sources,
    pub(crate) environment: Arc<Environment>,
    /// The working directory.
    pub(crate) directory: PathBuf,
    pub(crate) settings: Arc<Settings>,
    /// The `.env` that bare names and `$<dotenv:…>` are read from, if there is one.
    pub(crate) dotenv: Option<DotenvFile>,
    pub(crate) asker: Asker,
}

/// For whom values are asked. It decides where a reference in a `.env` may lead.
#[derive(Clone)]
pub(crate) enum Asker {
    /// A launch, of this server if it has a name.
    Launch(Option<String>),
    /// A store that logs in.
    #[cfg(any(feature = "aws", feature = "vault"))]
    Login,
}

impl Reach {
    /// The same, for a launch of `server`.
    pub(crate) fn for_server(mut self, server: Option<&str>) -> Self {
        self.asker = Asker::Launch(server.map(str::to_owned));
        self
    }
}

/// The sources that an executable has, or that a login may come from. What is not named here is not linked either.
#[derive(Clone, Copy)]
pub(crate) struct Sources {
    local: &'static [Kind],
    /// How a store on the network is set up, where that can be.
    network: Option<Network>,
}

/// A kind of source that needs no network: what it is, and how it is set up. Setting up touches no store.
struct Kind {
    scheme: &'static Scheme,
    connect: SetUp,
}

/// Sets up a source that needs no network.
type SetUp = fn(&Reach) -> Connected;

/// Sets up the store of this name on the network; whether it is asked anew, whatever other launches were told lately.
type Network = fn(&Reach, NetworkStore<'_>, &str, bool) -> Connected;

/// A source that was set up, or why it cannot be.
type Connected = Result<Box<dyn Source>, SourceError>;

/// What the quick executable reads: files and variables.
#[cfg(unix)]
pub(crate) const QUICK: Sources = Sources {
    local: &[DOTENV, ENVIRONMENT, FILE],
    network: None,
};

/// What needs no network, and so nobody's login.
const LOCAL: Sources = Sources {
    local: &[DOTENV, ENVIRONMENT, COMMAND, FILE, KEYCHAIN, SEALED],
    network: None,
};

/// Everything.
pub(crate) const ALL: Sources = Sources {
    #[cfg(any(feature = "aws", feature = "vault"))]
    network: Some(network::connect),
    ..LOCAL
};

/// What every kind is, without the way to reach it.
const SCHEMES: &[&Scheme] = &[
    #[cfg(feature = "aws")]
    &source_aws::SCHEME,
    &source_dotenv::SCHEME,
    &source_environment::SCHEME,
    &source_command::SCHEME,
    &source_file::SCHEME,
    &source_keychain::SCHEME,
    &source_sealed::SCHEME,
    #[cfg(feature = "vault")]
    &source_vault::SCHEME,
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

impl Sources {
    /// Whether the source of this scheme is one of those that need no network.
    #[cfg(any(feature = "aws", feature = "vault", unix))]
    pub(crate) fn has_local(self, scheme: &str) -> bool {
        self.local.iter().any(|kind| kind.scheme.name == scheme)
    }
}

/// What was found in no list of this build.
fn not_built() -> SourceError {
    SourceError::new(SourceErrorKind::Unavailable)
        .note("this build of mcp-launch has no source of this kind")
}

impl Reach {
    /// As [`Connect::connect`], for who writes or clears the place that values came from: what other launches were told
    /// lately may have been changed or removed since.
    pub(crate) fn connect_fresh(&self, store: &str) -> Connected {
        self.connect_as(store, true)
    }

    fn connect_as(&self, store: &str, fresh: bool) -> Connected {
        if let Some(described) = self.settings.network_store(store) {
            let connect = self.sources.network.ok_or(not_built())?;
            return connect(self, described, store, fresh);
        }
        let kind = self
            .sources
            .local
            .iter()
            .find(|kind| kind.scheme.name == store);
        (kind.ok_or(not_built())?.connect)(self)
    }
}

impl Connect for Reach {
    fn connect(&self, store: &str) -> Connected {
        self.connect_as(store, false)
    }

    fn follow(&self, from: &Address, to: &Placeholder) -> Result<Vec<Address>, NotFollowed> {
        let Some(file) = &self.dotenv else {
            // Only a `.env` has references.
            return Err(NotFollowed {
                error: SourceError::new(SourceErrorKind::Absent),
                remedy: None,
            });
        };
        let addresses = Planner::of(self).follow(&self.asker, file, from, to)?;
        Ok(match self.asker {
            Asker::Launch(_) => addresses,
            #[cfg(any(feature = "aws", feature = "vault"))]
            Asker::Login => login::keep_local(&self.settings, addresses),
        })
    }
}

/// Whether two addresses may lead to the same value, or one to a part of the other's. Two stores of one kind may be one
/// store, so it is only their locators that tell.
pub(crate) fn overlap(
    settings: &Settings,
    one: &Address,
    other: &Address,
    environment: &Environment,
) -> bool {
    let (Some(scheme), Some(same)) = (
        scheme(settings, &one.scheme),
        scheme(settings, &other.scheme),
    ) else {
        return one == other;
    };
    let locator = |address: &Address| in_namespace(settings, address);
    scheme.name == same.name && (scheme.overlap)(&locator(one), &locator(other), environment)
}

/// The locator as it is below the Vault's root: a namespace may be written in front of a path, too.
fn in_namespace(settings: &Settings, address: &Address) -> String {
    let locator = address.locator.as_str();
    match settings.network_store(&address.scheme) {
        Some(NetworkStore::Vault(store)) => match &store.namespace {
            Some(namespace) => format!("{namespace}/{locator}"),
            None => locator.to_owned(),
        },
        _ => locator.to_owned(),
    }
}

/// The kind of the store that an address names: itself, or what the settings say of a store of that name.
pub(crate) fn scheme(settings: &Settings, store: &str) -> Option<&'static Scheme> {
    let name = kind_name(settings, store);
    SCHEMES.iter().copied().find(|scheme| scheme.name == name)
}

fn kind_name<'a>(settings: &Settings, store: &'a str) -> &'a str {
    match settings.network_store(store) {
        Some(NetworkStore::Aws(_)) => "aws",
        Some(NetworkStore::Vault(_)) => "vault",
        None => store,
    }
}

/// The commands that the user's own settings allow.
pub(crate) fn command_rules(settings: &Settings) -> source_command::Rules {
    source_command::Rules::new(settings.exec_rules().allow)
}

fn command(reach: &Reach) -> Connected {
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

fn dotenv(reach: &Reach) -> Connected {
    let absent = SourceError::new(SourceErrorKind::Absent);
    let file = reach
        .dotenv
        .as_ref()
        .ok_or(absent.note("there is no .env here"))?;
    if let Some(unfit) = file.unfit {
        return Err(absent.note(unfit.text()));
    }
    let dialect = dialect(reach)?;
    let accepted = match file.named_by {
        NamedBy::Flag => Accepted::Any,
        NamedBy::Project | NamedBy::WorkingDirectory => Accepted::Own,
        NamedBy::Settings(_) => Accepted::Regular,
    };
    let source = source_dotenv::DotenvSource::new(file.path.clone(), dialect).only(accepted);
    Ok(Box::new(source))
}

fn environment(reach: &Reach) -> Connected {
    Ok(Box::new(source_environment::EnvironmentSource::new(
        Arc::clone(&reach.environment),
    )))
}

fn file(reach: &Reach) -> Connected {
    Ok(Box::new(source_file::FileSource::new(
        &reach.environment,
        reach.settings.file_line_end(),
    )))
}

/// Whose reading of the `.env` counts, if the settings say it.
pub(crate) fn dialect(reach: &Reach) -> Result<Option<source_dotenv::Dialect>, SourceError> {
    let dialect = reach.settings.dotenv_dialect().map_err(|_| {
        SourceError::new(SourceErrorKind::Denied)
            .note("a project file that is not trusted says whose reading of the .env counts")
    })?;
    Ok(dialect.and_then(|dialect| source_dotenv::Dialect::parse(dialect.as_str())))
}

fn keychain(reach: &Reach) -> Connected {
    Ok(Box::new(source_keychain::Keychain::new(&reach.environment)))
}

fn sealed(reach: &Reach) -> Connected {
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
    fn every_source_has_its_scheme_in_the_table() {
        let table: Vec<_> = SCHEMES.iter().map(|scheme| scheme.name).collect();
        assert!(table.is_sorted());
        let names = |sources: Sources| sources.local.iter().map(|kind| kind.scheme.name);
        let mut own: Vec<_> = names(ALL).collect();
        own.extend(cfg!(feature = "aws").then_some("aws"));
        own.extend(cfg!(feature = "vault").then_some("vault"));
        own.sort_unstable();
        assert_eq!(own, table);
        #[cfg(unix)]
        assert!(names(QUICK).all(|name| table.contains(&name)));
    }

    #[test]
    fn every_example_is_a_placeholder_of_its_own_source() {
        for scheme in SCHEMES {
            let example = scheme.example.as_bytes();
            let template =
                mcp_launch_core::Template::parse(example, mcp_launch_core::Syntax::Angle).unwrap();
            let placeholder = template.placeholders().next().unwrap();
            let mcp_launch_core::Reference::Address(address) = placeholder.reference() else {
                panic!("{} names no source", scheme.example);
            };
            assert_eq!(address.scheme, scheme.name);
            assert!((scheme.check)(address.locator.as_str()).is_ok());
        }
    }
}
