//! Rotates a token at a vendor that has an HTTP API, as a [`Template`] says: which request makes a token, which lists
//! those there are, which revokes one, which shows whether one is accepted. A new vendor is a template, not code; those
//! that are known are in [`presets`].
//!
//! What is sent goes to the one host of the template, over https (plain http on this machine alone), without following a
//! redirect and without trying twice. What comes back is read up to a mebibyte and never shown.

#![forbid(unsafe_code)]

mod answer;
mod auth;
mod connection;
mod list;
mod mark;
pub mod presets;
mod probe;
mod request;
mod rotator;
mod template;
mod text;

pub use answer::{Answer, Dealing};
pub use auth::{Auth, SecretHeader};
pub use connection::{Connection, Unanswered};
pub use mark::Mark;
pub use probe::{Probe, Seen};
pub use request::Request;
pub use rotator::HttpRotator;
pub use template::{
    Call, ExpirySource, Field, Listing, Making, Pages, Probing, Retiring, Template, TemplateError,
    Variables, Verb,
};
