//! Arguments as they stand in configs. Every secret here is invented.

use mcp_launch_shapes::{Confidence, Role, judge_arguments};

const KEY: &str = "Kx9vLq2Rt7Zp4Wm8";

/// The secrets among the arguments: which argument, the part, the role.
fn found(program: &str, arguments: &[&str]) -> Vec<(usize, String, Role)> {
    judge_arguments(program, arguments)
        .into_iter()
        .map(|each| {
            (
                each.index,
                arguments[each.index][each.finding.part].to_owned(),
                each.role,
            )
        })
        .collect()
}

fn flag(name: &str) -> Role {
    Role::Flag {
        name: name.to_owned(),
    }
}

#[test]
fn the_value_of_a_secret_flag_is_found_in_either_spelling() {
    let two = [
        "-y",
        "@supabase/mcp-server-supabase@latest",
        "--access-token",
        KEY,
    ];
    assert_eq!(
        found("npx", &two),
        [(3, KEY.to_owned(), flag("--access-token"))]
    );
    let one = [
        "-y",
        "@stripe/mcp",
        "--tools=all",
        "--api-key=Kx9vLq2Rt7Zp4Wm8",
    ];
    assert_eq!(found("npx", &one), [(3, KEY.to_owned(), flag("--api-key"))]);
    let quoted = ["--figma-api-key=\"Kx9vLq2Rt7Zp4Wm8\""];
    assert_eq!(
        found("npx", &quoted),
        [(0, KEY.to_owned(), flag("--figma-api-key"))]
    );
    let suggestion = judge_arguments("npx", &one)[0].finding.suggestion.clone();
    assert_eq!(suggestion.as_deref(), Some("API_KEY"));
}

#[test]
fn a_variable_of_a_container_is_told_from_an_assignment() {
    let docker = [
        "run",
        "-i",
        "--rm",
        "-e",
        "TFE_TOKEN=Kx9vLq2Rt7Zp4Wm8",
        "--env=MODE=fast",
        "hashicorp/terraform-mcp-server",
    ];
    assert_eq!(
        found("docker", &docker),
        [(
            4,
            KEY.to_owned(),
            Role::DockerEnvironment {
                name: "TFE_TOKEN".to_owned()
            }
        )]
    );
    let other = ["run", "image", "-e", "TFE_TOKEN=Kx9vLq2Rt7Zp4Wm8"];
    assert_eq!(
        found("docker", &other),
        [(
            3,
            KEY.to_owned(),
            Role::Assignment {
                name: "TFE_TOKEN".to_owned()
            }
        )]
    );
    let magic = [
        "-y",
        "@21st-dev/magic@latest",
        "API_KEY=\"Kx9vLq2Rt7Zp4Wm8\"",
    ];
    assert_eq!(
        found("npx", &magic),
        [(
            2,
            KEY.to_owned(),
            Role::Assignment {
                name: "API_KEY".to_owned()
            }
        )]
    );
    let windows = [
        "/c",
        "docker",
        "run",
        "-e",
        "API_KEY=Kx9vLq2Rt7Zp4Wm8",
        "image",
    ];
    assert_eq!(
        found("cmd", &windows),
        [(
            4,
            KEY.to_owned(),
            Role::DockerEnvironment {
                name: "API_KEY".to_owned()
            }
        )]
    );
}

#[test]
fn a_header_is_found_by_its_name() {
    for header in [
        "Authorization: Bearer Kx9vLq2Rt7Zp4Wm8",
        "Authorization:Bearer Kx9vLq2Rt7Zp4Wm8",
        "Authorization=Bearer Kx9vLq2Rt7Zp4Wm8",
    ] {
        let arguments = [
            "mcp-remote",
            "https://mcp.example.com/sse",
            "--header",
            header,
        ];
        let role = Role::Header {
            name: "Authorization".to_owned(),
        };
        assert_eq!(
            found("npx", &arguments),
            [(3, KEY.to_owned(), role)],
            "{header}"
        );
    }
    let attached = ["mcp-remote", "--header=X-API-Key: Kx9vLq2Rt7Zp4Wm8"];
    assert_eq!(
        found("npx", &attached),
        [(
            1,
            KEY.to_owned(),
            Role::Header {
                name: "X-API-Key".to_owned()
            }
        )]
    );
    let referring = [
        "mcp-remote",
        "https://x.example",
        "--header",
        "Authorization:${AUTH_HEADER}",
    ];
    assert_eq!(found("npx", &referring), []);
}

#[test]
fn connection_strings_and_addresses_are_found_wherever_they_stand() {
    for arguments in [
        vec![
            "-y",
            "mcp-mongo-server",
            "mongodb+srv://app:Kx9vLq2Rt7Zp4Wm8@cluster0.ab1cd.mongodb.net/x",
        ],
        vec![
            "-y",
            "server-postgres",
            "postgresql://app:Kx9vLq2Rt7Zp4Wm8@localhost/x",
        ],
        vec!["--db-url", "postgresql://app:Kx9vLq2Rt7Zp4Wm8@localhost/x"],
        vec!["--connection-string=Server=db;User Id=sa;Password=Kx9vLq2Rt7Zp4Wm8;"],
        vec!["Server=db;User Id=sa;Password=Kx9vLq2Rt7Zp4Wm8;"],
    ] {
        let found = found("npx", &arguments);
        assert_eq!(
            found,
            [(arguments.len() - 1, KEY.to_owned(), Role::ConnectionString)],
            "{arguments:?}"
        );
    }
    let url = [
        "mcp-remote",
        "https://mcp.example.com/mcp?api_key=Kx9vLq2Rt7Zp4Wm8",
    ];
    assert_eq!(found("npx", &url), [(1, KEY.to_owned(), Role::Url)]);
}

