//! Credentials of AWS itself, and secrets that AWS rotates.

mod delegate;
mod iam;

pub use delegate::{Probe, RotateSecret};
pub use iam::{IAM_PRIVILEGES, IamError, IamKeys, IamSettings};
