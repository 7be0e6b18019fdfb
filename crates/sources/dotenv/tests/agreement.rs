//! What a person gets for a `.env`: a value on which all readers agree, or a line, a subject and a way out.

mod corpus;

use mcp_launch_core::{Position, Secret, SourceErrorKind};
use mcp_launch_source_dotenv::{Dialect, Document};

#[expect(clippy::disallowed_methods, reason = "made-up values, compared")]
fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}

/// The value, or the line and the note of the refusal.
fn read(file: &str, key: &str) -> Result<String, String> {
    match Document::parse(file.as_bytes()).value(key) {
        Ok(value) => Ok(text(&value)),
        Err(error) => {
            if error.kind() == SourceErrorKind::Missing {
                return Err("missing".to_owned());
            }
            assert_eq!(error.kind(), SourceErrorKind::Ambiguous, "{file:?}");
            let Position::Line(line) = error.position() else {
                panic!("no line: {file:?}");
            };
            Err(format!("{line}: {}", error.explanation().expect("a note")))
        }
    }
}

fn read_as(dialect: &str, file: &str, key: &str) -> Result<String, SourceErrorKind> {
    let document = Document::parse(file.as_bytes());
    let dialect = Dialect::parse(dialect).expect("a reader's name");
    let value = document.values(Some(dialect)).value(key);
    value
        .map(|value| text(&value))
        .map_err(|error| error.kind())
}

#[test]
fn gives_what_all_readers_agree_on() {
    let cases = [
        ("A=1", "1"),
        ("A=", ""),
        ("A=''\n", ""),
        ("A='a b'\n", "a b"),
        ("A=\"a b\"\n", "a b"),
        ("export A=1\n", "1"),
        ("A=1 # comment\n", "1"),
        ("A='1' # it's a comment\n", "1"),
        ("A=a=b==\n", "a=b=="),
        ("A=1\nA=2\n", "2"),
        ("A=1\r\nB=2\r\n", "1"),
        ("B=\"2\"\r\nA='1'\r\n", "1"),
        ("\u{FEFF}A=1\n", "1"),
        ("A='pa$sw0rd'\n", "pa$sw0rd"),
        ("A='pa$$word$1'\n", "pa$$word$1"),
        ("A='a#b'\n", "a#b"),
        ("A=\"it's\"\n", "it's"),
        ("A='{\"k\":\"v w\"}'\n", "{\"k\":\"v w\"}"),
        ("A='$(x) `y`'\n", "$(x) `y`"),
        ("A='C:\\dir'\n", "C:\\dir"),
        ("A='~/x'\n", "~/x"),
        ("A='pässwörd'\n", "pässwörd"),
        ("A=pässwörd\n", "pässwörd"),
        ("A=a*b?\n", "a*b?"),
        (
            "A='-----BEGIN KEY-----\nab/+==\n-----END KEY-----\n'\n",
            "-----BEGIN KEY-----\nab/+==\n-----END KEY-----\n",
        ),
        (
            "A=\"-----BEGIN KEY-----\nab/+==\n-----END KEY-----\"\nB=1",
            "-----BEGIN KEY-----\nab/+==\n-----END KEY-----",
        ),
        ("A=postgres://u:p@h:5432/d\n", "postgres://u:p@h:5432/d"),
    ];
    for (file, value) in cases {
        assert_eq!(read(file, "A"), Ok(value.to_owned()), "{file:?}");
    }
}

#[test]
fn refuses_what_they_disagree_on_and_says_where_about_what() {
    let cases = [
        ("A=hello world\n", 1, "spaces without quotes"),
        ("\n\nA=it's\n", 3, "these quotes"),
        ("A=\"a\\tb\"\n", 1, "backslashes"),
        ("A=\"a\\nb\"\n", 1, "backslashes"),
        ("A=\"pa$sw0rd\"\n", 1, "about `$`"),
        ("A=pa$$word$1\n", 1, "about `$`"),
        ("A=$(x)\n", 1, "about `$`"),
        ("A='${B}'\n", 1, "about `$`"),
        ("A=`x`\n", 1, "backticks"),
        ("A={\"k\":\"v w\"}\n", 1, "JSON"),
        ("A=a#b\n", 1, "about `#`"),
        ("A=a?x=1&y=2\n", 1, "a shell acts on"),
        ("A = 1\n", 1, "make different things of this line"),
        ("A='x\r\ny'\r\n", 1, "CRLF within a value"),
        ("A=1\nA=a#b\n", 2, "about `#`"),
        ("A=~/x\n", 1, "a shell acts on"),
        ("A='a\\\\b'\n", 1, "backslashes"),
        ("A='a\\'\n", 1, "before the closing quote"),
    ];
    for (file, line, about) in cases {
        let Err(refusal) = read(file, "A") else {
            panic!("{file:?} gives a value");
        };
        assert!(
            refusal.starts_with(&format!("{line}: ")),
            "{file:?}: {refusal}"
        );
        assert!(refusal.contains(about), "{file:?}: {refusal}");
    }
    for (file, name) in [("A-B=1\n", "A-B"), ("1A=1\n", "1A"), ("a.b=1\n", "a.b")] {
        let refusal = read(file, name).unwrap_err();
        assert!(refusal.contains("takes this name"), "{file:?}: {refusal}");
    }
}

