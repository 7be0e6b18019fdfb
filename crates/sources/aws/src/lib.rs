//! `$<aws:…>`: values of AWS Secrets Manager.

mod settings;
mod source;

pub use settings::{AccessKey, Settings};
pub use source::{AwsSource, SCHEME};
