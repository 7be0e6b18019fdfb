//! Placeholders in the places of secrets, and the launcher in front of the command.

use mcp_launch_clients::{Client, Entry, Transport};
use mcp_launch_lossless::{Change, ChangeError, Document, Kind, Node, Place, Value};

use crate::edit::{Edit, Edits, Items, Snapshot};
use crate::sighting::Sighting;
use crate::{remote, stdio};

/// A secret that has moved, and what stands for it.
pub struct Moved<'a> {
    /// Where it was.
    pub sighting: &'a Sighting,
    /// The text of its placeholder: `$<NAME>`.
    pub placeholder: String,
}

/// A document in which an entry was rewritten.
pub struct Rewritten {
    /// The document.
    pub document: Document,
    /// What was changed.
    pub edits: Edits,
}

/// Why an entry cannot be rewritten. Holds no text of it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// A remote server at which the client itself logs in, by this key.
    #[error("the client itself logs in to it, by `{0}`, and mcp-remote could not")]
    ClientsLogin(&'static str),
    /// The file does not let itself be changed there.
    #[error("the file cannot be changed there: {0}")]
    Change(#[from] ChangeError),
    /// The entry says how the server is reached in no way that is known.
    #[error("the entry has neither a command nor an address")]
    Unknown,
    /// A text that was a template for the launcher is none.
    #[error("a placeholder in it is not closed")]
    Template,
    /// The whole command line stands in one text, with what only a shell reads.
    #[error("its command is a line for a shell; write the program and its arguments apart")]
    ShellLine,
}

/// Rewrites `entry` of `document`: each of `moved` by its placeholder, and `launcher` in front. A remote server becomes one that
/// is reached through `mcp-remote`.
///
/// # Errors
/// See [`Obstacle`].
pub fn rewrite(
    document: &Document,
    client: &Client,
    entry: &Entry,
    moved: &[Moved<'_>],
    launcher: &str,
) -> Result<Rewritten, Obstacle> {
    let mut work = Work::on(document);
    match &entry.transport {
        Transport::Stdio(stdio) => {
            stdio::rewrite(&mut work, client, entry, stdio, moved, launcher)?;
        }
        Transport::Remote(remote) => {
            remote::rewrite(&mut work, client, entry, remote, moved, launcher)?;
        }
        Transport::Unknown => return Err(Obstacle::Unknown),
    }
    let (document, edits) = work.done();
    let variables = match &entry.transport {
        Transport::Stdio(stdio) => Some(
            stdio
                .variable_map
                .clone()
                .unwrap_or_else(|| stdio.parent.key(stdio.variable_key)),
        ),
        Transport::Remote(_) | Transport::Unknown => None,
    };
    Ok(Rewritten {
        document,
        edits: Edits {
            server: entry.name.clone(),
            project: entry.project.clone(),
            variables,
            edits,
        },
    })
}

/// A document under change, with what stood at the places that were touched first.
pub(crate) struct Work<'d> {
    original: &'d Document,
    document: Option<Document>,
    touched: Vec<Touched>,
    /// Lists to whose beginning something came, how much, and how much went.
    spliced: Vec<(Place, usize, usize)>,
}

struct Touched {
    at: Place,
    was: Option<Vec<u8>>,
    table: Option<Value>,
    after: Option<String>,
}

impl<'d> Work<'d> {
    fn on(original: &'d Document) -> Self {
        Self {
            original,
            document: None,
            touched: Vec::new(),
            spliced: Vec::new(),
        }
    }

    pub(crate) fn document(&self) -> &Document {
        self.document.as_ref().unwrap_or(self.original)
    }

    /// Makes a change within `unit`: a place that is taken back as a whole.
    pub(crate) fn change(&mut self, unit: &Place, change: Change) -> Result<(), Obstacle> {
        if !self.touched.iter().any(|touched| touched.at == *unit) {
            let node = self.document().at(unit);
            let was = self.document().source(unit).map(<[u8]>::to_vec);
            // A table of TOML has no source in one piece, and a block of YAML none that could stand behind another key.
            let table = node
                .filter(|node| matches!(node.kind(), Kind::List | Kind::Map))
                .and_then(value_of);
            if was.is_none() && node.is_some() && table.is_none() {
                return Err(Obstacle::Change(ChangeError {
                    kind: mcp_launch_lossless::ChangeErrorKind::NotInOnePiece,
                    place: unit.clone(),
                }));
            }
            let after = self.key_before(unit);
            self.touched.push(Touched {
                at: unit.clone(),
                was,
                table,
                after,
            });
        }
        self.document = Some(self.document().change(&change)?);
        if let Change::Splice {
            list,
            at: 0,
            remove,
            with,
        } = &change
        {
            self.spliced.push((list.clone(), with.len(), *remove));
        }
        Ok(())
    }

    /// The key before that of `unit` in its map.
    fn key_before(&self, unit: &Place) -> Option<String> {
        let Some(mcp_launch_lossless::Step::Key(key)) = unit.last() else {
            return None;
        };
        let map = self.document().at(&unit.parent()?)?;
        let mut before = None;
        for (sibling, _) in map.entries() {
            if sibling == key {
                return before;
            }
            before = Some(sibling.to_owned());
        }
        None
    }

    /// What became of the items of a list that was there before.
    fn items(&self, list: &Place) -> Option<Items> {
        let (_, added, removed) = self.spliced.iter().find(|(place, ..)| place == list)?;
        let now = self.document().at(list)?;
        let texts: Vec<&str> = now
            .items()
            .map(|item| item.text().unwrap_or_default())
            .collect();
        let was = self.original.at(list)?;
        let source = |index: usize| self.original.source(&list.index(index)).map(<[u8]>::to_vec);
        let changed = was
            .items()
            .enumerate()
            .skip(*removed)
            .filter_map(|(index, item)| {
                let now = *texts.get(index - removed + added)?;
                (item.text()? != now).then_some(())?;
                Some((now.to_owned(), source(index)?))
            })
            .collect();
        Some(Items {
            before: texts
                .iter()
                .take(*added)
                .map(|&text| text.to_owned())
                .collect(),
            out: (0..*removed).map(source).collect::<Option<_>>()?,
            changed,
        })
    }

    fn done(mut self) -> (Document, Vec<Edit>) {
        let touched = std::mem::take(&mut self.touched);
        let mut edits: Vec<Edit> = touched
            .into_iter()
            .map(|touched| Edit {
                now: Snapshot::at(self.document(), &touched.at),
                items: self.items(&touched.at),
                at: touched.at,
                was: touched.was,
                table: touched.table,
                after: touched.after,
            })
            .collect();
        // What was done last is taken back first: what was put behind another goes before that.
        edits.reverse();
        let document = self.document.unwrap_or_else(|| copy(self.original));
        (document, edits)
    }
}

/// What holds nothing but texts, `true` and `false`, in lists and maps.
fn value_of(node: Node<'_>) -> Option<Value> {
    match node.kind() {
        Kind::Text => Some(Value::Text(node.text()?.to_owned())),
        Kind::Bool => Some(Value::Bool(node.bool()?)),
        Kind::List => node
            .items()
            .map(value_of)
            .collect::<Option<_>>()
            .map(Value::List),
        Kind::Map => node
            .entries()
            .map(|(key, value)| Some((key.to_owned(), value_of(value)?)))
            .collect::<Option<_>>()
            .map(Value::Map),
        _ => None,
    }
}

fn copy(document: &Document) -> Document {
    Document::parse(document.bytes(), document.format()).expect("it was parsed before")
}

/// A text as it is written.
pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
