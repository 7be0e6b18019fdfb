//! How a store is reached over the network: names, TLS, proxies, deadlines, and what went wrong.
//!
//! Everything here is built when the first network store is asked, and gone before the server is executed.
