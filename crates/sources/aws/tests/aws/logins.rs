//! Where credentials come from: each link of the chain, and what is told when it gives none.

use std::io::Write;
use std::process::{Command, Stdio};

use mcp_launch_testkit::{Answer, Canary, FaultServer, HttpRequest, RefusedAddress, Script};
use serde_json::json;

use crate::stage::{Stage, Told, apart, told};

/// What the session `work` is cached as.
pub(crate) const SSO_CACHE: &str = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";

fn stage() -> Stage {
    let stage = Stage::new();
    stage.moto.create("db", "1");
    stage
}

/// Which access key Moto saw last.
fn key(stage: &Stage) -> String {
    stage.moto.requests().pop().unwrap().access_key
}

fn without_keys(stage: &Stage, words: &[&str]) -> Command {
    let mut command = stage.command_without_keys(words);
    apart(&mut command);
    command
}

#[test]
fn a_profile_of_the_settings_comes_before_the_variables() {
    let stage = stage();
    let files = "[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = x\n\
                 [default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = x\n";
    stage.scratch.write(".aws/credentials", files);
    assert_eq!(stage.ask(&["--profile", "work", "db"]).values(), ["1"]);
    assert_eq!(key(&stage), "AKIAWORK");
    assert_eq!(stage.ask(&["db"]).values(), ["1"]);
    assert_eq!(key(&stage), "AKIAIOSFODNN7EXAMPLE");
    let mut by_variable = without_keys(&stage, &["db"]);
    assert_eq!(told(by_variable.env("AWS_PROFILE", "work")).values(), ["1"]);
    assert_eq!(key(&stage), "AKIAWORK");
    assert_eq!(told(&mut without_keys(&stage, &["db"])).values(), ["1"]);
    assert_eq!(key(&stage), "AKIADEFAULT");
}

#[test]
fn an_unknown_profile_is_an_error_and_never_somebody_else() {
    let stage = stage();
    let files = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = x\n";
    stage.scratch.write(".aws/credentials", files);
    let by_setting = stage.ask(&["--profile", "wrok", "db"]);
    let mut by_variable = without_keys(&stage, &["db"]);
    let by_variable = told(by_variable.env("AWS_PROFILE", "wrok"));
    for told in [by_setting, by_variable] {
        assert_eq!(
            told.error(),
            "unavailable: unavailable: there is no such AWS profile"
        );
        assert!(
            told.hint().contains("names wrok; there are: default"),
            "{}",
            told.text
        );
    }
}

#[test]
fn a_profile_of_the_settings_without_credentials_is_an_error_and_never_somebody_else() {
    let stage = stage();
    let container = FaultServer::start(Answer::json(200, &keys_of_a_role()));
    stage
        .scratch
        .write(".aws/config", "[profile work]\nregion = us-east-1\n");
    let asked = stage.asked_by(|| {
        // Of somebody else: keys in variables, a web identity, a container.
        let mut command = stage.command(&["--profile", "work", "db"]);
        let token = stage.scratch.write("token", "header.payload.signature");
        command
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
            .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/app")
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.address());
        let told = told(apart(&mut command));
        assert_eq!(
            told.error(),
            "unavailable: unavailable: no AWS credentials were found"
        );
        assert_eq!(
            told.hint(),
            "aws configure --profile work (profile work has no keys, SSO login, role or credential_process)"
        );
    });
    assert!(asked.is_empty(), "{asked:?}");
    assert!(container.requests().is_empty());

    let config = "[profile app]\nrole_arn = arn:aws:iam::123456789012:role/app\n\
                  credential_source = Environment\n";
    stage.scratch.write(".aws/config", config);
    let asked = stage.asked_by(|| {
        assert_eq!(stage.ask(&["--profile", "app", "db"]).values(), ["1"]);
    });
    assert_eq!(asked, ["AssumeRole", "GetSecretValue"]);
}

