//! Where a reference in a `.env` may lead: a value of it that stands in a store, `API_KEY=$<API_KEY>`.
//!
//! Whoever can write a `.env` must not get more by it than by the placeholder that asked. So what holds for a placeholder of
//! the launch holds for a reference: bindings, order, grants, allowed commands. And a file that nobody named gives a name no
//! other value than one that the name could have anyway: it came with the folder, as its project file did, and is not trusted.

use mcp_launch_config::{DotenvFile, NamedBy};
use mcp_launch_core::{
    Address, Name, NotFollowed, Placeholder, Reference, SourceError, SourceErrorKind, shown,
};

use crate::plan::Planner;
use crate::plan::addresses::Problem;
use crate::registry::Asker;

/// Sources that have more than values which somebody has put there for servers: any file of the person, any variable of the
/// client. A `.env`, whoever named it, comes from elsewhere too often to choose among these.
const OF_THE_MACHINE: [&str; 2] = ["env", "file"];

impl Planner<'_> {
    /// The addresses to ask for a value that `from`, a name of the `.env` at `file`, has the reference `to` to.
    ///
    /// # Errors
    /// When `asker` could not name that value itself, or the file must not.
    pub(crate) fn follow(
        &self,
        asker: &Asker,
        file: &DotenvFile,
        from: &Address,
        to: &Placeholder,
    ) -> Result<Vec<Address>, NotFollowed> {
        let reference = to.reference();
        let addresses = match asker {
            Asker::Launch(server) => self.candidates(server.as_deref(), reference),
            #[cfg(any(feature = "aws", feature = "vault"))]
            Asker::Login => self.addresses(reference),
        };
        let addresses = addresses.map_err(not_followed)?;
        if self.is_own(from, reference, &addresses) {
            return Ok(addresses);
        }
        if let Reference::Address(address) = reference
            && OF_THE_MACHINE.contains(&address.scheme.as_str())
        {
            return Err(of_the_machine(from, address));
        }
        match (asker, &file.named_by) {
            (Asker::Launch(_), NamedBy::Flag | NamedBy::Settings(_)) => Ok(addresses),
            (Asker::Launch(_), NamedBy::Project | NamedBy::WorkingDirectory) => {
                Err(unnamed(file, from, reference))
            }
            #[cfg(any(feature = "aws", feature = "vault"))]
            (Asker::Login, _) => Err(NotFollowed {
                error: SourceError::new(SourceErrorKind::Denied)
                    .note("a .env does not say which other value is the login of a store"),
                remedy: Some(format!(
                    "write $<{reference}> into the settings of the store"
                )),
            }),
        }
    }

    /// Whether the reference leads only to places where the name itself may be looked up.
    fn is_own(&self, from: &Address, reference: &Reference, addresses: &[Address]) -> bool {
        let Some(name) = Name::new(from.locator.as_str()) else {
            return false;
        };
        let name = Reference::Name(name);
        name == *reference
            || self
                .addresses(&name)
                .is_ok_and(|own| addresses.iter().all(|address| own.contains(address)))
    }
}

fn of_the_machine(from: &Address, to: &Address) -> NotFollowed {
    let name = &from.locator;
    NotFollowed {
        error: SourceError::new(SourceErrorKind::Denied)
            .note("a .env leads to no file and to no variable of the client"),
        remedy: Some(format!(
            "if this is meant, write into your config.toml: [secrets.{name}] from = \"{to}\""
        )),
    }
}

fn unnamed(file: &DotenvFile, from: &Address, reference: &Reference) -> NotFollowed {
    let name = &from.locator;
    let meant = match reference {
        Reference::Address(address) => {
            format!("write into your config.toml: [secrets.{name}] from = \"{address}\"")
        }
        Reference::Name(other) => format!("write $<{other}> where $<{name}> stands now"),
    };
    NotFollowed {
        error: SourceError::new(SourceErrorKind::Denied)
            .note("a .env that nobody named does not ask for another value of yours"),
        remedy: Some(format!(
            "if this is meant, {meant}; or name the file: --env-file {}",
            shown(&file.path)
        )),
    }
}

/// Kinds only are near a value; the names that a person needs are in what to do.
fn not_followed(problem: Problem) -> NotFollowed {
    let (kind, note) = match problem.reason {
        "not-granted" => (
            SourceErrorKind::Denied,
            "this value is not granted to the server",
        ),
        "address" => (SourceErrorKind::Malformed, "no store takes this address"),
        "denied" => (
            SourceErrorKind::Denied,
            "your settings do not allow this command",
        ),
        _ => (
            SourceErrorKind::Denied,
            "the settings do not say where it is",
        ),
    };
    let remedy = match problem.remedy {
        Some(remedy) => format!("{}: {remedy}", problem.text),
        None => problem.text,
    };
    NotFollowed {
        error: SourceError::new(kind).note(note),
        remedy: Some(remedy),
    }
}
