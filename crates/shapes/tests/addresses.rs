//! Addresses and connection strings. Every secret here is invented.

use mcp_launch_shapes::{
    Confidence::{self, High, Medium},
    Plain, Standing, judge, judge_url,
};

/// The only finding in `value`: its part, how sure it is, and the suggestion.
#[track_caller]
fn only(name: &str, value: &str) -> (String, Confidence, Option<String>) {
    let mut judgement = judge(name, value);
    assert_eq!(judgement.findings.len(), 1, "{name}={value}: {judgement:?}");
    let finding = judgement.findings.remove(0);
    (
        value[finding.part].to_owned(),
        finding.confidence,
        finding.suggestion,
    )
}

#[track_caller]
fn is_plain(name: &str, value: &str, why: Plain) {
    let judgement = judge(name, value);
    assert_eq!(
        judgement.standing,
        Standing::Plain(why),
        "{name}={value}: {judgement:?}"
    );
    assert!(judgement.findings.is_empty());
}

#[test]
fn only_the_password_of_an_address_is_the_secret() {
    for (name, value, part, suggestion) in [
        (
            "DATABASE_URL",
            "postgresql://app:Tq7mKz4Wxe@db.example:5432/app?sslmode=require",
            "Tq7mKz4Wxe",
            "DATABASE_URL_PASSWORD",
        ),
        (
            "MONGODB_URI",
            "mongodb+srv://app:Tq7mKz4Wxe@cluster0.ab1cd.mongodb.net/x?retryWrites=true&w=majority",
            "Tq7mKz4Wxe",
            "MONGODB_URI_PASSWORD",
        ),
        (
            "REDIS_URL",
            "redis://:Tq7mKz4Wxe@cache:6379/0",
            "Tq7mKz4Wxe",
            "REDIS_URL_PASSWORD",
        ),
        (
            "",
            "mysql://root:p@ss!w0rD@db:3306/x",
            "p@ss!w0rD",
            "MYSQL_PASSWORD",
        ),
        (
            "",
            "postgres://app:ab/cD9#x@db/app",
            "ab/cD9#x",
            "POSTGRES_PASSWORD",
        ),
        (
            "",
            "postgres://app:a%40b%2Fc9@db/app",
            "a%40b%2Fc9",
            "POSTGRES_PASSWORD",
        ),
        (
            "",
            "mongodb://app:Tq7mKz4Wxe@a:27017,b:27017,c:27017/x?replicaSet=r",
            "Tq7mKz4Wxe",
            "MONGODB_PASSWORD",
        ),
        (
            "REPO",
            "https://deploy:Tq7mKz4Wxe@git.example.org/x.git",
            "Tq7mKz4Wxe",
            "REPO_PASSWORD",
        ),
        (
            "SENTRY_DSN",
            "https://0b7d4f1c8e923f0c2b8e91d44c7aa6e5@o1.ingest.sentry.io/2",
            "0b7d4f1c8e923f0c2b8e91d44c7aa6e5",
            "SENTRY_DSN_TOKEN",
        ),
        (
            "DB",
            "Server=db;Database=x;User Id=sa;Password=Tq7mKz4Wxe;Encrypt=true",
            "Tq7mKz4Wxe",
            "DB_PASSWORD",
        ),
        (
            "DSN",
            "app:Tq7mKz4Wxe@tcp(db:3306)/x",
            "Tq7mKz4Wxe",
            "DSN_PASSWORD",
        ),
        (
            "ORACLE",
            "scott/Tq7mKz4Wxe@db:1521/ORCL",
            "Tq7mKz4Wxe",
            "ORACLE_PASSWORD",
        ),
        (
            "PG",
            "host=db user=app password=Tq7mKz4Wxe dbname=x",
            "Tq7mKz4Wxe",
            "PG_PASSWORD",
        ),
        (
            "JDBC",
            "jdbc:postgresql://db/x?user=app&password=Tq7mKz4Wxe",
            "Tq7mKz4Wxe",
            "POSTGRESQL_PASSWORD",
        ),
    ] {
        let found = only(name, value);
        assert_eq!(found.0, part, "{value}");
        assert!(found.1 >= Medium, "{value}");
        if name != "JDBC" {
            assert_eq!(found.2.as_deref(), Some(suggestion), "{value}");
        }
    }
}

