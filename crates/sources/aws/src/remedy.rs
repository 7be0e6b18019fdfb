//! What a person does about a fault: the command, the setting or the policy.

use mcp_launch_core::shown;

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;
use crate::reference::{Name, Reference};
use crate::{policy, way};

/// How a launch stands towards AWS. Names only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    /// The profile that counts.
    pub(crate) profile: String,
    /// Whether the settings name it.
    pub(crate) profile_in_settings: bool,
    /// All profiles of the files.
    pub(crate) profiles: Vec<String>,
    /// Of these, the one whose SSO login is taken.
    pub(crate) sso_profile: Option<String>,
    /// Of these, the one whose `credential_process` is taken.
    pub(crate) process_profile: Option<String>,
    /// What is wrong in the files with the profile that counts.
    pub(crate) flaw: Option<String>,
    /// The variable without which the other half of an access key is of no use.
    pub(crate) missing_half: Option<&'static str>,
    /// Why there were no credentials where they were looked for.
    pub(crate) looked: Vec<String>,
    /// The region of references that name none.
    pub(crate) region: Option<String>,
}

/// What to do about `diagnosis`.
pub(crate) fn of(
    diagnosis: &Diagnosis,
    scene: &Scene,
    reference: &Reference<'_>,
    near: &[String],
) -> Option<String> {
    match diagnosis {
        Diagnosis::Fault(Fault::NotFound) => Some(scene.not_found(reference, near)),
        Diagnosis::Fault(fault) => scene.of_fault(*fault, reference),
        Diagnosis::KeyUnset(_) | Diagnosis::Trouble(..) => of_login(diagnosis, scene),
    }
}

/// What to do about `diagnosis` where no secret was asked for.
pub(crate) fn of_login(diagnosis: &Diagnosis, scene: &Scene) -> Option<String> {
    match diagnosis {
        Diagnosis::Fault(fault) => scene.of_login(*fault),
        Diagnosis::KeyUnset(remedy) => {
            (remedy.clone()).or_else(|| scene.of_login(Fault::AccessKeyUnset))
        }
        Diagnosis::Trouble(_, Some(way)) => way::remedy(way),
        Diagnosis::Trouble(trouble, None) => trouble.remedy("the AWS endpoint", None),
    }
}

/// The fields that a secret has, where one was asked for that it has not.
pub(crate) fn other_fields(names: &[String]) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("#{}", shown(name)))
        .collect();
    Some(format!("it has {}", names.join(", ")))
}

