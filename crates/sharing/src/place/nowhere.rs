//! Neither a keyring in the kernel nor a keychain of the system: nothing is shared.

use std::time::Duration;

use mcp_launch_core::SourceError;

use crate::keys::Keys;
use crate::name::Name;
use crate::record::Record;

pub(crate) const LENDS_UNASKED: bool = false;

pub(crate) fn is_usable() -> bool {
    false
}

pub(crate) fn find(_keys: &Keys, _name: &Name) -> Option<Record> {
    None
}

pub(crate) fn put(_name: &Name, _bytes: &[u8], _lifetime: Duration) {}

pub(crate) fn remove(_name: &Name) {}

pub(crate) fn clear() -> Result<usize, SourceError> {
    Ok(0)
}
