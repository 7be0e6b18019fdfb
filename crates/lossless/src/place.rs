//! The way from the root of a file to one of its values.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A step into a map or a list. As JSON it is a text or a number.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// Into a map, to the value of this key.
    Key(String),
    /// Into a list, to the item with this number, from 0.
    Index(usize),
}

/// The way from the root to a value: `mcpServers.github.env.TOKEN`, `args[1]`.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Place(pub Vec<Step>);

impl Place {
    /// The root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value of `key` in the map that is here.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// The item `index` of the list that is here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The map or list that this place is in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, steps) = self.0.split_last()?;
        Some(Self(steps.to_vec()))
    }

    /// The last step; `None` for the root.
    pub fn last(&self) -> Option<&Step> {
        self.0.last()
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Place {
    /// Keys joined with dots, indexes in brackets. A key that would be misread stands in quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    if number > 0 {
                        f.write_str(".")?;
                    }
                    if is_plain(key) {
                        f.write_str(key)?;
                    } else {
                        write!(f, "{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '@' | '$'))
}

#[cfg(test)]
mod tests {
    use super::{Place, Step};

    #[test]
    fn a_place_is_shown_as_it_is_spoken() {
        let place = Place::root().key("mcpServers").key("github").key("args");
        assert_eq!(place.index(2).to_string(), "mcpServers.github.args[2]");
        assert_eq!(
            Place::root().key("my server.v2").to_string(),
            "\"my server.v2\""
        );
        assert_eq!(Place::root().to_string(), "");
    }

    #[test]
    fn a_place_knows_its_parent() {
        let place = Place::root().key("a").index(0);
        assert_eq!(place.last(), Some(&Step::Index(0)));
        assert_eq!(place.parent(), Some(Place::root().key("a")));
        assert_eq!(Place::root().parent(), None);
    }

    #[test]
    fn a_place_is_kept_as_a_list_in_json() {
        let place = Place::root().key("a").index(3);
        let json = serde_json::to_string(&place).unwrap();
        assert_eq!(json, r#"["a",3]"#);
        assert_eq!(serde_json::from_str::<Place>(&json).unwrap(), place);
    }
}
