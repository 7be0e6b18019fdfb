//! No error about a settings file holds anything of a value.

#![cfg(unix)]

use mcp_launch_config::Settings;
use mcp_launch_core::Environment;
use mcp_launch_testkit::{Canary, Scratch};
use proptest::prelude::*;

/// Files that are wrong at, before or after a value. `@` is the value.
const WRONG: &[&str] = &[
    "deadline = \"@\"",
    "order = \"@\"",
    "order = [\"@\"]",
    "order = [\"dotenv\", \"@\"]",
    "order = { @ = 1 }",
    "env_file = 1 # @",
    "env_file = \"@\\u0000\"",
    "stores = \"@\"",
    "[stores.dotenv]\ndialect = \"@\"",
    "[stores.exec]\nallow = \"@\"",
    "[stores.exec]\nallow = [[\"\", \"@\"]]",
    "[stores.exec]\nallow = [[\"op\", [\"@\"]]]",
    "[stores.exec]\nline_end = \"@\"",
    "[secrets]\nA = \"@\"",
    "[secrets.A]\nfrom = \"@\"",
    "[secrets.A]\nfrom = \"nowhere:@\"",
    "[secrets.A]\nfrom = \"@:x\"",
    "[secrets.A]\nrequired = \"@\"",
    "[secrets.A]\nvalue = \"@\"",
    "[secrets.A]\nclass = \"@\"",
    "[secrets.\"x @\"]\nrequired = true",
    "[servers.s]\nenv = \"@\"",
    "[servers.s]\nenv = { A = [\"@\"] }",
    "[servers.s]\nenv = { A = \"@$<\" }",
    "[servers.s]\nenv = { A = \"$<@ @>\" }",
    "[servers.s]\nenv = { A = \"$<nowhere:@>\" }",
    "[servers.s]\nenv = { \"A=@\" = \"x\" }",
    "[servers.s]\ncommand = \"@\"",
    "[servers.s]\ncommand = [\"$<A>@\"]",
    "[servers.s]\ninherit = \"@\"",
    "[servers.\"s\\u0007@\"]",
    "[stores.\"x @\"]\nkind = \"vault\"",
    "[stores]\n\"x @\" = 1",
    "[stores.s]\nkind = \"@\"",
    "[stores.vault]\nkind = \"@\"",
    "[stores.vault]\naddress = \"https://me:@\\u0040vault\"",
    "[stores.vault]\naddress = \"@\"",
    "[stores.vault]\ncache = \"@\"",
    "[stores.vault]\nstale = \"@\"",
    "[stores.vault]\nnames = \"@\"",
    "[stores.vault]\nnamespace = \"@\\n\"",
    "[stores.vault]\nmounts = { \"/@\" = \"kv-v2\" }",
    "[stores.vault]\nmounts = { kv = \"@\" }",
    "[stores.vault]\nrequests = { \"/@\" = {} }",
    "[stores.vault]\nrequests = { pki = \"@\" }",
    "[stores.vault]\nrequests = { pki = { ttl = \"$<@\" } }",
    "[stores.vault]\ntoken = \"@\"",
    "[stores.vault]\nauth = \"@\"",
    "[stores.vault]\nauth = { method = \"@\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"$<@\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"r\", secret_id = \"@\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"r\", secret_id = \"@$<\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"r\", secret_id = \"@$<A>\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"r\", secret_id = \"$<A:-@>\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"r\", secret_id = \"$<nowhere:@>\" }",
    "[stores.vault]\nauth = { method = \"approle\", role_id = \"@\" }",
    "[stores.vault]\nauth = { method = \"cert\", mount = \"auth/@\" }",
    "[stores.vault]\nauth = { method = \"cert\", password = \"@\" }",
    "[stores.vault]\nauth = { method = \"jwt\", jwt = \"@\" }",
    "[stores.vault]\nauth = { method = \"jwt\", jwt_file = \"@>\" }",
    "[stores.vault]\nauth = { method = \"token\", token = \"@\" }",
    "[stores.vault]\nauth = { method = \"token\", token = \"${A:-@}\" }",
    "[stores.vault]\nauth = { method = \"token\", \"x @\" = 1 }",
    "[stores.vault]\nauth = { method = \"userpass\", username = \"u\", password = \"@\" }",
    "[stores.aws]\naccess_key_id = \"@\"",
    "[stores.aws]\naccess_key_id = \"A\"\nsecret_access_key = \"@\"",
    "[stores.aws]\nsession_token = \"@\"",
    "[stores.aws]\nendpoint_url = \"@\"",
    "[stores.aws]\nregion = \"@\"",
    "[stores.aws]\nprofile = \"$<@\"",
    "[stores.aws]\nnames = \"@\"",
    "A = @",
    "A = \"@",
    "A = '@",
    "A = '''@",
    "A = \"@\\q\"",
    "@",
    "@ = ",
    "A = \"@\" \"@\"",
    "A = \"@\"\nA = \"@\"",
    "[secrets.A]\ndescription = \"@\"\n[secrets.A]\ndescription = \"@\"",
    "[secrets.A]\ndescription = \"@\"\ndescription = \"@\"",
    "secrets.A = \"@\"\nsecrets.A.from = \"@\"",
    "A = [\"@\", \n\"@\"",
    "A = { B = \"@\"",
    "A = 12@",
    "A = 2027-@",
    "A = \"\\u00@\"",
    "export A=@",
    "\u{feff}A: @",
];

