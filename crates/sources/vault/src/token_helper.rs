//! The token helper: a program of the person's that keeps the token, as `~/.vault` names it.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, LineEnd, shown};
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};
use crate::token::{Token, home, is_ours, open, others_may_write};

/// The most that is read of `~/.vault` and of a helper's answer, in bytes.
const LARGEST: usize = 64 << 10;

/// How long a helper that has closed its output may take to end.
const LINGER: Duration = Duration::from_millis(5);

/// What a helper is told of the environment: enough to find its own files and a keychain.
const HANDED_ON: [&str; 9] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "LOGNAME",
    "PATH",
    "TMPDIR",
    "USER",
    "VAULT_ADDR",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

/// The helper that the person has set up, if any.
pub(crate) fn configured(environment: &Environment) -> Result<Option<PathBuf>, Failure> {
    let path = ["BAO_CONFIG_PATH", "VAULT_CONFIG_PATH"]
        .into_iter()
        .find_map(|name| environment.get_non_empty(name))
        .map(PathBuf::from)
        .or_else(|| home(environment).map(|home| home.join(".vault")));
    let Some(path) = path else {
        return Ok(None);
    };
    // Some keep a folder of that name; it names no helper.
    let Ok(file) = open(&path) else {
        return Ok(None);
    };
    if !is_ours(&file) || others_may_write(&file) {
        return Err(foreign(&path));
    }
    let mut text = String::new();
    let read = file.take(LARGEST as u64).read_to_string(&mut text);
    let named = read.ok().and_then(|_| named(&text));
    Ok(named.filter(|program| !program.as_os_str().is_empty()))
}

/// Runs `PROGRAM get` and gives the token that it prints.
pub(crate) fn ask(
    program: &Path,
    environment: &Environment,
    deadline: Deadline,
) -> Result<Token, Failure> {
    let failed = |how: &str| {
        Failure::with(
            Fault::TokenHelperFailed,
            format!("see what `{} get` does: {how}", shown(program)),
        )
    };
    if !program.is_absolute() {
        return Err(failed("its path is not absolute"));
    }
    let file = open(program).map_err(|_| failed("it cannot be opened"))?;
    if !is_ours(&file) || others_may_write(&file) {
        return Err(foreign(program));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the person's own helper, with a few variables that hold no secret"
    )]
    let mut command = Command::new(program);
    command.arg("get").env_clear();
    for name in HANDED_ON {
        if let Some(value) = environment.get(name) {
            command.env(name, value);
        }
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| failed("it cannot be started"))?;
    let (sender, output) = channel();
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 2));
        let read = stdout.map(|stdout| stdout.take(LARGEST as u64 + 1).read_to_end(&mut bytes));
        // The receiver is gone when the deadline has passed; then nobody wants the answer.
        drop(sender.send(read.and_then(Result::ok).map(|_| bytes)));
    });
    let answer = output.recv_timeout(deadline.remaining());
    let ended = answer.is_ok() && ended_well(&mut child, deadline);
    if !ended {
        // An error means that it has ended already.
        drop(child.kill());
        drop(child.wait());
        let how = if deadline.passed() {
            "it did not end in time"
        } else {
            "it failed"
        };
        return Err(failed(how));
    }
    drop(reader.join());
    let Ok(Some(mut bytes)) = answer else {
        return Err(failed("its answer cannot be read"));
    };
    LineEnd::Strip.apply(&mut bytes);
    if bytes.is_empty() {
        return Err(failed("it has no token: log in (bao login, vault login)"));
    }
    Token::new(&bytes)
}

fn ended_well(child: &mut Child, deadline: Deadline) -> bool {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if !deadline.passed() => std::thread::sleep(LINGER),
            _ => return false,
        }
    }
}

/// What `token_helper = "…"` names, in the HCL of `~/.vault`, whose other keys are of no use here.
fn named(text: &str) -> Option<PathBuf> {
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix("token_helper")?.trim_start();
        let value = value.strip_prefix('=')?.trim();
        let (value, _) = value.strip_prefix('"')?.split_once('"')?;
        Some(PathBuf::from(value))
    })
}

fn foreign(path: &Path) -> Failure {
    Failure::with(
        Fault::TokenHelperForeign,
        format!("chown \"$USER\" and chmod go-w {}", shown(path)),
    )
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use mcp_launch_testkit::Scratch;

    use super::*;

    fn deadline() -> Deadline {
        Deadline::after(Duration::from_secs(10))
    }

    fn environment(scratch: &Scratch) -> Environment {
        let variables = scratch.variables();
        Environment::from_pairs(variables.into_iter().chain([("VAULT_TOKEN_X", "y".into())]))
    }

    /// The scratch's `.vault` names a helper that does `script`.
    fn with_helper(scratch: &Scratch, script: &str) -> Environment {
        let helper = scratch.script("helper", &format!("#!/bin/sh\n{script}\n"));
        let text = format!("# mine\n token_helper = \"{}\"\n", helper.display());
        scratch.write(".vault", text);
        environment(scratch)
    }

    fn token(scratch: &Scratch, environment: &Environment) -> Result<String, Failure> {
        let program = configured(environment)?.unwrap();
        assert_eq!(program, scratch.home().join("helper"));
        ask(&program, environment, deadline()).map(|token| token.as_str().to_owned())
    }

    #[test]
    fn prints_the_token_and_is_told_little() {
        let scratch = Scratch::new();
        let environment = with_helper(
            &scratch,
            "test \"$1\" = get && test -z \"$VAULT_TOKEN_X\" && echo s.token",
        );
        assert_eq!(token(&scratch, &environment).unwrap(), "s.token");
    }

    #[test]
    fn one_that_fails_hangs_or_has_nothing_is_told() {
        for script in ["exit 3", "exit 0", "echo a; echo b"] {
            let scratch = Scratch::new();
            let environment = with_helper(&scratch, script);
            assert!(token(&scratch, &environment).is_err(), "{script}");
        }
        let scratch = Scratch::new();
        let environment = with_helper(&scratch, "exec sleep 60");
        let program = configured(&environment).unwrap().unwrap();
        let short = Deadline::after(Duration::from_millis(200));
        let failure = ask(&program, &environment, short).err().unwrap();
        assert!(failure.is(Fault::TokenHelperFailed));
    }

    #[test]
    fn one_that_others_may_change_is_not_run() {
        let scratch = Scratch::new();
        let environment = with_helper(&scratch, "echo s.token");
        let helper = scratch.home().join("helper");
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o757)).unwrap();
        let failure = token(&scratch, &environment).unwrap_err();
        assert!(failure.is(Fault::TokenHelperForeign));
    }

    #[test]
    fn only_the_key_names_a_helper() {
        assert_eq!(named("token_helper=\"/a b\" # x"), Some("/a b".into()));
        assert_eq!(named("# token_helper = \"/a\"\n"), None);
        assert_eq!(named("token_helper_x = \"/a\""), None);
        let scratch = Scratch::new();
        assert_eq!(configured(&environment(&scratch)).unwrap(), None);
        scratch.write(".vault/file", "x");
        assert_eq!(configured(&environment(&scratch)).unwrap(), None);
    }
}
