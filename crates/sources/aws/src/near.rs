//! Names like the one that was not found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use mcp_launch_core::Deadline;

use crate::question::Wanted;
use crate::session::Session;

/// How many names are looked at: one page.
const PAGE: i32 = 100;

/// How long a person's advice may keep the launch.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many names are shown.
const SHOWN: usize = 3;

/// How alike two names are, from 0 to 1, to be shown.
const ALIKE: f64 = 0.75;

/// For each of `missing`, the names in its region that are like it, where the policy lets them be listed.
pub(crate) async fn names(
    session: &Session,
    missing: &[Wanted],
    deadline: Deadline,
) -> HashMap<Wanted, Vec<String>> {
    let mut regions: BTreeSet<&str> = BTreeSet::new();
    for wanted in missing {
        regions.insert(wanted.region.as_deref().unwrap_or(session.region()));
    }
    let mut listed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for region in regions {
        let patience = PATIENCE.min(deadline.remaining() / 2);
        let call = session
            .client(region)
            .list_secrets()
            .max_results(PAGE)
            .send();
        if let Ok(Ok(page)) = tokio::time::timeout(patience, call).await {
            let names = page
                .secret_list()
                .iter()
                .filter_map(|secret| secret.name().map(str::to_owned));
            listed.insert(region, names.collect());
        }
    }
    missing
        .iter()
        .filter_map(|wanted| {
            let region = wanted.region.as_deref().unwrap_or(session.region());
            let near = like(&wanted.id, listed.get(region)?);
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
