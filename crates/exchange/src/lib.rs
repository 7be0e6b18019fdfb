//! The formats in which secrets come from other tools and go to them: bytes in, bytes out, no file and no network.
//!
//! [`read()`] takes another tool's export apart into named values, in the order of the file; [`write()`] writes named values
//! so that the readers of the format give back the same bytes, or says which entry cannot be written so.
//!
//! ```
//! use mcp_launch_exchange::{Origin, Taken, Target, WriteOptions, read, write};
//!
//! let contents = read(b"TOKEN='a#b'\nKEY=$<GITHUB_KEY>\n", Origin::Env, None)?;
//! let [token, key] = contents.entries.as_slice() else { unreachable!() };
//! assert!(matches!(key.value, Taken::Reference));
//! let Taken::Value(value) = &token.value else { unreachable!() };
//!
//! let written = write(&[(token.name.clone(), value)], Target::Shell, &WriteOptions::default())?;
//! assert_eq!(written.as_slice(), b"export TOKEN='a#b'\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod contents;
mod error;
mod name;
mod origin;
mod read;
mod tree;
mod write;

pub use contents::{Contents, Entry, Note, NoteKind, Taken, Unreadable};
pub use error::{ReadError, ReadErrorKind};
pub use origin::{Origin, detect};
pub use read::read;
pub use write::{Obstacle, Target, WriteError, WriteOptions, write};
