//! What is a secret in the config of an MCP client and in a `.env`.
//!
//! A config is structured, so pairs of a name and a value are judged, not lines of text. The order of the questions is
//! what keeps false alarms few: a reference is never a secret, the format of an issuer always is, and a name decides only
//! about what is neither, nor a path, a number, a placeholder or the like.
//!
//! Values are borrowed and never copied: what is told about one is a range of its bytes.
#![forbid(unsafe_code)]

mod arguments;
mod assignment;
mod container;
mod crc32;
mod credential_name;
mod dsn;
mod entropy;
mod findings;
mod format;
mod formats;
mod json;
mod judge;
mod judgement;
mod key_values;
mod pem;
mod placeholder;
mod plain;
mod reference;
mod scheme;
mod shell;
mod suggestion;
mod url;
mod url_path;
mod weight;
mod words;

pub use arguments::{ARGUMENTS, ArgumentFinding, Role, judge_arguments};
pub use credential_name::is_secret_name;
pub use format::{Alphabet, Format, Piece};
pub use formats::FORMATS;
pub use judge::{LONGEST, judge, judge_header, judge_url};
pub use judgement::{Confidence, Finding, Judgement, Kind, Plain, Standing};
