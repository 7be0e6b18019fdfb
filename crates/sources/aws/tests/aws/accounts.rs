//! Other regions and accounts, by ARN and by setting.

use serde_json::json;

use crate::stage::{Stage, apart, told};

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
    let profile = format!("[profile work]\nendpoint_url = {}\n", stage.moto.endpoint());
    stage.scratch.write(".aws/config", profile);
    let mut command = stage.command(&["--profile", "work", "db"]);
    command.env_remove("AWS_ENDPOINT_URL");
    assert_eq!(told(apart(&mut command)).values(), ["1"]);
}

#[test]
fn plain_http_to_another_machine_is_refused_wherever_it_is_said() {
    let stage = Stage::new();
    let by_setting = stage.ask(&["--endpoint", "http://aws.example", "db"]);
    assert!(
        by_setting.error().contains("plain http"),
        "{}",
        by_setting.text
    );
    let mut command = stage.command(&["db"]);
    command.env("AWS_ENDPOINT_URL", "http://aws.example");
    let by_variable = told(apart(&mut command));
    assert!(
        by_variable.error().contains("unencrypted"),
        "{}",
        by_variable.text
    );
    assert!(
        by_variable.hint().contains("allow_http"),
        "{}",
        by_variable.text
    );
}
