//! What a launch logs in to AWS with: the secret that keeps what it shares from everybody else.
//!
//! It is what the login starts from, which is at hand before anybody is asked. A link of the chain that starts from no
//! secret (the role of the machine, a `credential_process`) proves nothing: launches that log in so share nothing.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aws_config::profile::Profile;
use aws_credential_types::Credentials;
use mcp_launch_core::Environment;
use mcp_launch_sharing::Proof;
use zeroize::Zeroizing;

use crate::origin::Origin;
use crate::profile::{Profiles, home, variable};

/// The largest file of a token, in bytes.
const LARGEST: u64 = 64 << 10;

/// How many tokens of SSO are looked at.
const MOST_TOKENS: usize = 64;

/// What an access key proves.
pub(crate) fn of_key(key: &Credentials) -> Proof {
    let token = key.session_token().unwrap_or_default();
    Proof::of([key.secret_access_key().as_bytes(), token.as_bytes()])
}

/// What the link of the chain proves from which credentials come. None if it starts from no secret.
pub(crate) fn of_chain(
    profiles: &Profiles,
    environment: &Environment,
    in_settings: bool,
) -> Option<Proof> {
    let mut secrets = Secrets {
        environment,
        found: Vec::new(),
    };
    match profiles.origin(environment, in_settings) {
        Origin::Variables => secrets.of_variables(),
        Origin::Profile(_) | Origin::Sso(_) => secrets.of_profiles(profiles)?,
        Origin::WebIdentity => {
            secrets.file(&variable(environment, "AWS_WEB_IDENTITY_TOKEN_FILE")?)?;
        }
        Origin::Container => secrets.of_container()?,
        Origin::Machine | Origin::Process(_) | Origin::Settings => {}
    }
    let found = secrets.found;
    (!found.is_empty()).then(|| Proof::of(found.iter().map(|secret| secret.as_slice())))
}

/// The secrets that a login starts from.
struct Secrets<'a> {
    environment: &'a Environment,
    found: Vec<Zeroizing<Vec<u8>>>,
}

