//! The profile at hand, as the files of `~/.aws` describe it.

use std::collections::HashMap;
use std::path::PathBuf;

use aws_config::profile::{Profile, ProfileSet, load};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use mcp_launch_core::Environment;

use crate::diagnosis::Ways;
use crate::fault::Fault;
use crate::origin::Origin;

/// How many profiles may build on each other.
const LONGEST_CHAIN: usize = 10;

/// Keys of which a profile that gives credentials has one.
const GIVES: [&str; 6] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "role_arn",
    "sso_session",
    "sso_start_url",
];

/// What the files say, and which profile counts.
pub(crate) struct Profiles {
    set: ProfileSet,
    selected: String,
}

/// The name of the profile that counts: the one of the settings, else the variable's.
pub(crate) fn name(settings: Option<&str>, environment: &Environment) -> String {
    settings
        .map(str::to_owned)
        .or_else(|| variable(environment, "AWS_PROFILE"))
        .unwrap_or_else(|| "default".to_owned())
}

/// The value of a variable that is set, not empty and text.
pub(crate) fn variable(environment: &Environment, name: &str) -> Option<String> {
    environment
        .get_non_empty(name)
        .and_then(|value| value.to_str())
        .map(str::to_owned)
}

/// The home folder, where the SDK looks for `.aws`.
pub(crate) fn home(environment: &Environment) -> Option<PathBuf> {
    ["HOME", "USERPROFILE"]
        .into_iter()
        .find_map(|name| environment.get_non_empty(name))
        .map(PathBuf::from)
}

impl Profiles {
    /// Reads the files that the variables name.
    pub(crate) async fn read(selected: String, environment: &Environment) -> Result<Self, Fault> {
        let variables: HashMap<String, String> = environment
            .iter()
            .filter_map(|(name, value)| {
                Some((name.to_str()?.to_owned(), value.to_str()?.to_owned()))
            })
            .collect();
        let set = load(
            &Fs::real(),
            &Env::from(variables),
            &EnvConfigFiles::default(),
            Some(selected.clone().into()),
        )
        .await
        .map_err(|_| Fault::ProfileUnusable)?;
        Ok(Self { set, selected })
    }

    /// The name of the profile that counts.
    pub(crate) fn selected(&self) -> &str {
        &self.selected
    }

    /// Whether the files have the profile that counts.
    pub(crate) fn has_selected(&self) -> bool {
        self.set.get_profile(&self.selected).is_some()
    }

    /// Everything that the files say.
    pub(crate) fn set(&self) -> &ProfileSet {
        &self.set
    }

    /// The names of all profiles, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.set.profiles().collect();
        names.sort_unstable();
        names
    }

    /// The region that the profile names.
    pub(crate) fn region(&self) -> Option<String> {
        self.set.get("region").map(str::to_owned)
    }

    /// The profile that counts, and those that it builds on.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Profile> {
        let first = self.set.get_profile(&self.selected);
        let next = |profile: &&Profile| self.set.get_profile(profile.get("source_profile")?);
        std::iter::successors(first, next).take(LONGEST_CHAIN)
    }

    /// The profile with this key: the one that counts, or one that it builds on.
    fn leads_to(&self, key: &str) -> Option<&str> {
        self.chain()
            .find(|profile| profile.get(key).is_some())
            .map(Profile::name)
    }

    /// The profile whose SSO login it takes.
    pub(crate) fn of_sso(&self) -> Option<&str> {
        self.leads_to("sso_start_url")
            .or_else(|| self.leads_to("sso_session"))
    }

    /// The profile whose `credential_process` it takes.
    pub(crate) fn of_process(&self) -> Option<&str> {
        self.leads_to("credential_process")
    }

    /// Whether the profile that counts is there to give credentials.
    fn is_set_up(&self) -> bool {
        self.set
            .get_profile(&self.selected)
            .is_some_and(|profile| GIVES.iter().any(|key| profile.get(key).is_some()))
    }

    /// Whether nothing but the machine's role could give credentials.
    pub(crate) fn leave_the_machine(&self, environment: &Environment, in_settings: bool) -> bool {
        if in_settings {
            !self.is_set_up()
        } else {
            self.origin(environment, in_settings) == Origin::Machine
        }
    }

    /// Which link of the chain credentials come from that were had: the first that is set up, because none that fails
    /// is passed over. `in_settings` says whether the settings name the profile, which then is the only link.
    pub(crate) fn origin(&self, environment: &Environment, in_settings: bool) -> Origin {
        let all = |names: [&str; 2]| {
            names
                .iter()
                .all(|name| environment.get_non_empty(name).is_some())
        };
        let by_profile = self.is_set_up();
        let by_variables = all(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
        let ways = self.ways(environment);
        if by_variables && !in_settings {
            Origin::Variables
        } else if let (true, Some(profile)) = (by_profile, self.of_sso()) {
            Origin::Sso(profile.to_owned())
        } else if let (true, Some(profile)) = (by_profile, self.of_process()) {
            Origin::Process(profile.to_owned())
        } else if by_profile || in_settings {
            Origin::Profile(self.selected.clone())
        } else if all(["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"]) {
            Origin::WebIdentity
        } else if ways.container {
            Origin::Container
        } else {
            Origin::Machine
        }
    }

    /// By which ways it leads to credentials.
    pub(crate) fn ways(&self, environment: &Environment) -> Ways {
        let has = |name| environment.get_non_empty(name).is_some();
        Ways {
            container: has("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                || has("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
            process: self.of_process().is_some(),
            sso: self.of_sso().is_some(),
        }
    }
}
