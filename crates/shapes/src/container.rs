//! Which arguments of `docker run` set a variable of the container.

use crate::words::one_of;

/// Programs that take the arguments of Docker.
const PROGRAMS: &[&str] = &[
    "docker",
    "podman",
    "nerdctl",
    "finch",
    "docker.exe",
    "podman.exe",
    "nerdctl.exe",
];

/// Flags of `run` and `exec` that take no value.
#[rustfmt::skip]
const SWITCHES: &[&str] = &[
    "-d", "--detach", "-i", "--interactive", "-t", "--tty", "-it", "-ti", "-dit", "--rm", "--privileged",
    "--read-only", "--init", "-P", "--publish-all", "-q", "--quiet", "--no-healthcheck", "--oom-kill-disable",
    "--sig-proxy", "--disable-content-trust", "--replace", "--help", "-T", "--no-deps", "--build", "--service-ports",
    "--no-TTY", "--tls-verify", "-id", "-di",
];

/// Flags after which a variable is set.
const SETS: &[&str] = &["-e", "--env"];

/// An argument that sets a variable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Setting {
    /// Which argument it is.
    pub(crate) index: usize,
    /// Where in it the name of the variable begins.
    pub(crate) at: usize,
}

/// The arguments of `program` that set variables of a container. Those after the image belong to the program in it.
pub(crate) fn settings(program: &str, arguments: &[&str]) -> Vec<Setting> {
    let start = if is_container_program(program) {
        0
    } else {
        match arguments
            .iter()
            .position(|argument| is_container_program(argument))
        {
            Some(at) => at + 1,
            None => return Vec::new(),
        }
    };
    let verb = arguments[start..]
        .iter()
        .position(|argument| one_of(argument, &["run", "exec", "create"]));
    let Some(verb) = verb else {
        return Vec::new();
    };
    let mut settings = Vec::new();
    let mut index = start + verb + 1;
    while let Some(&argument) = arguments.get(index) {
        if !argument.starts_with('-') {
            break;
        }
        let attached = SETS.iter().find_map(|flag| {
            let rest = argument.strip_prefix(flag)?;
            let at = argument.len() - rest.strip_prefix('=').unwrap_or(rest).len();
            (at < argument.len() && (rest.starts_with('=') || *flag == "-e")).then_some(at)
        });
        if SETS.contains(&argument) {
            if index + 1 < arguments.len() {
                settings.push(Setting {
                    index: index + 1,
                    at: 0,
                });
            }
            index += 2;
        } else if let Some(at) = attached.filter(|_| !argument.starts_with("--env-")) {
            settings.push(Setting { index, at });
            index += 1;
        } else if argument.contains('=') || SWITCHES.contains(&argument) {
            index += 1;
        } else {
            index += 2;
        }
    }
    settings
}

/// Whether `program` is one of Docker's kind, whatever folder it stands in.
fn is_container_program(program: &str) -> bool {
    one_of(base_name(program), PROGRAMS)
}

/// What follows the last separator of a path.
pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indices(program: &str, arguments: &[&str]) -> Vec<(usize, usize)> {
        settings(program, arguments)
            .iter()
            .map(|setting| (setting.index, setting.at))
            .collect()
    }

    #[test]
    fn variables_of_the_container_are_told_from_arguments_of_the_program_in_it() {
        let arguments = [
            "run",
            "-i",
            "--rm",
            "--network",
            "host",
            "-e",
            "A=1",
            "--env=B=2",
            "-eC=3",
            "image",
            "-e",
            "D=4",
        ];
        assert_eq!(indices("docker", &arguments), [(6, 0), (7, 6), (8, 2)]);
        assert_eq!(
            indices("/usr/bin/podman", &["run", "--env", "A=1", "image"]),
            [(2, 0)]
        );
        assert_eq!(
            indices("cmd", &["/c", "docker", "run", "-e", "A", "image"]),
            [(4, 0)]
        );
        assert_eq!(
            indices(
                "docker",
                &["run", "--env-file", ".env", "-e", "A=1", "image"]
            ),
            [(4, 0)]
        );
        assert_eq!(
            indices("docker", &["run", "--env-file=.env", "image", "-e", "A=1"]),
            []
        );
        assert_eq!(indices("npx", &["-e", "A=1"]), []);
        assert_eq!(indices("docker", &["mcp", "gateway", "run"]), []);
    }
}
