//! Values as they stand in configs and `.env` files. Every secret here is invented.

use mcp_launch_shapes::{
    Confidence::{self, High, Low, Medium},
    Kind, Plain, Standing, judge, judge_header,
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
fn a_secret_under_a_secret_name_is_found_as_a_whole() {
    for (name, value, confidence) in [
        (
            "EXA_API_KEY",
            "3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92",
            Medium,
        ),
        ("WEATHER_KEY", "9f86d081884c7d659a2feaa0c55ad015", Medium),
        ("MSSQL_PASSWORD", "Tq&7mKz!p4Wxe", Medium),
        (
            "AWS_SECRET_ACCESS_KEY",
            "wJbqrXUtnFEMI/K7MDENG/bPxRfiCYq3Lm9Zt8Kp",
            Medium,
        ),
        ("JWT_SECRET", "kX9v-Lq2_Rt7.Zp4~Wm", Medium),
        (
            "LINKEDIN_COOKIE",
            "li_at=AQEDx9kQ2mZ7; JSESSIONID=ajax:8273",
            Medium,
        ),
        ("GMAIL_APP_PASSWORD", "qzvb hwnk tmyc xrjd", Medium),
        ("WP_APP_PASSWORD", "qk4X mN2p 7Tzw bV9r Lc3d Hs8f", Medium),
        ("POSTGRES_PASSWORD", "postgres", Low),
        ("DB_PASS", "admin123", Low),
        ("DB_PASSWORD", "abc12", Low),
        ("MYSQL_PWD", "84120345", Low),
    ] {
        let (part, found, suggestion) = only(name, value);
        assert_eq!((part.as_str(), found), (value, confidence), "{name}");
        assert_eq!(suggestion.as_deref(), Some(name));
    }
}

#[test]
fn what_is_weak_is_for_a_person_to_decide() {
    assert_eq!(
        judge("POSTGRES_PASSWORD", "postgres").standing,
        Standing::Unsure
    );
    assert_eq!(
        judge("EXA_API_KEY", "3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92").standing,
        Standing::Secret
    );
}

#[test]
fn the_same_value_under_another_name_is_left_alone() {
    for (name, value) in [
        ("NOTION_PAGE_ID", "3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92"),
        ("COMMIT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
        ("MSSQL_DRIVER", "{ODBC Driver 17 for SQL Server}"),
        ("MODEL", "claude-3-opus-20240229"),
        ("PATH", "/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin"),
        ("DB_USER", "Tq7mKz4Wxe"),
        ("DESCRIPTION", "Reads the token from the keychain"),
        ("NODE_OPTIONS", "--max-old-space-size=4096"),
        ("MCP_BLOCKED_TARGETS", "localhost,127.0.0.1,::1,10.0.0.0/8"),
        ("FEATURES", "docs,account,database"),
    ] {
        is_plain(name, value, Plain::NotSecretName);
    }
}

#[test]
fn ordinary_values_under_a_secret_name_are_left_alone() {
    for (name, value, why) in [
        ("GOOGLE_API_KEY", "", Plain::Empty),
        ("GOOGLE_API_KEY", " ", Plain::Empty),
        ("USE_API_KEY", "true", Plain::Boolean),
        ("MAX_KEYS", "65535", Plain::Number),
        (
            "GOOGLE_APPLICATION_CREDENTIALS",
            "/home/user/key.json",
            Plain::Path,
        ),
        (
            "GOOGLE_APPLICATION_CREDENTIALS",
            r"C:\Users\user\key.json",
            Plain::Path,
        ),
        ("AUTH_TOKEN", "https://example.org/token", Plain::Url),
        ("API_KEY", "db.example.org", Plain::Host),
        ("API_KEY", "somebody@example.org", Plain::Email),
        (
            "DB_SECRET",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
            Plain::Resource,
        ),
        ("STRIPE_KEY", "pk_live_51HkXbqLm9Zt8Kp", Plain::PublicKey),
        (
            "ADMIN_PASSWORD",
            "$2b$12$Kx9vLq2Rt7Zp4Wm8Nc5Bd.",
            Plain::Hash,
        ),
        ("MCP_AUTH", "oauth", Plain::Word),
        ("MCP_AUTH", "mtls", Plain::Word),
        ("API_KEY", "see the 2nd entry of the vault", Plain::Prose),
    ] {
        is_plain(name, value, why);
    }
}

#[test]
fn placeholders_are_left_alone_in_every_language() {
    for value in [
        "YOUR_API_KEY",
        "your-api-key-here",
        "<token>",
        "[REDACTED]",
        "[REDACTED_API_KEY]",
        "REEMPLAZAR_POR_TU_CLAVE",
        "REMPLACEZ_PAR_VOTRE_CLE_STRIPE_TEST",
        "HIER_SCHLUESSEL_EINTRAGEN",
        "xxxxxxxxxxxx",
        "{secret}",
        "sk-...",
        "TODO",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-ant-api03-your-key",
        "changeme",
        "dummy",
        "ваш_токен_здесь",
        "MY_API_KEY_1",
        "Bearer YOUR_TOKEN",
        "Bearer <token>",
        "tu_clave_aqui",
        "sua-chave-aqui",
        "1234567890abcdef",
    ] {
        is_plain("API_KEY", value, Plain::Placeholder);
    }
}

#[test]
fn references_of_every_client_and_tool_are_left_alone() {
    for value in [
        "${X}",
        "${X:-}",
        "${env:X}",
        "${input:x}",
        "$X",
        "%X_Y%",
        "{{x}}",
        "{env:X}",
        "{file:~/.token}",
        "${{ secrets.X }}",
        "op://vault/item/field",
        "vault://secret/x#y",
        "$<GITHUB_TOKEN>",
        "$<vault:secret/pg#password>",
        "Bearer ${T}",
        "Bearer $<T>",
        "Bearer $TOKEN",
        "postgres://${USER}:${PASSWORD}@db/app",
        "https://example.org/mcp?api_key=${KEY}",
        "Server=db;Password=${PASSWORD}",
        "$(pass show x)",
    ] {
        is_plain("API_KEY", value, Plain::Reference);
        is_plain("SETTING", value, Plain::Reference);
    }
}

#[test]
fn the_credential_of_a_header_follows_its_scheme() {
    for (name, value, part, suggestion) in [
        (
            "Authorization",
            "Bearer Kx9vLq2Rt7Zp4Wm8",
            "Kx9vLq2Rt7Zp4Wm8",
            "AUTHORIZATION",
        ),
        (
            "Authorization",
            "bearer Kx9vLq2Rt7Zp4Wm8",
            "Kx9vLq2Rt7Zp4Wm8",
            "AUTHORIZATION",
        ),
        (
            "Authorization",
            "Basic YXBwOlRxN21LejRXeGU=",
            "YXBwOlRxN21LejRXeGU=",
            "AUTHORIZATION",
        ),
        (
            "Authorization",
            "Kx9vLq2Rt7Zp4Wm8",
            "Kx9vLq2Rt7Zp4Wm8",
            "AUTHORIZATION",
        ),
        (
            "authorization",
            "Bot Kx9vLq2Rt7Zp4Wm8",
            "Kx9vLq2Rt7Zp4Wm8",
            "AUTHORIZATION",
        ),
        (
            "Authorization",
            "Bearer sbp_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "sbp_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "SUPABASE_TOKEN",
        ),
        (
            "X-API-Key",
            "Kx9vLq2Rt7Zp4Wm8",
            "Kx9vLq2Rt7Zp4Wm8",
            "API_KEY",
        ),
        (
            "CONTEXT7_API_KEY",
            "ctx7sk-3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92",
            "ctx7sk-3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92",
            "CONTEXT7_API_KEY",
        ),
    ] {
        let judgement = judge_header(name, value);
        assert_eq!(
            judgement.findings.len(),
            1,
            "{name}: {value}: {judgement:?}"
        );
        let finding = &judgement.findings[0];
        assert_eq!(&value[finding.part.clone()], part, "{value}");
        assert_eq!(finding.suggestion.as_deref(), Some(suggestion), "{value}");
    }
    for (name, value) in [
        ("VERSION", "1.2"),
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer ${T}"),
        ("X-Mode", "Token based"),
    ] {
        assert!(
            judge_header(name, value).findings.is_empty(),
            "{name}: {value}"
        );
    }
}

#[test]
fn headers_and_json_within_a_variable_are_looked_into() {
    let (part, _, _) = only("MCP_HEADERS", "Authorization: Bearer Kx9vLq2Rt7Zp4Wm8");
    assert_eq!(part, "Kx9vLq2Rt7Zp4Wm8");
    let lines = "X-Mode: fast\nX-API-Key: Kx9vLq2Rt7Zp4Wm8";
    assert_eq!(only("MCP_HEADERS", lines).0, "Kx9vLq2Rt7Zp4Wm8");

    for json in [
        r#"{"Authorization":"Bearer Kx9vLq2Rt7Zp4Wm8","Notion-Version":"2022-06-28"}"#,
        r#"{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQ\n-----END PRIVATE KEY-----\n"}"#,
        r#"[{"servers": [{"password": "Tq7mKz4Wxe"}]}]"#,
    ] {
        let judgement = judge("OPENAPI_MCP_HEADERS", json);
        assert_eq!(judgement.findings.len(), 1, "{json}");
        assert_eq!(judgement.findings[0].part, 0..json.len());
        assert_eq!(judgement.findings[0].kind, Kind::Json);
        assert_eq!(judgement.standing, Standing::Secret);
    }
    is_plain(
        "CONFIG",
        r#"{"mode": "fast", "page": "9f86d081884c7d659a2feaa0c55ad015"}"#,
        Plain::NotSecretName,
    );
    is_plain(
        "HEADERS",
        r#"{"Authorization": "Bearer YOUR_TOKEN"}"#,
        Plain::Placeholder,
    );
    is_plain(
        "HEADERS",
        r#"{"Authorization": "Bearer ${TOKEN}"}"#,
        Plain::Reference,
    );
}

#[test]
fn a_private_key_is_a_secret_with_all_its_lines() {
    let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\nAAAAMwAAAAtzc2gtZWQyNTUxOQ\n-----END OPENSSH PRIVATE KEY-----\n";
    let (part, confidence, _) = only("DEPLOY", pem);
    assert_eq!((part.as_str(), confidence), (pem, High));
    is_plain(
        "CA",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmg\n-----END CERTIFICATE-----",
        Plain::PublicKey,
    );
    is_plain(
        "PRIVATE_KEY",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        Plain::Placeholder,
    );
}

#[test]
fn several_keys_in_one_value_are_several_findings() {
    let value = "fc-9f86d081884c7d659a2feaa0c55ad015,fc-3bf4f1b9f86d081884c7d659a2feaa05";
    assert_eq!(judge("FIRECRAWL_API_KEYS", value).findings.len(), 2);
}

#[test]
fn what_a_password_manager_makes_is_not_taken_for_anything_else() {
    for value in [
        "V~O1~_:&V4kq",
        "/mptNRKJmc3",
        "DUz`/$WU8xq",
        "4~-#[g}i:I2w",
        "c90bc47ce1cb576b",
        "rIx!d]IHr?7",
        "k.8tUf96($(Y",
        "0b7d4f1c8e923f0c",
        "402317080298229d",
        "$Kx9vLq2Rt7Zp",
    ] {
        assert_eq!(judge("DB_PASSWORD", value).findings.len(), 1, "{value}");
    }
    // What looks like a number or a path is a credential all the same where a scheme says so.
    for value in ["402317080298229d", "/PuP/GKzUfMkTnshjJsqdF"] {
        let header = format!("Bearer {value}");
        let finding = &judge_header("Authorization", &header).findings[0];
        assert_eq!(&header[finding.part.clone()], value);
    }
}
