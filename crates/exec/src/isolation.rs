//! Keeping servers apart: what this system can do for it, and doing it.
//!
//! A process inside a Landlock domain cannot read the memory, environment or descriptors of a process outside
//! it, nor trace it, even one of the same user. Any domain will do, so it is one with few side effects.

use std::fmt;
use std::io;
use std::path::Path;

use crate::error::HardenError;
#[cfg(target_os = "linux")]
use crate::landlock_domain::enter as enter_domain;
use crate::policy::{Isolation, Notice, Policy};

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
    /// Whether this process can gain no privileges any more, because whoever started it said so.
    pub no_new_privs: bool,
}

impl IsolationSupport {
    /// Whether servers can be isolated here.
    ///
    /// # Errors
    /// What stands in the way.
    pub const fn domain(&self) -> Result<(), Obstacle> {
        match self.landlock {
            Landlock::Abi(2..) => Ok(()),
            Landlock::Abi(_) => Err(Obstacle::FirstVersion),
            Landlock::Disabled => Err(Obstacle::Disabled),
            Landlock::NotHere if cfg!(target_os = "linux") => Err(Obstacle::NotHere),
            Landlock::NotHere => Err(Obstacle::NotLinux),
        }
    }
}

impl fmt::Display for IsolationSupport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.domain() {
            Ok(()) => f.write_str("servers are isolated")?,
            Err(obstacle) => write!(f, "servers are not isolated: {obstacle}")?,
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
    /// The kernel has no Landlock.
    #[error("this kernel has no Landlock (Linux 5.19 and later have it)")]
    NotHere,
    /// The system is not Linux.
    #[error("mcp-launch isolates servers on Linux only")]
    NotLinux,
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
pub(crate) fn isolate(program: &Path, policy: &Policy) -> Result<Option<Notice>, HardenError> {
    if policy.isolate == Isolation::Off {
        return Ok(None);
    }
    let required = policy.isolate == Isolation::Required;
    let support = isolation_support();
    if let Err(obstacle) = support.domain() {
        return without(required, obstacle);
    }
    if !support.no_new_privs {
        refuse_privileged(program)?;
    }
    match enter_domain() {
        Ok(()) => Ok(None),
        Err(obstacle) => without(required, obstacle),
    }
}

/// Goes on without the isolation that `obstacle` prevents, if that may be.
fn without(required: bool, obstacle: Obstacle) -> Result<Option<Notice>, HardenError> {
    if required {
        return Err(HardenError::IsolationImpossible(obstacle));
    }
    Ok(Some(Notice::NotIsolated(obstacle)))
}

#[cfg(target_os = "linux")]
fn refuse_privileged(program: &Path) -> Result<(), HardenError> {
    match crate::privilege::gained_by(program) {
        None => Ok(()),
        Some(privilege) => Err(HardenError::PrivilegedProgram {
            program: program.to_owned(),
            privilege,
        }),
    }
}

#[cfg(not(target_os = "linux"))]
fn refuse_privileged(_program: &Path) -> Result<(), HardenError> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn enter_domain() -> Result<(), Obstacle> {
    Err(Obstacle::NotLinux)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(landlock: Landlock) -> IsolationSupport {
        IsolationSupport {
            landlock,
            errata: 0,
            no_new_privs: false,
        }
    }

    #[test]
    fn what_a_kernel_can_do_follows_from_its_version() {
        for (landlock, obstacle) in [
            (Landlock::NotHere, Obstacle::NotHere),
            (Landlock::Disabled, Obstacle::Disabled),
            (Landlock::Abi(1), Obstacle::FirstVersion),
        ] {
            assert_eq!(support(landlock).domain(), Err(obstacle));
        }
        for version in [2, 3, 7, 99] {
            assert_eq!(support(Landlock::Abi(version)).domain(), Ok(()));
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
            "servers are isolated; Landlock ABI 7, errata fixed: 1 3; no_new_privs was already set"
        );
    }
}
