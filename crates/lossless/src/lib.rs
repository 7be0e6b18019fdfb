//! Configuration files of others, read with the place of every value and changed value by value: comments, the order
//! of keys, indentation, line ends and everything else that was not touched stay byte for byte.

#![forbid(unsafe_code)]

mod brackets;
mod byte_of_char;
mod change;
mod collection;
mod document;
mod edit;
mod flaw;
mod json;
mod layout;
mod lines;
mod node;
mod pen;
mod place;
mod toml;
mod toml_lines;
mod toml_text;
mod tree;
mod value;
mod verify;
mod yaml;
mod yaml_lines;
mod yaml_scalar;
mod yaml_text;

pub use change::{Change, ChangeError, ChangeErrorKind};
pub use document::{Document, Format};
pub use flaw::{Flaw, FlawKind};
pub use node::Node;
pub use place::{Place, Step};
pub use tree::Kind;
pub use value::Value;
