#!/usr/bin/env bash
# Runs the launcher's tests as an ordinary user: the caller, or `nobody` when that is root. With the environment of
# tests/run.
set -euo pipefail
nobody=65534
# Left out is what is about the sources, which need not be readable, and what acts as several users.
filter=(--skip cache:: --skip docs:: --skip fuzzed:: --skip homeless:: --skip strangers:: --skip no_test_file_is_forgotten)

test_program=$(cargo test --package mcp-launch --test mcp-launch --no-run --message-format json-render-diagnostics |
    sed -n 's|.*"executable":"\([^"]*/deps/mcp_launch-[^"]*\)".*|\1|p')

if ((EUID != 0)); then
    exec "$test_program" "${filter[@]}"
fi

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -m 0700 "$place/home" "$place/tmp"
chmod 0755 "$place"
chown "$nobody:$nobody" "$place/home" "$place/tmp"

ordinary() {
    env --chdir="$place/home" --unset=CARGO_HOME --unset=RUSTUP_HOME \
        HOME="$place/home" TMPDIR="$place/tmp" USER=nobody LOGNAME=nobody \
        setpriv --reuid="$nobody" --regid="$nobody" --clear-groups "$@"
}

# A checkout below /root is out of reach for others, so what they need is copied.
for reached in "$test_program" "$MCP_LAUNCH_TEST_BINARY" "$MCP_LAUNCH_TEST_TOOLS/stamp"; do
    if ! ordinary test -r "$reached"; then
        cp -a "$test_program" "$place/test-program"
        cp -a "$(dirname "$MCP_LAUNCH_TEST_BINARY")"/mcp-{launch,launch-full,example-server} "$place/"
        cp -a "$MCP_LAUNCH_TEST_TOOLS" "$place/tools"
        chmod -R a+rX "$place/tools"
        test_program=$place/test-program
        export MCP_LAUNCH_TEST_BINARY=$place/mcp-launch MCP_LAUNCH_TEST_TOOLS=$place/tools
        break
    fi
done
ordinary "$test_program" "${filter[@]}"
