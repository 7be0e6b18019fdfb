//! What is written into a file.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A value to write. It may hold secrets: [`Zeroize`] wipes them, and `Debug` shows only how much there is.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Value>),
    /// A map, in the order in which it is written.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }
}

impl Zeroize for Value {
    fn zeroize(&mut self) {
        match self {
            Self::Text(text) => text.zeroize(),
            Self::Bool(value) => value.zeroize(),
            Self::List(items) => items.zeroize(),
            Self::Map(entries) => {
                for (key, value) in entries.iter_mut() {
                    key.zeroize();
                    value.zeroize();
                }
                entries.clear();
            }
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Bool(_) => f.write_str("Bool(..)"),
            Self::List(items) => write!(f, "List(of {})", items.len()),
            Self::Map(entries) => write!(f, "Map(of {})", entries.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn debug_shows_no_text() {
        let value = Value::Map(vec![("k".into(), Value::Text("hidden".into()))]);
        assert_eq!(format!("{value:?}"), "Map(of 1)");
        assert_eq!(format!("{:?}", Value::Text("hidden".into())), "Text(..)");
    }

    #[test]
    fn a_value_survives_json() {
        let value = Value::Map(vec![(
            "k".into(),
            Value::List(vec![Value::Text("a".into()), Value::Bool(true)]),
        )]);
        let json = serde_json::to_string(&value).unwrap();
        assert!(serde_json::from_str::<Value>(&json).unwrap() == value);
    }
}
