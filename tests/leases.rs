//! What a Vault lends to a server: renewed while the server lives, given back when it ends, however it ends.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mcp_launch_testkit::{OpenBao, Postgres, Scratch};
use serde_json::json;

use crate::support::{ClientPipe, Entry, Finished, installed, launch, node_server, signal};

/// The policy that the page for users has, which is enough without the policy `default`.
fn documented_policy() -> String {
    let page = include_str!("../docs/guide/dynamic-credentials.md");
    let blocks: Vec<&str> = page
        .split("```hcl\n")
        .skip(1)
        .filter_map(|block| Some(block.split_once("```")?.0))
        .collect();
    assert_eq!(blocks.len(), 2, "{blocks:?}");
    blocks.concat()
}

/// Says who it is at the database, and waits for the end of its input.
const WAITING: &str = "echo $DB_USER; echo $DB_PASSWORD; exec cat";

/// How long whatever happens on its own may take on a busy machine.
const SOON: Duration = Duration::from_secs(40);

/// A Vault that lends users of a database, and a home whose settings log in to it.
struct Stage {
    bao: OpenBao,
    postgres: Postgres,
    scratch: Scratch,
    secret_id: String,
}

impl Stage {
    /// With leases and tokens that hold so long.
    fn new(lease: &str, token: &str) -> Self {
        let (bao, postgres, scratch) = (OpenBao::start(), Postgres::start(), Scratch::new());
        bao.enable_database(&postgres, lease, "1h");
        bao.write_policy("app", &documented_policy());
        let (role_id, secret_id) = bao.enable_approle("app", token);
        let alone = json!({ "token_no_default_policy": true });
        bao.api("POST", "auth/approle/role/app", Some(alone));
        let settings = format!(
            "[stores.vault]\naddress = \"{}\"\nauth = {{ method = \"approle\", role_id = \"{role_id}\", secret_id = \"$<dotenv:SECRET_ID>\" }}\n",
            bao.address()
        );
        scratch.write(".config/mcp-launch/config.toml", settings);
        scratch.write(".env", format!("SECRET_ID={secret_id}\n"));
        Self {
            bao,
            postgres,
            scratch,
            secret_id,
        }
    }

    fn launch(&self, server: &[&str]) -> Command {
        let mut command = launch(&self.scratch, [["--"].as_slice(), server].concat());
        self.lend(&mut command);
        command
    }

    fn lend<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DB_USER", "$<vault:database/creds/app#username>")
            .env("DB_PASSWORD", "$<vault:database/creds/app#password>")
    }

    /// A server with a user of the database.
    fn serve(&self) -> Served {
        let before = self.keepers();
        let mut pipe = ClientPipe::open(&mut self.launch(&["/bin/sh", "-c", WAITING]));
        let (user, password) = (pipe.line(), pipe.line());
        assert!(self.postgres.lets_in(&user, &password), "{}", self.log());
        let keeper = self.keepers().difference(&before).next().copied();
        Served {
            pipe,
            user,
            password,
            keeper: keeper.unwrap_or_else(|| panic!("no keeper: {}", self.log())),
        }
    }

    fn users(&self) -> String {
        self.postgres
            .psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'")
    }

    fn tokens(&self) -> usize {
        let accessors = self.bao.api("LIST", "auth/token/accessors", None);
        accessors["data"]["keys"].as_array().unwrap().len()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.scratch
            .home()
            .join(".local/state/mcp-launch/keeper.log")
    }

    /// The keepers that the log tells of.
    fn keepers(&self) -> BTreeSet<u32> {
        let of_line = |line: &str| {
            let (_, rest) = line.split_once(" keeper ")?;
            rest.split(' ').next()?.parse().ok()
        };
        self.log().lines().filter_map(of_line).collect()
    }

    /// Waits until nothing is left of all that was lent, and nobody who would give it back.
    #[track_caller]
    fn wait_until_given_back(&self) {
        wait_until(
            || self.users() == "0" && self.tokens() == 1 && !self.keepers().into_iter().any(lives),
            || {
                format!(
                    "{} users, {} tokens, keepers {:?}\n{}",
                    self.users(),
                    self.tokens(),
                    self.keepers(),
                    self.log()
                )
            },
        );
    }
}

/// A running server, and its keeper.
struct Served {
    pipe: ClientPipe,
    user: String,
    password: String,
    keeper: u32,
}

#[track_caller]
fn wait_until(mut done: impl FnMut() -> bool, what: impl Fn() -> String) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < SOON, "{}", what());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a process still does something: one that has ended may wait for its parent to notice.
fn lives(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.as_bytes()[0]);
    !matches!(state, None | Some(b'Z' | b'X'))
}

