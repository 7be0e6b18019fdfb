//! What must hold for any bytes. The fuzz targets and tests/fuzzed.rs call the same functions.

use std::io::Write as _;
use std::path::Path;

use mcp_launch_core::{Environment, Secret, Syntax, Template};
use source_dotenv::Document;

/// What was read is printed so that it is read back the same.
pub fn template(bytes: &[u8]) {
    for syntax in [Syntax::Angle, Syntax::AngleAndBrace] {
        if let Ok(template) = Template::parse(bytes, syntax) {
            assert_eq!(
                Template::parse(&template.print(syntax), syntax),
                Ok(template)
            );
        }
    }
}

/// A `.env` is printed as it was read, every key gets an answer, and a change of one key leaves the others alone.
pub fn dotenv(bytes: &[u8]) {
    let document = Document::parse(bytes);
    assert!(document.print() == bytes);
    for key in document.keys() {
        let _answer = document.value(key);
        let _remedy = document.values(None).remedy(key);
        change(&document, key);
    }
}

fn change(document: &Document, key: &str) {
    let value = Secret::new(b"it's a \"new\" one".to_vec());
    let mut edited = Document::parse(document.print());
    if edited.set(key, &value).is_ok() {
        assert_eq!(edited.value(key).map(|value| value.len()), Ok(value.len()));
        assert_others_are_the_same(document, &edited, key);
    }
    let mut edited = Document::parse(document.print());
    if edited.remove(key).is_ok() {
        assert!(edited.value(key).is_err());
        assert_others_are_the_same(document, &edited, key);
    }
}

fn assert_others_are_the_same(before: &Document, after: &Document, key: &str) {
    let answer = |document: &Document, other: &str| {
        let answer = document.value(other);
        answer
            .map(|value| value.len())
            .map_err(|error| error.kind())
    };
    for other in before.keys().into_iter().filter(|other| *other != key) {
        assert_eq!(answer(before, other), answer(after, other));
    }
}

/// A settings file, the person's own or a project's, is read or refused.
pub fn settings(bytes: &[u8]) {
    let home = tempfile::tempdir().expect("a temporary folder");
    for file in [".config/mcp-launch/config.toml", "mcp-launch.toml"] {
        place(&home.path().join(file), bytes);
        let environment = Environment::from_pairs([("HOME", home.path())]);
        if let Ok(settings) = mcp_launch_config::Settings::load(&environment, home.path()) {
            ask_everything(&settings);
        }
    }
}

fn ask_everything(settings: &mcp_launch_config::Settings) {
    let _order = settings.order();
    let _deadline = settings.deadline();
    let _grants = settings.grants();
    for name in settings.secret_names() {
        let _binding = settings.binding(name.as_str());
    }
    for name in settings.server_names() {
        let _server = settings.server(&name);
    }
}

fn place(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file is in a folder");
    std::fs::create_dir_all(folder).expect("a folder");
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(path)
        .expect("a file");
    file.write_all(bytes).expect("its text");
}
