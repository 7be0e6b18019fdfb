//! A launcher with a companion, and the companion itself: what the tests of this crate start.
//!
//! `companion MODE FILE` starts `companion keep` with a letter that says both, tells what came of it and waits for the
//! end of its input. What the companion does by its mode:
//!
//! * `watch` writes to FILE how long the letter was, once the launcher has ended;
//! * `refuse` says why not;
//! * `die` ends without a word;
//! * `hang` says nothing and stays;
//! * `long` gets a letter that is longer than it takes;
//! * `late` gets ready only when FILE is there, and writes to it whether anybody waited.
#![expect(clippy::print_stdout, reason = "an example that reports to a person")]

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{Read as _, Write as _};
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::time::Duration;

    use mcp_launch_core::Secret;
    use mcp_launch_exec::{Companion, protect_self, start_companion};
    use rustix::event::{PollFd, PollFlags, poll};

    /// More than a pipe takes at once.
    const LONG: usize = 300_000;

    /// The longest letter that is taken.
    const LONGEST: usize = 1 << 20;

    pub(super) fn main() {
        protect_self();
        let words: Vec<String> = std::env::args().skip(1).collect();
        match &words[..] {
            [keep] if keep == "keep" => keep_it(),
            [mode, file] => start(mode, file),
            _ => panic!("companion MODE FILE"),
        }
    }

    fn start(mode: &str, file: &str) {
        let mut letter = format!("{mode} {file} ").into_bytes();
        let length = if mode == "long" { LONGEST + 1 } else { LONG };
        letter.resize(length, b'x');
        let own = std::env::current_exe().expect("this program");
        let patience = Duration::from_millis(if mode == "hang" { 300 } else { 60_000 });
        let none: [(&str, &str); 0] = [];
        let outcome = start_companion(&own, "keep", none, &Secret::new(letter), patience);
        match outcome {
            Ok(()) => println!("kept"),
            Err(error) => println!("{error}"),
        }
        std::io::stdout().flush().expect("somebody reads");
        let _input = std::io::stdin().read_to_end(&mut Vec::new());
    }

    #[expect(clippy::disallowed_methods, reason = "a letter of the tests")]
    fn keep_it() {
        let companion = Companion::begin().expect("a launcher");
        let letter = match companion.letter(LONGEST) {
            Ok(letter) => letter,
            Err(error) => return companion.refuse(&error.to_string()),
        };
        let text = String::from_utf8_lossy(letter.expose()).into_owned();
        let mut words = text.split(' ');
        let mode = words.next().unwrap_or_default();
        let file = Path::new(words.next().unwrap_or_default());
        match mode {
            "die" => return,
            "hang" => std::thread::sleep(Duration::from_secs(600)),
            "refuse" => return companion.refuse("it does not want to"),
            _ => {}
        }
        let Ok(detached) = companion.detach() else {
            return;
        };
        while mode == "late" && !file.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let Some(watch) = detached.ready() else {
            return note(file, "nobody waited");
        };
        let watch = OwnedFd::from(watch);
        poll(&mut [PollFd::new(&watch, PollFlags::IN)], None).expect("its end");
        note(file, &letter.len().to_string());
    }

    #[expect(clippy::disallowed_methods, reason = "a file of the tests")]
    fn note(file: &Path, text: &str) {
        std::fs::write(file.with_extension("draft"), text).expect("a folder of the tests");
        std::fs::rename(file.with_extension("draft"), file.with_extension("told"))
            .expect("a folder of the tests");
    }
}
