//! Keeping servers apart: what this system can do for it, and doing it.
//!
//! A process inside a Landlock domain cannot read the memory, environment or descriptors of a process outside
//! it, nor trace it, even one of the same user. Any domain will do, so the one with the fewest
//! side effects is taken.

use std::fmt;
use std::io;
use std::path::Path;

use crate::error::HardenError;
use crate::policy::{Isolation, Notice};

/// What this system can do to keep servers apart.
#[must_use]
pub fn isolation_support() -> IsolationSupport {
    #[cfg(target_os = "linux")]
    {
        crate::landlock_domain::support()
    }
    #[cfg(not(target_os = "linux"))]
    {
        IsolationSupport {
            landlock: Landlock::NotHere,
            errata: 0,
            no_new_privs: false,
        }
    }
}

/// What a system can do to keep servers apart. Prints as one line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IsolationSupport {
    /// What the kernel says of Landlock.
    pub landlock: Landlock,
    /// Which of Landlock's errata the kernel has fixed, one bit each, from erratum 1 up.
    pub errata: u32,
    /// Whether this process can no longer gain privileges, set by whoever started it.
    pub no_new_privs: bool,
}

impl IsolationSupport {
    /// How servers are kept apart here.
    ///
    /// # Errors
    /// What stands in the way.
    pub const fn mechanism(&self) -> Result<Mechanism, Obstacle> {
        match self.landlock {
            Landlock::Abi(6..) => Ok(Mechanism::Scopes),
            Landlock::Abi(2..) => Ok(Mechanism::AllFiles),
            Landlock::Abi(_) => Err(Obstacle::FirstVersion),
            Landlock::Disabled => Err(Obstacle::Disabled),
            Landlock::NotHere => Err(Obstacle::NotHere),
        }
    }
}

impl fmt::Display for IsolationSupport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mechanism() {
            Ok(mechanism) => write!(f, "isolated by {mechanism}")?,
            Err(obstacle) => write!(f, "not isolated: {obstacle}")?,
        }
        if let Landlock::Abi(version) = self.landlock {
            write!(f, "; Landlock ABI {version}")?;
            let fixed: Vec<String> = (0..32)
                .filter(|bit| self.errata & (1 << bit) != 0)
                .map(|bit| (bit + 1).to_string())
                .collect();
            if !fixed.is_empty() {
                write!(f, ", errata fixed: {}", fixed.join(" "))?;
            }
        }
        if self.no_new_privs {
            f.write_str("; no_new_privs was already set")?;
        }
        Ok(())
    }
}

/// What the kernel says of Landlock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Landlock {
    /// It is there, in this version of its interface.
    Abi(u32),
    /// It is built in and not switched on.
    Disabled,
    /// The kernel has none.
    NotHere,
}

/// How servers are kept apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mechanism {
    /// A domain over files in which everything is allowed. It can no longer mount.
    AllFiles,
    /// A domain of scopes alone: signals and abstract sockets do not leave it.
    Scopes,
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllFiles => "a Landlock domain over files, with every file allowed",
            Self::Scopes => "a Landlock domain of scopes (signals, abstract sockets)",
        })
    }
}

/// Why servers cannot be kept apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// Landlock is built in and not switched on.
    #[error("Landlock is not switched on in this kernel (boot with `lsm=landlock,...`)")]
    Disabled,
    /// Landlock's first version refuses every move of a file to another folder.
    #[error(
        "this kernel has only the first version of Landlock, under which a server could not move files (Linux 5.19 has the next)"
    )]
    FirstVersion,
    /// The system has no Landlock.
    #[error("this system has no Landlock (Linux 5.19 and later have it)")]
    NotHere,
    /// The kernel has it and refused.
    #[error("the kernel refused a Landlock domain ({})", reason(*errno))]
    Refused {
        /// The system's error number, if there was one.
        errno: Option<i32>,
    },
}

fn reason(errno: Option<i32>) -> String {
    errno.map_or_else(
        || "no reason given".to_owned(),
        |errno| io::Error::from_raw_os_error(errno).to_string(),
    )
}

/// Isolates this thread, and so the program it becomes.
pub(crate) fn isolate(program: &Path, wanted: Isolation) -> Result<Option<Notice>, HardenError> {
    if wanted == Isolation::Off {
        return Ok(None);
    }
    match (enter_domain(program)?, wanted) {
        (Ok(()), _) => Ok(None),
        (Err(obstacle), Isolation::Required) => Err(HardenError::IsolationImpossible(obstacle)),
        (Err(obstacle), _) => Ok(Some(Notice::NotIsolated(obstacle))),
    }
}

#[cfg(target_os = "linux")]
fn enter_domain(program: &Path) -> Result<Result<(), Obstacle>, HardenError> {
    let mechanism = match isolation_support().mechanism() {
        Ok(mechanism) => mechanism,
        Err(obstacle) => return Ok(Err(obstacle)),
    };
    if let Some(privilege) = crate::privilege::gained_by(program) {
        return Err(HardenError::PrivilegedProgram {
            program: program.to_owned(),
            privilege,
        });
    }
    Ok(crate::landlock_domain::enter(mechanism))
}

#[cfg(not(target_os = "linux"))]
fn enter_domain(_program: &Path) -> Result<Result<(), Obstacle>, HardenError> {
    Ok(isolation_support().mechanism().map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mechanism(landlock: Landlock) -> Result<Mechanism, Obstacle> {
        let support = IsolationSupport {
            landlock,
            errata: 0,
            no_new_privs: false,
        };
        support.mechanism()
    }

    #[test]
    fn the_mechanism_with_the_fewest_side_effects_is_taken() {
        assert_eq!(mechanism(Landlock::NotHere), Err(Obstacle::NotHere));
        assert_eq!(mechanism(Landlock::Disabled), Err(Obstacle::Disabled));
        assert_eq!(mechanism(Landlock::Abi(1)), Err(Obstacle::FirstVersion));
        for version in 2..6 {
            assert_eq!(mechanism(Landlock::Abi(version)), Ok(Mechanism::AllFiles));
        }
        for version in [6, 7, 99] {
            assert_eq!(mechanism(Landlock::Abi(version)), Ok(Mechanism::Scopes));
        }
    }

    #[test]
    fn support_prints_as_one_line() {
        let support = IsolationSupport {
            landlock: Landlock::Abi(7),
            errata: 0b101,
            no_new_privs: true,
        };
        assert_eq!(
            support.to_string(),
            "isolated by a Landlock domain of scopes (signals, abstract sockets); Landlock ABI 7, \
             errata fixed: 1 3; no_new_privs was already set"
        );
    }
}
