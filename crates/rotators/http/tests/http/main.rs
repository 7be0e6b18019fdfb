//! The template against a vendor of this test's own, which keeps tokens as real ones do and fails as told.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "values of these tests alone; what fails ends the test"
)]

mod crashes;
mod faults;
mod presets;
mod rolls;
mod templates;
mod vendor;
