"""Runs a command on a terminal of its own, and types what stdin has at its question.

Each line of stdin answers one question, "[y/N] "; the word `interrupt` is Ctrl-C. Prints what the terminal showed,
and exits as the command did, or with 128 and the signal that ended it.
"""

import os
import pty
import sys


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the command has ended.
        return b""


def main():
    answers = sys.stdin.buffer.read().splitlines()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], sys.argv[1:])
    shown = b""
    while chunk := read(terminal):
        shown += chunk
        if answers and shown.endswith(b"[y/N] "):
            answer = answers.pop(0)
            os.write(terminal, b"\x03" if answer == b"interrupt" else answer + b"\n")
    _, status = os.waitpid(pid, 0)
    sys.stdout.buffer.write(shown)
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