#[test]
fn a_credential_process_is_not_run_where_it_would_read_the_clients_messages() {
    let stage = stage();
    let ran = stage.scratch.temp().join("ran");
    let text = format!("#!/bin/sh\n: > {}\n", ran.display());
    let script = stage.scratch.script("login.sh", &text);
    let profile = format!("[default]\ncredential_process = {}\n", script.display());
    stage.scratch.write(".aws/config", profile);
    let program = without_keys(&stage, &["db"]);
    // A machine whose /dev has nothing to stand in for standard input.
    let mut command = stage.scratch.command("unshare");
    command
        .args(["-m", "sh", "-c"])
        .arg("mount -t tmpfs none /dev && exec \"$0\" \"$@\"")
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let told = told(&mut command);
    assert_eq!(
        told.error(),
        "unavailable: unavailable: the client's messages cannot be kept from the credential_process of the profile"
    );
    assert!(told.hint().contains("/dev/null"), "{}", told.text);
    assert!(!ran.exists());
}

#[test]
fn a_credential_process_is_run_without_the_clients_messages() {
    let stage = stage();
    let script = stage.scratch.script(
        "login.sh",
        "#!/bin/sh\nif read -r line; then echo \"took: $line\" >&2; exit 3; fi\n\
         echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"x\"}'\n",
    );
    let profile = format!("[default]\ncredential_process = {}\n", script.display());
    stage.scratch.write(".aws/config", profile);
    let mut command = without_keys(&stage, &["db"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"{\"jsonrpc\":\"2.0\"}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(Told { text }.values(), ["1"]);
    assert_eq!(key(&stage), "AKIAPROCESS");
}

#[test]
fn what_a_credential_process_says_is_not_repeated() {
    let stage = stage();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    for text in [
        format!(
            "#!/bin/sh\necho '{0}'; echo '{0}' >&2; exit 1\n",
            canary.value()
        ),
        format!("#!/bin/sh\necho '{0}'; echo '{0}' >&2\n", canary.value()),
        format!(
            "#!/bin/sh\necho '{{\"Version\":1,\"AccessKeyId\":\"{}\"}}'\n",
            canary.value()
        ),
    ] {
        let script = stage.scratch.script("login.sh", &text);
        let profile = format!("[default]\ncredential_process = {}\n", script.display());
        stage.scratch.write(".aws/config", profile);
        let told = told(&mut without_keys(&stage, &["db"]));
        assert_eq!(
            told.error(),
            "unavailable: unavailable: the credential_process of the profile failed"
        );
        canary.assert_absent("what is told", &told.text);
    }
}

#[test]
fn a_web_identity_is_exchanged_once_for_launches_that_start_together() {
    let stage = stage();
    for name in ["a", "b", "c", "d"] {
        stage.moto.create(name, name);
    }
    let token = stage.scratch.write("token", "header.payload.signature");
    let asked = stage.asked_by(|| {
        let running: Vec<_> = ["a", "b", "c", "d"]
            .map(|name| {
                let mut command = stage.command_without_keys(&[name]);
                command
                    .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
                    .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/app")
                    .stdout(Stdio::piped());
                (name, command.spawn().unwrap())
            })
            .into();
        for (name, child) in running {
            let text = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
            assert_eq!(Told { text }.values(), [name]);
        }
    });
    let times = |action: &str| asked.iter().filter(|asked| *asked == action).count();
    assert_eq!(times("AssumeRoleWithWebIdentity"), 1, "{asked:?}");
    assert_eq!(times("GetSecretValue"), 4, "{asked:?}");
}

#[test]
fn a_profile_may_assume_a_role() {
    let stage = stage();
    let config = "[profile app]\nrole_arn = arn:aws:iam::123456789012:role/app\n\
                  source_profile = base\n[profile base]\naws_access_key_id = AKIABASE\n\
                  aws_secret_access_key = x\n";
    stage.scratch.write(".aws/config", config);
    let asked = stage.asked_by(|| {
        let told = told(&mut without_keys(&stage, &["--profile", "app", "db"]));
        assert_eq!(told.values(), ["1"]);
    });
    assert_eq!(asked, ["AssumeRole", "GetSecretValue"]);
}

/// STS that answers so to everything.
fn refused_by_sts(stage: &Stage, code: &str, canary: &Canary) -> Told {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>",
        canary.value()
    );
    let sts = FaultServer::start(
        Answer::status(403)
            .header("Content-Type", "text/xml")
            .body(body),
    );
    let token = stage.scratch.write("token", canary.value());
    let mut command = without_keys(stage, &["db"]);
    command
        .env("AWS_ENDPOINT_URL_STS", sts.address())
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", &token)
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/app");
    told(&mut command)
}

#[test]
fn what_sts_refuses_is_told_in_our_words() {
    let (stage, canary) = (stage(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000"));
    for (code, error) in [
        ("AccessDenied", "denied: access denied: AWS denies the role"),
        (
            "InvalidIdentityToken",
            "denied: access denied: the web identity token",
        ),
        (
            "ExpiredTokenException",
            "denied: access denied: the web identity token",
        ),
    ] {
        let told = refused_by_sts(&stage, code, &canary);
        assert!(told.error().starts_with(error), "{code}: {}", told.text);
        canary.assert_absent("what is told", &told.text);
    }
}

pub(crate) fn keys_of_a_role() -> serde_json::Value {
    json!({ "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z",
        "AccessKeyId": "ASIAROLE", "SecretAccessKey": "x", "Token": "t",
        "Expiration": "2099-01-01T00:00:00Z" })
}

#[test]
fn a_container_has_its_own_credentials() {
    let stage = stage();
    let container = FaultServer::start(Answer::json(200, &keys_of_a_role()));
    let mut command = without_keys(&stage, &["db"]);
    command
        .env(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("{}/creds", container.address()),
        )
        .env(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "token-of-the-container",
        );
    assert_eq!(told(&mut command).values(), ["1"]);
    assert_eq!(key(&stage), "ASIAROLE");
    let request = container.requests().pop().unwrap();
    assert_eq!(
        request.header("authorization"),
        Some("token-of-the-container")
    );
}

/// An instance in eu-west-1 with a role.
pub(crate) fn instance(request: &HttpRequest) -> Answer {
    match request.path.as_str() {
        "/latest/api/token" => Answer::status(200)
            .header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
            .body("metadata-token"),
        "/latest/meta-data/placement/region" => Answer::status(200).body("eu-west-1"),
        "/latest/meta-data/iam/security-credentials/" => Answer::status(200).body("app"),
        "/latest/meta-data/iam/security-credentials/app" => Answer::json(200, &keys_of_a_role()),
        _ => Answer::status(404),
    }
}

#[test]
fn an_instance_has_a_role_and_a_region() {
    let stage = stage();
    let secret = json!({ "Name": "db", "SecretString": "ireland" });
    stage.moto.call_in("eu-west-1", "CreateSecret", secret);
    let metadata = FaultServer::start(Script::from_fn(instance));
    let mut command = without_keys(&stage, &["db"]);
    command
        .env_remove("AWS_EC2_METADATA_DISABLED")
        .env_remove("AWS_REGION")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.address());
    assert_eq!(told(&mut command).values(), ["ireland"]);
    assert_eq!(key(&stage), "ASIAROLE");
}

#[test]
fn without_credentials_it_is_told_where_they_were_looked_for() {
    let stage = stage();
    let told = told(&mut without_keys(&stage, &["db"]));
    assert_eq!(
        told.error(),
        "unavailable: unavailable: no AWS credentials were found"
    );
    for part in [
        "aws configure",
        "AWS_ACCESS_KEY_ID is not set",
        "there is no profile default",
        "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_EC2_METADATA_DISABLED",
    ] {
        assert!(told.hint().contains(part), "{}", told.text);
    }
}

#[test]
fn half_an_access_key_in_variables_is_told_with_the_half_that_is_missing() {
    let stage = stage();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    let halves = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    for (set, missing) in [(halves[0], halves[1]), (halves[1], halves[0])] {
        let mut command = without_keys(&stage, &["db"]);
        let told = told(command.env(set, canary.value()));
        assert_eq!(
            told.error(),
            "unavailable: unavailable: no AWS credentials were found"
        );
        let beginning = format!("set {missing}, the other half");
        assert!(told.hint().starts_with(&beginning), "{}", told.text);
        canary.assert_absent("what is told", &told.text);
    }
}

#[test]
fn what_is_missing_in_a_profile_is_told() {
    let stage = stage();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    for (profile, flaw) in [
        (
            "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = dev\n",
            "profile work has corp as sso_session, and there is no section [sso-session corp]",
        ),
        (
            "sso_session = corp\n[sso-session corp]\nsso_region = us-east-1\n",
            "the section [sso-session corp] has no sso_start_url",
        ),
        (
            "sso_session = corp\nsso_role_name = dev\n[sso-session corp]\nsso_region = us-east-1\n\
             sso_start_url = https://corp.example\n",
            "profile work has no sso_account_id",
        ),
        (
            "sso_start_url = https://corp.example\n",
            "profile work has no sso_region",
        ),
        (
            "role_arn = arn:aws:iam::123456789012:role/app\n",
            "profile work has role_arn, and neither source_profile nor credential_source",
        ),
        (
            "role_arn = arn:aws:iam::123456789012:role/app\nsource_profile = base\n",
            "profile work has base as source_profile, and there is no such profile",
        ),
        (
            "role_arn = arn:aws:iam::123456789012:role/app\nsource_profile = base\n\
             [profile base]\naws_secret_access_key = CANARY\n",
            "profile base has aws_secret_access_key without aws_access_key_id",
        ),
        (
            "aws_access_key_id = CANARY\n",
            "profile work has aws_access_key_id without aws_secret_access_key",
        ),
        (
            "web_identity_token_file = /token\n",
            "profile work has web_identity_token_file without role_arn",
        ),
    ] {
        let config = format!("[profile work]\n{profile}").replace("CANARY", canary.value());
        stage.scratch.write(".aws/config", config);
        let mut by_variable = without_keys(&stage, &["db"]);
        by_variable.env("AWS_PROFILE", "work");
        for mut command in [
            without_keys(&stage, &["--profile", "work", "db"]),
            by_variable,
        ] {
            let told = told(&mut command);
            assert_eq!(
                told.error(),
                "unavailable: unavailable: the AWS profile cannot be used as it is written",
                "{profile}"
            );
            assert_eq!(told.hint(), format!("correct the AWS files: {flaw}"));
            canary.assert_absent("what is told", &told.text);
        }
    }
}

#[test]
fn a_machine_without_a_role_is_told_from_one_that_is_no_instance() {
    let stage = stage();
    stage
        .scratch
        .write(".aws/config", "[default]\nregion = us-east-1\n");
    let instance = FaultServer::start(Script::from_fn(|request| {
        match request.path.strip_prefix("/latest/meta-data/iam/") {
            Some(_) => Answer::status(404),
            None => instance(request),
        }
    }));
    let nobody = RefusedAddress::new();
    for (address, reason) in [
        (instance.address(), "the machine has no role"),
        (
            nobody.http(),
            "nothing answers where a machine of EC2 has its metadata",
        ),
    ] {
        let mut command = without_keys(&stage, &["db"]);
        command
            .env_remove("AWS_EC2_METADATA_DISABLED")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", address);
        let told = told(&mut command);
        assert!(told.error().contains("no AWS credentials"), "{}", told.text);
        assert!(told.hint().contains(reason), "{}", told.text);
        let profile = "profile default has no keys, SSO login, role or credential_process";
        assert!(told.hint().contains(profile), "{}", told.text);
    }
}

#[test]
fn a_machine_that_is_no_instance_is_told_at_once() {
    let stage = stage();
    let nobody = RefusedAddress::new();
    let mut command = without_keys(&stage, &["db"]);
    command
        .env_remove("AWS_EC2_METADATA_DISABLED")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", nobody.http());
    let told = told(&mut command);
    assert!(told.error().contains("no AWS credentials"), "{}", told.text);
    assert!(told.took().as_millis() < 1000, "{}", told.text);
}

#[test]
fn a_machine_that_is_silent_is_asked_once_and_for_a_second() {
    let stage = stage();
    let silent = FaultServer::start(Answer::half_open());
    for (region, error) in [(true, "no AWS credentials"), (false, "no AWS region")] {
        let mut command = without_keys(&stage, &["db"]);
        command
            .env_remove("AWS_EC2_METADATA_DISABLED")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.address());
        if !region {
            command.env_remove("AWS_REGION");
        }
        let before = silent.connections();
        let told = told(&mut command);
        assert!(told.error().contains(error), "{}", told.text);
        assert_eq!(silent.connections() - before, 1, "{}", told.text);
        assert!(told.took().as_millis() < 3000, "{}", told.text);
    }
}

pub(crate) const SSO_PROFILE: &str = "[profile work]\nsso_session = work\nsso_account_id = 123456789012\n\
    sso_role_name = dev\n[sso-session work]\nsso_region = us-east-1\n\
    sso_start_url = https://work.example/start\nsso_registration_scopes = sso:account:access\n";

#[test]
fn an_expired_sso_login_is_told_with_the_command() {
    let stage = stage();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    stage.scratch.write(".aws/config", SSO_PROFILE);
    let expired = json!({ "accessToken": canary.value(), "expiresAt": "2020-01-01T00:00:00Z" });
    for cached in [
        None,
        Some(expired.to_string()),
        Some(format!("{{{}", canary.value())),
    ] {
        if let Some(cached) = cached {
            stage.scratch.write(SSO_CACHE, cached);
        }
        let told = told(&mut without_keys(&stage, &["--profile", "work", "db"]));
        assert_eq!(
            told.error(),
            "denied: access denied: the SSO login is expired or missing"
        );
        assert_eq!(told.hint(), "aws sso login --profile work");
        canary.assert_absent("what is told", &told.text);
    }
}

#[test]
fn the_sso_login_that_is_told_is_of_the_profile_with_the_session() {
    let stage = stage();
    let role =
        "[profile app]\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = work\n";
    stage
        .scratch
        .write(".aws/config", format!("{role}{SSO_PROFILE}"));
    let told = told(&mut without_keys(&stage, &["--profile", "app", "db"]));
    assert_eq!(
        told.error(),
        "denied: access denied: the SSO login is expired or missing"
    );
    assert_eq!(told.hint(), "aws sso login --profile work");
}

#[test]
fn an_sso_login_gives_the_role_of_the_profile() {
    let stage = stage();
    stage.scratch.write(".aws/config", SSO_PROFILE);
    let token = json!({ "accessToken": "sso-token", "expiresAt": "2099-01-01T00:00:00Z" });
    stage.scratch.write(SSO_CACHE, token.to_string());
    let role = json!({ "roleCredentials": { "accessKeyId": "ASIASSO", "secretAccessKey": "x",
        "sessionToken": "t", "expiration": 4_070_908_800_000_u64 } });
    let refused = |status: u16, code: &str| {
        Answer::json(status, &json!({ "message": "no" })).header("x-amzn-ErrorType", code)
    };
    for (answer, expected) in [
        (Answer::json(200, &role), "value 1"),
        (
            refused(401, "UnauthorizedException"),
            "error denied: access denied: the SSO login",
        ),
        (
            refused(403, "ForbiddenException"),
            "error denied: access denied: AWS denies the SSO",
        ),
    ] {
        let portal = FaultServer::start(answer);
        let mut command = stage.command_without_keys(&["--profile", "work", "db"]);
        let told = told(command.env("AWS_ENDPOINT_URL_SSO", portal.address()));
        assert!(told.text.starts_with(expected), "{}", told.text);
        let asked = portal.requests().pop().unwrap();
        assert_eq!(asked.header("x-amz-sso_bearer_token"), Some("sso-token"));
    }
    assert_eq!(key(&stage), "ASIASSO");
}
