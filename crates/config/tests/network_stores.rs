//! `[stores.vault]`, `[stores.aws]` and `[stores.NAME]`: what they say, and who may say it.

#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use mcp_launch_config::{
    AwsStore, ConfigError, ConfigErrorKind, NetworkStore, Settings, TrustStore, VaultAuth,
    VaultEngine, VaultStore,
};
use mcp_launch_core::{Address, Environment, Syntax, Template};
use mcp_launch_testkit::Scratch;

const USER: &str = ".config/mcp-launch/config.toml";
const PROJECT: &str = "mcp-launch.toml";

fn load(user: &str, project: &str) -> (Scratch, Result<Settings, ConfigError>) {
    let scratch = Scratch::new();
    scratch.write(USER, user);
    if !project.is_empty() {
        scratch.write(PROJECT, project);
    }
    let environment = Environment::from_pairs(scratch.variables());
    let settings = Settings::load(&environment, &scratch.home());
    (scratch, settings)
}

fn user(text: &str) -> Settings {
    let (_scratch, settings) = load(text, "");
    settings.unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn vault<'a>(settings: &'a Settings, name: &str) -> &'a VaultStore {
    match settings.network_store(name) {
        Some(NetworkStore::Vault(store)) => store,
        other => panic!("{name} is {other:?}"),
    }
}

fn aws<'a>(settings: &'a Settings, name: &str) -> &'a AwsStore {
    match settings.network_store(name) {
        Some(NetworkStore::Aws(store)) => store,
        other => panic!("{name} is {other:?}"),
    }
}

fn printed(template: &Template) -> String {
    String::from_utf8(template.print(Syntax::AngleAndBrace))
        .expect("the templates of these tests are text")
}

/// The login of a Vault whose `auth` is this.
fn auth(text: &str) -> VaultAuth {
    let settings = user(&format!(
        "[stores.vault]\naddress = \"https://v\"\nauth = {{ {text} }}"
    ));
    vault(&settings, "vault").auth.clone().expect("a login")
}

#[test]
fn both_kinds_are_there_without_a_word_and_no_other_name_is() {
    let settings = user("");
    assert!(vault(&settings, "vault").address.is_none());
    assert!(aws(&settings, "aws").region.is_none());
    assert!(settings.network_store("prod").is_none());
    assert!(settings.network_store("keychain").is_none());
    assert!(settings.network_stores().is_empty());
}

#[test]
fn every_key_of_a_vault_has_its_effect() {
    let (scratch, settings) = load(
        r#"
[stores.team]
kind = "vault"
address = "https://vault.example:8200/prefix"
allow_http = true
auth = { method = "cert", mount = "corp/cert", role = "mcp" }
ca_cert = "~/ca.pem"
cache = "10m"
client_cert = "cert.pem"
client_key = "/etc/key.pem"
mounts = { "team/kv" = "kv-v2", "old" = "kv-v1", "database" = "other" }
names = "secret/mcp#{name}"
namespace = "team/project"
requests = { "pki/issue/web" = { common_name = "x.example", ttl = "1h" } }
stale = "7d"
tls_server_name = "vault.internal"
"#,
        "",
    );
    let settings = settings.unwrap();
    let store = vault(&settings, "team");
    let folder = scratch.home().join(".config/mcp-launch");
    assert_eq!(
        store.address.as_deref(),
        Some("https://vault.example:8200/prefix")
    );
    assert!(store.allow_http);
    assert_eq!(store.ca_cert, Some(scratch.home().join("ca.pem")));
    assert_eq!(store.cache, Some(Duration::from_secs(600)));
    assert_eq!(store.client_cert, Some(folder.join("cert.pem")));
    assert_eq!(store.client_key.as_deref(), Some(Path::new("/etc/key.pem")));
    let mounts: Vec<_> = store
        .mounts
        .iter()
        .map(|(mount, engine)| (mount.as_str(), *engine))
        .collect();
    assert_eq!(
        mounts,
        [
            ("database", VaultEngine::Other),
            ("old", VaultEngine::KvV1),
            ("team/kv", VaultEngine::KvV2),
        ]
    );
    assert_eq!(store.names.as_deref(), Some("secret/mcp#{name}"));
    assert_eq!(store.namespace.as_deref(), Some("team/project"));
    assert_eq!(store.requests["pki/issue/web"]["common_name"], "x.example");
    assert_eq!(store.requests["pki/issue/web"]["ttl"], "1h");
    assert_eq!(store.stale, Some(Duration::from_secs(7 * 86_400)));
    assert_eq!(store.tls_server_name.as_deref(), Some("vault.internal"));
    assert!(vault(&settings, "vault").address.is_none());
}

