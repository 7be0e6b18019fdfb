//! macOS and Windows: entries of a program in the system's keychain, as all crates of this one write and find them.

use std::collections::HashMap;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

/// The entry of this service and account, whether it is there or not.
///
/// # Errors
/// When the keychain takes no such name.
pub fn entry(store: &Store, service: &str, account: &str) -> Result<Entry, Error> {
    // Windows would otherwise let a credential roam to other machines of a domain.
    let modifiers = if cfg!(windows) {
        HashMap::from([("persistence", "Local")])
    } else {
        HashMap::new()
    };
    store.build(service, account, Some(&modifiers))
}

/// The accounts of all entries of `service`, whose name holds letters, hyphens and spaces only.
///
/// # Errors
/// When the keychain cannot be searched.
pub fn accounts(store: &Store, service: &str) -> Result<Vec<String>, Error> {
    // A credential's target on Windows is `ACCOUNT.SERVICE`, and the search takes a pattern of it.
    let pattern = format!(r"\.{service}$");
    let wanted = if cfg!(windows) {
        HashMap::from([("pattern", pattern.as_str())])
    } else {
        HashMap::from([("service", service)])
    };
    let found = store.search(&wanted)?;
    Ok(found
        .iter()
        .filter_map(Entry::get_specifiers)
        // The search may find more than was looked for.
        .filter(|(found, _)| found == service)
        .map(|(_, account)| account)
        .collect())
}