#[test]
fn a_server_outlives_its_lease_and_leaves_nothing() {
    let stage = Stage::new("3s", "4s");
    let mut served = stage.serve();
    std::thread::sleep(Duration::from_secs(9));
    assert!(
        stage.postgres.lets_in(&served.user, &served.password),
        "{}",
        stage.log()
    );
    served.pipe.close();
    assert_eq!(served.pipe.child.wait().unwrap().code(), Some(0));
    stage.wait_until_given_back();
    assert!(!stage.postgres.lets_in(&served.user, &served.password));

    let log = stage.log();
    for told in [
        "keeps 1 lease",
        "the lease of database/creds/app is renewed for",
        "the token is renewed for",
        "the server has ended",
        "the lease of database/creds/app is given back",
        "the token is given back",
        "done",
    ] {
        assert!(log.contains(told), "{told}: {log}");
    }
    let server = format!(
        " of server {}, {}: ",
        served.pipe.child.id(),
        stage.bao.address()
    );
    assert!(log.lines().all(|line| line.contains(&server)), "{log}");
    for value in [&served.password, &stage.secret_id] {
        assert!(!log.contains(value.as_str()), "{log}");
    }
}

#[test]
fn a_server_that_is_killed_leaves_nothing() {
    let stage = Stage::new("1h", "1h");
    let served = stage.serve();
    signal("KILL", &served.pipe.child.id().to_string());
    stage.wait_until_given_back();
}

/// As a service manager does that ends all of a service.
#[test]
fn a_keeper_that_is_told_to_end_gives_back_first() {
    let stage = Stage::new("1h", "1h");
    for name in ["HUP", "INT", "TERM"] {
        let mut served = stage.serve();
        signal(name, &served.keeper.to_string());
        stage.wait_until_given_back();
        assert_eq!(served.pipe.child.try_wait().unwrap(), None, "{name}");
    }
}

#[test]
fn a_launch_that_fails_after_it_was_lent_something_leaves_nothing() {
    let stage = Stage::new("1h", "1h");
    let file = stage.scratch.write("not-a-program", "text");
    let finished = Finished::of(&mut stage.launch(&[file.to_str().unwrap()]));
    assert_eq!(finished.code, Some(126), "{}", finished.stderr);
    stage.wait_until_given_back();

    let mut lacking = stage.launch(&["/bin/true"]);
    let stderr = Finished::of(lacking.env("OTHER", "$<file:/nowhere>")).not_started();
    assert!(stderr.contains("$<file:/nowhere>"), "{stderr}");
    stage.wait_until_given_back();

    let mut unusable = stage.launch(&["/bin/true"]);
    let stderr = Finished::of(unusable.env("OTHER", "$<nowhere:x>")).not_started();
    assert!(stderr.contains("$<nowhere:x>"), "{stderr}");
    stage.wait_until_given_back();
    // None of the last two came as far as a keeper.
    assert!(stage.keepers().len() <= 1, "{}", stage.log());
}

/// A kernel that tells nobody of a process's end.
#[test]
fn nothing_starts_where_its_end_cannot_be_seen() {
    let stage = Stage::new("1h", "1h");
    let mut command = stage.scratch.command("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null"])
        .args(["-e", "inject=pidfd_open:error=ENOSYS"])
        .arg(installed(&stage.scratch))
        .args(["--", "/bin/sh", "-c", "echo started"]);
    let stderr = Finished::of(stage.lend(&mut command)).not_started();
    assert!(stderr.contains("cannot watch the server"), "{stderr}");
    stage.wait_until_given_back();
}

#[test]
fn a_vault_that_is_away_at_the_end_is_asked_again_and_the_client_does_not_wait() {
    let stage = Stage::new("1h", "1h");
    let mut command = stage.launch(&["/bin/sh", "-c", WAITING]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut user = String::new();
    output.read_line(&mut user).unwrap();
    assert!(user.starts_with("v-"), "{user}");
    stage.bao.seal();

    // A client takes the end of both pipes for the end of the server. Nobody else may have them open.
    drop(server.stdin.take());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut output, &mut rest).unwrap();
    let ended = server.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    let keeper = *stage.keepers().first().unwrap();
    assert!(lives(keeper), "{}", stage.log());

    wait_until(|| stage.log().contains("sealed"), || stage.log());
    stage.bao.unseal();
    stage.wait_until_given_back();
}