#[test]
fn every_key_of_an_account_has_its_effect() {
    let settings = user(
        r#"
[stores.aws]
kind = "aws"
access_key_id = "AKIAEXAMPLE"
secret_access_key = "$<keychain:aws-key>"
session_token = "${AWS_SESSION}"
allow_http = true
cache = "90s"
endpoint_url = "http://127.0.0.1:5000"
names = "mcp#{name}"
profile = "work"
region = "eu-central-1"
stale = "90s"
"#,
    );
    let store = aws(&settings, "aws");
    let key = store.access_key.as_ref().unwrap();
    assert_eq!(printed(&key.id), "AKIAEXAMPLE");
    assert_eq!(printed(&key.secret), "$<keychain:aws-key>");
    assert_eq!(
        key.session_token.as_ref().map(printed).as_deref(),
        Some("${AWS_SESSION}")
    );
    assert!(store.allow_http);
    assert_eq!(store.cache, Some(Duration::from_secs(90)));
    assert_eq!(store.endpoint_url.as_deref(), Some("http://127.0.0.1:5000"));
    assert_eq!(store.names.as_deref(), Some("mcp#{name}"));
    assert_eq!(store.profile.as_deref(), Some("work"));
    assert_eq!(store.region.as_deref(), Some("eu-central-1"));
    assert_eq!(store.stale, Some(Duration::from_secs(90)));
}

#[test]
fn each_method_takes_its_own_keys() {
    let VaultAuth::AppRole {
        mount,
        role_id,
        secret_id,
        wrapped,
    } = auth(
        "method = \"approle\", mount = \"team/approle\", role_id = \"r-1\", secret_id = \"$<env:SID>\", wrapped = true",
    )
    else {
        panic!("an AppRole")
    };
    assert_eq!((mount.as_str(), wrapped), ("team/approle", true));
    assert_eq!(printed(&role_id), "r-1");
    assert_eq!(
        secret_id.as_ref().map(printed).as_deref(),
        Some("$<env:SID>")
    );

    let VaultAuth::AppRole {
        mount,
        role_id,
        secret_id,
        wrapped,
    } = auth("method = \"approle\", role_id = \"$<ROLE>\"")
    else {
        panic!("an AppRole")
    };
    assert_eq!((mount.as_str(), wrapped), ("approle", false));
    assert_eq!(printed(&role_id), "$<ROLE>");
    assert!(secret_id.is_none());

    for (text, expected) in [
        ("method = \"token\"", None),
        (
            "method = \"token\", token = \"$<sealed:t>\"",
            Some("$<sealed:t>"),
        ),
        (
            "method = \"token\", token_file = \"/run/vault/token\"",
            Some("$<file:/run/vault/token>"),
        ),
    ] {
        let VaultAuth::Token { token } = auth(text) else {
            panic!("a token")
        };
        assert_eq!(token.as_ref().map(printed).as_deref(), expected);
    }

    for (text, expected) in [
        (
            "method = \"jwt\", jwt = \"$<exec:get-jwt>\"",
            ("jwt", None, "$<exec:get-jwt>"),
        ),
        (
            "method = \"jwt\", mount = \"ci\", role = \"mcp\", jwt_file = \"/run/jwt\"",
            ("ci", Some("mcp"), "$<file:/run/jwt>"),
        ),
    ] {
        let VaultAuth::Jwt { mount, role, jwt } = auth(text) else {
            panic!("a token of another system")
        };
        assert_eq!(
            (mount.as_str(), role.as_deref(), printed(&jwt).as_str()),
            expected
        );
    }

    let VaultAuth::Kubernetes {
        mount,
        role,
        token_file,
    } = auth("method = \"kubernetes\", role = \"mcp\", token_file = \"/run/sa\"")
    else {
        panic!("a service account")
    };
    assert_eq!((mount.as_str(), role.as_str()), ("kubernetes", "mcp"));
    assert_eq!(token_file.as_deref(), Some(Path::new("/run/sa")));

    let VaultAuth::Cert { mount, role } = auth("method = \"cert\"") else {
        panic!("a certificate")
    };
    assert_eq!((mount.as_str(), role), ("cert", None));

    let VaultAuth::Userpass {
        mount,
        username,
        password,
    } = auth("method = \"userpass\", username = \"me\", password = \"$<dotenv:PASS>\"")
    else {
        panic!("a name and a password")
    };
    assert_eq!((mount.as_str(), username.as_str()), ("userpass", "me"));
    assert_eq!(printed(&password), "$<dotenv:PASS>");
}

