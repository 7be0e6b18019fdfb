//! How each secret is read, before anybody was asked: what the settings say, and what its path looks like.

use std::collections::BTreeMap;

use crate::reference::SecretPath;
use crate::settings::Engine;

/// What the settings say of mounts and paths.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) mounts: BTreeMap<String, Engine>,
    pub(crate) requests: BTreeMap<String, BTreeMap<String, String>>,
}

/// How a secret is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way<'a> {
    /// By what a Vault usually has: an engine with versions at the first segment.
    Guessed,
    /// As the settings say.
    Known(&'a str, Engine),
    /// As it is, because its path looks like one that makes a credential.
    Dynamic,
    /// By writing this.
    Written(&'a BTreeMap<String, String>),
}

impl Layout {
    /// How `secret` is read.
    pub(crate) fn way(&self, secret: &SecretPath) -> Way<'_> {
        let written = self
            .requests
            .iter()
            .find(|(path, _)| path.trim_matches('/') == secret.path);
        if let Some((_, body)) = written {
            return Way::Written(body);
        }
        let known = self
            .mounts
            .iter()
            .filter(|(mount, _)| secret.below(mount).is_some())
            .max_by_key(|(mount, _)| mount.trim_matches('/').len());
        match known {
            Some((mount, engine)) => Way::Known(mount.trim_matches('/'), *engine),
            None if secret.looks_dynamic() => Way::Dynamic,
            None => Way::Guessed,
        }
    }

    /// Whether reading `secret` may make a credential, before anybody was asked.
    pub(crate) fn may_lend(&self, secret: &SecretPath) -> bool {
        match self.way(secret) {
            Way::Guessed => false,
            Way::Known(_, engine) => engine == Engine::Other,
            Way::Dynamic | Way::Written(_) => true,
        }
    }
}

/// What may be needed to read in this way.
pub(crate) fn needed(way: Way<'_>) -> &'static str {
    match way {
        Way::Written(_) => "update",
        Way::Dynamic | Way::Guessed | Way::Known(..) => "read",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    fn path(text: &str) -> SecretPath {
        Reference::parse(text).unwrap().secret
    }

    #[test]
    fn the_settings_come_before_what_a_path_looks_like() {
        let layout = Layout {
            mounts: BTreeMap::from([
                ("team".to_owned(), Engine::Other),
                ("team/kv/".to_owned(), Engine::KvV1),
            ]),
            requests: BTreeMap::from([("/pki/issue/web".to_owned(), BTreeMap::new())]),
        };
        let way = |text: &str| layout.way(&path(text));
        assert_eq!(way("secret/a"), Way::Guessed);
        assert_eq!(way("database/creds/app"), Way::Dynamic);
        assert_eq!(
            way("team/kv/creds/app"),
            Way::Known("team/kv", Engine::KvV1)
        );
        assert_eq!(way("team/x"), Way::Known("team", Engine::Other));
        assert_eq!(way("teams/x"), Way::Guessed);
        assert_eq!(way("pki/issue/web"), Way::Written(&BTreeMap::new()));
        assert!(layout.may_lend(&path("team/x")) && !layout.may_lend(&path("team/kv/creds/app")));
    }
}
