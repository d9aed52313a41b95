#!/usr/bin/python3
"""Each call on the disk fails, once and from then on: no run ends of it, and nothing is lost in silence.

What came of each is the table of docs/durability.md; `python3 test_disk_faults.py --update` writes it.
"""
import contextlib
import fcntl
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import termios
import threading
import unittest

import disk_faults
from harness import BINARY, E2E, ROOT, TIMEOUT, read, wait_until

DOCUMENT = os.path.join(ROOT, "docs", "durability.md")
NOTHING, REFUSED, SAID = "nothing is lost", "no run begins, and why is said", "what is missing is said"


class FaultyRuns(E2E):
    """A run per fault. Subclasses say how to make one and what is to be in its logs."""

    def table(self, title):
        fleet = self.start_fleet(3)
        _, calls, sound = self.run_on(fleet, 0)
        self.assertEqual(self.check(fleet, 0, sound, sound), NOTHING)
        faults = enumerate(disk_faults.faults(calls), 1)
        judged = [each for each in disk_faults.each(lambda each: self.judged(fleet, *each, sound), faults) if each]
        self.assertGreater(len(judged), 60)
        wrong = ["%s: %s" % (" ".join(map(str, fault)), what) for fault, what in judged
                 if what not in (NOTHING, REFUSED, SAID) or (fault.how == "once" and not self.may(fault, what))]
        self.assertEqual(wrong, [])
        disk_faults.keep_table(DOCUMENT, title, judged)

    def may(self, fault, what):
        """One failure costs nothing once the run has begun, but for those that only tell of a loss."""
        return what == NOTHING or fault.operation in ("close", "sync") or what == REFUSED

    def judged(self, fleet, number, fault, sound):
        directory, calls, done = self.run_on(fleet, number, fault)
        try:
            return (fault, self.check(fleet, number, done, sound)) if disk_faults.failed(calls) else None
        except AssertionError as wrong:
            return fault, "wrong: %s" % wrong
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def paths(self, number):
        return [os.path.join(self.tmp, "%d.%s" % (number, what)) for what in ("run", "calls")]

    def check(self, fleet, number, done, sound):
        """What came of it, for the table; everything else is an assertion."""
        directory = self.paths(number)[0]
        if done.returncode in (1, 2) and not self.began(done):
            self.assertRegex(done.stderr, r"^bdsh-tui: \S*/%d.run[^\n]*: [A-Z]" % number)
            return REFUSED
        self.assertEqual((done.returncode, done.stdout), (sound.returncode, sound.stdout), done.stderr)
        missing = sum([self.missing(directory, host) for host in fleet.names])
        shown = self.batch(fleet, "show", directory)
        self.assertIn(shown.returncode, (0, 1), shown.stderr)
        if missing:
            self.assertIn("missing", done.stderr)
            self.assertRegex(shown.stderr, "lacks the last|ended without closing its files|not a run directory")
            return SAID
        if "logs: " in done.stderr:
            return SAID
        self.assertEqual(shown.stderr, "")
        return NOTHING

    def missing(self, directory, host):
        """How many bytes of its end the host's log lacks."""
        path = os.path.join(directory, host, "out.log")
        log = read(path) if os.path.exists(path) else b""
        self.assertTrue(self.OUTPUT.startswith(log), "%s: no beginning of what it sent" % host)
        return len(self.OUTPUT) - len(log)


