#!/usr/bin/env bash
# Installs the programs that the tests talk to, on Debian and Ubuntu, where they are missing.
set -euo pipefail

# program:package
needed=(
    age:age
    cc:build-essential
    dbus-run-session:dbus
    gdbus:libglib2.0-bin
    git:git
    gnome-keyring-daemon:gnome-keyring
    keyctl:keyutils
    script:bsdutils
    secret-tool:libsecret-tools
    setpriv:util-linux
    strace:strace
)
packages=()
for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
/usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if ((${#packages[@]} == 0)); then
    exit 0
fi

echo "installing ${packages[*]}"
as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || {
        echo "missing: ${packages[*]}; install them, or run this as root" >&2
        exit 1
    }
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends "${packages[@]}"
