//! An authority of a test's own and what it signs.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::Scratch;

/// An authority that nobody knows, and certificates that it signed, as PEM files of a scratch of its own.
pub struct Certificates {
    scratch: Scratch,
    issuer: Issuer<'static, KeyPair>,
    ca: PathBuf,
}

/// A certificate with its key, and the authority that signed it.
#[derive(Clone, Debug)]
pub struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    ca: PathBuf,
}

impl Certificates {
    /// A new authority.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        // Of its own name: one that is not trusted is unknown, not one with a wrong signature.
        let name = format!("mcp-launch test authority {}", random());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("an authority");
        let scratch = Scratch::ordinary();
        let ca = scratch.write("tls/ca.pem", certificate.pem());
        Self {
            scratch,
            issuer: Issuer::new(params, key),
            ca,
        }
    }

    /// The authority's own certificate.
    #[must_use]
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// A server's certificate for 127.0.0.1, `::1` and `localhost`.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn server(&self) -> Identity {
        self.server_for(&["127.0.0.1", "::1", "localhost"])
    }

    /// A server's certificate for these names and addresses, and no other.
    ///
    /// # Panics
    /// When one is no name, or its files cannot be written.
    #[must_use]
    pub fn server_for(&self, names: &[&str]) -> Identity {
        self.sign(names[0], server_params(names))
    }

    /// As [`Certificates::server`], but it was valid for one day of the year 2001.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn expired(&self) -> Identity {
        let mut params = server_params(&["127.0.0.1", "::1", "localhost"]);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 2);
        self.sign("expired", params)
    }

    /// A client's certificate with this common name.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn client(&self, common_name: &str) -> Identity {
        let mut params = CertificateParams::new([common_name.to_owned()]).expect("a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(common_name, params)
    }

    fn sign(&self, name: &str, mut params: CertificateParams) -> Identity {
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let folder = Path::new("tls").join(random());
        let write = |file: &str, pem: String| self.scratch.write(folder.join(file), pem);
        Identity {
            certificate: write("certificate.pem", certificate.pem()),
            key: write("key.pem", key.serialize_pem()),
            ca: self.ca.clone(),
        }
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}

impl Identity {
    /// The certificate, PEM.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Its private key, PEM.
    #[must_use]
    pub fn key(&self) -> &Path {
        &self.key
    }

    /// The authority that signed it, PEM.
    #[must_use]
    pub fn ca(&self) -> &Path {
        &self.ca
    }

    /// The same, where the user of another scratch can read it.
    pub(crate) fn copy_to(&self, scratch: &Scratch) -> Self {
        let copy = |from: &Path, name: &str| {
            let pem = fs::read(from).expect("a file of a certificate");
            scratch.write(Path::new("tls").join(name), pem)
        };
        Self {
            certificate: copy(&self.certificate, "certificate.pem"),
            key: copy(&self.key, "key.pem"),
            ca: copy(&self.ca, "ca.pem"),
        }
    }
}

fn server_params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn random() -> String {
    let number = getrandom::u64().expect("the system's random source");
    format!("{number:016x}")
}
