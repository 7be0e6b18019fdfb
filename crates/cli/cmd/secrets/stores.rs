//! The stores that can be written, and what is told of them.

use std::time::Duration;

use mcp_launch_core::{
    Connect as _, Deadline, Locator, Source, SourceError, SourceErrorKind, Store,
};

use crate::args::{StoreArgs, StoreName};
use crate::context::Context;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::ui;

/// How long a store may take when a person waits: long enough to answer an unlock prompt.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How long a store may take of which only a remark would be made.
const SHORT_PATIENCE: Duration = Duration::from_secs(3);

/// A store that was chosen.
pub(super) struct Chosen {
    pub(super) which: StoreName,
    pub(super) source: Box<dyn Source>,
}

impl Chosen {
    fn open(reach: &Reach, which: StoreName) -> Result<Self, Report> {
        let source = reach
            .connect(which.scheme())
            .map_err(|error| Report::failure(format!("{}: {error}", which.in_words())))?;
        Ok(Self { which, source })
    }

    pub(super) fn store(&self) -> Result<&dyn Store, Report> {
        self.source.store().ok_or_else(|| {
            Report::failure(format!("the {} cannot be written", self.which.in_words()))
        })
    }

    /// Whether it surely has a value of this name. Not known counts as not.
    pub(super) fn has(&self, name: &str) -> bool {
        let locator = Locator::new(name);
        let answer = self.source.look(
            std::slice::from_ref(&locator),
            Deadline::after(SHORT_PATIENCE),
        );
        matches!(answer.as_slice(), [Ok(())])
    }

    /// What is told when `action` failed with `error`.
    pub(super) fn report(&self, action: &str, name: &str, error: SourceError) -> Report {
        if self.which == StoreName::Keychain && error.kind() == SourceErrorKind::Absent {
            let why = error.explanation().unwrap_or("this system has none");
            return Report::failure(format!("there is no keychain here: {why}"))
                .hint("the sealed store needs none: --store sealed");
        }
        let report = Report::failure(format!(
            "cannot {action}: {}: {error}",
            self.which.in_words()
        ));
        match self.source.remedy(&Locator::new(name), error) {
            Some(remedy) => report.hint(remedy),
            None => report,
        }
    }
}

impl StoreName {
    /// What stands before the colon of an address.
    pub(super) const fn scheme(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Sealed => "sealed",
        }
    }

    /// What it is called.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Sealed => "sealed store",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Keychain => Self::Sealed,
            Self::Sealed => Self::Keychain,
        }
    }
}

/// The store to write `name` to: the one that was named, else the keychain, else the sealed store. It has
/// answered, so that nobody is asked for a value that it cannot take.
pub(super) fn choose(
    reach: &Reach,
    store: Option<StoreName>,
    name: &str,
) -> Result<Chosen, Report> {
    let chosen = Chosen::open(reach, store.unwrap_or(StoreName::Keychain))?;
    match (
        chosen.store()?.names("", Deadline::after(PATIENCE)),
        chosen.which,
    ) {
        (Ok(_), _) => Ok(chosen),
        (Err(error), which) if error.kind() == SourceErrorKind::Absent => match which {
            // The first value makes it.
            StoreName::Sealed => Ok(chosen),
            StoreName::Keychain if store.is_none() => {
                ui::line("there is no keychain here, so this is about the sealed store");
                choose(reach, Some(StoreName::Sealed), name)
            }
            StoreName::Keychain => Err(chosen.report(&format!("write {name}"), name, error)),
        },
        (Err(error), _) => Err(chosen.report(&format!("write {name}"), name, error)),
    }
}

/// The place that `--to` or `--from` names; without it the keychain, or the sealed store where there is no keychain.
pub(crate) fn shelf(reach: &Reach, named: Option<&str>) -> Result<Shelf, Report> {
    match named {
        Some(named) => Shelf::parse(named, &reach.settings),
        None => {
            let chosen = choose(reach, None, "values")?;
            Ok(Shelf::flat(chosen.which.scheme()))
        }
    }
}

/// The other of the two stores, if it has a value of this name.
pub(super) fn other_with(reach: &Reach, which: StoreName, name: &str) -> Option<StoreName> {
    let other = Chosen::open(reach, which.other()).ok()?;
    other.has(name).then_some(other.which)
}

/// The stores to read: the one that was named, else both.
pub(super) fn readable(context: &Context, args: &StoreArgs) -> Result<Vec<Chosen>, Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let stores = match args.store {
        Some(store) => vec![store],
        None => vec![StoreName::Keychain, StoreName::Sealed],
    };
    stores
        .into_iter()
        .map(|store| Chosen::open(&reach, store))
        .collect()
}
