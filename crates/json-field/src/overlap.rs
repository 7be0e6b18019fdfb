//! Which fields hold each other.

/// Whether the value of one field may be the other's, or a part of it. `None` is the whole secret.
///
/// True of two equal fields, of a field and what stands within it (`hosts` and `hosts[0].name`), and of the whole secret
/// and any field. Every value has one spelling, so nothing else leads to it.
#[must_use]
pub fn overlap(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => is_within(one, other) || is_within(other, one),
        _ => true,
    }
}

/// Whether `inner` is `outer` or a field below it.
fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_overlaps_with_itself_and_with_what_holds_it_or_stands_in_it() {
        for (one, other) in [
            (None, None),
            (None, Some("a")),
            (Some("a"), Some("a")),
            (Some("a"), Some("a.b")),
            (Some("a"), Some("a[0].b")),
            (Some("a[0]"), Some("a[0].b.c")),
            (Some("a.b"), Some("a.b[1]")),
        ] {
            assert!(overlap(one, other), "{one:?} {other:?}");
            assert!(overlap(other, one), "{other:?} {one:?}");
        }
    }

    #[test]
    fn neighbours_do_not_overlap() {
        for (one, other) in [
            ("a", "b"),
            ("a", "ab"),
            ("a.b", "a.c"),
            ("a[0]", "a[1]"),
            ("a[1]", "a[10]"),
            ("a[0]", "a.b"),
        ] {
            assert!(!overlap(Some(one), Some(other)), "{one} {other}");
            assert!(!overlap(Some(other), Some(one)), "{other} {one}");
        }
    }
}
