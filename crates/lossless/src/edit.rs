//! Replacements of byte ranges, put together into a new text.

use std::ops::Range;

use zeroize::Zeroizing;

/// Bytes of a text, and what takes their place.
pub(crate) struct Edit {
    pub(crate) span: Range<usize>,
    pub(crate) with: Zeroizing<String>,
}

impl Edit {
    pub(crate) fn replace(span: Range<usize>, with: impl Into<String>) -> Self {
        Self {
            span,
            with: Zeroizing::new(with.into()),
        }
    }

    pub(crate) fn insert(at: usize, with: impl Into<String>) -> Self {
        Self::replace(at..at, with)
    }

    pub(crate) fn delete(span: Range<usize>) -> Self {
        Self::replace(span, "")
    }
}

/// The text after all edits; those at the same byte in their order. `None` if two overlap or one is out of the text.
pub(crate) fn apply(text: &str, mut edits: Vec<Edit>) -> Option<Zeroizing<String>> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let added: usize = edits.iter().map(|edit| edit.with.len()).sum();
    // Room for all at once, so that no shorter copy is left behind.
    let mut out = Zeroizing::new(String::with_capacity(text.len() + added));
    let mut done = 0;
    for edit in &edits {
        if edit.span.start < done {
            return None;
        }
        out.push_str(text.get(done..edit.span.start)?);
        out.push_str(&edit.with);
        text.get(edit.span.clone())?;
        done = edit.span.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{Edit, apply};

    #[test]
    fn edits_are_put_in_by_place_and_must_not_overlap() {
        let edits = vec![
            Edit::delete(4..5),
            Edit::insert(1, "xy"),
            Edit::replace(1..2, "B"),
        ];
        assert_eq!(apply("abcdef", edits).unwrap().as_str(), "axyBcdf");
        let overlapping = vec![Edit::delete(0..3), Edit::delete(2..4)];
        assert!(apply("abcdef", overlapping).is_none());
        assert!(apply("ab", vec![Edit::delete(1..3)]).is_none());
    }
}
