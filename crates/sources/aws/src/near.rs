//! Names like the one that was not found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_secretsmanager::types::SecretListEntry;
use mcp_launch_core::Deadline;

use crate::fault::Fault;
use crate::question::{Outcomes, Wanted};
use crate::session::Session;

/// How many names are looked at: one page.
const PAGE: i32 = 100;

/// How long a person's advice may keep the launch.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many names are shown.
const SHOWN: usize = 3;

/// How alike two names are, from 0 to 1, to be shown.
const ALIKE: f64 = 0.75;

/// For each of `outcomes` that was not found, the names in its region that are like it, where the policy lets them be
/// listed. A secret whose own name is among them has not the version: some answers say the same of both.
pub(crate) async fn names(
    session: &Session,
    outcomes: &Outcomes,
    deadline: Deadline,
) -> HashMap<Wanted, Vec<String>> {
    let missing = outcomes.not_found();
    let mut regions: BTreeSet<&str> = BTreeSet::new();
    for wanted in &missing {
        regions.insert(wanted.region.as_deref().unwrap_or(session.region()));
    }
    let mut listed: BTreeMap<&str, Vec<SecretListEntry>> = BTreeMap::new();
    for region in regions {
        let patience = PATIENCE.min(deadline.remaining() / 2);
        let call = session
            .client(region)
            .list_secrets()
            .max_results(PAGE)
            .send();
        if let Ok(Ok(page)) = tokio::time::timeout(patience, call).await {
            listed.insert(region, page.secret_list.unwrap_or_default());
        }
    }
    missing
        .iter()
        .filter_map(|wanted| {
            let region = wanted.region.as_deref().unwrap_or(session.region());
            let secrets = listed.get(region)?;
            if secrets
                .iter()
                .any(|secret| wanted.is(secret.name(), secret.arn()))
            {
                outcomes.put(wanted.clone(), Err(Fault::NoSuchVersion.into()));
                return None;
            }
            let names = secrets
                .iter()
                .filter_map(|secret| secret.name().map(str::to_owned));
            let near = like(&wanted.id, &names.collect::<Vec<_>>());
            Some((wanted.clone(), near))
        })
        .collect()
}

/// Those of `names` that are like `id`, the likest first.
fn like(id: &str, names: &[String]) -> Vec<String> {
    let asked = id.rsplit(':').next().unwrap_or(id);
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let mut near: Vec<(f64, &String)> = names
        .iter()
        .map(|name| {
            let whole = strsim::normalized_damerau_levenshtein(asked, name);
            // `github` for `prod/github`.
            let same_end = asked != *name && last(asked) == last(name);
            (if same_end { whole.max(ALIKE) } else { whole }, name)
        })
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    near.sort_by(|(one, a), (other, b)| other.total_cmp(one).then_with(|| a.cmp(b)));
    near.into_iter()
        .take(SHOWN)
        .map(|(_, name)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_names_come_first() {
        let names = ["prod/github", "prod/gitlab", "stage/githup", "db"].map(str::to_owned);
        assert_eq!(like("prod/githup", &names)[0], "prod/github");
        assert!(like("prod/githup", &names).contains(&"stage/githup".to_owned()));
        assert_eq!(like("github", &names), ["prod/github"]);
        assert!(like("nothing-like-it", &names).is_empty());
        let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:prod/gitlub";
        assert!(!like(arn, &names).is_empty());
    }
}
