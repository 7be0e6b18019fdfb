//! What keeps a profile from giving credentials, as the files have it.

use aws_config::profile::Profile;
use mcp_launch_core::shown;

use crate::profile::Profiles;

/// What is wrong with the profile that counts, or with one that it builds on. None where nothing of what is written there
/// is: then the profile has no login at all, or its login failed.
pub(crate) fn of(profiles: &Profiles) -> Option<String> {
    for (depth, profile) in profiles.chain().enumerate() {
        let has = |key: &str| profile.get(key).is_some();
        // A profile that another one builds on gives its keys, whatever else it has.
        if depth > 0 && has("aws_access_key_id") && has("aws_secret_access_key") {
            return None;
        }
        if !has("role_arn") || has("web_identity_token_file") {
            return of_login(profiles, profile);
        }
        let name = shown(profile.name());
        match (profile.get("source_profile"), has("credential_source")) {
            (None, false) => {
                return Some(format!(
                    "profile {name} has role_arn, and neither source_profile nor credential_source"
                ));
            }
            (Some(_), true) => {
                return Some(format!(
                    "profile {name} has both source_profile and credential_source"
                ));
            }
            (None, true) => return None,
            (Some(source), false) if source == profile.name() => {
                return of_login(profiles, profile);
            }
            (Some(source), false) if profiles.set().get_profile(source).is_none() => {
                return Some(format!(
                    "profile {name} has {} as source_profile, and there is no such profile",
                    shown(source)
                ));
            }
            (Some(_), false) => {}
        }
    }
    None
}

/// What is wrong with the login of a profile that takes no other's.
fn of_login(profiles: &Profiles, profile: &Profile) -> Option<String> {
    let name = shown(profile.name());
    let lacks = |key: &str| profile.get(key).is_none();
    let half = |one: &str, other: &str| {
        (!lacks(one) && lacks(other)).then(|| format!("profile {name} has {one} without {other}"))
    };
    if !lacks("credential_source") {
        return None;
    }
    if !lacks("web_identity_token_file") {
        return half("web_identity_token_file", "role_arn");
    }
    if let Some(session) = profile.get("sso_session") {
        let shown_session = shown(session);
        let Some(section) = profiles.set().sso_session(session) else {
            return Some(format!(
                "profile {name} has {shown_session} as sso_session, and there is no section [sso-session {shown_session}]"
            ));
        };
        let missing = ["sso_start_url", "sso_region"]
            .into_iter()
            .find(|key| section.get(key).is_none());
        return missing
            .map(|key| format!("the section [sso-session {shown_session}] has no {key}"))
            .or_else(|| without_role(profile));
    }
    if !lacks("sso_start_url") || !lacks("sso_account_id") || !lacks("sso_role_name") {
        return ["sso_start_url", "sso_region"]
            .into_iter()
            .find(|key| lacks(key))
            .map(|key| format!("profile {name} has no {key}"))
            .or_else(|| without_role(profile));
    }
    if !lacks("login_session") || !lacks("credential_process") {
        return None;
    }
    half("aws_access_key_id", "aws_secret_access_key")
        .or_else(|| half("aws_secret_access_key", "aws_access_key_id"))
}

/// Which half of an SSO role is missing.
fn without_role(profile: &Profile) -> Option<String> {
    ["sso_account_id", "sso_role_name"]
        .into_iter()
        .find(|key| profile.get(key).is_none())
        .map(|key| format!("profile {} has no {key}", shown(profile.name())))
}
