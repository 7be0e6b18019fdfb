//! A repository that came from somebody else runs no program and asks no remote.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_leftovers::{GitTrouble, Needles, Reason, in_git, standing};

use crate::stage::{Stage, in_time};

/// A program that leaves a mark, and where.
fn marker(stage: &Stage) -> (String, PathBuf) {
    let mark = stage.scratch.home().join("mark");
    let script = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    let program = stage.scratch.script("evil/program", &script);
    (program.to_str().expect("a path in text").to_owned(), mark)
}

/// Whether the mark is there; it is taken away.
fn is_marked(mark: &PathBuf) -> bool {
    std::fs::remove_file(mark).is_ok()
}

#[test]
fn no_program_of_its_config_is_run() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    let (program, mark) = marker(&stage);
    stage.scratch.write(
        "project/.gitattributes",
        "* filter=evil diff=evil merge=evil\n",
    );
    for name in [
        "core.alternateRefsCommand",
        "core.editor",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "credential.helper",
        "diff.evil.command",
        "diff.evil.textconv",
        "diff.external",
        "filter.evil.clean",
        "filter.evil.process",
        "filter.evil.smudge",
        "gpg.program",
        "pager.rev-list",
    ] {
        stage.git(&["config", "--local", name, &program]);
    }
    for name in ["log.showSignature", "core.untrackedCache"] {
        stage.git(&["config", "--local", name, "true"]);
    }
    let hook = format!("#!/bin/sh\n{program}\n");
    stage
        .scratch
        .script("project/.git/hooks/post-index-change", &hook);
    // What a git that nothing is held back from does.
    is_marked(&mark);
    let mut free = stage.scratch.command("git");
    free.arg("status").current_dir(stage.project());
    // The program answers nothing that a filter or a monitor would, so git may well complain.
    free.output().unwrap();
    assert!(is_marked(&mark), "the trap does not work");

    assert_eq!(stage.search().unwrap().leftovers.len(), 1);
    standing(&stage.file(), &stage.environment(), in_time()).unwrap();
    assert!(!is_marked(&mark), "a program of the repository was run");
}

#[test]
fn what_a_partial_clone_has_not_is_told_and_not_fetched() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    stage.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", stage.project().display());
    let home = stage.scratch.home();
    stage.git_in(
        &home,
        &["clone", "--quiet", "--filter=blob:none", &from, "partial"],
    );
    let clone = home.join("partial");
    let (program, mark) = marker(&stage);
    let url = format!("ext::{program}");
    stage.git_in(&clone, &["config", "remote.origin.url", &url]);
    stage.git_in(&clone, &["config", "protocol.ext.allow", "always"]);
    // What a git that nothing is held back from does.
    let mut free = stage.scratch.command("git");
    free.args(["cat-file", "-p", "HEAD~1:.env"])
        .current_dir(&clone);
    assert!(!free.output().unwrap().status.success());
    assert!(is_marked(&mark), "the trap does not work");

    let found = stage.search_for(&clone.join(".env")).unwrap();
    assert_eq!(found.leftovers, []);
    assert_eq!(found.unsearched.len(), 1);
    assert_eq!(found.unsearched[0].reason, Reason::NotHere);
    assert!(!is_marked(&mark), "the remote was asked");
}

#[test]
fn variables_do_not_lead_git_elsewhere() {
    let stage = Stage::new();
    let commit = stage.commit_value_and_remove_it();
    let (program, mark) = marker(&stage);
    let mut variables = stage.scratch.variables();
    variables.extend([
        ("GIT_DIR", "/nonexistent".into()),
        ("GIT_OBJECT_DIRECTORY", "/nonexistent".into()),
        ("GIT_CONFIG_COUNT", "1".into()),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor".into()),
        ("GIT_CONFIG_VALUE_0", program.into()),
        ("GIT_TRACE", mark.clone().into()),
    ]);
    let value = Secret::new(stage.canary.value().into());
    let needles = Needles::new([("KEY", &value)]);
    let environment = Environment::from_pairs(variables);
    let found = in_git(&stage.file(), &needles, &environment, in_time()).unwrap();
    assert_eq!(
        found.leftovers[0].place,
        stage.history(1, &commit, &commit, false)
    );
    assert!(!is_marked(&mark));
}

