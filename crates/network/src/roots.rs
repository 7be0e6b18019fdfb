//! The certificates of those who may vouch for a server.
//!
//! A system's trust stands in one bundle and, once more, in a folder of some hundred files. The bundle is read, because
//! a launch waits for it.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::{TlsError, TlsFault};

/// The variables that say where the system's certificates are, for a process that hands them on.
pub const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Where systems keep the bundle: Debian, Ubuntu, Arch, Gentoo; Fedora, RHEL 7 and later; OpenSUSE; OpenELEC; Alpine, the
/// BSDs and macOS; FreeBSD's ports.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// Where they keep the same as single files.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// A bundle is a few hundred kilobytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Where the system's certificates are to be read from.
#[derive(Clone, Debug, Default)]
pub(crate) struct SystemRoots {
    file: Option<PathBuf>,
    folders: Option<Vec<PathBuf>>,
}

impl SystemRoots {
    /// As OpenSSL has it: `SSL_CERT_FILE`, a file, and `SSL_CERT_DIR`, folders.
    pub(crate) fn named_by(environment: &Environment) -> Self {
        Self {
            file: environment
                .get_non_empty("SSL_CERT_FILE")
                .map(PathBuf::from),
            folders: environment.get_non_empty("SSL_CERT_DIR").map(split_paths),
        }
    }

    /// Whether the environment says where they are.
    pub(crate) fn is_named(&self) -> bool {
        self.file.is_some() || self.folders.is_some()
    }

    /// Reads them.
    pub(crate) fn read(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        if let Some(file) = &self.file {
            return from_file(file);
        }
        if let Some(folders) = &self.folders {
            return from_folders(folders.iter().map(PathBuf::as_path));
        }
        for bundle in BUNDLES {
            match from_file(Path::new(bundle)) {
                Ok(roots) => return Ok(roots),
                // A bundle that is not this system's, or an empty one as some packages leave behind.
                Err(_) => continue,
            }
        }
        from_folders(FOLDERS.into_iter().map(Path::new)).map_err(|_| TlsFault::NoSystemRoots.into())
    }
}

fn split_paths(paths: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(paths).collect()
}

/// The certificates of a file in PEM, or of all such files in a folder.
pub(crate) fn from_path(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    if path.is_dir() {
        from_folders([path].into_iter())
    } else {
        from_file(path)
    }
}

/// The certificates of a file in PEM.
pub(crate) fn from_file(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(file)?;
    if !text.windows(10).any(|window| window == b"-----BEGIN") {
        return Err(TlsError::of_file(file, TlsFault::NotPem));
    }
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::of_file(file, TlsFault::NotPem))?;
    if certificates.is_empty() {
        return Err(TlsError::of_file(file, TlsFault::NoCertificate));
    }
    Ok(certificates)
}

/// The certificates of all files in `folders`; a file that holds none is none of theirs.
fn from_folders<'a>(
    folders: impl Iterator<Item = &'a Path>,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let mut certificates = Vec::new();
    let mut refusal = TlsError::from(TlsFault::NoSystemRoots);
    for folder in folders {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                refusal = TlsError::unreadable(folder, &error);
                continue;
            }
        };
        refusal = TlsError::of_file(folder, TlsFault::NoCertificate);
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_file() {
                certificates.extend(from_file(&path).unwrap_or_default());
            }
        }
    }
    if certificates.is_empty() {
        return Err(refusal);
    }
    // Each stands there under its name and under its hash.
    certificates.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
    certificates.dedup();
    Ok(certificates)
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    let mut text = Vec::new();
    fs::File::open(file)
        .and_then(|opened| opened.take(LARGEST).read_to_end(&mut text))
        .map_err(|error| TlsError::unreadable(file, &error))?;
    Ok(text)
}
