//! Which Vault, reached how, by whom: what launches must agree on to share an answer.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use mcp_launch_network::ROOT_VARIABLES;
use mcp_launch_sharing::Proof;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::login::Login;
use crate::reach::Reach;
use crate::token::open;

/// The largest file of certificates that is looked into, in bytes.
const LARGEST: u64 = 8 << 20;

/// The Vault that `reach` leads to, what its server must prove, and as whom `login` asks it. No credential is part of
/// it: see [`proof`].
pub(crate) fn store(reach: &Reach, login: &Login) -> String {
    let mut store = String::from("vault");
    let mut add = |name: &str, value: Option<&str>| {
        // Lengths, so that no two lists make the same text.
        let value = value.unwrap_or("\0");
        write!(store, "\n{name}={}:{value}", value.len()).expect("a text takes any text");
    };
    add("address", Some(&reach.address));
    add("allow_http", reach.allow_http.then_some("yes"));
    add("namespace", reach.namespace.as_deref());
    add("tls_server_name", reach.tls_server_name.as_deref());
    add("skip_verify", reach.skip_verify.then_some("yes"));
    match &reach.ca_cert {
        Some(path) => {
            add("ca_cert", Some(&path.to_string_lossy()));
            add("ca_cert holds", Some(&digest(path)));
        }
        None => {
            for (name, value) in &reach.environment {
                if ROOT_VARIABLES.contains(&name.as_str()) {
                    add(name, Some(value.as_str()));
                }
            }
        }
    }
    let (method, mount) = login.method();
    add("method", Some(method));
    add("mount", Some(mount));
    add("as", login.whose());
    store
}

/// What `login` and the client certificate of `reach` prove. None where they prove nothing, or cannot be read: then
/// nothing is shared.
pub(crate) fn proof(reach: &Reach, login: &Login) -> Option<Proof> {
    let paths = reach.client_cert.iter().chain(&reach.client_key);
    let files: Vec<_> = paths
        .map(|path| content(path).ok())
        .collect::<Option<_>>()?;
    let parts = files.iter().map(|bytes| bytes.as_slice());
    match login {
        Login::Cert { .. } if files.is_empty() => None,
        Login::Cert { .. } => Some(Proof::of(parts)),
        _ => Some(login.proof()?.and(parts)),
    }
}

fn content(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 << 10));
    open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A digest of the certificates in a file, or in the files of a folder.
fn digest(path: &Path) -> String {
    let mut paths = vec![path.to_owned()];
    if let Ok(folder) = std::fs::read_dir(path) {
        paths.extend(folder.flatten().map(|entry| entry.path()));
        paths.sort_unstable();
    }
    let mut digest = Sha256::new();
    for path in paths {
        // What cannot be read is told by the connection.
        let bytes = content(&path).unwrap_or_default();
        digest.update(Sha256::digest(path.as_os_str().as_encoded_bytes()));
        digest.update(Sha256::digest(&*bytes));
    }
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use mcp_launch_testkit::Scratch;

    use super::*;

    fn reach() -> Reach {
        Reach {
            address: "https://vault.example:8200".to_owned(),
            allow_http: false,
            namespace: None,
            ca_cert: None,
            client_cert: None,
            client_key: None,
            tls_server_name: None,
            skip_verify: false,
            environment: Vec::new(),
        }
    }

    fn cert(role: Option<&str>) -> Login {
        Login::Cert {
            mount: "cert".to_owned(),
            role: role.map(str::to_owned),
        }
    }

    #[test]
    fn each_setting_of_the_way_makes_another_store() {
        let scratch = Scratch::new();
        let file = |name: &str, holds: &str| scratch.write(format!("cas/{name}"), holds);
        let ca = file("ca.pem", "one CA");
        let settings: [fn(&mut Reach); 6] = [
            |_| {},
            |reach| reach.address.push('/'),
            |reach| reach.allow_http = true,
            |reach| reach.namespace = Some("team".to_owned()),
            |reach| reach.tls_server_name = Some("other".to_owned()),
            |reach| reach.skip_verify = true,
        ];
        let mut stores: Vec<String> = settings
            .iter()
            .map(|change| {
                let mut reach = reach();
                change(&mut reach);
                store(&reach, &cert(None))
            })
            .collect();
        let trusting = |path: &Path| {
            let ca_cert = Some(path.to_owned());
            store(&Reach { ca_cert, ..reach() }, &cert(None))
        };
        stores.push(trusting(&ca));
        file("ca.pem", "another CA");
        stores.push(trusting(&ca));
        stores.push(trusting(&scratch.home().join("cas")));
        file("more.pem", "one more CA");
        stores.push(trusting(&scratch.home().join("cas")));
        let roots = |path: &str| Reach {
            environment: vec![("SSL_CERT_FILE".to_owned(), path.to_owned().into())],
            ..reach()
        };
        stores.push(store(&roots("/a"), &cert(None)));
        stores.push(store(&roots("/b"), &cert(None)));
        stores.push(store(&reach(), &cert(Some("role"))));
        let number = stores.len();
        stores.sort_unstable();
        stores.dedup();
        assert_eq!(stores.len(), number);
        assert_eq!(store(&reach(), &cert(None)), store(&reach(), &cert(None)));
    }

    #[test]
    fn a_certificate_that_cannot_be_read_proves_nothing() {
        assert!(proof(&reach(), &cert(None)).is_none());
        let missing = Reach {
            client_cert: Some("/nonexistent/cert.pem".into()),
            ..reach()
        };
        assert!(proof(&missing, &cert(None)).is_none());
    }
}
