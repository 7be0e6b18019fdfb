//! Linux: what the kernel has of Landlock, and entering a domain.

use std::error::Error;
use std::io;

use landlock::{
    AccessFs, CompatLevel, Compatible, Erratum, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus,
};

use crate::isolation::{IsolationSupport, Landlock, Obstacle};

/// `LANDLOCK_CREATE_RULESET_VERSION` of `linux/landlock.h`: asks for the version, makes nothing.
const VERSION: u32 = 1;

/// Asks the kernel. The library keeps its own answer to itself.
pub(crate) fn support() -> IsolationSupport {
    // SAFETY: with this flag the kernel reads no attributes and gives a number.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0_usize,
            VERSION,
        )
    };
    let landlock = match u32::try_from(version) {
        Ok(version) => Landlock::Abi(version),
        Err(_) => match io::Error::last_os_error().raw_os_error() {
            Some(libc::EOPNOTSUPP) => Landlock::Disabled,
            _ => Landlock::NotHere,
        },
    };
    IsolationSupport {
        landlock,
        errata: Erratum::current().bits(),
        no_new_privs: rustix::thread::no_new_privs().unwrap_or(false),
    }
}

/// Puts this thread into a domain of its own and gives up gaining privileges, for good.
///
/// The domain forbids no file: it looks only at moves between folders, which every domain over files would
/// otherwise forbid, and allows them from the root down. It can no longer mount, which without new
/// privileges only a user namespace could.
///
/// A domain of scopes alone would serve as well, were it not that common servers break on them: those that
/// watch their client with signal 0, and every program that opens an X11 display (libxcb 1.15 takes
/// a refusal of the abstract socket for final).
pub(crate) fn enter() -> Result<(), Obstacle> {
    match restrict() {
        Ok(RulesetStatus::FullyEnforced) => Ok(()),
        Ok(_) => Err(Obstacle::Refused { errno: None }),
        Err(error) => Err(Obstacle::Refused {
            errno: errno(&*error),
        }),
    }
}

fn restrict() -> Result<RulesetStatus, Box<dyn Error>> {
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::Refer)?;
    let root = PathBeneath::new(PathFd::new("/")?, AccessFs::Refer);
    let domain = rules.create()?.add_rule(root)?.restrict_self()?;
    Ok(domain.ruleset)
}

/// The system's number at the bottom of `error`.
fn errno(error: &(dyn Error + 'static)) -> Option<i32> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.raw_os_error();
        }
        cause = error.source();
    }
    None
}