#[test]
fn a_line_stops_no_name_but_its_own() {
    for broken in [
        "B=hello world",
        "B={\"k\": 1}",
        "B=a(b)",
        "B=ab(cd",
        "foo bar",
        "B-C=1",
        "=1",
        "B=$(x)",
        "B=`x`",
        "B=${C}",
        "B=\"a\\tb\"",
        "B=a&b",
        "B=a;b",
        "B=a>b",
        "B=$1",
        "1B=2",
        "B",
        "B=My App (dev)",
        "UID=1000",
        "export B=postgres://h/d?a=1&b=2",
        "B=a\u{2028}b",
    ] {
        let file = format!("FIRST=1\n{broken}\nA=1\n");
        assert_eq!(read(&file, "A"), Ok("1".to_owned()), "{broken}");
        assert_eq!(read(&file, "FIRST"), Ok("1".to_owned()), "{broken}");
    }
}

#[test]
fn an_open_quote_stops_the_names_behind_it() {
    let file = "FIRST=1\nB='open\nA=1\n";
    assert_eq!(read(file, "FIRST"), Ok("1".to_owned()));
    let refusal = read(file, "A").unwrap_err();
    assert!(
        refusal.starts_with("2: a quote that opens on this line"),
        "{refusal}"
    );
    let remedy = Document::parse(file.as_bytes())
        .values(None)
        .remedy("A")
        .unwrap();
    assert!(remedy.contains("close the quote on line 2"), "{remedy}");
    assert_eq!(read(file, "C"), Err("missing".to_owned()));
    assert_eq!(read_as("node", file, "A"), Ok("1".to_owned()));
}

/// What is said of a name: the error, and what to do.
fn said(file: &str, key: &str) -> (String, String) {
    let document = Document::parse(file.as_bytes());
    let remedy = document.values(None).remedy(key).expect("a way out");
    (read(file, key).expect_err("no value"), remedy)
}

#[test]
fn a_backslash_before_the_closing_quote_is_what_the_names_behind_it_suffer_from() {
    let file = "# c\nP=1\nQ='2'\nR=\"3\"\nS=4\nBS='C:\\dir\\'\nT=5\nU='six'\nV=\"7\"\nW='a#b'\n";
    for name in ["P", "Q", "R", "S"] {
        assert!(read(file, name).is_ok(), "{name}");
    }
    for name in ["BS", "T", "U", "V", "W"] {
        let (refusal, remedy) = said(file, name);
        assert!(
            refusal.starts_with("6: a backslash stands before the closing quote"),
            "{name}: {refusal}"
        );
        assert!(remedy.contains("into a store"), "{name}: {remedy}");
        assert!(!remedy.contains("write line"), "{name}: {remedy}");
        assert!(!remedy.contains("close the quote"), "{name}: {remedy}");
        assert!(
            name == "BS" || remedy.contains("take line 6 out"),
            "{remedy}"
        );
    }
    // A line with a trouble of its own that its own spelling cannot mend yet, and one that nothing mends.
    let file = "BS='C:\\'\nT=a#b\nU='it's $5'\n";
    assert!(said(file, "T").0.starts_with("1: a backslash"));
    assert!(said(file, "U").1.starts_with("no spelling of this value"));
}

#[test]
fn an_open_quote_is_closed_only_where_that_helps() {
    for (file, remedy) in [
        ("A=\"open\nT=1\n", "close the quote on line 1"),
        ("A='open # c\nT=1\n", "close the quote on line 1"),
        // Closed, it would be `$` that the readers disagree about.
        ("A=\"open $x\nT=1\n", "write line 1 as "),
        ("A=it's\nT=1\n", "write line 1 as "),
        ("A='it\\'s'\nT=1\n", "write line 1 as "),
        ("A=\"C:\\\"\nT=1\n", "put that value into a store"),
        ("A='{\"k\":\"it's\"}'\nT=1\n", "put that value into a store"),
    ] {
        let (_, followed) = said(file, "T");
        assert!(followed.starts_with(remedy), "{file:?}: {followed}");
        assert!(!followed.contains("as A"), "{file:?}: {followed}");
        let (_, own) = said(file, "A");
        let own_start = match remedy {
            "put that value into a store" => "no spelling of this value",
            _ => remedy,
        };
        assert!(own.starts_with(own_start), "{file:?}: {own}");
    }
    let (refusal, remedy) = said("it's a note\nT=1\n", "T");
    assert!(refusal.starts_with("1: a quote that opens"), "{refusal}");
    assert!(remedy.starts_with("begin line 1 with `#`"), "{remedy}");
}

