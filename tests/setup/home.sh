# Gives cargo, npm and pip a home to write to when the caller's is missing or read-only.
# Sourced; expects $root.

home=${HOME:-}
if [[ ! -d $home || ! -w $home ]]; then
    own=$(getent passwd "$(id -u)" | cut -d: -f6)
    : "${home:=$own}"
    export HOME=$root/target/test-home
    mkdir -p "$HOME"
    if [[ -z ${CARGO_HOME:-} ]]; then
        export CARGO_HOME=$HOME/.cargo
        mkdir -p "$CARGO_HOME"
        # Which registry to use stands in the settings of the home that cannot be written.
        for settings in config.toml config; do
            [[ ! -r $home/.cargo/$settings ]] || cp "$home/.cargo/$settings" "$CARGO_HOME/"
        done
    fi
    for toolchains in "$home/.rustup" "$own/.rustup"; do
        [[ ! -d $toolchains ]] || export RUSTUP_HOME="${RUSTUP_HOME:-$toolchains}"
    done
    PATH=$PATH:$home/.cargo/bin:$own/.cargo/bin
fi
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
export PATH
command -v cargo >/dev/null || {
    echo "cargo is not on PATH: install a Rust toolchain, see https://rustup.rs" >&2
    exit 1
}
