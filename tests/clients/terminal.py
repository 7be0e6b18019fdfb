"""Runs a command on a terminal of its own, as a person would.

Each line of stdin answers one prompt: what ends in ": ", once the terminal does not show what is typed, or a question
that ends in "[y/N] ". A line that begins with "!" is a shell command, which is run before the next answer. Prints what
the terminal showed, and exits as the command did.
"""

import os
import pty
import sys
import termios
import time


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the command has ended.
        return b""


def wait_until_hidden(terminal):
    """A person is slower than the moment between a prompt and the end of the echo; a program is not."""
    for _ in range(500):
        if not termios.tcgetattr(terminal)[3] & termios.ECHO:
            return
        time.sleep(0.01)


def main():
    answers = sys.stdin.buffer.read().splitlines()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], sys.argv[1:])
    shown = b""
    while chunk := read(terminal):
        shown += chunk
        is_question = shown.endswith(b"[y/N] ")
        if answers and (is_question or shown.endswith(b": ")):
            if not is_question:
                wait_until_hidden(terminal)
            while answers[0].startswith(b"!"):
                os.system(answers.pop(0)[1:])
            os.write(terminal, answers.pop(0) + b"\n")
    _, status = os.waitpid(pid, 0)
    sys.stdout.buffer.write(shown)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
