//! Laws that hold for every document: what is put in and taken out again leaves no trace.

use mcp_launch_lossless::{Change, ChangeErrorKind, Document, Format, Kind, Node, Place, Value};

/// A row of choices, from which a document is made. When it is used up, every choice is the first.
pub(crate) struct Tape<'a>(pub(crate) std::slice::Iter<'a, u8>);

impl Tape<'_> {
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % count
    }

    pub(crate) fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

/// Which failures a format may give: never a wrong file, but sometimes none.
pub(crate) struct Allowed(pub(crate) &'static [ChangeErrorKind]);

/// Holds every law to every place of a document.
pub(crate) fn hold(text: &str, format: Format, allowed: &Allowed) {
    let document = Document::parse(text.as_bytes(), format)
        .unwrap_or_else(|flaw| panic!("{flaw} in:\n{text}"));
    let mut places = Vec::new();
    collect(document.root(), &mut places);
    for place in &places {
        let node = document.at(place).unwrap();
        match node.kind() {
            Kind::Map => insert_and_remove(&document, place, allowed),
            Kind::List => splice_and_splice(&document, place, allowed),
            _ => {}
        }
        set_and_set_back(&document, place, allowed);
        remove_and_keep_comments(&document, place, allowed);
    }
}

fn collect(node: Node<'_>, places: &mut Vec<Place>) {
    places.push(node.place());
    for (_, child) in node.entries() {
        collect(child, places);
    }
    for child in node.items() {
        collect(child, places);
    }
}

fn values() -> Vec<Value> {
    vec![
        Value::Text("$<github/TOKEN>".into()),
        Value::Text("two\nlines\t\"ü\" \\ '# : x".into()),
        Value::List(vec![Value::Text("-y".into()), Value::Text("a b".into())]),
        Value::Map(vec![
            ("A".into(), Value::Text("yes".into())),
            ("b c".into(), Value::Bool(true)),
        ]),
        Value::Map(vec![]),
    ]
}

fn changed(document: &Document, change: &Change, allowed: &Allowed) -> Option<Document> {
    match document.change(change) {
        Ok(changed) => Some(changed),
        Err(error) if allowed.0.contains(&error.kind) => None,
        Err(error) => panic!("{change:?}: {error} in:\n{}", show(document)),
    }
}

fn show(document: &Document) -> &str {
    std::str::from_utf8(document.bytes()).unwrap()
}

fn back(document: &Document, there: &Change, and_back: &Change, allowed: &Allowed) {
    let Some(changed) = changed(document, there, allowed) else {
        return;
    };
    let again = changed.change(and_back).unwrap_or_else(|error| {
        panic!(
            "{there:?}, {and_back:?}: {error} in:\n{}\nfrom:\n{}",
            show(&changed),
            show(document)
        )
    });
    assert!(
        again.bytes() == document.bytes(),
        "{there:?}, {and_back:?}:\n{:?}\nbecame\n{:?}\nand then\n{:?}",
        show(document),
        show(&changed),
        show(&again)
    );
}

fn insert_and_remove(document: &Document, place: &Place, allowed: &Allowed) {
    let keys = document
        .at(place)
        .unwrap()
        .entries()
        .map(|(key, _)| Some(key.to_owned()));
    for after in keys.chain([None]) {
        for value in values() {
            let insert = Change::Insert {
                into: place.clone(),
                key: "NEW KEY".into(),
                value,
                after: after.clone(),
            };
            let remove = Change::Remove {
                at: place.key("NEW KEY"),
            };
            back(document, &insert, &remove, allowed);
        }
    }
}

fn splice_and_splice(document: &Document, place: &Place, allowed: &Allowed) {
    for at in 0..=document.at(place).unwrap().len() {
        for count in 1..=3 {
            let splice = |remove, with| Change::Splice {
                list: place.clone(),
                at,
                remove,
                with,
            };
            let with = values().into_iter().take(count).collect();
            back(document, &splice(0, with), &splice(count, vec![]), allowed);
        }
    }
}

fn set_and_set_back(document: &Document, place: &Place, allowed: &Allowed) {
    let Some(source) = document.source(place) else {
        return;
    };
    let span = document.at(place).unwrap().span();
    for to in values() {
        let set = Change::Set {
            at: place.clone(),
            to,
        };
        let set_back = Change::SetSource {
            at: place.clone(),
            source: source.to_vec(),
        };
        back(document, &set, &set_back, allowed);
        if let Some(changed) = changed(document, &set, allowed) {
            assert!(changed.bytes().starts_with(&document.bytes()[..span.start]));
            assert!(changed.bytes().ends_with(&document.bytes()[span.end..]));
        }
    }
}

fn remove_and_keep_comments(document: &Document, place: &Place, allowed: &Allowed) {
    if place.last().is_none() {
        return;
    }
    if document.source(place).is_none() {
        return;
    }
    // What stands between a key or dash and its value goes with them.
    let node = document.at(place).unwrap();
    let before = &show(document)[..node.span().start];
    let dash = before.rfind('-').filter(|dash| {
        before[dash + 1..]
            .lines()
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
    });
    let start = node
        .key_span()
        .map_or(dash.unwrap_or(before.len()), |key| key.start);
    let own = comments(&show(document)[start..node.span().end]);
    if let Some(changed) = changed(document, &Change::Remove { at: place.clone() }, allowed) {
        let (before, after) = (comments(show(document)), comments(show(&changed)));
        assert_eq!(
            before - own,
            after,
            "{place}:\n{}\nbecame\n{}",
            show(document),
            show(&changed)
        );
    }
}

/// Every comment that a generated document holds is called so.
fn comments(text: &str) -> usize {
    text.matches("c0mment").count()
}
