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
mod losing_relay;
#[cfg(feature = "servers")]
mod moto;
#[cfg(feature = "servers")]
mod openbao;
#[cfg(feature = "servers")]
mod postgres;
#[cfg(feature = "servers")]
mod redis;
#[cfg(feature = "rotation")]
mod rotation_conformance;
#[cfg(feature = "rotation")]
mod rotation_crashes;
#[cfg(feature = "rotation")]
mod rotation_memory;
mod scratch;
#[cfg(feature = "servers")]
mod server;
#[cfg(feature = "servers")]
mod signed_token;
mod spelling;
mod store_conformance;
#[cfg(feature = "servers")]
mod tcp_relay;
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
pub use losing_relay::{LosingRelay, Lost};
#[cfg(feature = "servers")]
pub use moto::{AwsRequest, Moto, MotoBuilder};
#[cfg(feature = "servers")]
pub use openbao::{Mark, OpenBao, OpenBaoBuilder, VaultRequest};
#[cfg(feature = "servers")]
pub use postgres::{Postgres, PostgresBuilder};
#[cfg(feature = "servers")]
pub use redis::{Redis, RedisAccounts};
#[cfg(feature = "rotation")]
pub use rotation_conformance::rotation_conformance;
#[cfg(feature = "rotation")]
pub use rotation_crashes::crash_everywhere;
#[cfg(feature = "rotation")]
pub use rotation_memory::MemoryStore;
pub use scratch::{CLIENT_VARIABLES, ORDINARY_UID, Scratch};
#[cfg(feature = "servers")]
pub use signed_token::TokenIssuer;
pub use store_conformance::store_conformance;
#[cfg(feature = "servers")]
pub use tcp_relay::{BrokenOff, TcpRelay};
pub use tools::tools;
