//! Other regions and accounts, by ARN and by setting.

use mcp_launch_testkit::{Answer, FaultServer, Scratch, Script};
use serde_json::json;

use crate::stage::{Stage, apart, program, told};

#[test]
fn an_arn_says_its_region() {
    let stage = Stage::new();
    let mut arns = Vec::new();
    for (region, value) in [("eu-west-1", "ireland"), ("ap-south-1", "mumbai")] {
        let secret = json!({ "Name": "db", "SecretString": value });
        let created = stage.moto.call_in(region, "CreateSecret", secret);
        arns.push(created["ARN"].as_str().unwrap().to_owned());
    }
    stage.moto.create("db", "virginia");
    let told = stage.ask(&[&arns[0], "db", &arns[1]]);
    assert_eq!(told.values(), ["ireland", "virginia", "mumbai"]);

    // No region but the ARN's.
    let mut alone = stage.command(&[&arns[0]]);
    assert_eq!(
        crate::stage::told(apart(alone.env_remove("AWS_REGION"))).values(),
        ["ireland"]
    );
}

#[test]
fn the_setting_comes_before_the_variable() {
    let stage = Stage::new();
    let secret = json!({ "Name": "db", "SecretString": "ireland" });
    stage.moto.call_in("eu-west-1", "CreateSecret", secret);
    stage.moto.create("db", "virginia");
    let told = stage.ask(&["--region", "eu-west-1", "db"]);
    assert_eq!(told.values(), ["ireland"]);
}

#[test]
fn a_region_may_stand_in_the_profile() {
    let stage = Stage::new();
    let secret = json!({ "Name": "db", "SecretString": "ireland" });
    stage.moto.call_in("eu-west-1", "CreateSecret", secret);
    stage
        .scratch
        .write(".aws/config", "[default]\nregion = eu-west-1\n");
    let mut command = stage.command(&["db"]);
    let told = told(apart(command.env_remove("AWS_REGION")));
    assert_eq!(told.values(), ["ireland"]);
}

#[test]
fn without_a_region_a_name_has_no_place() {
    let stage = Stage::new();
    let mut command = stage.command(&["db"]);
    let told = told(apart(command.env_remove("AWS_REGION")));
    assert_eq!(
        told.error(),
        "unavailable: unavailable: no AWS region is set"
    );
    assert!(told.hint().contains("AWS_REGION"), "{}", told.text);
    assert!(!told.hint().contains("credentials"), "{}", told.text);
}

#[test]
fn without_region_and_credentials_both_are_told() {
    let stage = Stage::new();
    stage
        .scratch
        .write(".aws/config", "[profile work]\noutput = json\n");
    for (words, configure) in [
        (&["db"][..], "aws configure, or set `profile`"),
        (
            &["--profile", "work", "db"],
            "aws configure --profile work (profile work has no keys",
        ),
    ] {
        let mut command = stage.command_without_keys(words);
        let told = told(apart(command.env_remove("AWS_REGION")));
        assert_eq!(
            told.error(),
            "unavailable: unavailable: no AWS region is set"
        );
        for part in ["set `region`", "no AWS credentials either", configure] {
            assert!(told.hint().contains(part), "{}", told.text);
        }
    }
}

#[test]
fn settings_for_an_endpoint_come_before_the_variable() {
    let stage = Stage::new();
    stage.moto.create("db", "1");
    let mut command = stage.command(&["--endpoint", stage.moto.endpoint(), "db"]);
    let told = told(apart(command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")));
    assert_eq!(told.values(), ["1"]);
}

#[test]
fn an_endpoint_may_stand_in_the_profile() {
    let stage = Stage::new();
    stage.moto.create("db", "1");
    let keys = "aws_access_key_id = AKIAWORK\naws_secret_access_key = x";
    let url = stage.moto.endpoint();
    let profile = format!("[profile work]\n{keys}\nendpoint_url = {url}\n");
    stage.scratch.write(".aws/config", profile);
    let mut command = stage.command(&["--profile", "work", "db"]);
    command.env_remove("AWS_ENDPOINT_URL");
    assert_eq!(told(apart(&mut command)).values(), ["1"]);
}

#[test]
fn plain_http_to_another_machine_is_refused_wherever_it_is_said() {
    let stage = Stage::new();
    let by_setting = stage.ask(&["--endpoint", "http://aws.example", "db"]);
    let standing = stage.ask(&["--standing", "--endpoint", "http://aws.example"]);
    let mut command = stage.command(&["db"]);
    command.env("AWS_ENDPOINT_URL", "http://aws.example");
    let by_variable = told(apart(&mut command));
    for told in [by_setting, standing, by_variable] {
        assert!(told.error().contains("unencrypted"), "{}", told.text);
        for part in [
            "https://",
            "`endpoint_url`",
            "AWS_ENDPOINT_URL",
            "`allow_http = true`",
        ] {
            assert!(told.hint().contains(part), "{}", told.text);
        }
    }
    let no_address = stage.ask(&["--endpoint", "aws.example", "db"]);
    assert!(
        no_address.error().contains("as it is written"),
        "{}",
        no_address.text
    );
    assert!(
        no_address.hint().contains("https://HOST"),
        "{}",
        no_address.text
    );
}

#[test]
fn an_address_that_looks_like_metadata_gets_no_request() {
    let scratch = Scratch::new();
    let server = FaultServer::start(Answer::status(200));
    let address = server.address();
    let authority = address.strip_prefix("http://").unwrap();
    for user in ["169.254.169.254", "169.254.169.254:80", "[fd00:ec2::254]:x"] {
        let mut command = program(&scratch, &format!("http://{user}@{authority}"));
        let told = told(apart(command.arg("db")));
        assert!(told.error().starts_with("unavailable"), "{}", told.text);
        assert!(server.requests().is_empty(), "{user}");
    }
}

#[test]
fn an_arn_of_another_account_is_passed_on() {
    let arns = ["a-AbCdEf", "b-AbCdEf"]
        .map(|name| format!("arn:aws:secretsmanager:us-east-1:999988887777:secret:{name}"));
    let entry = |arn: &str, value: &str| json!({ "ARN": arn, "Name": "x", "SecretString": value, "VersionStages": ["AWSCURRENT"] });
    let single = entry(&arns[0], "1");
    let batch =
        json!({ "SecretValues": [entry(&arns[1], "2"), entry(&arns[0], "1")], "Errors": [] });
    let server = FaultServer::start(Script::from_fn(move |request| {
        match request.header("x-amz-target") {
            Some("secretsmanager.BatchGetSecretValue") => Answer::json(200, &batch),
            _ => Answer::json(200, &single),
        }
    }));
    let scratch = Scratch::new();
    for (asked, values) in [(&arns[..1], &["1"][..]), (&arns[..], &["1", "2"])] {
        let mut command = program(&scratch, &server.address());
        let told = told(apart(command.args(asked)));
        assert_eq!(told.values(), values);
        let request = server.requests().pop().unwrap();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        for arn in asked {
            assert!(body.contains(arn), "{body}");
        }
    }
}
