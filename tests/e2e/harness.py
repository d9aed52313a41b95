"""What the end-to-end tests stand on: the built program, in tmux or as a batch, on a test fleet.

Nothing here sleeps for luck: every wait polls a condition, and one that does not come true prints
the screen. BDSH_TUI names the binary; BDSH_E2E_TIMEOUT (seconds, default 30) bounds each wait.
"""
import contextlib
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "fleet"))
import fleet as fleets  # noqa: E402

BINARY = os.environ.get("BDSH_TUI", os.path.join(ROOT, "build", "asan", "bdsh-tui"))
TIMEOUT = float(os.environ.get("BDSH_E2E_TIMEOUT", "30"))
LEAVE = "C-]"


def wait_until(condition, what, timeout=TIMEOUT, detail=None):
    """The first true value of condition()."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("after %g s still not: %s%s" % (timeout, what, detail() if detail else ""))
        time.sleep(0.05)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def descendants(pid):
    parents = {}
    for stat in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            text = read(stat).decode(errors="replace")
            parents[int(text.split()[0])] = int(text[text.rindex(")") + 2:].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


class Tmux:
    """One program in one pane of a tmux server of its own."""
    count = 0

    def __init__(self, command, size=(120, 36), env=None, cwd=None, term="tmux-256color"):
        Tmux.count += 1
        self.socket = "bdsh-e2e-%d-%d" % (os.getpid(), Tmux.count)
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        environment.update(env or {})
        line = command if isinstance(command, str) else shlex.join(command)
        options = [("set", "-g", "remain-on-exit", "on"), ("set", "-g", "default-terminal", term),
                   ("set", "-s", "escape-time", "0"), ("set", "-g", "status", "off"),
                   ("set", "-s", "set-clipboard", "on"), ("set", "-g", "allow-rename", "on"),
                   ("set", "-g", "default-shell", "/bin/sh"), ("set", "-g", "set-titles", "off")]
        chain = []
        for option in options:
            chain += [*option, ";"]
        subprocess.run(
            ["tmux", "-u", "-L", self.socket, "-f", "/dev/null", *chain, "new-session", "-d", "-x",
             str(size[0]), "-y", str(size[1]), "-c", cwd or "/", "exec " + line],
            check=True, env=environment, stdin=subprocess.DEVNULL)

    def tmux(self, *words, **kwargs):
        return subprocess.run(["tmux", "-u", "-L", self.socket, *words], capture_output=True,
                              stdin=subprocess.DEVNULL, text=True, errors="replace", **kwargs)

    def ask(self, what):
        return self.tmux("display-message", "-p", "#{%s}" % what).stdout.rstrip("\n")

    # -- in

    def keys(self, *names):
        """tmux's key names: Enter, Escape, C-], Up, a."""
        self.tmux("send-keys", *names, check=True)

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text, check=True)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def paste(self, text):
        subprocess.run(["tmux", "-u", "-L", self.socket, "load-buffer", "-b", "e2e", "-"], check=True,
                       input=text.encode())
        self.tmux("paste-buffer", "-p", "-r", "-b", "e2e", check=True)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows), check=True)

    # -- out

    def capture(self, escapes=False):
        # At the program's end tmux scrolls by a line to say so: the first line is history then.
        history = ["-S", "-100"] if self.dead() else []
        return self.tmux("capture-pane", "-p", *(["-e"] if escapes else []), *history).stdout

    def clipboard(self):
        """What the program put there (OSC 52)."""
        return self.tmux("show-buffer").stdout

    def dead(self):
        # A pane whose terminal is closed is dead to tmux before it has the exit status. tmux 3.3a
        # now and then overlooks that its child has ended, until it looks after another one's end.
        if self.ask("pane_dead_status}#{pane_dead_signal") != "":
            return True
        if self.ask("pane_dead") == "1":
            self.tmux("run-shell", "-b", "true")
        return False

    def pid(self):
        return int(self.ask("pane_pid"))

    def shown(self):
        return "\n--- screen ---\n%s\n--- %s ---" % (
            self.capture().rstrip(), "ended: " + self.ask("pane_dead_status") if self.dead() else "runs")

    def sees(self, wanted):
        screen = self.capture()
        return re.search(wanted, screen) if isinstance(wanted, re.Pattern) else wanted in screen

    def wait_for(self, wanted, timeout=TIMEOUT):
        """A text or a compiled pattern, somewhere on the screen."""
        def look():
            found = self.sees(wanted)
            if not found and self.dead() and not self.sees(wanted):
                raise AssertionError("program ended without %r%s" % (wanted, self.shown()))
            return found
        return wait_until(look, "%r on the screen" % wanted, timeout, self.shown)

    def wait_gone(self, unwanted, timeout=TIMEOUT):
        wait_until(lambda: not self.sees(unwanted), "%r gone" % unwanted, timeout, self.shown)

    def wait_end(self, timeout=TIMEOUT):
        """The program's exit status, a signal as 128 + number."""
        wait_until(self.dead, "the program to end", timeout, self.shown)
        status, number = self.ask("pane_dead_status"), self.ask("pane_dead_signal")
        return int(status) if status else 128 + int(number or 0)

    def bottom(self):
        lines = self.capture().rstrip("\n").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def wait_bottom(self, wanted, timeout=TIMEOUT):
        """A text in the last line: the mode is there."""
        wait_until(lambda: wanted in self.bottom(), "%r in the bottom line" % wanted, timeout, self.shown)

    def close(self):
        # Once the program has ended its number may be another process's.
        if self.ask("pane_dead") == "0":
            for pid in [*descendants(self.pid()), self.pid()]:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        self.tmux("kill-server")


