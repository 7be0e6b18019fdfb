//! The names of secrets.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;

/// How many names AWS gives in one answer.
const PAGE: i32 = 100;

/// The names that begin with `prefix`, without it, sorted. Those of secrets that are marked for deletion are not among
/// them.
pub(crate) async fn names(client: &Client, prefix: &str) -> Result<Vec<String>, Diagnosis> {
    let filter = (!prefix.is_empty()).then(|| {
        Filter::builder()
            .key(FilterNameStringType::Name)
            .values(prefix)
            .build()
    });
    let mut names = Vec::new();
    let mut next = None;
    loop {
        let call = client
            .list_secrets()
            .max_results(PAGE)
            .set_filters(filter.clone().map(|filter| vec![filter]))
            .set_next_token(next);
        let page = call
            .send()
            .await
            .map_err(|error| Diagnosis::of_call(&error).denied_as(Fault::ListDenied))?;
        let of_page = page.secret_list().iter().filter_map(|secret| secret.name());
        let below = of_page.filter_map(|name| name.strip_prefix(prefix));
        names.extend(below.filter(|name| !name.is_empty()).map(str::to_owned));
        next = page.next_token;
        if next.is_none() {
            names.sort();
            return Ok(names);
        }
    }
}