#[test]
fn the_stores_of_the_file_are_listed_by_name() {
    let settings = user(
        "[stores.vault]\n[stores.prod]\nkind = \"aws\"\n[stores.b-2_x]\nkind = \"vault\"\n[stores.dotenv]\n",
    );
    let names: Vec<_> = settings
        .network_stores()
        .into_iter()
        .map(|(name, store)| (name, matches!(store, NetworkStore::Vault(_))))
        .collect();
    assert_eq!(names, [("b-2_x", true), ("prod", false), ("vault", true)]);
}

#[test]
fn a_wrong_store_is_told_by_line_and_key() {
    const SECRET: &str = "not the secret itself";
    for (text, expected) in [
        (
            "[stores.vault]\nkind = \"aws\"",
            "2: stores.vault.kind: expected \"vault\", as the store is called",
        ),
        (
            "[stores.prod]\naddress = \"https://v\"",
            "1: stores.prod: is no store; one that you name yourself needs `kind = \"vault\"` or `kind = \"aws\"`",
        ),
        (
            "[stores.prod]\nkind = \"gcp\"",
            "2: stores.prod.kind: expected \"aws\" or \"vault\"",
        ),
        (
            "[stores.\"a b\"]\nkind = \"aws\"",
            "1: stores.\"…\": expected a store name of letters, digits, `_` and `-` that begins with a letter",
        ),
        (
            "[stores.2a]\nkind = \"aws\"",
            "1: stores.2a: expected a store name of letters, digits, `_` and `-` that begins with a letter",
        ),
        (
            "[stores.fd]\nkind = \"aws\"",
            "1: stores.fd: expected a store name that has no other meaning",
        ),
        (
            "[stores.keychain]\nkind = \"aws\"",
            "1: stores.keychain: expected a store name that has no other meaning",
        ),
        (
            "[stores.env]\nkind = \"vault\"",
            "1: stores.env: expected a store name that has no other meaning",
        ),
        ("[stores]\nprod = \"vault\"", "2: stores.prod: unknown key"),
        (
            "[stores.vault]\nadress = \"https://v\"",
            "2: stores.vault.adress: unknown key",
        ),
        (
            "[stores.aws]\nnamespace = \"x\"",
            "2: stores.aws.namespace: unknown key",
        ),
        (
            "[stores.vault]\naddress = \"vault.example\"",
            "2: stores.vault.address: expected an address such as \"https://vault.example:8200\"",
        ),
        (
            "[stores.vault]\naddress = \"https://me:pw@v\"",
            "2: stores.vault.address: expected an address such as \"https://vault.example:8200\"",
        ),
        (
            "[stores.vault]\naddress = \"https:///x\"",
            "2: stores.vault.address: expected an address such as \"https://vault.example:8200\"",
        ),
        (
            "[stores.vault]\nnamespace = \"$<NS>\"",
            "2: stores.vault.namespace: expected text on one line, without placeholders",
        ),
        (
            "[stores.vault]\nnamespace = \"a\\nb\"",
            "2: stores.vault.namespace: expected text on one line, without placeholders",
        ),
        (
            "[stores.vault]\ncache = \"25h\"",
            "2: stores.vault.cache: expected a time such as \"10m\", from \"1s\" to \"24h\"",
        ),
        (
            "[stores.vault]\ncache = \"999ms\"",
            "2: stores.vault.cache: expected a time such as \"10m\", from \"1s\" to \"24h\"",
        ),
        (
            "[stores.aws]\nstale = \"31d\"",
            "2: stores.aws.stale: expected a time such as \"24h\", from \"1s\" to \"30d\"",
        ),
        (
            "[stores.aws]\nstale = \"9m\"\ncache = \"10m\"",
            "2: stores.aws.stale: expected a time that is not shorter than `cache`",
        ),
        (
            "[stores.vault]\nmounts = { \"/kv\" = \"kv-v2\" }",
            "2: stores.vault.mounts.\"…\": expected a mount such as \"team/kv\", without a slash at its ends",
        ),
        (
            "[stores.vault]\nmounts = { kv = \"kv2\" }",
            "2: stores.vault.mounts.kv: expected one of \"kv-v1\", \"kv-v2\", \"other\"",
        ),
        (
            "[stores.vault]\nrequests = { \"pki/issue/../x\" = {} }",
            "2: stores.vault.requests.\"…\": expected a path such as \"pki/issue/web\", without a slash at its ends",
        ),
        (
            "[stores.vault]\nrequests = { pki = { ttl = 1 } }",
            "2: stores.vault.requests.pki.ttl: expected text on one line, without placeholders",
        ),
        (
            "[stores.vault]\nnames = \"secret/mcp\"",
            "2: stores.vault.names: expected a place with `{name}` once, such as \"secret/mcp#{name}\"",
        ),
        (
            "[stores.vault]\nnames = \"secret#{name}\"",
            "2: stores.vault.names: expected a place with `{name}` once, such as \"secret/mcp#{name}\"",
        ),
        (
            "[stores.vault]\nnames = \"a/{name}#{name}\"",
            "2: stores.vault.names: expected a place with `{name}` once, such as \"secret/mcp#{name}\"",
        ),
        (
            "[stores.aws]\nnames = \"mcp\"",
            "2: stores.aws.names: expected a secret's name with `{name}` once, such as \"mcp/{name}\" or \"mcp#{name}\"",
        ),
        (
            "[stores.aws]\nregion = \"eu-central-1.evil.example/\"",
            "2: stores.aws.region: expected a region such as \"eu-central-1\"",
        ),
        (
            "[stores.aws]\naccess_key_id = \"A\"",
            "1: stores.aws: lacks `secret_access_key`, the other part of the key",
        ),
        (
            "[stores.aws]\nsession_token = \"$<A>\"",
            "1: stores.aws: lacks `access_key_id`, the other part of the key",
        ),
        (
            "[stores.aws]\nsecret_access_key = \"x\"",
            &format!(
                "2: stores.aws.secret_access_key: expected a placeholder such as \"$<keychain:aws-secret-key>\", {SECRET}"
            ),
        ),
        (
            "[stores.vault]\nclient_cert = \"c\"",
            "1: stores.vault: lacks `client_key`, the key of `client_cert`",
        ),
        (
            "[stores.vault]\nclient_key = \"c\"",
            "1: stores.vault: lacks `client_cert`, the certificate of `client_key`",
        ),
        (
            "[stores.vault]\nauth = { method = \"cert\" }",
            "1: stores.vault: lacks `address`: a login belongs to one",
        ),
    ] {
        let (scratch, settings) = load(text, "");
        let shown = settings.expect_err(text).to_string();
        let file = scratch.home().join(USER);
        assert_eq!(shown, format!("{}:{expected}", file.display()), "{text}");
    }
}

