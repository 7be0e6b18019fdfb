//! Linux: programs that take other privileges when they start, which an isolated process cannot have.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::StatVfsMountFlags;

use crate::error::Privilege;

const SET_USER_ID: u32 = 0o4000;
const SET_GROUP_ID: u32 = 0o2000;
const GROUP_EXECUTE: u32 = 0o0010;

/// How starting `program` would change our privileges, if it would. What cannot be found out is not there.
pub(crate) fn gained_by(program: &Path) -> Option<Privilege> {
    let file = std::fs::metadata(program).ok()?;
    let privilege = given_by_mode(&file).or_else(|| given_by_capabilities(program))?;
    takes_effect(program).then_some(privilege)
}

fn given_by_mode(file: &Metadata) -> Option<Privilege> {
    let mode = file.permissions().mode();
    if mode & SET_USER_ID != 0 && file.uid() != rustix::process::geteuid().as_raw() {
        return Some(Privilege::SetUserId);
    }
    // Without the execute bit it once meant mandatory locks, and gives nothing.
    let grouped = SET_GROUP_ID | GROUP_EXECUTE;
    if mode & grouped == grouped && file.gid() != rustix::process::getegid().as_raw() {
        return Some(Privilege::SetGroupId);
    }
    None
}

fn given_by_capabilities(program: &Path) -> Option<Privilege> {
    // Root has them all.
    if rustix::process::geteuid().is_root() {
        return None;
    }
    rustix::fs::getxattr_query(program, c"security.capability")
        .is_ok_and(|size| size > 0)
        .then_some(Privilege::FileCapabilities)
}

/// Whether the system heeds the file's privileges: not for a script, nor on a mount without them.
fn takes_effect(program: &Path) -> bool {
    let mounted_without = rustix::fs::statvfs(program)
        .is_ok_and(|mount| mount.f_flag.contains(StatVfsMountFlags::NOSUID));
    let mut start = [0; 2];
    let script = File::open(program)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok()
        && start == *b"#!";
    !mounted_without && !script
}
