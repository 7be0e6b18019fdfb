//! How an account stands, as `doctor` tells it: nothing of Secrets Manager is asked for it.

use std::process::Command;

use mcp_launch_testkit::{Answer, Canary, FaultServer, Script};
use serde_json::json;

use crate::logins::{SSO_CACHE, SSO_PROFILE, instance, keys_of_a_role};
use crate::stage::{Stage, apart, told};

fn without_keys(stage: &Stage, words: &[&str]) -> Command {
    let mut command = stage.command_without_keys(words);
    apart(&mut command);
    command
}

/// How it stands for `command`, without region and endpoint.
#[track_caller]
fn login(stage: &Stage, command: &mut Command) -> String {
    let told = told(command);
    let place = format!("us-east-1 at {}, ", stage.moto.endpoint());
    let login = told.line("standing ").strip_prefix(&place);
    login.unwrap_or_else(|| panic!("{}", told.text)).to_owned()
}

#[test]
fn each_link_of_the_chain_is_told_by_its_name() {
    let stage = Stage::new();
    let words = ["--standing"];
    let asked = stage.asked_by(|| {
        assert_eq!(
            login(&stage, apart(&mut stage.command(&words))),
            "credentials of the environment, access key ending in MPLE"
        );
        let files = "[default]\naws_access_key_id = AKIAIOSFODNN7DEFAULT\naws_secret_access_key = x\n\
                     [work]\naws_access_key_id = AKIASHORT\naws_secret_access_key = x\n";
        stage.scratch.write(".aws/credentials", files);
        assert_eq!(
            login(&stage, &mut without_keys(&stage, &words)),
            "credentials of profile default, access key ending in AULT"
        );
        // The settings' profile comes before the variables, the variable's after them.
        let named = ["--standing", "--profile", "work"];
        assert_eq!(
            login(&stage, apart(&mut stage.command(&named))),
            "credentials of profile work"
        );
        let mut both = stage.command(&words);
        let by_variables = login(&stage, apart(&mut both).env("AWS_PROFILE", "work"));
        assert!(by_variables.starts_with("credentials of the environment"));
        stage.scratch.write(".aws/credentials", "");

        let script = stage.scratch.script(
            "login.sh",
            "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"x\"}'\n",
        );
        let profile = format!("[default]\ncredential_process = {}\n", script.display());
        stage.scratch.write(".aws/config", profile);
        assert_eq!(
            login(&stage, &mut without_keys(&stage, &words)),
            "credentials of the credential_process of profile default"
        );
        // A profile without credentials is passed over.
        stage.scratch.write(".aws/config", "[default]\nregion = eu-west-1\n");
        let container = FaultServer::start(Answer::json(200, &keys_of_a_role()));
        let uri = format!("{}/creds", container.address());
        let mut command = without_keys(&stage, &words);
        command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri);
        assert_eq!(
            login(&stage, &mut command),
            "credentials of the container's role"
        );
        let metadata = FaultServer::start(Script::from_fn(instance));
        let mut command = without_keys(&stage, &words);
        command
            .env_remove("AWS_EC2_METADATA_DISABLED")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.address());
        assert_eq!(
            login(&stage, &mut command),
            "credentials of the machine's role"
        );
    });
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn a_web_identity_and_an_sso_login_are_told_again_while_they_are_shared() {
    let stage = Stage::new();
    let token = stage.scratch.write("token", "header.payload.signature");
    let asked = stage.asked_by(|| {
        for _ in 0..2 {
            let mut command = stage.command_without_keys(&["--standing"]);
            command
                .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
                .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/app");
            let told = login(&stage, &mut command);
            assert!(told.starts_with("credentials of a web identity"), "{told}");
        }
    });
    assert!(
        asked
            .iter()
            .all(|asked| asked == "AssumeRoleWithWebIdentity"),
        "{asked:?}"
    );

    stage.scratch.write(".aws/config", SSO_PROFILE);
    let sso = json!({ "accessToken": "sso-token", "expiresAt": "2099-01-01T00:00:00Z" });
    stage.scratch.write(SSO_CACHE, sso.to_string());
    let role = json!({ "roleCredentials": { "accessKeyId": "ASIASSOASIASSO77", "secretAccessKey": "x",
        "sessionToken": "t", "expiration": 4_070_908_800_000_u64 } });
    let portal = FaultServer::start(Answer::json(200, &role));
    for _ in 0..2 {
        let mut command = stage.command_without_keys(&["--standing", "--profile", "work"]);
        command.env("AWS_ENDPOINT_URL_SSO", portal.address());
        assert_eq!(
            login(&stage, &mut command),
            "credentials of the SSO login of profile work, access key ending in SO77"
        );
    }
}

#[test]
fn the_endpoint_is_told_where_it_is_not_the_one_of_aws() {
    let stage = Stage::new();
    let place = |command: &mut Command| {
        let told = told(apart(command));
        let text = told.line("standing ").to_owned();
        text.split_once(", ").unwrap().0.to_owned()
    };
    let mut of_aws = stage.command(&["--standing", "--region", "eu-west-1"]);
    assert_eq!(place(of_aws.env_remove("AWS_ENDPOINT_URL")), "eu-west-1");
    let mut of_service = stage.command(&["--standing"]);
    of_service.env("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://vpce.example/");
    assert_eq!(place(&mut of_service), "us-east-1 at https://vpce.example");
    let canary = Canary::shaped_like("aaaaAAAA0000");
    let with_password = format!("https://user:{}@vpce.example", canary.value());
    let mut command = stage.command(&["--standing"]);
    let refused = told(apart(command.env("AWS_ENDPOINT_URL", with_password)));
    assert!(
        refused.error().contains("cannot be used as it is written"),
        "{}",
        refused.text
    );
    canary.assert_absent("what is told", &refused.text);
    let mut of_settings = stage.command(&["--standing", "--endpoint", "https://vpce.example"]);
    assert_eq!(place(&mut of_settings), "us-east-1 at https://vpce.example");

    let mut plain = stage.command(&["--standing"]);
    plain.env("AWS_ENDPOINT_URL", "http://elsewhere.example");
    let told = told(&mut plain);
    assert!(told.error().contains("unencrypted"), "{}", told.text);
    assert!(told.hint().contains("allow_http"), "{}", told.text);
}

#[test]
fn what_keeps_it_from_standing_is_told_with_what_to_do() {
    let stage = Stage::new();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    stage.scratch.write(".aws/config", SSO_PROFILE);
    let expired = json!({ "accessToken": canary.value(), "expiresAt": "2020-01-01T00:00:00Z" });
    stage.scratch.write(SSO_CACHE, expired.to_string());
    for (words, error, hint) in [
        (
            &["--standing"][..],
            "unavailable: unavailable: no AWS credentials were found",
            "aws configure",
        ),
        (
            &["--standing", "--profile", "work"],
            "denied: access denied: the SSO login is expired or missing",
            "aws sso login --profile work",
        ),
        (
            &["--standing", "--profile", "wrok"],
            "unavailable: unavailable: there is no such AWS profile",
            "names wrok; there are: work",
        ),
    ] {
        let told = told(&mut without_keys(&stage, words));
        assert_eq!(told.error(), error);
        assert!(told.hint().contains(hint), "{}", told.text);
        canary.assert_absent("what is told", &told.text);
    }
    let mut command = stage.command(&["--standing"]);
    let told = told(apart(command.env_remove("AWS_REGION")));
    assert_eq!(
        told.error(),
        "unavailable: unavailable: no AWS region is set"
    );
    assert!(told.hint().contains("AWS_REGION"), "{}", told.text);
}
