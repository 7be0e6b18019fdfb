//! An address where nobody listens.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

/// A port of 127.0.0.1 that refuses every connection: it is taken, so that no other test gets it, and nobody listens.
pub struct RefusedAddress {
    _bound: OwnedFd,
    address: SocketAddr,
}

impl RefusedAddress {
    /// One more such port.
    ///
    /// # Panics
    /// When none is free.
    #[must_use]
    pub fn new() -> Self {
        let bound = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        bind(&bound, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = getsockname(&bound).expect("the address of a socket");
        let address = address.try_into().expect("an address of the internet");
        Self {
            _bound: bound,
            address,
        }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn https(&self) -> String {
        format!("https://{}", self.address)
    }
}

impl Default for RefusedAddress {
    fn default() -> Self {
        Self::new()
    }
}
