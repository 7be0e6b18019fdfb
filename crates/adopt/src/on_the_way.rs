//! Variables that a program between the client and the container reads itself.

/// Exact names.
const NAMES: &[&str] = &[
    "BASH_ENV", "ENV", "HOME", "PATH", "SHELL", "TERM", "TMPDIR", "USER",
];

/// Beginnings: what the launcher, the loader, an interpreter, docker or podman, or a login of theirs reads.
const FAMILIES: &[&str] = &[
    "AWS_",
    "BAO_",
    "BUILDAH_",
    "CONTAINERS_",
    "CONTAINER_",
    "DBUS_",
    "DOCKER_",
    "DYLD_",
    "LD_",
    "MCP_LAUNCH_",
    "NODE_",
    "PODMAN_",
    "PYTHON",
    "SSH_",
    "VAULT_",
    "XDG_",
];

/// Whether a variable of this name means something to the launcher, or to what starts a container: put into the
/// environment of the entry, it would steer these, and not only arrive in the container. In any case of letters, since
/// proxies are named in both, and Windows does not tell them apart.
#[must_use]
pub fn is_read_on_the_way(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str())
        || name.ends_with("_PROXY")
        || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_read_on_the_way_and_leaves_ordinary_names() {
        for name in [
            "DOCKER_HOST",
            "https_proxy",
            "NO_PROXY",
            "VAULT_TOKEN",
            "BAO_ADDR",
            "AWS_SECRET_ACCESS_KEY",
            "MCP_LAUNCH_CONFIG",
            "LD_PRELOAD",
            "NODE_OPTIONS",
            "PYTHONPATH",
            "PATH",
            "XDG_CONFIG_HOME",
            "DBUS_SESSION_BUS_ADDRESS",
            "SSH_AUTH_SOCK",
            "ENV",
        ] {
            assert!(is_read_on_the_way(name), "{name}");
        }
        for name in ["API_TOKEN", "GITHUB_TOKEN", "PROXY_PASSWORD", "USER_KEY"] {
            assert!(!is_read_on_the_way(name), "{name}");
        }
    }
}
