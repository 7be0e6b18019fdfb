//! The properties that are fuzzed with a nightly compiler, held against the corpus and some random bytes.

#[path = "fuzz/properties.rs"]
#[expect(unreachable_pub, reason = "for the fuzz targets the file is a library")]
mod properties;

use std::path::Path;

use proptest::prelude::*;

fn corpus(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(target);
    for file in folder.read_dir().expect("a folder of the corpus") {
        let text = std::fs::read(file.unwrap().path()).unwrap();
        for end in 0..=text.len() {
            property(&text[..end]);
        }
    }
}

#[test]
fn every_beginning_of_every_file_of_the_corpus() {
    corpus("dotenv", properties::dotenv);
    corpus("settings", properties::settings);
    corpus("template", properties::template);
}

proptest! {
    #[test]
    fn random_env_files(text in "([A-C]|=|\\$|\"|'|`|#|\\\\|\n|\r|[ -~]|\\PC){0,48}") {
        properties::dotenv(text.as_bytes());
    }

    #[test]
    fn random_templates(text in "([A-C]|[$<>{}:-]|fd|\\PC){0,32}") {
        properties::template(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_settings(text in "(\\[servers\\.x\\]\n|[a-e] = |\"|\n|[{}\\[\\],]|\\PC){0,24}") {
        properties::settings(text.as_bytes());
    }
}
