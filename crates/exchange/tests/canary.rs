//! No value in an error, a note or a `Debug`, whatever is wrong with the file.

use mcp_launch_core::Secret;
use mcp_launch_exchange::{Origin, ReadErrorKind, Taken, Target, WriteOptions, read, write};
use mcp_launch_testkit::Canary;

/// Every example with the canary in the place of each of its values in turn, as it is and with what breaks the file.
#[test]
fn nothing_that_is_said_of_a_file_holds_a_value() {
    let mut failed = std::collections::HashSet::new();
    let mut unreadable = 0;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA");
        for (place, _) in text.match_indices("example") {
            for breaks in ["", "\"", "'", "\\", "$", "\n", "}", "[", "\0", "${A}", "!"] {
                let mut broken = text.clone();
                let planted = format!("{}{breaks}", canary.value());
                broken.replace_range(place..place + "example".len(), &planted);
                for origin in Origin::ALL {
                    match read(broken.as_bytes(), origin, None) {
                        Err(error) => {
                            failed.insert(error.kind);
                            canary.assert_absent("an error", format!("{error} {error:?}"));
                        }
                        Ok(contents) => {
                            for entry in contents.entries {
                                unreadable +=
                                    u32::from(matches!(entry.value, Taken::Unreadable(_)));
                                // What has become a name is one.
                                if canary.find_in(&entry.name).is_none() {
                                    canary.assert_absent("an entry", format!("{entry:?}"));
                                }
                            }
                            for note in contents.notes {
                                if canary.find_in(&note.name).is_none() {
                                    canary.assert_absent("a note", format!("{note} {note:?}"));
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    for kind in [
        ReadErrorKind::Syntax,
        ReadErrorKind::Shape,
        ReadErrorKind::Nested,
    ] {
        assert!(failed.contains(&kind), "{kind:?} was never seen");
    }
    assert!(unreadable > 100, "{unreadable}");
}

#[test]
fn nothing_that_is_said_of_a_value_holds_it() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA");
    let mut refused = 0;
    for wrong in ["\0", "\n", "\r", "'\"", "\\", "\u{ff}"] {
        for raw in [false, true] {
            let mut bytes = format!("{}{wrong}", canary.value()).into_bytes();
            if raw {
                bytes.push(0xFF);
            }
            let value = Secret::new(bytes);
            for target in Target::ALL {
                let entries = [("NAME".to_owned(), &value)];
                if let Err(error) = write(&entries, target, &WriteOptions::default()) {
                    refused += 1;
                    canary.assert_absent("an error", format!("{error} {error:?}"));
                    assert!(error.to_string().starts_with("NAME: "), "{error}");
                }
            }
        }
    }
    assert!(refused > 20, "{refused}");
}
