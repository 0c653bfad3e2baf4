"""A person at a terminal of their own, told what to do line by line.

    person.py COMMAND ARGUMENT...

Reads one JSON object a line and answers with one:
  {"reads": TEXT, "echo": BOOL}  waits until TEXT was shown after what was read before, and until the terminal's
                                 echo is so (null: however it is); answers {"shown": everything up to and with TEXT}
  {"types": TEXT}                as keys do, control characters too; answers {}
  {"process": true}              answers {"process": the command's process id}
  {"kills": true}                ends the command; answers {}
  {"leaves": true}               waits for the end; answers {"code", "shown": everything, "echo": afterwards}
What cannot be done within its time is answered with {"failed": everything that was shown}.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 60


class Person:
    def __init__(self, command):
        self.screen, terminal = pty.openpty()
        self.terminal = terminal
        # By default 80 columns and 24 lines, the smallest screen that people still have.
        size = int(os.environ.pop("LINES", 24)), int(os.environ.pop("COLUMNS", 80)), 0, 0
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size))
        self.shown, self.read = b"", 0

        def own_terminal():
            os.setsid()
            # A background job starts with Ctrl-C ignored; whoever sits at a terminal has it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

        self.child = subprocess.Popen(
            command, stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=own_terminal
        )

    def echo(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def look(self):
        while select.select([self.screen], [], [], 0.01)[0]:
            self.shown += os.read(self.screen, 65536)

    def reads(self, text, echo):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.look()
            place = self.shown.find(text.encode(), self.read)
            if place >= 0 and echo in (None, self.echo()):
                begin, self.read = self.read, place + len(text.encode())
                return {"shown": self.shown[begin : self.read].decode()}
            if self.child.poll() is not None:
                self.look()
                if self.shown.find(text.encode(), self.read) < 0:
                    break
        return {"failed": self.shown[self.read :].decode(errors="replace")}

    def types(self, text):
        # What is typed before a question is no answer to it: the program throws it away when it asks.
        time.sleep(0.05)
        os.write(self.screen, text.encode())
        return {}

    def leaves(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.look()
            if self.child.poll() is not None:
                self.look()
                return {"code": self.child.returncode, "shown": self.shown.decode(), "echo": self.echo()}
        self.child.kill()
        return {"failed": self.shown[self.read :].decode(errors="replace")}


def main():
    person = Person(sys.argv[1:])
    for line in sys.stdin:
        order = json.loads(line)
        if "reads" in order:
            answer = person.reads(order["reads"], order["echo"])
        elif "types" in order:
            answer = person.types(order["types"])
        elif "process" in order:
            answer = {"process": person.child.pid}
        elif "kills" in order:
            person.child.kill()
            answer = {}
        else:
            answer = person.leaves()
        print(json.dumps(answer), flush=True)
    if person.child.poll() is None:
        person.child.kill()


main()