#[test]
fn a_wrong_login_is_told_by_line_and_key() {
    const SECRET_ID: &str = "secret_id: expected a placeholder such as \"$<keychain:vault-secret-id>\", not the secret itself";
    const LOCAL: &str = "a login must come from dotenv, env, exec, file, keychain or sealed";
    for (auth, expected) in [
        ("role_id = \"x\"", ": lacks `method`".to_owned()),
        ("method = \"ldap\"", ".method: expected one of \"approle\", \"cert\", \"jwt\", \"kubernetes\", \"token\", \"userpass\"".to_owned()),
        ("method = \"approle\"", ": lacks `role_id`".to_owned()),
        ("method = \"approle\", role_id = \"r\", secret_id = \"8f2c\"", format!(".{SECRET_ID}")),
        ("method = \"approle\", role_id = \"r\", secret_id = \"x$<keychain:a>\"", format!(".{SECRET_ID}")),
        ("method = \"approle\", role_id = \"r\", secret_id = \"$<keychain:a><$<b\"", format!(".{SECRET_ID}")),
        ("method = \"approle\", role_id = \"r\", secret_id = \"$<keychain:a:-8f2c>\"", format!(".{SECRET_ID}")),
        ("method = \"approle\", role_id = \"r\", secret_id = 5", format!(".{SECRET_ID}")),
        ("method = \"approle\", role_id = \"r\", secret_id = \"$<fd:A>\"", ".secret_id: expected a placeholder without `fd:`, which is for servers".to_owned()),
        ("method = \"approle\", role_id = \"r\", secret_id = \"$<vault:secret/a#b>\"", format!(".secret_id: {LOCAL}")),
        ("method = \"approle\", role_id = \"r\", secret_id = \"$<aws:a>\"", format!(".secret_id: {LOCAL}")),
        ("method = \"approle\", role_id = \"r\", secret_id = \"$<other:a#b>\"", format!(".secret_id: {LOCAL}")),
        ("method = \"approle\", role_id = \"$<vault:secret/a#b>\"", format!(".role_id: {LOCAL}")),
        ("method = \"approle\", role_id = \"r\", wrapped = true", ": lacks `secret_id`, which is wrapped".to_owned()),
        ("method = \"approle\", role_id = \"r\", role = \"x\"", ".role: does not go with `method = \"approle\"`".to_owned()),
        ("method = \"approle\", role_id = \"\"", ".role_id: expected text".to_owned()),
        ("method = \"cert\", secret_id = \"$<A>\"", ".secret_id: does not go with `method = \"cert\"`".to_owned()),
        ("method = \"cert\", mount = \"auth/cert\"", ".mount: expected a mount such as \"approle\", without `auth/` and without a slash at its ends".to_owned()),
        ("method = \"cert\", mount = \"cert/\"", ".mount: expected a mount such as \"approle\", without `auth/` and without a slash at its ends".to_owned()),
        ("method = \"jwt\"", ": lacks `jwt` or `jwt_file`".to_owned()),
        ("method = \"jwt\", jwt = \"$<A>\", jwt_file = \"x\"", ".jwt_file: says the same as `jwt`; keep one of the two".to_owned()),
        ("method = \"jwt\", jwt_file = \"a>b\"", ".jwt_file: expected a path without `>` and `:-`".to_owned()),
        ("method = \"jwt\", jwt = \"eyJ\"", ".jwt: expected a placeholder such as \"$<keychain:vault-jwt>\", not the secret itself".to_owned()),
        ("method = \"kubernetes\"", ": lacks `role`".to_owned()),
        ("method = \"kubernetes\", role = \"r\", token = \"$<A>\"", ".token: does not go with `method = \"kubernetes\"`".to_owned()),
        ("method = \"token\", token = \"hvs.x\"", ".token: expected a placeholder such as \"$<keychain:vault-token>\", not the secret itself".to_owned()),
        ("method = \"token\", mount = \"token\"", ".mount: does not go with `method = \"token\"`".to_owned()),
        ("method = \"userpass\", username = \"me\"", ": lacks `password`".to_owned()),
        ("method = \"userpass\", password = \"$<A>\"", ": lacks `username`".to_owned()),
        ("method = \"userpass\", username = \"$<A>\", password = \"$<A>\"", ".username: expected text on one line, without placeholders".to_owned()),
        ("method = \"token\", tokn = \"$<A>\"", ".tokn: unknown key".to_owned()),
    ] {
        let text = format!(
            "[stores.other]\nkind = \"vault\"\n[stores.vault]\naddress = \"https://v\"\nauth = {{ {auth} }}"
        );
        let (scratch, settings) = load(&text, "");
        let shown = settings.expect_err(auth).to_string();
        let file = scratch.home().join(USER);
        assert_eq!(
            shown,
            format!("{}:5: stores.vault.auth{expected}", file.display()),
            "{auth}"
        );
    }
}

