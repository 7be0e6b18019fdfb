//! Linux: what the kernel has of Landlock, and entering a domain.

use std::error::Error;
use std::io;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Erratum, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};

use crate::isolation::{IsolationSupport, Landlock, Mechanism, Obstacle};

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
/// Neither form forbids a file: with [`Mechanism::AllFiles`] only moves between folders are looked at, which
/// such a domain would forbid unasked, and they are allowed from the root down.
pub(crate) fn enter(mechanism: Mechanism) -> Result<(), Obstacle> {
    let status = match mechanism {
        Mechanism::AllFiles => enter_all_files(),
        Mechanism::Scopes => enter_scopes(),
    };
    match status {
        Ok(RulesetStatus::FullyEnforced) => Ok(()),
        Ok(_) => Err(Obstacle::Refused { errno: None }),
        Err(error) => Err(Obstacle::Refused {
            errno: errno(&*error),
        }),
    }
}

fn enter_all_files() -> Result<RulesetStatus, Box<dyn Error>> {
    let root = PathBeneath::new(PathFd::new("/")?, AccessFs::Refer);
    let domain = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::Refer)?
        .create()?
        .add_rule(root)?
        .restrict_self()?;
    Ok(domain.ruleset)
}

fn enter_scopes() -> Result<RulesetStatus, Box<dyn Error>> {
    let domain = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
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
