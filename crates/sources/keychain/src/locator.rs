//! What a locator means: `NAME` is an entry of ours, `SERVICE/ACCOUNT` one of any program.

use std::fmt;

use mcp_launch_core::LocatorError;

/// The service of our own entries.
pub(crate) const SERVICE: &str = "mcp-launch";

/// One entry of a keychain, named as `keyring` applications name theirs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Entry<'a> {
    pub(crate) service: &'a str,
    pub(crate) account: &'a str,
}

impl<'a> Entry<'a> {
    /// Reads `NAME` or `SERVICE/ACCOUNT`, split at the first `/`.
    ///
    /// An account may be empty: some programs store their current login so, the GitHub CLI among them.
    pub(crate) fn parse(locator: &'a str) -> Result<Self, LocatorError> {
        if locator.contains(char::is_control) {
            return Err(LocatorError("a keychain name holds no control character"));
        }
        match locator.split_once('/') {
            Some(("", _)) => Err(LocatorError(
                "a keychain entry is NAME or SERVICE/ACCOUNT; the service is missing",
            )),
            Some((SERVICE, "")) => Err(LocatorError("an entry of mcp-launch has a name")),
            Some((service, account)) => Ok(Self { service, account }),
            None if locator.is_empty() => Err(LocatorError(
                "a keychain entry is NAME or SERVICE/ACCOUNT, and neither is here",
            )),
            None => Ok(Self {
                service: SERVICE,
                account: locator,
            }),
        }
    }

    /// The locator of our own entry `account`; none where no locator could name it, as when another
    /// program has used our service with a line break in the account.
    pub(crate) fn locator_of(account: &str) -> Option<String> {
        let locator = if account.contains('/') {
            format!("{SERVICE}/{account}")
        } else {
            account.to_owned()
        };
        Entry::parse(&locator).is_ok().then_some(locator)
    }

    /// One spelling for all locators of this entry.
    pub(crate) fn place(&self) -> String {
        if cfg!(windows) {
            // Both are one name there, `account.service`, in which case does not count.
            format!("{}.{}", self.account, self.service).to_lowercase()
        } else {
            // A service holds no `/`.
            format!("{}/{}", self.service, self.account)
        }
    }

    pub(crate) fn is_own(&self) -> bool {
        self.service == SERVICE
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service `{}`, account `{}`", self.service, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_own_names_and_other_programs_entries() {
        let cases = [
            ("GITHUB_TOKEN", Some((SERVICE, "GITHUB_TOKEN"))),
            ("with space é", Some((SERVICE, "with space é"))),
            ("gh:github.com/octocat", Some(("gh:github.com", "octocat"))),
            ("gh:github.com/", Some(("gh:github.com", ""))),
            ("a/b/c", Some(("a", "b/c"))),
            ("mcp-launch/a/b", Some((SERVICE, "a/b"))),
            ("mcp-launch/", None),
            ("/account", None),
            ("", None),
            ("two\nlines", None),
            ("nul\0", None),
        ];
        for (locator, expected) in cases {
            let read = Entry::parse(locator).ok();
            assert_eq!(
                read.map(|entry| (entry.service, entry.account)),
                expected,
                "{locator:?}"
            );
        }
    }

    #[test]
    fn an_entry_has_one_spelling() {
        let place = |locator| Entry::parse(locator).unwrap().place();
        assert_eq!(place("mcp-launch/github"), place("github"));
        assert_ne!(place("other/github"), place("github"));
        assert_ne!(place("github/"), place("github"));
    }

    #[test]
    fn what_is_listed_can_be_looked_up() {
        for account in ["A", "a/b", "mcp-launch", "/x", "x y"] {
            let locator = Entry::locator_of(account).unwrap();
            let entry = Entry::parse(&locator).unwrap();
            assert_eq!((entry.service, entry.account), (SERVICE, account));
        }
        assert_eq!(Entry::locator_of("a\nb"), None);
        assert_eq!(Entry::locator_of(""), None);
    }
}