#[test]
fn a_name_that_a_login_needs_is_not_bound_to_a_network_store() {
    const LOGIN: &str = "[stores.vault]\naddress = \"https://v\"\nauth = { method = \"token\", token = \"$<T>\" }\n";
    for from in ["vault:secret/a#b", "aws:a"] {
        let (_scratch, settings) = load(&format!("{LOGIN}[secrets.T]\nfrom = \"{from}\""), "");
        let error = settings.expect_err(from);
        assert_eq!(
            (error.line(), error.key()),
            (Some(5), "secrets.T.from"),
            "{from}"
        );
        assert_eq!(error.kind(), &ConfigErrorKind::NotLocal { near: None });
    }
    user(&format!("{LOGIN}[secrets.T]\nfrom = \"keychain:t\""));
}

#[test]
fn what_was_meant_is_told() {
    for (text, hint) in [
        ("[stores.valt]\naddress = \"x\"", "did you mean `vault`?"),
        ("[stores.seald]\npath = \"x\"", "did you mean `sealed`?"),
        ("[stores]\nvalt = 1", "did you mean `vault`?"),
        (
            "[stores.vault]\nadress = \"https://v\"",
            "did you mean `address`?",
        ),
        (
            "[stores.vault]\naddress = \"https://v\"\nauth = { method = \"token\", tokn = \"$<A>\" }",
            "did you mean `token`?",
        ),
        (
            "[stores.vault]\naddress = \"https://v\"\nauth = { method = \"token\", token = \"$<keychian:a>\" }",
            "did you mean `keychain`?",
        ),
        (
            "[stores.production]\nkind = \"aws\"\n[secrets.A]\nfrom = \"prodution:a\"",
            "did you mean `production`?",
        ),
        (
            "[secrets.A]\nfrom = \"valt:a/b#c\"",
            "did you mean `vault`?",
        ),
        (
            "order = [\"aws\"]",
            "add it to `[stores.aws]` in your own config.toml",
        ),
    ] {
        let (_scratch, settings) = load(text, "");
        assert_eq!(
            settings.expect_err(text).hint().as_deref(),
            Some(hint),
            "{text}"
        );
    }
}

