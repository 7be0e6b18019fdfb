//! Variables that make a program load or run other code before its own.

/// Exact names. Each makes some loader, shell or interpreter run what it names, or look for programs
/// and modules elsewhere.
const NAMES: &[&str] = &[
    "BASHOPTS",
    "BASH_ENV",
    "CLASSPATH",
    "COMSPEC",
    "ELECTRON_RUN_AS_NODE",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GLIBC_TUNABLES",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LOCPATH",
    "LUA_CPATH",
    "LUA_INIT",
    "LUA_PATH",
    "NLSPATH",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "PATH",
    "PATHEXT",
    "PERLLIB",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PROMPT_COMMAND",
    "PS4",
    "PYTHONBREAKPOINT",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
    "RUBYLIB",
    "RUBYOPT",
    "SHELLOPTS",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// Beginnings: whole families of one loader or interpreter.
const FAMILIES: &[&str] = &[
    "BASH_FUNC_",
    "DYLD_",
    "GIT_CONFIG",
    "LD_",
    "MCP_LAUNCH_",
    "NPM_CONFIG_NODE_OPTIONS",
    "NPM_CONFIG_SCRIPT_SHELL",
    "PERL5",
    "npm_config_node_options",
    "npm_config_script_shell",
];

/// Whether `name` is a variable that makes a program load or run other code before its own. Case counts where the system tells
/// names apart by it.
#[must_use]
pub fn is_loader_variable(name: &str) -> bool {
    let folded;
    let name = if cfg!(windows) {
        folded = name.to_ascii_uppercase();
        &folded
    } else {
        name
    };
    NAMES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_loaders_and_leaves_ordinary_names() {
        for name in [
            "LD_PRELOAD",
            "DYLD_INSERT_LIBRARIES",
            "NODE_OPTIONS",
            "BASH_ENV",
            "BASH_FUNC_x%%",
            "ENV",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PYTHONHOME",
            "PERL5OPT",
            "PERL5LIB",
            "RUBYOPT",
            "RUBYLIB",
            "JAVA_TOOL_OPTIONS",
            "GCONV_PATH",
            "PATH",
            "MCP_LAUNCH_X",
        ] {
            assert!(is_loader_variable(name), "{name}");
        }
        for name in [
            "API_TOKEN",
            "DATABASE_URL",
            "GIT_TOKEN",
            "HOME_PATH",
            "LANG",
            "NODE_ENV",
            "PYTHONUNBUFFERED",
        ] {
            assert!(!is_loader_variable(name), "{name}");
        }
    }
}
