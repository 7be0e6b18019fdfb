//! From the settings of a store on the network to the source that asks it.

use mcp_launch_config::NetworkStore;

#[cfg(feature = "aws")]
use crate::registry::aws;
use crate::registry::login::Logins;
#[cfg(feature = "vault")]
use crate::registry::vault;
use crate::registry::{Connected, Reach};

/// The store that the settings call `name`; whether it is asked anew, whatever other launches were told lately.
pub(super) fn connect(
    reach: &Reach,
    store: NetworkStore<'_>,
    name: &str,
    fresh: bool,
) -> Connected {
    let logins = Logins::of(reach, name);
    match store {
        #[cfg(feature = "aws")]
        NetworkStore::Aws(store) => aws::connect(reach, store, &logins, fresh),
        #[cfg(feature = "vault")]
        NetworkStore::Vault(store) => vault::connect(reach, store, &logins, fresh),
        #[cfg(not(all(feature = "aws", feature = "vault")))]
        _ => Err(crate::registry::not_built()),
    }
}