#[test]
fn the_server_has_no_child_and_no_descriptor_of_its_keeper() {
    let stage = Stage::new("1h", "1h");
    // Without a pipe, which the shell would have open itself.
    let script = format!("ls /proc/$$/fd; {WAITING}");
    let mut pipe = ClientPipe::open(&mut stage.launch(&["/bin/sh", "-c", &script]));
    assert_eq!([pipe.line(), pipe.line(), pipe.line()], ["0", "1", "2"]);
    assert!(pipe.line().starts_with("v-"));
    let server = pipe.child.id();
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"));
    assert_eq!(children.unwrap(), "");

    let keeper = *stage.keepers().first().unwrap();
    let status = fs::read_to_string(format!("/proc/{keeper}/status")).unwrap();
    assert!(!status.contains(&format!("PPid:\t{server}\n")), "{status}");
    // Sessions are told by number in the sixth field.
    let stat = fs::read_to_string(format!("/proc/{keeper}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    assert_eq!(fields[3], keeper.to_string(), "{stat}");
    drop(pipe);
    stage.wait_until_given_back();
}

/// The token is one that the test knows, so that it can be looked for.
#[test]
fn a_keeper_shows_nothing_of_what_it_keeps() {
    let stage = Stage::new("1h", "1h");
    let token = stage.bao.api(
        "POST",
        "auth/token/create",
        Some(json!({ "policies": ["app"], "ttl": "1h" })),
    );
    let token = token["auth"]["client_token"].as_str().unwrap();
    let settings = format!("[stores.vault]\naddress = \"{}\"\n", stage.bao.address());
    stage
        .scratch
        .write(".config/mcp-launch/config.toml", settings);
    let mut pipe = ClientPipe::open(
        stage
            .launch(&["/bin/sh", "-c", WAITING])
            .env("VAULT_TOKEN", token),
    );
    let (_, password) = (pipe.line(), pipe.line());
    let keeper = *stage.keepers().first().unwrap();
    let own = Path::new("/proc").join(keeper.to_string());
    let mut seen = fs::read(own.join("cmdline")).unwrap();
    assert!(
        seen.ends_with(b"mcp-launch-full\0keep\0"),
        "{}",
        String::from_utf8_lossy(&seen)
    );
    // What belongs to a process that shows nothing, only root reads.
    match fs::read(own.join("environ")) {
        Ok(variables) => {
            assert!(variables.starts_with(b"HOME="));
            seen.extend(variables);
            let targets: BTreeSet<PathBuf> = [0, 1, 2]
                .map(|number| fs::read_link(own.join(format!("fd/{number}"))).unwrap())
                .into();
            assert_eq!(targets, BTreeSet::from(["/dev/null".into()]));
            assert_eq!(fs::read_link(own.join("cwd")).unwrap(), Path::new("/"));
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied),
    }
    seen.extend(fs::read(stage.log_file()).unwrap());
    let seen = String::from_utf8_lossy(&seen);
    for value in [token, &password] {
        assert!(!seen.contains(value), "{seen}");
        assert_eq!(files_with(stage.scratch.root(), value), [] as [PathBuf; 0]);
    }
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(stage.log_file()).unwrap());
    assert_eq!(mode & 0o777, 0o600);

    // The lease is given back, the person's own token is not.
    drop(pipe);
    wait_until(|| stage.users() == "0" && !lives(keeper), || stage.log());
    let (status, _) = stage
        .bao
        .ask("GET", "auth/token/lookup-self", None, Some(token));
    assert_eq!(status, 200);
}

fn files_with(folder: &Path, value: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, value));
        } else if let Ok(text) = fs::read(&path)
            && String::from_utf8_lossy(&text).contains(value)
        {
            found.push(path);
        }
    }
    found
}

/// The client of the Python SDK reads both pipes to their end, so it would wait for whoever else has them open.
#[test]
fn a_real_client_and_server_leave_nothing() {
    let stage = Stage::new("1h", "1h");
    let url = "postgresql://$<vault:database/creds/app#username>:$<vault:database/creds/app#password>@db/app";
    let seen = Entry::new(&["node", &node_server("everything")])
        .variable("DATABASE_URL", url)
        .seen_by_python(&stage.scratch, &["--tool", "get-env"]);
    assert!(seen.result().contains("postgresql://v-"), "{seen:?}");
    stage.wait_until_given_back();
    assert_eq!(stage.keepers().len(), 1, "{}", stage.log());
}

#[test]
fn twenty_launches_leave_no_keeper() {
    let stage = Stage::new("1h", "1h");
    let servers: Vec<_> = (0..20)
        .map(|_| {
            stage
                .launch(&["/bin/sh", "-c", "test -n \"$DB_PASSWORD\""])
                .stdin(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut server in servers {
        assert!(server.wait().unwrap().success());
    }
    stage.wait_until_given_back();
    assert_eq!(stage.keepers().len(), 20, "{}", stage.log());
}