class BatchRuns(FaultyRuns):
    LINES = 4000
    COMMAND = "seq 1 %d; sleep 0.1; seq %d %d; exit 3" % (LINES // 2, LINES // 2 + 1, LINES)
    OUTPUT = "".join("%d\n" % i for i in range(1, LINES + 1)).encode()

    def run_on(self, fleet, number, fault=None):
        directory, calls = self.paths(number)
        return directory, calls, self.batch(fleet, "-k", "-O", directory, "-g", "web", "--", self.COMMAND,
                                            env=disk_faults.disk(directory, calls, fault))

    def began(self, done):
        return done.stdout != ""

    def test_every_call_that_fails(self):
        self.table("batch")


class DashboardRuns(FaultyRuns):
    """Started without a terminal, typed into, looked at on a terminal of another size, left, taken up
    again and ended there."""
    OUTPUT = ("".join("%d\r\n" % i for i in range(1, 1001)) + "one\r\ngot one\r\ntwo\r\ngot two\r\n").encode()

    def run_on(self, fleet, number, fault=None):
        directory, calls = self.paths(number)
        state = os.path.join(self.tmp, "%d.state" % number)
        env = {"XDG_STATE_HOME": state, **disk_faults.disk(directory, calls, fault)}
        self.addCleanup(self.end_left_runs, state)
        begun = self.batch(fleet, "-k", "-O", directory, "--detached", "-g", "web", "--", "seq 1 1000; sed -u 's/^/got /'", env=env)
        if begun.returncode == 0:
            with contextlib.closing(Server(state)) as server:
                begun = self.used(fleet, state, server)
        return directory, calls, begun

    def began(self, done):
        return "hosts" in done.stdout

    def used(self, fleet, state, server):
        """As far as it can be seen on the terminals; standard error is what the last one showed."""
        server.wait_output("1000", 3)
        server.ask("send", "all", "one")
        server.wait_output("got one", 3)
        with Terminal(self, fleet, state, rows=30) as terminal:
            server.wait_status("terminals", 1)
            server.ask("detach")
            self.assertEqual(terminal.end()[0], 0)
        server.ask("send", "all", "two")
        server.wait_output("got two", 3)
        with Terminal(self, fleet, state, rows=40) as terminal:
            server.wait_status("terminals", 1)
            server.ask("quit")
            status, text = terminal.end()
        summary = re.search(r"web: \d+ hosts.*", text)
        self.assertTrue(summary, text)
        return subprocess.CompletedProcess([], status, summary[0], "\n".join(re.findall(r"bdsh-tui: .*", text)))

    def test_every_call_that_fails(self):
        self.table("dashboard")


class Server:
    """A run's socket."""

    def __init__(self, state):
        folder = os.path.join(state, "bdsh", "live")
        name = next(name for name in os.listdir(folder) if name.endswith(".sock"))
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(os.path.join(folder, name))
        self.lines = self.socket.makefile("r")

    def close(self):
        self.lines.close()
        self.socket.close()

    def ask(self, command, *words):
        self.socket.sendall(json.dumps({"command": command, "args": words}).encode() + b"\n")
        answer = json.loads(self.lines.readline())
        assert answer["ok"], answer
        return answer.get("result")

    def wait_status(self, name, value):
        wait_until(lambda: self.ask("status")[name] == value, "%s %s" % (name, value))

    def wait_output(self, end, hosts):
        """All hosts' output ends so."""
        def there():
            report = self.ask("report")
            return report["agree"] == hosts and report["variants"][0]["text"].endswith(end)
        wait_until(there, "%r of all hosts" % end, detail=lambda: str(self.ask("report"))[-500:])


class Terminal:
    """`attach` on a pseudo-terminal whose output is read to the end."""

    def __init__(self, test, fleet, state, rows):
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
        self.text = b""
        self.process = subprocess.Popen(
            [BINARY, "attach"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, **test.environment(fleet, XDG_STATE_HOME=state, TERM="xterm")})
        os.close(slave)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        with contextlib.suppress(OSError):  # EIO: nobody has the other end any more
            while piece := os.read(self.master, 65536):
                self.text += piece

    def end(self):
        status = self.process.wait(TIMEOUT)
        self.reader.join(TIMEOUT)
        return status, self.text.decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.end()
        os.close(self.master)


if __name__ == "__main__":
    if "--update" in sys.argv:
        sys.argv.remove("--update")
        disk_faults.UPDATE = True
    unittest.main()
