//! From the settings of an account to the source that asks it.

use mcp_launch_config::AwsStore;
use source_aws::{AccessKey, AwsSource, Settings};

use crate::registry::login::Logins;
use crate::registry::{Connected, Reach};

/// The account that `store` describes.
pub(super) fn connect(reach: &Reach, store: &AwsStore, logins: &Logins, fresh: bool) -> Connected {
    Ok(Box::new(source(reach, store, logins, fresh)))
}

/// The same, for who does more with it than read.
pub(crate) fn source(reach: &Reach, store: &AwsStore, logins: &Logins, fresh: bool) -> AwsSource {
    let settings = Settings {
        access_key: store.access_key.clone().map(|key| AccessKey {
            id: logins.credential("access_key_id", key.id),
            secret: logins.credential("secret_access_key", key.secret),
            session_token: key
                .session_token
                .map(|token| logins.credential("session_token", token)),
        }),
        allow_http: store.allow_http,
        cache: store.cache,
        endpoint_url: store.endpoint_url.clone(),
        fresh,
        profile: store.profile.clone(),
        region: store.region.clone(),
        stale: store.stale,
    };
    AwsSource::new(settings, &reach.environment)
}
