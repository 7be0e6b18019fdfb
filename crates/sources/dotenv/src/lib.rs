//! Secrets from a `.env` file, without surprises.
//!
//! There is no one format: the readers that people use (`dotenv` for Node, `python-dotenv`, Docker Compose, bash, the
//! crate `dotenvy`) take the same line for different values, and some cut a password short without a word. So a value
//! is handed out only where all of them read the same bytes, or where the settings name the one reader that counts.
//!
//! ```
//! use mcp_launch_core::SourceErrorKind;
//! use mcp_launch_source_dotenv::{Dialect, Document};
//!
//! let document = Document::parse(b"TOKEN='a#b'\nPASSWORD=pa$$word\n");
//! assert!(document.value("TOKEN").is_ok());
//! let Err(error) = document.value("PASSWORD") else { unreachable!() };
//! assert_eq!(error.kind(), SourceErrorKind::Ambiguous);
//!
//! let node = Dialect::parse("node");
//! assert_eq!(document.values(node).value("PASSWORD").map(|value| value.len()), Ok(8));
//! ```

#![forbid(unsafe_code)]

mod agreement;
mod dialect;
mod document;
mod edit;
mod file;
mod plain;
mod proposal;
mod reading;
mod readout;
mod rotation;
mod source;
mod spelling;
mod spill;
mod store;
mod subject;

pub use agreement::Values;
pub use dialect::Dialect;
pub use document::{Document, Entry, Quote};
pub use edit::EditError;
pub use reading::Cause;
pub use readout::{Assignment, Readout};
pub use rotation::DotenvCredential;
pub use source::{Accepted, DotenvSource, SCHEME, names_in};
pub use spelling::Form;
