//! How a store is reached over the network: names, TLS, proxies, deadlines, and what went wrong.
//!
//! Everything here is built when the first network store is asked, and gone before the server is executed.
//!
//! A client belongs to the [`block_on`] in which it was first used: its connections end with that runtime. Build one for
//! each question.

#[cfg(feature = "aws")]
mod aws;
mod certificate_check;
mod diagnosis;
mod dial;
mod endpoint;
mod http_client;
mod names;
mod proxy;
mod roots;
mod runtime;
mod tls;
mod tls_error;
mod trouble;
mod unverified;

#[cfg(feature = "aws")]
pub use aws::aws_http_client;
pub use certificate_check::CertificateCheck;
pub use dial::{Place, dial, dial_blocking, is_this_machine};
pub use endpoint::{Endpoint, EndpointError};
pub use http_client::{ClientError, ClientSettings, http_client};
pub use proxy::{ProxyError, VARIABLES as PROXY_VARIABLES, proxy_for};
pub use roots::VARIABLES as ROOT_VARIABLES;
pub use runtime::block_on;
pub use tls::{Identity, Tls};
pub use tls_error::TlsError;
pub use trouble::Trouble;

use names::{NameError, Names};
use tls_error::TlsFault;
