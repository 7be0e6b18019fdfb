//! What the tests of every crate share: values whose escape is noticed, an environment of their own,
//! the behaviour that all sources have in common, and, with the feature `servers`, real stores on this machine.

mod canary;
#[cfg(feature = "servers")]
mod certificates;
mod conformance;
mod example;
#[cfg(feature = "servers")]
mod fault_server;
#[cfg(feature = "servers")]
mod http;
#[cfg(feature = "servers")]
mod kubernetes;
#[cfg(feature = "servers")]
mod moto;
#[cfg(feature = "servers")]
mod openbao;
#[cfg(feature = "servers")]
mod postgres;
mod scratch;
#[cfg(feature = "servers")]
mod server;
#[cfg(feature = "servers")]
mod signed_token;
mod spelling;
mod store_conformance;
mod tools;

pub use canary::{Canary, Sighting};
#[cfg(feature = "servers")]
pub use certificates::{Certificates, Identity};
pub use conformance::conformance;
pub use example::example;
#[cfg(feature = "servers")]
pub use fault_server::{Answer, FaultServer, HttpRequest, RefusedAddress, Relay, Script};
#[cfg(feature = "servers")]
pub use kubernetes::Kubernetes;
#[cfg(feature = "servers")]
pub use moto::{AwsRequest, Moto, MotoBuilder};
#[cfg(feature = "servers")]
pub use openbao::{Mark, OpenBao, OpenBaoBuilder, VaultRequest};
#[cfg(feature = "servers")]
pub use postgres::Postgres;
pub use scratch::{CLIENT_VARIABLES, ORDINARY_UID, Scratch};
#[cfg(feature = "servers")]
pub use signed_token::TokenIssuer;
pub use store_conformance::store_conformance;
pub use tools::tools;
