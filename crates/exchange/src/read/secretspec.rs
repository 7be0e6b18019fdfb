//! `secretspec.toml`: the names that a project needs, per profile, some with a default (the schema
//! `secretspec.schema.json` of cachix/secretspec).

use crate::contents::{Contents, Entry, Note, NoteKind, Taken};
use crate::error::{ReadError, ReadErrorKind};
use crate::tree::Node;

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    let profiles = root
        .get("profiles")
        .ok_or(root.error(ReadErrorKind::Shape))?
        .entries()?;
    let mut found: Vec<Declared<'_>> = Vec::new();
    for (_, profile) in profiles {
        for (name, node) in profile.entries()? {
            // What holds for all names of the profile.
            if name == "defaults" {
                continue;
            }
            if node.table().is_none() {
                return Err(node.error(ReadErrorKind::Shape));
            }
            let default = node.get("default");
            match found.iter_mut().find(|declared| declared.name == name) {
                Some(declared) => declared.defaults.extend(default),
                None => found.push(Declared {
                    name,
                    defaults: default.into_iter().collect(),
                    line: node.line,
                }),
            }
        }
    }

    let mut contents = Contents::default();
    for declared in found {
        let Declared {
            name,
            defaults,
            line,
        } = declared;
        let value = match defaults.as_slice() {
            [] => Taken::NameOnly,
            [first, rest @ ..] if rest.iter().all(|one| one.scalar() == first.scalar()) => {
                first.taken()?
            }
            _ => {
                contents
                    .notes
                    .push(Note::new(NoteKind::DefaultsDiffer, name, line));
                Taken::NameOnly
            }
        };
        contents.entries.push(Entry {
            name: name.to_owned(),
            value,
            line,
        });
    }
    Ok(contents)
}

/// A name with its defaults in all profiles.
struct Declared<'t> {
    name: &'t str,
    defaults: Vec<&'t Node>,
    line: usize,
}
