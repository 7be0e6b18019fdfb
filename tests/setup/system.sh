#!/usr/bin/env bash
# Installs the programs that the tests talk to, on Debian and Ubuntu, where they are missing.
set -euo pipefail

# program:package
needed=(
    age:age
    cc:build-essential
    curl:curl
    dbus-run-session:dbus
    gdbus:libglib2.0-bin
    git:git
    gnome-keyring-daemon:gnome-keyring
    hyperfine:hyperfine
    keyctl:keyutils
    openssl:openssl
    redis-server:redis-server
    script:bsdutils
    secret-tool:libsecret-tools
    setpriv:util-linux
    strace:strace
)
packages=()
for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
# Debian keeps the server's programs off PATH.
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
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
# The tests start servers of their own: the package is not to start one.
clusters=/etc/postgresql-common/createcluster.conf
if [[ " ${packages[*]} " == *" postgresql "* && ! -e $clusters ]]; then
    "${as_root[@]}" mkdir -p "${clusters%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$clusters" >/dev/null
fi
# In run level 1 the packages of Debian start no service.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -qy --no-install-recommends "${packages[@]}"
