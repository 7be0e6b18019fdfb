//! Writing and listing, with a session that launches of the same time share.

use futures_util::{StreamExt as _, stream};

use super::{Round, SIDE_BY_SIDE, is_refused_token};
use crate::change::{Change, Outcome};
use crate::fault::Failure;
use crate::kept::{Keeping, Mounts};
use crate::reference::SecretPath;
use crate::shares::LOGIN;
use crate::token::Token;

/// The changes of one secret.
pub(crate) struct Group<'a> {
    pub(crate) secret: SecretPath,
    pub(crate) changes: Vec<Change<'a>>,
}

/// What names are asked for of.
pub(crate) enum Part {
    /// The fields of a secret.
    Secret(SecretPath),
    /// The secrets of a folder, whose path ends in `/`.
    Folder(SecretPath),
}

impl Round<'_> {
    /// Makes the changes of every group, side by side. One list of outcomes for each.
    pub(crate) async fn change(&self, groups: &[Group<'_>]) -> Vec<Vec<Outcome>> {
        let (token, borrowed) = match self.shared_session().await {
            Ok(session) => session,
            Err(failure) => return groups.iter().map(|group| group.failed(&failure)).collect(),
        };
        let mounts = Mounts::default();
        let every: Vec<&Group<'_>> = groups.iter().collect();
        let mut outcomes = self.change_all(&token, &mounts, &every).await;
        let is_refused = |outcomes: &Vec<Outcome>| outcomes.iter().any(is_refused_token);
        if borrowed && outcomes.iter().any(is_refused) {
            // Whoever logged in has ended its session since. A token that is refused has done nothing.
            self.shares.sessions.forget(LOGIN);
            if let Ok((token, _)) = self.shared_session().await {
                let refused = || (0..groups.len()).filter(|&index| is_refused(&outcomes[index]));
                let left: Vec<usize> = refused().collect();
                let again: Vec<&Group<'_>> = left.iter().map(|&index| &groups[index]).collect();
                let made = self.change_all(&token, &mounts, &again).await;
                for (index, made) in left.into_iter().zip(made) {
                    outcomes[index] = made;
                }
            }
        }
        outcomes
    }

    async fn change_all(
        &self,
        token: &Token,
        mounts: &Mounts,
        groups: &[&Group<'_>],
    ) -> Vec<Vec<Outcome>> {
        let keeping = self.keeping(token, mounts);
        let keeping = &keeping;
        stream::iter(groups)
            .map(|group| keeping.change(&group.secret, &group.changes))
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await
    }

    /// The names in `part`, sorted.
    pub(crate) async fn names(&self, part: &Part) -> Result<Vec<String>, Failure> {
        let (token, borrowed) = self.shared_session().await?;
        let names = self.names_with(&token, part).await;
        if !(borrowed && is_refused_token(&names)) {
            return names;
        }
        self.shares.sessions.forget(LOGIN);
        let (token, _) = self.shared_session().await?;
        self.names_with(&token, part).await
    }

    async fn names_with(&self, token: &Token, part: &Part) -> Result<Vec<String>, Failure> {
        let mounts = Mounts::default();
        let keeping = self.keeping(token, &mounts);
        match part {
            Part::Secret(secret) => keeping.fields(secret).await,
            Part::Folder(folder) => keeping.secrets(folder).await,
        }
    }

    fn keeping<'k>(&'k self, token: &'k Token, mounts: &'k Mounts) -> Keeping<'k> {
        Keeping {
            vault: &self.vault,
            token: token.as_str(),
            layout: self.shares.layout,
            mounts,
        }
    }
}

impl Group<'_> {
    /// The same failure for every change.
    pub(crate) fn failed(&self, failure: &Failure) -> Vec<Outcome> {
        self.changes.iter().map(|_| Err(failure.clone())).collect()
    }
}