impl Scene {
    /// What to do about `fault`, for one reference.
    pub(crate) fn of_fault(&self, fault: Fault, reference: &Reference<'_>) -> Option<String> {
        let name = &reference.secret;
        let resource = policy::resource(name, self.region_of(name));
        let allow = |action: &str| policy::allow(action, &resource);
        let command = |verb: &str| {
            format!(
                "aws secretsmanager {verb} --secret-id {}{}{}",
                name.id(),
                self.region_option(name),
                self.profile_option()
            )
        };
        Some(match fault {
            Fault::CreateDenied => allow("secretsmanager:CreateSecret"),
            Fault::Decryption | Fault::Encryption => format!(
                "look at the secret's KMS key: {}",
                command("describe-secret")
            ),
            Fault::Deleted => command("restore-secret"),
            Fault::DeleteDenied => allow("secretsmanager:DeleteSecret"),
            Fault::Denied => allow("secretsmanager:GetSecretValue"),
            Fault::DescribeDenied => allow("secretsmanager:DescribeSecret"),
            Fault::KeyDenied => format!(
                "allow it in IAM, for the key that `{}` shows: {}",
                command("describe-secret"),
                policy::statement(r#""kms:Decrypt""#, "KEY-ARN")
            ),
            Fault::Limit => format!(
                "see how many versions there are, and write fewer times a day: {}",
                command("list-secret-version-ids")
            ),
            Fault::MoveDenied => allow("secretsmanager:UpdateSecretVersionStage"),
            Fault::NoSuchVersion => command("list-secret-version-ids"),
            Fault::NoObject | Fault::NotJson => {
                "write the reference without #, for the whole secret".to_owned()
            }
            Fault::OldVersion => "write the reference without @".to_owned(),
            Fault::PutDenied => allow("secretsmanager:PutSecretValue"),
            Fault::RegionOff => region_off(self.region_of(name)),
            Fault::Within => "write the whole of that other field, or of the secret".to_owned(),
            Fault::WriteKeyDenied => format!(
                "allow it in IAM, for the key that `{}` shows: {}",
                command("describe-secret"),
                policy::statement(r#"["kms:Decrypt","kms:GenerateDataKey"]"#, "KEY-ARN")
            ),
            fault => return self.of_login(fault),
        })
    }

    /// What to do about `fault`, where it is not about a secret.
    pub(crate) fn of_login(&self, fault: Fault) -> Option<String> {
        Some(match fault {
            Fault::AccessKeyUnset => "set what `access_key_id` and `secret_access_key` of the store's settings name".to_owned(),
            Fault::Clock => "set the clock of this machine".to_owned(),
            Fault::ContainerLogin => {
                "check the task role or the EKS Pod Identity association of this container".to_owned()
            }
            Fault::EndpointPlain => {
                "use an https:// address (`endpoint_url`, the AWS_ENDPOINT_URL variables or the profile); if the \
                 network between is trusted, set `allow_http = true` for the store in your own settings file"
                    .to_owned()
            }
            Fault::EndpointUnusable => {
                "write the address as https://HOST or https://HOST:PORT: see `endpoint_url`, the AWS_ENDPOINT_URL variables and the profile"
                    .to_owned()
            }
            Fault::KeyUnknown | Fault::Signature => format!(
                "see which keys are used: aws sts get-caller-identity{}",
                self.profile_option()
            ),
            Fault::ListDenied => policy::allow("secretsmanager:ListSecrets", "*"),
            Fault::LoginDenied => "let the role's trust policy name who assumes it".to_owned(),
            Fault::LoginToken => {
                "check AWS_WEB_IDENTITY_TOKEN_FILE, the role's trust policy and its identity provider"
                    .to_owned()
            }
            Fault::MetadataLogin => "attach a role to this machine, or set `profile`".to_owned(),
            Fault::NoCredentials => self.no_credentials(),
            Fault::NoRegion => self.no_region(),
            Fault::ProcessLogin => format!(
                "run the credential_process of profile {} by hand, and see what it says",
                shell_quoted(self.process_profile.as_deref().unwrap_or(&self.profile))
            ),
            Fault::ProfileUnknown => self.profile_unknown(),
            Fault::ProfileUnusable => self.profile_unusable(),
            Fault::Redirected => "check `endpoint_url` and the proxy".to_owned(),
            Fault::RegionOff => region_off(self.region.as_deref()),
            Fault::SsoDenied => format!(
                "check sso_account_id and sso_role_name of profile {}",
                shell_quoted(self.of_sso())
            ),
            Fault::SsoExpired => format!("aws sso login{}", option_of(self.of_sso())),
            Fault::StandardInput => {
                "check that /dev/null is there, and how many files may be open (ulimit -n)".to_owned()
            }
            Fault::TokenExpired => "renew the temporary credentials, or set `profile`".to_owned(),
            Fault::Unexpected => "check `endpoint_url`: something else answers there".to_owned(),
            Fault::Bytes
            | Fault::Contended
            | Fault::CreateDenied
            | Fault::Decryption
            | Fault::DeleteDenied
            | Fault::Deleted
            | Fault::Denied
            | Fault::DescribeDenied
            | Fault::DuplicateKey
            | Fault::Element
            | Fault::Empty
            | Fault::Encryption
            | Fault::Exists
            | Fault::Internal
            | Fault::KeyDenied
            | Fault::Limit
            | Fault::Login
            | Fault::MoveDenied
            | Fault::NoField
            | Fault::NoObject
            | Fault::NoRandomness
            | Fault::NoSuchVersion
            | Fault::NotFound
            | Fault::NotJson
            | Fault::Null
            | Fault::OldVersion
            | Fault::PutDenied
            | Fault::Refused
            | Fault::Throttled
            | Fault::TimedOut
            | Fault::TooLong
            | Fault::Within
            | Fault::WriteKeyDenied => return None,
        })
    }

    fn not_found(&self, reference: &Reference<'_>, near: &[String]) -> String {
        if !near.is_empty() {
            let names: Vec<String> = near
                .iter()
                .map(|name| format!("`{}`", shown(name)))
                .collect();
            return format!("did you mean {}?", names.join(", "));
        }
        format!(
            "see what there is: aws secretsmanager list-secrets{}{}",
            self.region_option(&reference.secret),
            self.profile_option()
        )
    }

    fn no_credentials(&self) -> String {
        let configure = match self.missing_half {
            Some(missing) => {
                format!("set {missing}, the other half of the access key is there; or ")
            }
            None => String::new(),
        };
        let configure = format!("{configure}aws configure{}", self.profile_option());
        if self.looked.is_empty() {
            return configure;
        }
        let set = if self.profile_in_settings {
            ""
        } else {
            ", or set `profile` for the store"
        };
        format!("{configure}{set} ({})", self.looked.join("; "))
    }

    fn no_region(&self) -> String {
        let set = "set `region` for the store or AWS_REGION, or write the secret's ARN";
        if self.looked.is_empty() {
            set.to_owned()
        } else {
            format!(
                "{set}; there are no AWS credentials either: {}",
                self.no_credentials()
            )
        }
    }

    fn profile_unusable(&self) -> String {
        match &self.flaw {
            Some(flaw) => format!("correct the AWS files: {flaw}"),
            None => format!(
                "check profile {}: aws configure list{}",
                shell_quoted(&self.profile),
                self.profile_option()
            ),
        }
    }

    fn profile_unknown(&self) -> String {
        let by = if self.profile_in_settings {
            "`profile` of the store's settings"
        } else {
            "AWS_PROFILE"
        };
        let there_are = match self.profiles.as_slice() {
            [] => "the AWS files have none".to_owned(),
            names => {
                let names: Vec<String> = names.iter().map(|name| shown(name).to_string()).collect();
                format!("there are: {}", names.join(", "))
            }
        };
        format!(
            "{by} names {}; {there_are}",
            shell_quoted(&shown(&self.profile).to_string())
        )
    }

    fn region_of<'a>(&'a self, name: &Name<'a>) -> Option<&'a str> {
        name.region().or(self.region.as_deref())
    }

    fn region_option(&self, name: &Name<'_>) -> String {
        self.region_of(name)
            .map_or_else(String::new, |region| format!(" --region {region}"))
    }

    /// The profile that `aws sso login` is to be told: one that builds on it has no session of its own.
    fn of_sso(&self) -> &str {
        self.sso_profile.as_deref().unwrap_or(&self.profile)
    }

    fn profile_option(&self) -> String {
        option_of(&self.profile)
    }
}

fn option_of(profile: &str) -> String {
    match profile {
        "" | "default" => String::new(),
        profile => format!(" --profile {}", shell_quoted(profile)),
    }
}

fn region_off(region: Option<&str>) -> String {
    format!(
        "enable {} for the account, or name another region",
        region.unwrap_or("the region")
    )
}

/// The text as a shell takes it.
fn shell_quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fault: Fault, locator: &str) -> String {
        let scene = Scene {
            profile: "work".to_owned(),
            region: Some("eu-west-1".to_owned()),
            ..Scene::default()
        };
        let reference = Reference::parse(locator).unwrap();
        of(&fault.into(), &scene, &reference, &[]).unwrap_or_default()
    }