#[test]
fn addresses_without_credentials_are_left_alone() {
    for value in [
        "https://mcp.supabase.com/mcp?project_ref=refxscvyacxtohfjxysh",
        "https://mcp.supabase.com/mcp?project_ref=x&features=docs%2Caccount%2Cdatabase",
        "https://mcp.exa.ai/mcp?tools=web_search_exa,get_code_context_exa",
        "http://localhost:3000/mcp",
        "postgresql://localhost:5432/app",
        "postgresql://app@localhost/app",
        "ssh://git@github.com/x/y.git",
        "https://example.org/@scope/package",
        "http://[::1]:8080/mcp",
        "https://example.org/?max_tokens=100&token=",
    ] {
        is_plain("SERVER", value, Plain::Url);
    }
    for value in [
        "postgresql://user:password@localhost/db",
        "postgres://USER:PASSWORD@HOST:5432/DB",
        "mongodb://app:<password>@h/x",
    ] {
        is_plain("DATABASE_URL", value, Plain::Placeholder);
    }
}

#[test]
fn parameters_and_paths_of_an_address_are_found() {
    for (url, part, suggestion) in [
        (
            "https://mcp.example.com/mcp?api_key=9f86d081884c7d65",
            "9f86d081884c7d65",
            "API_KEY",
        ),
        (
            "https://mcp.exa.ai/mcp?exaApiKey=3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92&tools=x",
            "3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92",
            "EXA_API_KEY",
        ),
        (
            "https://mcp.brightdata.com/sse?token=9f86d081884c7d65",
            "9f86d081884c7d65",
            "BRIGHTDATA_TOKEN",
        ),
        (
            "https://acct.blob.core.windows.net/c?sv=2022&sig=Kx9vLq2Rt7Zp4Wm8Nc5Bd%3D",
            "Kx9vLq2Rt7Zp4Wm8Nc5Bd%3D",
            "WINDOWS_SIG",
        ),
        (
            "https://example.org/cb#access_token=Kx9vLq2Rt7Zp4Wm8",
            "Kx9vLq2Rt7Zp4Wm8",
            "ACCESS_TOKEN",
        ),
        (
            "https://mcp.zapier.com/api/mcp/s/Kx9vLq2Rt7Zp4Wm8Nc5Bd/mcp",
            "Kx9vLq2Rt7Zp4Wm8Nc5Bd",
            "ZAPIER_TOKEN",
        ),
        (
            "https://eth-mainnet.g.alchemy.com/v2/Kx9vLq2Rt7Zp4Wm8Nc5Bd",
            "Kx9vLq2Rt7Zp4Wm8Nc5Bd",
            "ALCHEMY_TOKEN",
        ),
        (
            "https://hooks.slack.com/services/T0ABCDE12/B0FGHIJ34/Kx9vLq2Rt7Zp4Wm8Nc5Bd",
            "T0ABCDE12/B0FGHIJ34/Kx9vLq2Rt7Zp4Wm8Nc5Bd",
            "SLACK_TOKEN",
        ),
        (
            "https://mcp.firecrawl.dev/fc-9f86d081884c7d659a2feaa0c55ad015/v2/mcp",
            "fc-9f86d081884c7d659a2feaa0c55ad015",
            "FIRECRAWL_API_KEY",
        ),
    ] {
        let judgement = judge_url(url);
        assert_eq!(judgement.findings.len(), 1, "{url}: {judgement:?}");
        let finding = &judgement.findings[0];
        assert_eq!(&url[finding.part.clone()], part);
        assert_eq!(finding.suggestion.as_deref(), Some(suggestion), "{url}");
        assert_eq!(judgement.standing, Standing::Secret);
    }
}

#[test]
fn an_address_may_hold_several_secrets() {
    let url = "https://app:Tq7mKz4Wxe@example.org/mcp?access_token=Kx9vLq2Rt7Zp4Wm8";
    let parts: Vec<&str> = judge_url(url)
        .findings
        .into_iter()
        .map(|finding| &url[finding.part])
        .collect();
    assert_eq!(parts, ["Tq7mKz4Wxe", "Kx9vLq2Rt7Zp4Wm8"]);
}

#[test]
fn a_password_beside_a_reference_is_still_a_password() {
    let (part, confidence, _) = only("DATABASE_URL", "postgres://app:Tq7mKz4Wxe@${DB_HOST}/app");
    assert_eq!((part.as_str(), confidence), ("Tq7mKz4Wxe", High));
}
