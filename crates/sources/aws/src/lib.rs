//! `$<aws:…>`: values of AWS Secrets Manager.
//!
//! Everything of the SDK goes through one HTTP client, the one of `mcp-launch-network`, whose TLS is `ring`. The
//! SDK reads its own variables and files, as every AWS tool does; the launcher changes neither.

mod arn;
mod change;
mod content;
mod diagnosis;
mod failed;
mod fault;
mod flaw;
mod identity;
mod listing;
mod login;
mod looked;
mod near;
mod origin;
mod policy;
mod profile;
mod proof;
mod question;
mod reference;
mod remedy;
mod rotation;
mod rotators;
mod said;
mod session;
mod settings;
mod source;
mod standard_input;
mod token;
mod transport;
mod way;

pub use rotation::{AwsCredential, PRIVILEGES};
pub use rotators::{IAM_PRIVILEGES, IamError, IamKeys, IamSettings, Probe, RotateSecret};
pub use settings::{AccessKey, Settings};
pub use source::{AwsSource, SCHEME};