#[test]
fn no_error_holds_the_value_that_it_is_about() {
    // One of a shape that stays inside TOML's quotes, and one that breaks out of them.
    for canary in [
        Canary::shaped_like("ghp_aaaaAAAA0000aaaaAAAA0000aaaaAAAA"),
        Canary::new(),
    ] {
        for file in [".config/mcp-launch/config.toml", "work/mcp-launch.toml"] {
            for wrong in WRONG {
                let scratch = Scratch::new();
                scratch.write("work/x", "");
                scratch.write(file, wrong.replace('@', canary.value()));
                let environment = Environment::from_pairs(scratch.variables());
                let cwd = scratch.home().join("work");
                let read =
                    Settings::load(&environment, &cwd).and_then(|settings| settings.grants());
                let error = read.expect_err(wrong);
                assert!(error.line().is_some(), "{wrong}");
                for text in [
                    error.to_string(),
                    format!("{error:?}"),
                    format!("{error:#?}"),
                    error.hint().unwrap_or_default(),
                    format!("{:?}", error.kind()),
                ] {
                    canary.assert_absent(wrong, text);
                }
            }
        }
    }
}

#[test]
fn settings_that_hold_a_literal_do_not_show_it() {
    let canary = Canary::shaped_like("ghp_aaaaAAAA0000aaaaAAAA0000aaaaAAAA");
    let scratch = Scratch::new();
    let text =
        "[servers.s]\ncommand = [\"a\", \"--token=@\"]\nenv = { A = \"@\", B = \"$<C:-@>\" }";
    scratch.write(
        ".config/mcp-launch/config.toml",
        text.replace('@', canary.value()),
    );
    let environment = Environment::from_pairs(scratch.variables());
    let settings = Settings::load(&environment, &scratch.home()).unwrap();
    canary.assert_absent("the settings", format!("{settings:?}"));
    let server = settings.server("s").unwrap();
    canary.assert_absent("the server", format!("{server:?}"));
}

#[test]
fn a_store_does_not_show_the_literal_of_its_login() {
    let canary = Canary::shaped_like("AKIAIOSFODNN7EXAMPLE");
    let scratch = Scratch::new();
    let text = "[stores.aws]\naccess_key_id = \"@\"\nsecret_access_key = \"$<A>\"\n\
                [stores.vault]\naddress = \"https://v\"\nauth = { method = \"approle\", role_id = \"@\" }";
    scratch.write(
        ".config/mcp-launch/config.toml",
        text.replace('@', canary.value()),
    );
    let environment = Environment::from_pairs(scratch.variables());
    let settings = Settings::load(&environment, &scratch.home()).unwrap();
    canary.assert_absent("the settings", format!("{settings:?}"));
    assert_eq!(settings.network_stores().len(), 2);
    for (name, store) in settings.network_stores() {
        canary.assert_absent(name, format!("{store:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        load(&bytes);
    }

    #[test]
    fn no_text_of_the_files_own_alphabet_panics(
        words in proptest::collection::vec(
            prop::sample::select(vec![
                "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\n", "\"", "'", "\"\"\"", "#", "\\",
                "order", "deadline", "env_file", "stores", "dotenv", "exec", "allow", "secrets",
                "servers", "from", "grant", "env", "command", "\"$<A>\"", "\"keychain:x\"", "\"10s\"",
                "vault", "aws", "kind", "auth", "method", "token", "names", "cache", "address",
                "\"vault\"", "\"token\"", "\"https://v\"", "\"a/b#{name}\"", "mounts",
                "true", "1", "2027-03-01", "é", "\u{0}", "[\"op read\"]", "[\"env\"]",
            ]),
            0..24,
        )
    ) {
        load(words.concat().as_bytes());
    }
}

/// Reads `bytes` as both files and asks everything of the result.
fn load(bytes: &[u8]) {
    let scratch = Scratch::new();
    let environment = Environment::from_pairs(scratch.variables());
    for file in [".config/mcp-launch/config.toml", "mcp-launch.toml"] {
        let path = scratch.write(file, bytes);
        match Settings::load(&environment, &scratch.home()) {
            Ok(settings) => {
                let _asked = (
                    settings.order().is_ok(),
                    settings.network_stores().len(),
                    settings.address_of("vault", "A"),
                    settings.dotenv_file(None, Some("s")).is_ok(),
                    settings.binding("A").is_ok(),
                    settings.server("s").is_ok(),
                );
            }
            Err(error) => assert!(error.path().starts_with(scratch.home())),
        }
        std::fs::remove_file(path).expect("a file of the scratch");
    }
}
