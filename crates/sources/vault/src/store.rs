//! The writing half: values into secrets, one request to read and one to write each, or a few where one has not room for
//! all, over the version that was read and over no other.

use std::collections::BTreeMap;

use mcp_launch_core::{
    Deadline, Locator, LocatorError, Secret, SourceError, SourceErrorKind, Store, Write,
};
use mcp_launch_network::block_on;

use crate::change::{Change, Outcome, To};
use crate::fault::{Failure, Fault};
use crate::hint;
use crate::reference::{Reference, SecretPath, folder};
use crate::round::{Group, Part, Round};
use crate::source::{VaultSource, a_little_after};

/// In engines with versions, no update is lost: a write takes the place of the version that it was made from, and of no
/// other (`cas`). Engines without have nothing like it: there a secret is read just before it is written and once more
/// after it, and what somebody else writes between may be lost.
impl Store for VaultSource {
    /// `MOUNT/PATH` is a secret, with its fields, texts or not. `MOUNT/PATH/` is a folder, with the secrets in it, deleted
    /// ones too; folders are among them with the `/` that makes each a part of its own, so that all below can be found. The
    /// names are as a locator has them, `%23` for a `#`.
    fn names(&self, within: &str, deadline: Deadline) -> Result<Vec<String>, SourceError> {
        let names = part(within).and_then(|part| {
            let (reach, shares) = self.begin(deadline)?;
            let round = Round::new(&reach, &shares, deadline)?;
            block_on(a_little_after(deadline), round.names(&part)).map_err(Failure::from)?
        });
        names.map_err(|failure| self.told(&Locator::new(within), failure))
    }

    /// Secret by secret, side by side; all fields of a secret in one version, or in one for each part that its Vault takes
    /// at once. What is there already is not written again.
    fn write(&self, writes: &[Write<'_>], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        let changes = writes.iter().map(|write| {
            let to = text(write.value).map(|text| To::Written(text, write.over));
            (write.name, to)
        });
        let changes: Vec<_> = changes.collect();
        let outcomes = self.change(&changes, deadline);
        writes
            .iter()
            .zip(outcomes)
            .map(|(write, outcome)| {
                outcome.map_err(|failure| self.told(&Locator::new(write.name), failure))
            })
            .collect()
    }

    /// Takes a field out of its secret. With the last one goes the newest version, which `bao kv undelete` brings back; the
    /// older versions and the metadata stay.
    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError> {
        let outcomes = self.change(&[(name, Ok(To::Removed))], deadline);
        let outcome = outcomes.into_iter().next().unwrap_or(Ok(()));
        outcome.map_err(|failure| self.told(&Locator::new(name), failure))
    }
}

impl VaultSource {
    /// Makes every change that can be one, grouped by secret. One outcome each, in their order.
    fn change(
        &self,
        changes: &[(&str, Result<To<'_>, Failure>)],
        deadline: Deadline,
    ) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = vec![Ok(()); changes.len()];
        let places: Vec<Result<(SecretPath, String), Failure>> =
            changes.iter().map(|(name, _)| place(name)).collect();
        let mut secrets: BTreeMap<&SecretPath, Vec<(usize, Change<'_>)>> = BTreeMap::new();
        for (index, (place, (_, to))) in places.iter().zip(changes).enumerate() {
            match (place, to) {
                (Err(failure), _) | (_, Err(failure)) => outcomes[index] = Err(failure.clone()),
                (Ok((secret, field)), Ok(to)) => {
                    let change = Change { field, to: *to };
                    secrets.entry(secret).or_default().push((index, change));
                }
            }
        }
        if secrets.is_empty() {
            return outcomes;
        }
        let mut indices = Vec::new();
        let mut groups = Vec::new();
        for (secret, indexed) in secrets {
            let (of_secret, changes): (Vec<usize>, _) = indexed.into_iter().unzip();
            indices.push(of_secret);
            groups.push(Group {
                secret: secret.clone(),
                changes,
            });
        }
        let made = self.change_groups(&groups, deadline);
        for (index, outcome) in indices
            .into_iter()
            .flatten()
            .zip(made.into_iter().flatten())
        {
            outcomes[index] = outcome;
        }
        for (outcome, place) in outcomes.iter_mut().zip(&places) {
            if let (Err(failure), Ok((secret, field))) = (outcome, place)
                && failure.is(Fault::PathMissing)
                && failure.remedy.is_none()
            {
                failure.remedy = Some(hint::missing(secret, Some(field)));
            }
        }
        outcomes
    }

    fn change_groups(&self, groups: &[Group<'_>], deadline: Deadline) -> Vec<Vec<Outcome>> {
        let made = self.begin(deadline).and_then(|(reach, shares)| {
            let round = Round::new(&reach, &shares, deadline)?;
            let made = block_on(a_little_after(deadline), round.change(groups));
            // Whatever became of it: what was read before may be what it was.
            self.wrote(groups.iter().map(|group| &group.secret), &shares);
            made.map_err(Failure::from)
        });
        made.unwrap_or_else(|failure| groups.iter().map(|group| group.failed(&failure)).collect())
    }
}

/// The secret and the field that `name` is, if one can be written there.
fn place(name: &str) -> Result<(SecretPath, String), Failure> {
    let Reference { secret, field } = Reference::parse(name).map_err(malformed)?;
    if secret.version.is_some() {
        return Err(Fault::VersionWritten.into());
    }
    let field = field.ok_or(Fault::FieldUnnamed)?;
    Ok((secret, field))
}

/// What `within` is a locator's beginning of.
fn part(within: &str) -> Result<Part, Failure> {
    if within.ends_with('/') {
        return folder(within).map(Part::Folder).map_err(malformed);
    }
    let Reference { secret, field } = Reference::parse(within).map_err(malformed)?;
    if field.is_some() || secret.version.is_some() {
        return Err(malformed(LocatorError(
            "names are in a secret, such as secret/app, or in a folder, such as secret/mcp/",
        )));
    }
    Ok(Part::Secret(secret))
}

/// A value as a field can hold it.
#[expect(
    clippy::disallowed_methods,
    reason = "a value on its way into the store"
)]
fn text(value: &Secret) -> Result<&str, Failure> {
    std::str::from_utf8(value.expose()).map_err(|_| Fault::NoText.into())
}

fn malformed(error: LocatorError) -> Failure {
    SourceError::new(SourceErrorKind::Malformed)
        .note(error.0)
        .into()
}