#[test]
fn a_key_that_nothing_names_is_found_by_its_format_or_asked_about() {
    let known = ["-y", "server", "fc-9f86d081884c7d659a2feaa0c55ad015"];
    assert_eq!(
        found("npx", &known),
        [(2, known[2].to_owned(), Role::Positional)]
    );
    let opaque = [
        "-y",
        "@jasontanswe/railway-mcp",
        "3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92",
    ];
    assert_eq!(
        found("npx", &opaque),
        [(2, opaque[2].to_owned(), Role::Positional)]
    );
    assert_eq!(
        judge_arguments("npx", &opaque)[0].finding.confidence,
        Confidence::Low
    );
}

#[test]
fn json_is_one_secret() {
    let config = r#"{"exaApiKey":"3f0c2b8e-91d4-4c7a-a6e5-0b7d4f1c8e92"}"#;
    assert_eq!(
        found(
            "npx",
            &[
                "-y",
                "@smithery/cli@latest",
                "run",
                "exa",
                "--config",
                config
            ]
        ),
        [(5, config.to_owned(), flag("--config"))]
    );
}

#[test]
fn a_command_line_within_an_argument_is_taken_apart() {
    let line = "cd /srv && API_KEY='Kx9vLq2Rt7Zp4Wm8' exec npx -y pkg --token Tq7mKz4WxeLm";
    assert_eq!(
        found("/bin/bash", &["-lc", line]),
        [
            (
                1,
                KEY.to_owned(),
                Role::Assignment {
                    name: "API_KEY".to_owned()
                }
            ),
            (1, "Tq7mKz4WxeLm".to_owned(), flag("--token")),
        ]
    );
}

#[test]
fn ordinary_arguments_are_left_alone() {
    for (program, arguments) in [
        (
            "npx",
            vec![
                "-y",
                "@supabase/mcp-server-supabase@latest",
                "--read-only",
                "--project-ref=refxscvyacxtohfjxysh",
            ],
        ),
        (
            "npx",
            vec!["--access-token", "${env:SUPABASE_ACCESS_TOKEN}"],
        ),
        (
            "npx",
            vec![
                "-y",
                "@jasontanswe/railway-mcp",
                "REMPLACEZ_PAR_VOTRE_TOKEN_RAILWAY",
            ],
        ),
        (
            "uvx",
            vec![
                "--from",
                "git+https://github.com/oraios/serena",
                "serena",
                "start-mcp-server",
            ],
        ),
        (
            "uvx",
            vec!["mcp-server-time", "--local-timezone=Asia/Tokyo"],
        ),
        (
            "node",
            vec![
                "/home/user/dist/index.js",
                "--key-file",
                "/home/user/key.pem",
                "--max-tokens",
                "4096",
            ],
        ),
        (
            "docker",
            vec![
                "run",
                "-i",
                "--rm",
                "-e",
                "TFE_TOKEN=${TFE_TOKEN}",
                "-e",
                "API_KEY",
                "image:0.4.0",
            ],
        ),
        (
            "docker",
            vec![
                "run",
                "-e",
                "MCP_TIMEOUT=300",
                "-v",
                "/srv:/srv:ro",
                "image@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            ],
        ),
        (
            "bash",
            vec![
                "-lc",
                "cd \"$(git rev-parse --show-toplevel)\" && exec bash scripts/mcp-launch.sh",
            ],
        ),
        (
            "npx",
            vec![
                "@playwright/mcp@latest",
                "--viewport-size",
                "1920x1080",
                "--timeout-action",
                "10000",
            ],
        ),
        (
            "bun",
            vec![
                "run",
                "--cwd",
                "${CLAUDE_PLUGIN_ROOT}",
                "--shell=bun",
                "--silent",
                "start",
            ],
        ),
        (
            "python",
            vec![
                "-m",
                "server",
                "--auth",
                "none",
                "--model",
                "claude-3-opus-20240229",
            ],
        ),
        (
            "npx",
            vec![
                "-y",
                "mcp-remote@0.1.18",
                "https://mcp.example.com/sse",
                "--transport",
                "sse-only",
                "3334",
            ],
        ),
        ("npx", vec!["--api-key", "--verbose"]),
        ("npx", vec!["--api-key"]),
    ] {
        assert_eq!(found(program, &arguments), [], "{program} {arguments:?}");
    }
}

#[test]
fn a_variable_that_stands_whole_takes_nothing_from_the_image() {
    let arguments = ["run", "-i", "-eGITHUB_TOKEN", "githubmcp2025x9"];
    let found = judge_arguments("docker", &arguments);
    assert!(
        found
            .iter()
            .all(|found| found.finding.confidence == Confidence::Low),
        "{found:?}"
    );
}

#[test]
fn behind_a_flag_of_one_letter_a_person_is_asked() {
    for flag in ["-k", "-t", "-p"] {
        let found = judge_arguments("x", &[flag, "9f8e7d6c5b4a3c2d1e0fa1b2c3d4e5f6"]);
        assert_eq!(found.len(), 1, "{flag}");
        assert_eq!(found[0].finding.confidence, Confidence::Low);
    }
    assert!(judge_arguments("x", &["-p", "8080:80", "-v", "/a:/b", "-n", "main"]).is_empty());
}
