//! The tokens there are at a vendor.

use std::collections::BTreeSet;

use mcp_launch_rotation::{Handle, RotatorError};
use serde_json::Value;

use crate::answer::handle;
use crate::template::{Listing, Pages};
use crate::text::Names;

/// Pages of a list that are read. What is behind them is left alone.
const MOST_PAGES: u64 = 50;

/// A token that is there, ours or another's.
#[derive(Debug)]
pub(crate) struct Item {
    /// Empty where it has none.
    pub(crate) name: String,
    pub(crate) handle: Handle,
}

/// All live tokens. `ask` asks for one page by its path.
pub(crate) fn all(
    listing: &Listing,
    path: &str,
    ask: impl Fn(&str) -> Result<Value, RotatorError>,
) -> Result<Vec<Item>, RotatorError> {
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    let mut after: Option<Value> = None;
    for page in 0..MOST_PAGES {
        let answer = ask(&page_path(listing, path, page, after.as_ref())?)?;
        let list = answer.pointer(&listing.items).and_then(Value::as_array);
        // What is no list says nothing about what there is.
        let list = list.ok_or(RotatorError::Failed)?;
        let known = seen.len();
        for item in list {
            let Some(handle) = item.pointer(&listing.handle).and_then(handle) else {
                continue;
            };
            let is = |(pointer, dead): &(String, Value)| item.pointer(pointer) == Some(dead);
            if seen.insert(handle.clone()) && !listing.dead_when.iter().any(is) {
                let name = item.pointer(&listing.name).and_then(Value::as_str);
                let name = name.unwrap_or_default().to_owned();
                items.push(Item { name, handle });
            }
        }
        let goes_on = match &listing.pages {
            None => false,
            // A vendor that does not know the parameter gives the first page for ever.
            Some(Pages::Number { .. }) => seen.len() > known,
            Some(Pages::After { cursor, more, .. }) => {
                after = answer
                    .pointer(cursor)
                    .filter(|next| handle(next).is_some())
                    .cloned();
                let more = more.as_ref().map(|more| answer.pointer(more));
                after.is_some() && more.is_none_or(|more| more == Some(&Value::Bool(true)))
            }
        };
        if !goes_on {
            break;
        }
    }
    Ok(items)
}

fn page_path(
    listing: &Listing,
    path: &str,
    page: u64,
    after: Option<&Value>,
) -> Result<String, RotatorError> {
    let (parameter, value) = match (&listing.pages, after) {
        (
            Some(Pages::Number {
                parameter,
                first,
                step,
            }),
            _,
        ) => (
            parameter,
            Value::from(first.saturating_add(page.saturating_mul(*step))),
        ),
        (Some(Pages::After { parameter, .. }), Some(after)) => (parameter, after.clone()),
        _ => return Ok(path.to_owned()),
    };
    let sign = if path.contains('?') { '&' } else { '?' };
    let names = Names(vec![("page", value)]);
    let query = format!("{path}{sign}{parameter}={{{{page}}}}");
    names.path(&query).map_err(|_| RotatorError::Failed)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::json;

    use super::*;
    use crate::{Call, Verb};

    fn listing(pages: Option<Pages>) -> Listing {
        Listing {
            call: Call::new(Verb::Get, "/t"),
            items: "/data".to_owned(),
            name: "/name".to_owned(),
            handle: "/id".to_owned(),
            dead_when: vec![("/revoked".to_owned(), json!(true))],
            pages,
        }
    }

    fn asked(listing: &Listing, path: &str, answers: &[Value]) -> (Vec<String>, Vec<String>) {
        let paths = RefCell::new(Vec::new());
        let items = all(listing, path, |path| {
            let mut paths = paths.borrow_mut();
            paths.push(path.to_owned());
            Ok(answers[(paths.len() - 1).min(answers.len() - 1)].clone())
        });
        let items = items
            .unwrap()
            .iter()
            .map(|item| item.handle.to_string())
            .collect();
        (items, paths.into_inner())
    }

    #[test]
    fn pages_are_read_until_there_are_no_more() {
        let first = json!({ "data": [{ "id": 1, "name": "a" }, { "id": 2, "name": "b", "revoked": true }],
            "next": "x&y", "more": true });
        let second =
            json!({ "data": [{ "id": "3" }, { "name": "no id" }], "next": "z", "more": false });
        let end = json!({ "data": [] });
        let number = listing(Some(Pages::Number {
            parameter: "page".to_owned(),
            first: 1,
            step: 1,
        }));
        let (items, paths) = asked(&number, "/t?per=2", &[first.clone(), second.clone(), end]);
        assert_eq!(items, ["1", "3"]);
        assert_eq!(
            paths,
            ["/t?per=2&page=1", "/t?per=2&page=2", "/t?per=2&page=3"]
        );
        let after = listing(Some(Pages::After {
            parameter: "after".to_owned(),
            cursor: "/next".to_owned(),
            more: Some("/more".to_owned()),
        }));
        let (items, paths) = asked(&after, "/t", &[first.clone(), second]);
        assert_eq!(items, ["1", "3"]);
        assert_eq!(paths, ["/t", "/t?after=x%26y"]);
        // A vendor that does not know what a page is.
        let (items, paths) = asked(&number, "/t", std::slice::from_ref(&first));
        assert_eq!((items.len(), paths.len()), (1, 2));
        let (_, paths) = asked(&after, "/t", &[first]);
        assert_eq!(paths.len(), 50);
    }

    #[test]
    fn what_is_no_list_is_no_empty_list() {
        for answer in [json!({}), json!({ "data": {} }), json!(null)] {
            let error = all(&listing(None), "/t", |_| Ok(answer.clone())).err();
            assert_eq!(error, Some(RotatorError::Failed));
        }
    }
}
