//! Where credentials were looked for, and why there were none.

use mcp_launch_core::{Environment, shown};

use crate::profile::{Profiles, variable};

/// One reason for each place, in the order in which they were looked at.
///
/// `in_settings` says whether the settings name the profile, which then is the only place; `instance` whether the
/// metadata of a machine answered.
pub(crate) fn reasons(
    profiles: &Profiles,
    environment: &Environment,
    in_settings: bool,
    instance: bool,
) -> Vec<String> {
    let name = shown(profiles.selected());
    let profile = if profiles.has_selected() {
        format!("profile {name} has no keys, SSO login, role or credential_process")
    } else {
        format!("there is no profile {name}")
    };
    if in_settings {
        return vec![profile];
    }
    let lacks = |name, other| match variable(environment, name) {
        None => format!("{name} is not set"),
        Some(_) => format!("{name} is set without {other}"),
    };
    vec![
        lacks("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        profile,
        lacks("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
        "no container names its credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI)".to_owned(),
        if metadata_disabled(environment) {
            "AWS_EC2_METADATA_DISABLED keeps the machine from being asked for its role".to_owned()
        } else if instance {
            "the machine has no role".to_owned()
        } else {
            "nothing answers where a machine of EC2 has its metadata".to_owned()
        },
    ]
}

/// The variable that is missing where the other half of an access key is set.
pub(crate) fn missing_half(environment: &Environment) -> Option<&'static str> {
    let halves = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    match halves.map(|name| variable(environment, name).is_some()) {
        [true, false] => Some(halves[1]),
        [false, true] => Some(halves[0]),
        _ => None,
    }
}

fn metadata_disabled(environment: &Environment) -> bool {
    variable(environment, "AWS_EC2_METADATA_DISABLED")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}