#[test]
fn says_what_no_spelling_and_no_store_can_mend() {
    for json in [
        "{\"k\":\"it's\"}",
        "'{\"k\":\"it's\"}'",
        "\"{\"k\":\"it's\"}\"",
    ] {
        let (_, remedy) = said(&format!("A={json}\n"), "A");
        assert!(remedy.starts_with("no spelling"), "{json}: {remedy}");
    }
    let (_, remedy) = said("UID=5\n", "UID");
    assert_eq!(remedy, "bash keeps UID for itself; rename it");
}

/// A spelling that is proposed is another than the one that is there, and it gives the name a value.
#[test]
fn what_is_proposed_works() {
    let by_hand = corpus::BY_HAND.iter().map(|text| text.as_bytes());
    let files = by_hand
        .map(<[u8]>::to_vec)
        .chain(corpus::generated(0x7072_6F70_6F73, 1500));
    let mut tried = 0;
    for file in files {
        let document = Document::parse(&file);
        for key in document.keys() {
            let Some(remedy) = document.values(None).remedy(key) else {
                continue;
            };
            let marks = [("'…'", "'"), ("\"…\"", "\""), ("… without", "")];
            let mark = marks
                .iter()
                .find(|(shown, _)| remedy.contains(&format!(" as {key}={shown}")));
            let (Some((_, mark)), Some(entry)) = (mark, document.last(key)) else {
                continue;
            };
            // Any harmless value does, where the trouble is the spelling.
            let line = format!("{key}={mark}x{mark}\n");
            let edited = [
                &file[..entry.whole.start],
                line.as_bytes(),
                &file[entry.whole.end..],
            ]
            .concat();
            assert!(file != edited);
            let edited = Document::parse(&edited);
            let given = edited.value(key);
            assert!(
                given.is_ok(),
                "{:?}: {remedy}",
                String::from_utf8_lossy(&file)
            );
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn code_stops_the_names_that_it_could_change() {
    let file = "A=1\nB=2\nif true; then\n  A=3\nfi\n";
    let refusal = read(file, "A").unwrap_err();
    assert!(
        refusal.starts_with("3: this line is shell code"),
        "{refusal}"
    );
    assert_eq!(read(file, "B"), Ok("2".to_owned()));
    let refusal = read("A=1\nB=2\nunset A\n", "A").unwrap_err();
    assert!(
        refusal.starts_with("3: this line is shell code"),
        "{refusal}"
    );
}

#[test]
fn a_named_reader_is_the_only_one_that_counts() {
    let cases = [
        ("node", "A=pa$$word$1\n", Ok("pa$$word$1")),
        ("node", "A=a#b\n", Ok("a")),
        ("node", "A={\"k\":\"v w\"}\n", Ok("{\"k\":\"v w\"}")),
        ("python", "A=hello world\n", Ok("hello world")),
        ("python", "A=\"a\\tb\"\n", Ok("a\tb")),
        ("docker", "A=a$$b\n", Ok("a$b")),
        ("docker", "A-B=1\nA=it's\n", Ok("it's")),
        ("docker", "A=$B\n", Err(SourceErrorKind::Malformed)),
        ("bash", "A=a\\ b\n", Ok("a b")),
        ("bash", "A=1\r\n", Ok("1\r")),
        ("bash", "A=hello world\n", Err(SourceErrorKind::Malformed)),
        ("dotenvy", "A='a'b\n", Ok("ab")),
        ("dotenvy", "A=it's\n", Err(SourceErrorKind::Malformed)),
        ("dotenvy", "A=$HOME\n", Err(SourceErrorKind::Malformed)),
        ("dotenvy", "B=1\n", Err(SourceErrorKind::Missing)),
    ];
    for (dialect, file, expected) in cases {
        let expected = expected.map(str::to_owned);
        assert_eq!(read_as(dialect, file, "A"), expected, "{dialect}: {file:?}");
    }
}

#[test]
fn the_way_out_is_a_spelling_and_holds_no_value() {
    let cases = [
        (
            "X=1\nA=\"hunt$er2\"\n",
            "write line 2 as A='…' in single quotes",
        ),
        ("A=hunt er2\n", "write line 1 as A='…' in single quotes"),
        ("A=hunt'er2\n", "write line 1 as A=\"…\" in double quotes"),
        ("A=hunt'er2$x\n", "no spelling of this value"),
        ("A-B=hunter2\n", "rename it"),
        ("A=`hunter2`\n", "write line 1 as A=… without quotes"),
    ];
    for (file, start) in cases {
        let key = if file.starts_with("A-B") { "A-B" } else { "A" };
        let document = Document::parse(file.as_bytes());
        let values = document.values(None);
        let remedy = values.remedy(key).unwrap();
        assert!(remedy.starts_with(start), "{file:?}: {remedy}");
        assert!(remedy.contains(&format!("secrets set {key}")), "{remedy}");
        let clause = "or set `stores.dotenv.dialect`";
        let readable = file != "A=hunt'er2$x\n" || remedy.contains(clause);
        assert!(readable, "{remedy}");
        let error = values.value(key).err().unwrap();
        for shown in [remedy, error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("hunt") && !shown.contains("er2"), "{shown}");
        }
    }
}

/// The table of docs/sources/dotenv.md: what it calls refused is, and the spelling beside it works.
#[test]
fn the_documented_spellings_are_true() {
    let page = include_str!("../../../../docs/sources/dotenv.md");
    let mut rows = 0;
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let columns: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [written, _, write] = columns.as_slice() else {
            continue;
        };
        for line in code(written) {
            let key = line.split(['=', ' ']).next().expect("a name");
            assert!(read(&format!("{line}\n"), key).is_err(), "{line}");
            rows += 1;
        }
        for line in code(write).filter(|code| code.starts_with("A=")) {
            assert!(read(&format!("{line}\n"), "A").is_ok(), "{line}");
        }
    }
    assert!(rows >= 15, "{rows}");
}

/// The code of a table's cell.
fn code(cell: &str) -> impl Iterator<Item = String> {
    let fence = if cell.starts_with("``") { "``" } else { "`" };
    cell.split(fence)
        .skip(1)
        .step_by(2)
        .map(|code| code.trim().to_owned())
}

/// What is promised for any file: a value is that of each reader, and a change touches nothing else.
#[test]
fn holds_for_made_up_files() {
    let by_hand = corpus::BY_HAND.iter().map(|text| text.as_bytes());
    let files = by_hand
        .chain(corpus::BY_HAND_BYTES.iter().copied())
        .map(<[u8]>::to_vec)
        .chain(corpus::generated(0x646F_7465_6E76, 4000));
    let (mut given, mut changed) = (0, 0);
    for file in files {
        let document = Document::parse(&file);
        assert!(document.print() == file);
        for key in document.keys() {
            given += usize::from(each_reader_has_the_value(&document, key));
            changed += usize::from(a_change_touches_nothing_else(&document, key));
        }
    }
    assert!(given > 1000, "{given}");
    assert!(changed > 1000, "{changed}");
}

fn each_reader_has_the_value(document: &Document, key: &str) -> bool {
    let Ok(value) = document.value(key) else {
        return false;
    };
    let file = String::from_utf8_lossy(document.print());
    let stored_otherwise = file.contains('\r') || file.starts_with('\u{feff}');
    for dialect in Dialect::ALL {
        if dialect.name() == "bash" && stored_otherwise {
            continue;
        }
        let own = document.values(Some(dialect)).value(key);
        let same = own.as_ref().is_ok_and(|own| text(own) == text(&value));
        assert!(same, "{dialect:?}: {key} in {file:?}");
    }
    true
}

fn a_change_touches_nothing_else(document: &Document, key: &str) -> bool {
    let answers = |document: &Document| {
        let names = document.keys().into_iter().filter(|name| *name != key);
        let answers: Vec<String> = names
            .map(|name| match document.value(name) {
                Ok(value) => format!("{name}={}", text(&value)),
                Err(error) => format!("{name}: {}", error.kind().code()),
            })
            .collect();
        answers
    };
    let copy = || Document::parse(document.print());
    let before = answers(document);

    let mut removed = copy();
    if removed.remove(key).is_ok() {
        assert_eq!(answers(&removed), before);
        let gone = removed.value(key).err().map(|error| error.kind());
        assert_eq!(gone, Some(SourceErrorKind::Missing));
    }
    let mut set = copy();
    let value = Secret::new(b"it's a # new one".to_vec());
    if set.set(key, &value).is_err() {
        assert!(set.print() == document.print());
        return false;
    }
    assert_eq!(answers(&set), before);
    assert_eq!(set.value(key).as_ref().map(text), Ok(text(&value)));
    true
}
