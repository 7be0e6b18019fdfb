//! Whether git tracks a file: its index is read, and no program is run.
//!
//! <https://git-scm.com/docs/index-format>, versions 2 to 4.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// No index of a work tree with a `.env` is larger; one that is, is not read.
const LARGEST: u64 = 256 << 20;

/// What stands before the name of an entry, without the object's name: ten words of stat(2).
const STAT: usize = 40;

/// The lengths of an object's name: SHA-1, SHA-256. Which it is stands in another file; the index itself tells, for only
/// with the right one it can be read to its end.
const OBJECT: [usize; 2] = [20, 32];

/// Whether the index of the work tree around `path`, a canonical path, has it. What cannot be read tracks nothing.
pub(super) fn tracks(path: &Path) -> bool {
    let Some(folder) = path.parent() else {
        return false;
    };
    let Some((root, index)) = folder
        .ancestors()
        .find_map(|above| Some((above, index_of(above)?)))
    else {
        return false;
    };
    let Some(name) = path.strip_prefix(root).ok().and_then(in_the_index) else {
        return false;
    };
    let Some(bytes) = read(&index) else {
        return false;
    };
    OBJECT
        .into_iter()
        .find_map(|object| holds(&bytes, object, &name))
        .unwrap_or(false)
}

/// Parts joined by `/`, on every system.
fn in_the_index(relative: &Path) -> Option<Vec<u8>> {
    let parts: Vec<&str> = relative
        .iter()
        .map(std::ffi::OsStr::to_str)
        .collect::<Option<_>>()?;
    Some(parts.join("/").into_bytes())
}

/// The index of the work tree whose root `folder` is, if it is one. Of a linked work tree or a submodule, `.git` is a file that
/// says where its folder is (gitrepository-layout(5)).
fn index_of(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git.join("index"));
    }
    if !git.is_file() {
        return None;
    }
    let text = read(&git)?;
    let place = std::str::from_utf8(&text).ok()?.strip_prefix("gitdir: ")?;
    Some(
        folder
            .join(place.trim_end_matches(['\n', '\r']))
            .join("index"),
    )
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let length = file
        .metadata()
        .ok()
        .filter(std::fs::Metadata::is_file)?
        .len();
    if length > LARGEST {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).ok()?);
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether an index whose object names have this length has `wanted`; `None` when it is no such index.
fn holds(bytes: &[u8], object: usize, wanted: &[u8]) -> Option<bool> {
    let rest = bytes.strip_prefix(b"DIRC")?;
    let (version, rest) = word(rest)?;
    let (count, mut rest) = word(rest)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut name: Vec<u8> = Vec::new();
    let mut found = false;
    for _ in 0..count {
        let flags = rest.get(STAT + object..STAT + object + 2)?;
        let extended = version > 2 && flags[0] & 0x40 != 0;
        let header = STAT + object + 2 + if extended { 2 } else { 0 };
        let own = rest.get(header..)?;
        if version == 4 {
            let (dropped, own) = offset(own)?;
            name.truncate(name.len().checked_sub(dropped)?);
            let end = own.iter().position(|&byte| byte == 0)?;
            name.extend_from_slice(&own[..end]);
            rest = &own[end + 1..];
        } else {
            let end = own.iter().position(|&byte| byte == 0)?;
            // The length stands in the flags as well, up to a limit; where it does not fit, this is another format.
            let told = usize::from(u16::from_be_bytes([flags[0], flags[1]]) & 0xfff);
            if told != end.min(0xfff) {
                return None;
            }
            name.clear();
            name.extend_from_slice(&own[..end]);
            // One to eight NULs, so that the entry is as long as a multiple of eight.
            rest = rest.get((header + end + 8) & !7..)?;
        }
        found |= name == wanted;
    }
    // A checksum follows at least.
    (rest.len() >= object).then_some(found)
}

fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*word), rest))
}

/// The variable-width number of a pack's offset delta: each further byte adds one, so that no number has two forms.
fn offset(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        value = value
            .checked_mul(0x80)?
            .checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
        value = value.checked_add(1)?;
    }
    None
}
