//! Which tool wrote a file, told from its name and from its content.

use std::path::Path;

use mcp_launch_exchange::{Origin, detect};

#[test]
fn every_example_is_recognised_by_name_and_by_content() {
    let by_content = |name: &str| match name {
        "plain.env" => Some(Origin::Env),
        "docker.list" => Some(Origin::Env),
        "doppler-download.json" | "doppler-secrets.json" => Some(Origin::Doppler),
        "onepassword-item.json" | "onepassword-items.json" | "onepassword-fields.json" => {
            Some(Origin::OnePassword)
        }
        "bitwarden-export.json" | "bitwarden-list.json" | "bitwarden-encrypted.json" => {
            Some(Origin::Bitwarden)
        }
        "fnox.toml" => Some(Origin::Fnox),
        "secretspec.toml" => Some(Origin::Secretspec),
        "kubernetes-secret.yaml" | "kubernetes-list.json" => Some(Origin::KubernetesSecret),
        "flat.json" | "pairs.json" => Some(Origin::Json),
        "flat.yaml" => Some(Origin::Yaml),
        _ => None,
    };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let mut seen = 0;
    for file in std::fs::read_dir(&examples).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let bytes = std::fs::read(examples.join(&name)).unwrap();
        let expected = by_content(&name);
        assert!(expected.is_some(), "{name} has no test");
        assert_eq!(detect(Some(&name), &bytes), expected, "{name}");
        // TOML has no beginning of its own, so without a name nothing is guessed.
        if !name.ends_with(".toml") {
            assert_eq!(detect(None, &bytes), expected, "{name} without its name");
        } else {
            assert_eq!(
                detect(Some("other.toml"), &bytes),
                expected,
                "{name} renamed"
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 17);
}

#[test]
fn names_of_files_decide_where_the_content_could_be_anything() {
    for (name, origin) in [
        (".env", Some(Origin::Env)),
        (".env.local", Some(Origin::Env)),
        ("production.env", Some(Origin::Env)),
        (".fnox.toml", Some(Origin::Fnox)),
        ("fnox.staging.toml", Some(Origin::Fnox)),
        ("secretspec.toml", Some(Origin::Secretspec)),
        (".env.json", None),
        ("notes.txt", None),
        ("Cargo.toml", None),
    ] {
        assert_eq!(detect(Some(name), b"# nothing\n"), origin, "{name}");
    }
    assert_eq!(detect(None, b"export A=1\n"), Some(Origin::Env));
    assert_eq!(detect(None, b"\xFF\xFE\x00"), None);
    assert_eq!(detect(None, b""), None);
}