#[test]
fn a_bare_name_stands_where_its_store_says() {
    let settings = user(
        "order = [\"prod\", \"keychain\", \"aws\", \"vault\"]\n\
         [stores.prod]\nkind = \"vault\"\nnames = \"secret/{name}#value\"\n\
         [stores.aws]\nnames = \"mcp/{name}\"\n\
         [stores.vault]\nnames = \"secret/mcp#{name}\"\n",
    );
    assert_eq!(
        settings.order().unwrap(),
        ["prod", "keychain", "aws", "vault"]
    );
    for (store, expected) in [
        ("prod", "prod:secret/TOKEN#value"),
        ("keychain", "keychain:TOKEN"),
        ("aws", "aws:mcp/TOKEN"),
        ("vault", "vault:secret/mcp#TOKEN"),
    ] {
        assert_eq!(settings.address_of(store, "TOKEN").to_string(), expected);
    }
    assert_eq!(
        user("").address_of("vault", "T"),
        Address::new("vault", "T")
    );
}

#[test]
fn the_order_has_only_stores_that_say_where_bare_names_stand() {
    for (order, stores, expected) in [
        (
            "vault",
            "",
            "say where bare names stand: names = \"secret/mcp#{name}\"",
        ),
        (
            "aws",
            "",
            "say where bare names stand: names = \"mcp/{name}\"",
        ),
        (
            "prod",
            "[stores.prod]\nkind = \"aws\"",
            "say where bare names stand: names = \"mcp/{name}\"",
        ),
        (
            "prod",
            "",
            "expected one of \"dotenv\", \"env\", \"keychain\", \"sealed\", or a network store",
        ),
    ] {
        let line = format!("order = [\"env\",\n\"{order}\"]\n");
        let (_scratch, settings) = load(&format!("{line}{stores}"), "");
        let error = settings.expect_err(order);
        assert_eq!((error.line(), error.key()), (Some(2), "order[1]"));
        assert_eq!(error.kind().to_string(), expected);

        // A project says it of the person's stores.
        let (_scratch, settings) = load(stores, &line);
        let fault = settings.unwrap().project().unwrap().fault.clone().unwrap();
        assert_eq!((fault.line(), fault.key()), (Some(2), "order[1]"));
        assert_eq!(fault.kind(), error.kind());
    }
}

