#!/usr/bin/env bash
# Puts Docker Compose, version 2 or later, into $MCP_LAUNCH_TEST_TOOLS/bin. No engine is needed: only its reader is asked.
set -euo pipefail
bin=$MCP_LAUNCH_TEST_TOOLS/bin
mkdir -p "$bin"

is_version_2() {
    [[ -x $1 && $("$1" version --short 2>/dev/null) == [2-9]* ]]
}

find_installed() {
    for program in "$(command -v docker-compose || true)" /usr/{lib,libexec}/docker/cli-plugins/docker-compose; do
        if is_version_2 "$program"; then
            ln -sfn "$program" "$bin/docker-compose"
            return 0
        fi
    done
    return 1
}

! is_version_2 "$bin/docker-compose" && ! find_installed || exit 0

# Ubuntu has it under this name.
if ((EUID == 0)) && apt-get update -qq && apt-get install -qy --no-install-recommends docker-compose-v2 >/dev/null 2>&1; then
    find_installed && exit 0
fi

# Debian has it from version 13 on. Its package needs nothing that 12 has not, so it is unpacked, not installed.
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/{lists,cache/archives}/partial
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 '/debian/*$') || {
    echo "Docker Compose 2 is missing: install your system's package of it" >&2
    exit 1
}
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/sources.list"
of_trixie=(-qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
apt-get "${of_trixie[@]}" update
(cd "$apt" && apt-get "${of_trixie[@]}" download docker-compose && dpkg-deb -x docker-compose_*.deb unpacked)
cp "$apt"/unpacked/usr/libexec/docker/cli-plugins/docker-compose "$bin/docker-compose"
is_version_2 "$bin/docker-compose"