#[test]
fn no_value_is_among_the_arguments_or_variables() {
    let stage = Stage::new();
    stage.commit_value_and_remove_it();
    let log = stage.scratch.home().join("log");
    let git = stage.git(&["--exec-path"]);
    let script = format!(
        "#!/bin/sh\nenv >>'{0}'\nprintf '%s\\n' \"$@\" >>'{0}'\nenv | cut -d= -f1 | sort >'{0}.names'\nexec '{1}/git' \"$@\"\n",
        log.display(),
        git.trim()
    );
    let spy = stage.scratch.script("spy/git", &script);
    let spied = spy.parent().unwrap().to_str().unwrap();
    let environment = Environment::from_pairs([
        ("PATH", format!("{spied}:/usr/bin:/bin")),
        ("HOME", stage.scratch.home().to_str().unwrap().to_owned()),
        ("KEY", stage.canary.value().to_owned()),
    ]);
    let value = Secret::new(stage.canary.value().into());
    let needles = Needles::new([("KEY", &value)]);
    let found = in_git(&stage.file(), &needles, &environment, in_time()).unwrap();
    assert_eq!(found.leftovers.len(), 1);
    let seen = std::fs::read_to_string(&log).unwrap();
    assert!(
        seen.contains("rev-list") && seen.contains("cat-file"),
        "{seen}"
    );
    stage.canary.assert_absent("what git is told", seen);
    // Nothing of this process either; the shell that spies adds three of its own.
    let names = std::fs::read_to_string(log.with_extension("names")).unwrap();
    let names: Vec<&str> = (names.lines())
        .filter(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name))
        .collect();
    assert_eq!(
        names,
        [
            "GIT_ALLOW_PROTOCOL",
            "GIT_ASKPASS",
            "GIT_NO_LAZY_FETCH",
            "GIT_NO_REPLACE_OBJECTS",
            "GIT_OPTIONAL_LOCKS",
            "GIT_TERMINAL_PROMPT",
            "HOME",
            "LC_ALL",
            "PATH",
            "SSH_ASKPASS"
        ]
    );
}

#[test]
fn a_git_that_hangs_is_ended_with_what_it_started() {
    let stage = Stage::new();
    let started = stage.scratch.home().join("started");
    let script = format!(
        "#!/bin/sh\nsleep 600 &\necho $! >'{}'\nwait\n",
        started.display()
    );
    let slow = stage.scratch.script("slow/git", &script);
    let path = slow.parent().unwrap().to_str().unwrap().to_owned() + ":/usr/bin:/bin";
    let environment = Environment::from_pairs([("PATH", path)]);
    let value = Secret::new(stage.canary.value().into());
    let needles = Needles::new([("KEY", &value)]);
    let begin = Instant::now();
    let deadline = Deadline::after(Duration::from_secs(3));
    let found = in_git(&stage.file(), &needles, &environment, deadline);
    assert_eq!(found, Err(GitTrouble::TimedOut));
    assert!(begin.elapsed() < Duration::from_secs(20));
    let sleeper = std::fs::read_to_string(started).unwrap();
    let status = PathBuf::from(format!("/proc/{}/stat", sleeper.trim()));
    // Gone, or dead and not yet collected by whoever inherited it; a killed process takes a moment to die.
    let is_dead = || {
        let state = std::fs::read_to_string(&status).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    let begin = Instant::now();
    while !is_dead() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_index_that_was_read_is_told_although_the_history_takes_too_long() {
    let stage = Stage::new();
    stage.write_value();
    stage.commit();
    let git = stage.git(&["--exec-path"]);
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' rev-list '*) sleep 600;; esac\nexec '{}/git' \"$@\"\n",
        git.trim()
    );
    let slow = stage.scratch.script("slow/git", &script);
    let path = slow.parent().unwrap().to_str().unwrap().to_owned() + ":/usr/bin:/bin";
    let home = stage.scratch.home().to_str().unwrap().to_owned();
    let environment = Environment::from_pairs([("PATH", path), ("HOME", home)]);
    let value = Secret::new(stage.canary.value().into());
    let needles = Needles::new([("KEY", &value)]);
    let deadline = Deadline::after(Duration::from_secs(10));
    let found = in_git(&stage.file(), &needles, &environment, deadline).unwrap();
    assert_eq!(found.leftovers.len(), 1);
    assert_eq!(found.unsearched[0].reason, Reason::TimedOut);
}