class E2E(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.assertTrue(os.access(BINARY, os.X_OK), "no program at " + BINARY)
        self.tmp = tempfile.mkdtemp(prefix="bdsh-e2e-")
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)

    def start_fleet(self, hosts=3, **kwargs):
        fleet = fleets.Fleet(hosts, **kwargs).start(bound_to_us=True)
        self.addCleanup(fleet.stop)
        self.addCleanup(self.end_left_runs, fleet.environment()["XDG_STATE_HOME"])
        return fleet

    @staticmethod
    def end_left_runs(state):
        """Those that go on without a terminal, after a test that failed."""
        for socket in glob.glob(state + "/bdsh/live/*.sock"):
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(os.path.basename(socket)[:-5]), signal.SIGKILL)

    def environment(self, fleet=None, **extra):
        base = {"HOME": self.tmp, "XDG_CONFIG_HOME": self.tmp, "XDG_STATE_HOME": self.tmp + "/state",
                "SSH_AUTH_SOCK": ""}
        return {**base, **(fleet.environment() if fleet else {}), **extra}

    def tmux(self, command, fleet=None, size=(120, 36), env=None, **kwargs):
        terminal = Tmux(command, size, self.environment(fleet, **(env or {})), **kwargs)
        self.addCleanup(terminal.close)
        return terminal

    def dashboard(self, fleet, *arguments, **kwargs):
        return self.tmux([BINARY, *(arguments or ("-g", "web"))], fleet, **kwargs)

    def batch(self, fleet, *arguments, input=None, env=None, timeout=4 * TIMEOUT):
        """The program without a terminal; text out, stdin closed unless `input` is given."""
        source = {"input": input} if input is not None else {"stdin": subprocess.DEVNULL}
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, errors="replace",
                              env={**os.environ, **self.environment(fleet, **(env or {}))},
                              timeout=timeout, **source)

    # -- what several tests do

    def unattended(self, fleet, *arguments):
        """The program as a child that goes on meanwhile, without a terminal; killed at the end."""
        child = subprocess.Popen([BINARY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 stdin=subprocess.DEVNULL, env={**os.environ, **self.environment(fleet)})
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def settled(self, dashboard, agree, of):
        """Waits for the consensus pane's verdict."""
        dashboard.wait_for("%d of %d agree" % (agree, of))

    def broadcast(self, dashboard, count):
        dashboard.keys("b")
        dashboard.wait_bottom("INPUT → %d hosts" % count)

    def navigate(self, dashboard):
        dashboard.keys(LEAVE)
        dashboard.wait_bottom("NAVIGATE")

    def quit(self, dashboard, status=None):
        """From NAVIGATE; answers the question that live hosts cause."""
        dashboard.keys("q")
        wait_until(lambda: dashboard.dead() or dashboard.sees("quit?"), "an answer to q",
                   detail=dashboard.shown)
        if not dashboard.dead():
            dashboard.keys("y")
        ended = dashboard.wait_end()
        if status is not None:
            self.assertEqual(ended, status, dashboard.shown())
        return ended

    def runs(self, fleet):
        return sorted(glob.glob(os.path.join(fleet.environment()["XDG_STATE_HOME"], "bdsh", "runs", "*")))

    def file_of(self, fleet, host, name):
        return os.path.join(fleet.home(host), name)

    def wait_file(self, fleet, host, name, content=None):
        path = self.file_of(fleet, host, name)
        wait_until(lambda: os.path.exists(path) and (content is None or read(path).decode() == content),
                   "%s on %s%s" % (name, host, "" if content is None else " holding %r" % content),
                   detail=lambda: "\nfile: %r" % (read(path) if os.path.exists(path) else None))
