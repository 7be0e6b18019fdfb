"""What the benchmarks share: commands that take turns, medians, and targets as ratios.

Every figure is the median of all runs of a command. The commands take turns, a few runs each, so that a
disturbance meets all of them. A ratio is what to look at; the milliseconds belong to one machine.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(os.environ.get("MCP_LAUNCH_TEST_TOOLS", ROOT / "target/test-tools"))
TRUE = "/bin/true"
ROUNDS = 20
RUNS_IN_ROUND = 3

# A launcher that does nothing but become the server: what no launcher can be faster than.
STUB = """
#include <unistd.h>
extern char **environ;
int main(int count, char **argument) { return count < 2 ? 125 : execve(argument[1], argument + 1, environ); }
"""


class Case:
    """One command: its name in the table, its arguments, its environment and folder, what runs before each time, and
    the exit status that it ends with."""

    def __init__(self, name, command, environment=(), folder=None, prepare=None, status=0):
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = dict(environment)
        self.folder = folder
        self.prepare = prepare
        self.status = status
        self.times = []

    def run_some(self, base):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            quoted = " ".join("'" + part + "'" for part in self.command)
            prepare = [f"--prepare={self.prepare}"] if self.prepare else []
            failing = ["--ignore-failure"] if self.status else []
            subprocess.run(
                ["hyperfine", "--shell=none", "--style=none", "--warmup=2", f"--runs={RUNS_IN_ROUND}",
                 f"--export-json={report.name}", *prepare, *failing, quoted],
                env=base | self.environment, cwd=self.folder, check=True, capture_output=True, text=True,
            )
            self.times += json.load(report)["results"][0]["times"]

    def median(self):
        return statistics.median(self.times) * 1000

    def peak_kilobytes(self, base, peak):
        """The most memory that the process held, before and after it became the server."""
        said = subprocess.run([peak, *self.command], env=base | self.environment, cwd=self.folder,
                              check=True, capture_output=True, text=True)
        return int(said.stdout)


def expect(*programs):
    """Ends the benchmark when a program that it needs is missing, and says when its figures will be poor."""
    for needed in programs:
        if not shutil.which(needed):
            sys.exit(f"{needed} is not on PATH")
    if os.getloadavg()[0] > 0.5:
        print("the machine is not idle: on a busy core a process waits 4 ms for its turn, and medians say that",
              file=sys.stderr)


def launcher():
    named = os.environ.get("MCP_LAUNCH_TEST_BINARY")
    if named:
        return Path(named)
    host = next(line.split()[1] for line in
                subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout.splitlines()
                if line.startswith("host:"))
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / host / "release/mcp-launch"
    if not path.exists():
        sys.exit(f"{path} is missing: cargo build --release")
    return path


def compiled(name, source, place):
    program = place / name
    program.with_suffix(".c").write_text(source)
    subprocess.run(["cc", "-O2", "-static", "-o", program, program.with_suffix(".c")], check=True)
    return program


def take_turns(cases, base):
    """Runs every case once to see that it works, then in rounds."""
    for case in cases:
        ended = subprocess.run(case.command, env=base | case.environment, cwd=case.folder, capture_output=True, text=True)
        if ended.returncode != case.status:
            sys.exit(f"{case.name}: exit status {ended.returncode}\n{ended.stderr}")
    for round_number in range(ROUNDS):
        print(f"round {round_number + 1} of {ROUNDS}", file=sys.stderr)
        for case in cases:
            case.run_some(base)


def print_medians(cases, unit):
    """A line for each case; `unit` is the case that the others are told as multiples of."""
    whole = unit.median()
    print(f"\n{'':32}{'median ms':>10}{'of ' + unit.name:>16}{'least ms':>10}{'runs':>6}")
    for case in cases:
        least = min(case.times) * 1000
        print(f"{case.name:32}{case.median():10.2f}{case.median() / whole:16.2f}{least:10.2f}{len(case.times):6}")


class Targets:
    """Ratios, each with the most that it may be; or what can be compared with nothing, in seconds."""

    def __init__(self):
        self.missed = False
        print(f"\n{'target':56}{'ratio':>7}{'at most':>9}")

    def add(self, name, ratio, limit):
        self.missed |= ratio > limit
        print(f"{name:56}{ratio:7.2f}{limit:9.2f}  {'ok' if ratio <= limit else 'MISSED'}")

    def end(self):
        sys.exit(1 if self.missed else 0)