/// None: a secret that the login needs cannot be read.
impl Secrets<'_> {
    fn text(&mut self, text: &str) {
        self.found.push(Zeroizing::new(text.as_bytes().to_vec()));
    }

    fn file(&mut self, path: impl AsRef<Path>) -> Option<()> {
        let path = path.as_ref();
        // A pipe that nobody writes to would be waited for without end.
        if !fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 << 10));
        let file = fs::File::open(path).ok()?;
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        self.found.push(bytes);
        Some(())
    }

    fn of_variables(&mut self) {
        for name in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            if let Some(value) = variable(self.environment, name) {
                self.text(&value);
            }
        }
    }

    /// The profile that counts and those that it builds on.
    fn of_profiles(&mut self, profiles: &Profiles) -> Option<()> {
        for profile in profiles.chain() {
            let has = |key| profile.get(key).is_some();
            if has("credential_process") {
                return None;
            }
            for key in ["aws_secret_access_key", "aws_session_token"] {
                if let Some(value) = profile.get(key) {
                    self.text(value);
                }
            }
            if let Some(path) = profile.get("web_identity_token_file") {
                self.file(path)?;
            }
            if has("sso_session") || has("sso_start_url") {
                self.of_sso()?;
            }
            self.of_source(profile)?;
        }
        Some(())
    }

    /// What `credential_source` names.
    fn of_source(&mut self, profile: &Profile) -> Option<()> {
        match profile.get("credential_source") {
            Some("Environment") => self.of_variables(),
            Some("EcsContainer") => self.of_container()?,
            Some(_) => return None,
            None => {}
        }
        Some(())
    }

    /// The tokens of all SSO logins: which of them the profile takes, the SDK knows.
    fn of_sso(&mut self) -> Option<()> {
        let folder = home(self.environment)?.join(".aws/sso/cache");
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .collect();
        paths.sort_unstable();
        if paths.len() > MOST_TOKENS {
            return None;
        }
        paths.iter().try_for_each(|path| self.file(path))
    }

    /// The token that the container's agent wants, and the address that is given to one container only.
    fn of_container(&mut self) -> Option<()> {
        for name in [
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ] {
            if let Some(value) = variable(self.environment, name) {
                self.text(&value);
            }
        }
        match variable(self.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            Some(path) => self.file(path),
            None => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mcp_launch_core::{Deadline, Secret};
    use mcp_launch_network::block_on;
    use mcp_launch_sharing::Sharing;
    use mcp_launch_testkit::Scratch;

    use super::*;

    /// A profile of the settings, and variables.
    type Way<'a> = (Option<&'a str>, &'a [(&'a str, &'a str)]);

    /// What a launch with the files of `scratch`, this profile of the settings and these variables proves.
    fn proves(
        scratch: &Scratch,
        profile: Option<&str>,
        variables: &[(&str, &str)],
    ) -> Option<Proof> {
        let home = scratch.home();
        let mut pairs = vec![("HOME", home.to_str().unwrap())];
        pairs.extend(variables);
        let environment = Environment::from_pairs(pairs);
        let name = crate::profile::name(profile, &environment);
        let deadline = Deadline::after(Duration::from_secs(60));
        let profiles = block_on(deadline, Profiles::read(name, &environment)).unwrap();
        let Ok(profiles) = profiles else {
            panic!("the files cannot be read");
        };
        of_chain(&profiles, &environment, profile.is_some())
    }

    #[test]
    fn a_link_that_starts_from_no_secret_proves_nothing() {
        let scratch = Scratch::new();
        scratch.write(
            ".aws/config",
            "[default]\nregion = eu-central-1\n\
             [profile process]\ncredential_process = /bin/true\n\
             [profile machine]\nrole_arn = arn:aws:iam::1:role/a\ncredential_source = Ec2InstanceMetadata\n\
             [profile sso]\nsso_start_url = https://a.example\nsso_region = eu-central-1\nsso_account_id = 1\nsso_role_name = a\n\
             [profile behind]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = process\n",
        );
        let proves =
            |profile, variables: &[(&str, &str)]| proves(&scratch, profile, variables).is_some();
        assert!(!proves(None, &[]));
        for profile in ["process", "machine", "sso", "behind"] {
            assert!(!proves(Some(profile), &[]), "{profile}");
        }
        let local = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/");
        assert!(!proves(None, &[local]));
        let role = ("AWS_ROLE_ARN", "arn:aws:iam::1:role/a");
        let missing = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token");
        assert!(!proves(None, &[role, missing]));
        scratch.write(".aws/sso/cache/a.json", "{}");
        assert!(proves(Some("sso"), &[]));
    }

    #[test]
    fn another_secret_is_another_proof() {
        /// Whether what one lends the other finds.
        fn share(one: &Proof, other: &Proof) -> bool {
            let environment = Environment::from_pairs([("", ""); 0]);
            let of = |proof| Sharing::new(&environment, "proofs", Some(proof), None, None);
            of(one).lend("what", &Secret::new(Vec::new()));
            let found = of(other).fresh("what").is_some();
            of(one).forget("what");
            found
        }

        let scratch = Scratch::new();
        let token = scratch.write("token", "");
        let token = token.to_str().unwrap();
        let config = "[profile role]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = base\n\
             [profile web]\nrole_arn = arn:aws:iam::1:role/a\nweb_identity_token_file = TOKEN\n\
             [profile sso]\nsso_start_url = https://a.example\nsso_region = eu-central-1\nsso_account_id = 1\nsso_role_name = a\n\
             [profile own]\nrole_arn = arn:aws:iam::1:role/a\ncredential_source = Environment\n";
        scratch.write(".aws/config", config.replace("TOKEN", token));
        let keys = ("AWS_ACCESS_KEY_ID", "AKIA");
        let role = ("AWS_ROLE_ARN", "arn:aws:iam::1:role/a");
        let ways: [Way<'_>; 10] = [
            (None, &[keys, ("AWS_SECRET_ACCESS_KEY", "SECRET")]),
            (
                None,
                &[
                    keys,
                    ("AWS_SECRET_ACCESS_KEY", "s"),
                    ("AWS_SESSION_TOKEN", "SECRET"),
                ],
            ),
            (None, &[role, ("AWS_WEB_IDENTITY_TOKEN_FILE", token)]),
            (
                None,
                &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "SECRET")],
            ),
            (
                None,
                &[
                    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"),
                    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "SECRET"),
                ],
            ),
            (
                None,
                &[
                    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"),
                    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token),
                ],
            ),
            (Some("role"), &[]),
            (Some("web"), &[]),
            (Some("sso"), &[]),
            (Some("own"), &[("AWS_SECRET_ACCESS_KEY", "SECRET")]),
        ];
        for (profile, variables) in ways {
            let with = |secret: &str| {
                let base =
                    format!("[base]\naws_access_key_id = AKIA\naws_secret_access_key = {secret}\n");
                scratch.write(".aws/credentials", base);
                scratch.write(".aws/sso/cache/a.json", secret);
                scratch.write("token", secret);
                let variables: Vec<(&str, &str)> = variables
                    .iter()
                    .map(|(name, value)| (*name, if *value == "SECRET" { secret } else { value }))
                    .collect();
                proves(&scratch, profile, &variables).expect("a secret")
            };
            let unique = format!("{}", scratch.root().display());
            assert!(
                share(&with(&unique), &with(&unique)),
                "{profile:?} {variables:?}"
            );
            assert!(
                !share(&with(&unique), &with("another")),
                "{profile:?} {variables:?}"
            );
        }
    }
}
