"""Runs a command on a terminal of its own and plays a person.

    terminal.py '[["expected text", "what is typed", "hidden" or "shown"], ...]' COMMAND ARGUMENT...

Waits for each text, and for a hidden one until the terminal's echo is off, then types. Prints a JSON object:
the exit code, everything the terminal showed, and whether the echo is on afterwards.
"""

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

DEADLINE = time.monotonic() + 60


def echo(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    person, terminal = pty.openpty()

    def own_terminal():
        os.setsid()
        # A background job starts with Ctrl-C ignored; whoever sits at a terminal has it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    child = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=own_terminal
    )
    shown, seen, waiting = b"", 0, list(steps)
    while child.poll() is None:
        if time.monotonic() > DEADLINE:
            child.kill()
            sys.exit("the command did not end; it showed: " + shown.decode(errors="replace"))
        if select.select([person], [], [], 0.02)[0]:
            shown += os.read(person, 65536)
        if waiting:
            expected, typed, how = waiting[0]
            place = shown.find(expected.encode(), seen)
            if place >= 0 and echo(terminal) == (how == "shown"):
                seen = place + len(expected)
                os.write(person, typed.encode())
                waiting.pop(0)
    echo_afterwards = echo(terminal)
    # What the command wrote last may still be on its way; the end of the terminal comes after all of it.
    os.close(terminal)
    try:
        while more := os.read(person, 65536):
            shown += more
    except OSError:
        pass
    if waiting:
        sys.exit("never asked for: " + json.dumps(waiting) + " in " + shown.decode(errors="replace"))
    print(json.dumps({"exit": child.returncode, "shown": shown.decode(), "echo": echo_afterwards}))


main()
