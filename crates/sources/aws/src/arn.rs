//! The ARN of a secret: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf`.

use mcp_launch_core::LocatorError;

/// A full ARN, or one without the six characters that AWS adds to the name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// The name, with `-AbCdEf` where it is written.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads `text`, which starts with `arn:`.
    pub(crate) fn parse(text: &'a str) -> Result<Self, LocatorError> {
        const FORM: LocatorError =
            LocatorError("an ARN of a secret is arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME");
        let mut parts = text.splitn(7, ':');
        let mut next = || parts.next().ok_or(FORM);
        let ("arn", partition, "secretsmanager", region, account, "secret", resource) = (
            next()?,
            next()?,
            next()?,
            next()?,
            next()?,
            next()?,
            next()?,
        ) else {
            return Err(FORM);
        };
        let words = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let well_formed = words(partition)
            && words(region)
            && !account.is_empty()
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && is_name(resource);
        well_formed
            .then_some(Self {
                partition,
                region,
                account,
                resource,
            })
            .ok_or(FORM)
    }

    /// The name without the six characters, if the last seven look like them: names may end so as well.
    pub(crate) fn short_name(&self) -> Option<&'a str> {
        let (name, end) = self.resource.rsplit_once('-')?;
        let added = end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (added && !name.is_empty()).then_some(name)
    }
}

/// Whether `text` can be the name of a secret: letters, digits and `/_+=.@-`, 512 characters at most.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        // An ARN's name has seven characters more.
        && text.len() <= 512 + 7
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_its_parts() {
        let arn =
            Arn::parse("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:prod/db-AbCdEf")
                .unwrap();
        assert_eq!(arn.partition, "aws-cn");
        assert_eq!(arn.region, "cn-north-1");
        assert_eq!(arn.account, "123456789012");
        assert_eq!(arn.resource, "prod/db-AbCdEf");
        assert_eq!(arn.short_name(), Some("prod/db"));
    }

    #[test]
    fn a_name_without_the_six_characters_has_no_shorter_one() {
        for (resource, short) in [
            ("prod/db", None),
            ("db-abc", None),
            ("my-secret", Some("my")),
            ("-AbCdEf", None),
        ] {
            let text = format!("arn:aws:secretsmanager:eu-west-1:1:secret:{resource}");
            assert_eq!(Arn::parse(&text).unwrap().short_name(), short, "{resource}");
        }
    }

    #[test]
    fn what_is_no_arn_of_a_secret_is_refused() {
        for text in [
            "arn:",
            "arn:aws:s3:::bucket",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:",
            "arn:aws:secretsmanager::123456789012:secret:db",
            "arn:aws:secretsmanager:eu-west-1::secret:db",
            "arn:aws:secretsmanager:eu-west-1:me:secret:db",
            "arn:aws:secretsmanager:eu-west-1:123456789012:db",
            "arn:aws:secretsmanager:eu west:123456789012:secret:db",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a:b",
        ] {
            assert!(Arn::parse(text).is_err(), "{text}");
        }
    }
}
