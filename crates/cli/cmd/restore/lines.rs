//! How the lines of a `.env` go back in a file that somebody has written since.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::account::LineEdit;

/// Each line that we wrote, where it still stands, as it was before; a line that we removed, at the end.
pub(super) fn lines_reversed(
    content: &[u8],
    edits: &[LineEdit],
) -> (Zeroizing<Vec<u8>>, Vec<String>) {
    let document = source_dotenv::Document::parse(content);
    let mut left = Vec::new();
    let mut places: Vec<(Range<usize>, &[u8])> = Vec::new();
    let mut removed: Vec<&[u8]> = Vec::new();
    for (index, edit) in edits.iter().enumerate() {
        if edit.now.is_empty() {
            match document.last(&name(&edit.was)) {
                Some(_)
                    if has_line(content, &document, &|line| {
                        without_end(line) == without_end(&edit.was)
                    }) => {}
                // Somebody has given the name another value, which a line at the end would hide.
                Some(_) => left.push(name(&edit.was)),
                None => removed.push(&edit.was),
            }
            continue;
        }
        let now = edit.now.trim_ascii_end();
        let is_back = |line: &[u8]| without_end(line) == without_end(&edit.was);
        let standing: Vec<&Range<usize>> = document
            .entries()
            .iter()
            .map(|entry| &entry.whole)
            .filter(|whole| content[(*whole).clone()].trim_ascii_end() == now)
            .collect();
        // A name that stood twice has two lines that are alike now.
        let alike = |edit: &&LineEdit| edit.now.trim_ascii_end() == now;
        let before = edits[..index].iter().filter(alike).count();
        if standing.len() == edits.iter().filter(alike).count() {
            let whole = standing[before];
            let line = without_end(&content[whole.clone()]);
            places.push((
                whole.start..whole.start + line.len(),
                without_end(&edit.was),
            ));
        } else if standing.is_empty() && has_line(content, &document, &is_back) {
            // An earlier restore has done it, or somebody has by hand.
        } else {
            left.push(name(&edit.now));
        }
    }
    places.sort_by_key(|(place, _)| place.start);
    let longest = content.len() + edits.iter().map(|edit| edit.was.len() + 2).sum::<usize>();
    let mut whole = Zeroizing::new(Vec::with_capacity(longest));
    let mut from = 0;
    for (place, was) in places {
        whole.extend_from_slice(&content[from..place.start]);
        whole.extend_from_slice(was);
        from = place.end;
    }
    whole.extend_from_slice(&content[from..]);
    for was in removed {
        if !whole.is_empty() && !whole.ends_with(b"\n") {
            let end: &[u8] = if was.ends_with(b"\r\n") {
                b"\r\n"
            } else {
                b"\n"
            };
            whole.extend_from_slice(end);
        }
        whole.extend_from_slice(was);
    }
    (whole, left)
}

/// Whether one of the lines that give a name a value is such.
fn has_line(
    content: &[u8],
    document: &source_dotenv::Document,
    is_it: &dyn Fn(&[u8]) -> bool,
) -> bool {
    let mut entries = document.entries().iter();
    entries.any(|entry| is_it(&content[entry.whole.clone()]))
}

/// The name that a line of a `.env` gives a value.
fn name(line: &[u8]) -> String {
    let document = source_dotenv::Document::parse(line);
    document
        .keys()
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned()
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(now: &str, was: &str) -> LineEdit {
        LineEdit {
            now: Zeroizing::new(now.as_bytes().to_vec()),
            was: Zeroizing::new(was.as_bytes().to_vec()),
        }
    }

    #[test]
    fn a_second_time_only_what_is_still_to_do_is_told() {
        let edits = [
            edit("A='$<A>'\n", "A=secret\n"),
            edit("B='$<B>'\n", "B=other\n"),
            edit("", "C=removed\n"),
        ];
        let content = b"A=secret\nB=theirs\nC=removed\n";
        let (whole, left) = lines_reversed(content, &edits);
        assert_eq!(whole.as_slice(), content);
        assert_eq!(left, ["B"]);
    }

    #[test]
    fn our_lines_go_back_and_new_ones_stay() {
        let content = b"# c\nA='$<A>'\nNEW=1\nB=changed\n";
        let edits = [
            edit("A='$<A>'\n", "A=secret\n"),
            edit("B='$<B>'\n", "B=other\n"),
            edit("", "C=removed\n"),
        ];
        let (whole, left) = lines_reversed(content, &edits);
        assert_eq!(
            whole.as_slice(),
            b"# c\nA=secret\nNEW=1\nB=changed\nC=removed\n"
        );
        assert_eq!(left, ["B"]);
    }

    #[test]
    fn lines_keep_their_ends_and_twins_their_order() {
        let content = b"\xEF\xBB\xBFA='$<A>' # a\r\nB='$<B>'\r\nA='$<A>' # a\r\nNEW=1";
        let edits = [
            edit("A='$<A>' # a\r\n", "A=first # a\r\n"),
            edit("A='$<A>' # a\r\n", "A='two\r\nlines' # a\r\n"),
            edit("B='$<B>'", "B=last"),
            edit("", "C=removed\r\n"),
            edit("", "NEW=older\r\n"),
        ];
        let (whole, left) = lines_reversed(content, &edits);
        assert_eq!(
            whole.as_slice(),
            b"\xEF\xBB\xBFA=first # a\r\nB=last\r\nA='two\r\nlines' # a\r\nNEW=1\r\nC=removed\r\n"
        );
        assert_eq!(left, ["NEW"]);
    }
}