#[test]
fn a_grant_holds_where_a_network_store_has_the_name() {
    let settings = user(
        "[stores.prod]\nkind = \"vault\"\nnames = \"secret/mcp#{name}\"\n[stores.plain]\nkind = \"aws\"\n\
         [secrets.A]\ngrant = []",
    );
    let at: Vec<String> = settings.grants().unwrap()[0]
        .addresses
        .iter()
        .map(Address::to_string)
        .collect();
    assert_eq!(
        at,
        [
            "dotenv:A",
            "env:A",
            "keychain:A",
            "sealed:A",
            "prod:secret/mcp#A"
        ]
    );
}

#[test]
fn a_project_names_the_stores_of_the_person_and_defines_none() {
    const STORE: &str = "[stores.prod]\nkind = \"vault\"\nnames = \"secret/mcp#{name}\"";
    const NAMES: &str = "order = [\"prod\"]\n[secrets.A]\nfrom = \"prod:db#password\"\n\
                         [servers.s]\ncommand = [\"a\", \"$<prod:db#user>\"]\nenv = { A = \"$<prod:db#host>\" }";
    let (scratch, settings) = load(STORE, NAMES);
    let settings = settings.unwrap();
    assert!(settings.project().unwrap().fault.is_none());
    TrustStore::of(settings.directories())
        .unwrap()
        .trust(&scratch.home().join(PROJECT))
        .unwrap();
    let environment = Environment::from_pairs(scratch.variables());
    let settings = Settings::load(&environment, &scratch.home()).unwrap();
    assert_eq!(settings.order().unwrap(), ["prod"]);
    let from = settings.binding("A").unwrap().unwrap().from.unwrap();
    assert_eq!(from.value, Address::new("prod", "db#password"));
    assert_eq!(settings.own().order().unwrap().len(), 3);
    assert!(settings.own().binding("A").unwrap().is_none());

    let (scratch, settings) = load("", "[secrets.A]\nfrom = \"prod:db#password\"");
    let settings = settings.unwrap();
    let fault = settings.project().unwrap().fault.clone().unwrap();
    assert_eq!((fault.line(), fault.key()), (Some(2), "secrets.A.from"));
    assert_eq!(fault.kind(), &ConfigErrorKind::UnknownStore { near: None });
    let trusted = TrustStore::of(settings.directories())
        .unwrap()
        .trust(&scratch.home().join(PROJECT));
    assert_eq!(trusted.unwrap_err().kind(), fault.kind());
}

#[test]
fn a_project_never_says_what_a_network_store_is() {
    for (project, at) in [
        ("[stores.vault]\naddress = \"https://evil\"", "stores.vault"),
        (
            "[stores.aws]\nendpoint_url = \"https://evil\"",
            "stores.aws",
        ),
        ("[stores.vault]\nnames = \"a/{name}#b\"", "stores.vault"),
        (
            "[stores.prod]\nkind = \"vault\"\naddress = \"https://evil\"",
            "stores.prod",
        ),
        ("[stores.prod]\naddress = \"https://evil\"", "stores.prod"),
        ("[stores.dotenw]\nkind = \"vault\"", "stores.dotenw"),
    ] {
        let (_scratch, settings) = load("[stores.prod]\nkind = \"vault\"", project);
        let error = settings.unwrap().grants().expect_err(project);
        assert_eq!(
            (error.kind(), error.key()),
            (&ConfigErrorKind::OnlyInUserFile, at),
            "{project}"
        );
    }
    let (_scratch, settings) = load("", "[stores.dotenw]\npath = \"x\"");
    let error = settings.unwrap().grants().unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("did you mean `dotenv`?"));
}