    #[test]
    fn a_remedy_names_the_command_with_region_and_profile() {
        assert_eq!(
            told(Fault::SsoExpired, "db"),
            "aws sso login --profile work"
        );
        assert_eq!(
            told(Fault::Deleted, "prod/db#x"),
            "aws secretsmanager restore-secret --secret-id prod/db --region eu-west-1 --profile work"
        );
        let arn = "arn:aws:secretsmanager:us-east-2:1:secret:db";
        assert!(told(Fault::NoSuchVersion, arn).contains("--region us-east-2"));
    }

    #[test]
    fn a_denial_names_the_statement_that_is_missing() {
        assert_eq!(
            told(Fault::Denied, "prod/db#x"),
            "allow it in IAM: {\"Effect\":\"Allow\",\"Action\":\"secretsmanager:GetSecretValue\",\
             \"Resource\":\"arn:aws:secretsmanager:eu-west-1:*:secret:prod/db-??????\"}"
        );
        let arn = "arn:aws-cn:secretsmanager:cn-north-1:1:secret:db-AbCdEf";
        assert!(told(Fault::Denied, arn).contains(&format!("\"{arn}\"")));
        for (fault, action) in [
            (Fault::CreateDenied, "CreateSecret"),
            (Fault::DeleteDenied, "DeleteSecret"),
            (Fault::DescribeDenied, "DescribeSecret"),
            (Fault::ListDenied, "ListSecrets"),
            (Fault::MoveDenied, "UpdateSecretVersionStage"),
            (Fault::PutDenied, "PutSecretValue"),
        ] {
            let action = format!("\"Action\":\"secretsmanager:{action}\"");
            assert!(told(fault, "prod/db").contains(&action), "{action}");
        }
    }

    #[test]
    fn near_names_are_offered() {
        let reference = Reference::parse("githup").unwrap();
        let near = ["github".to_owned()];
        let told = of(
            &Fault::NotFound.into(),
            &Scene::default(),
            &reference,
            &near,
        );
        assert_eq!(told.unwrap(), "did you mean `github`?");
    }
}
