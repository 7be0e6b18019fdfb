//! A Secret of Kubernetes, in YAML.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{Obstacle, WriteError, refused, yaml};

/// The longest key and the longest name (`DNS1123SubdomainMaxLength` of apimachinery).
const LONGEST: usize = 253;

pub(super) fn write<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
    object_name: &str,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    if !is_object_name(object_name) {
        return Err(WriteError::ObjectName);
    }
    let mut out = Buffer::with_capacity(1024);
    out.push("apiVersion: v1\nkind: Secret\nmetadata:\n  name: ");
    yaml::quote(&mut out, object_name);
    out.push("\ntype: Opaque\ndata:");
    let mut is_empty = true;
    for (name, value) in pairs {
        if !is_key(name) {
            return Err(refused(name, Obstacle::Name));
        }
        out.push("\n  ");
        yaml::key(&mut out, name);
        // In quotes: some Base64 is a number as well.
        out.push(": \"");
        push_base64(&mut out, value);
        out.push("\"");
        is_empty = false;
    }
    out.push(if is_empty { " {}\n" } else { "\n" });
    Ok(out.finish())
}

/// Piece by piece, so that no buffer but `out` holds the whole.
fn push_base64(out: &mut Buffer, value: &[u8]) {
    let mut piece = Zeroizing::new([0; 4]);
    for bytes in value.chunks(3) {
        let length = STANDARD
            .encode_slice(bytes, &mut *piece)
            .expect("three bytes are four characters");
        out.push(&piece[..length]);
    }
}

/// `IsConfigMapKey` of apimachinery.
fn is_key(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=LONGEST).contains(&name.len())
        && name.bytes().all(allowed)
        && name != "."
        && !name.starts_with("..")
}

/// `IsDNS1123Subdomain` of apimachinery.
fn is_object_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(|&byte| is_inner(byte))
            && bytes.last().is_some_and(|&byte| is_inner(byte))
            && bytes.iter().all(|&byte| is_inner(byte) || byte == b'-')
    };
    name.len() <= LONGEST && name.split('.').all(is_label)
}
