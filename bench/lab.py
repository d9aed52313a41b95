"""What the benchmarks share: the binary, a fleet, a terminal of our own, processes' figures, tables."""
import os
import pty
import fcntl
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "fleet"))
import fleet as fleets  # noqa: E402

BINARY = os.environ.get("BDSH_TUI", os.path.join(ROOT, "build", "release", "bdsh-tui"))
CORES = len(os.sched_getaffinity(0))
TICK = os.sysconf("SC_CLK_TCK")


def need_binary():
    if not os.access(BINARY, os.X_OK):
        sys.exit("bench: no program at %s: cmake --preset release && cmake --build --preset release" % BINARY)


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return ((done.stdout + done.stderr).strip().split("\n") or [""])[0]


def machine():
    """Where the figures were taken, in a line."""
    with open("/proc/cpuinfo") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return "%d cores (%s), Linux %s, %s, %s" % (
        CORES, model.group(1) if model else "unknown", os.uname().release.split("-")[0],
        first_line("ssh", "-V").split(",")[0],
        first_line(BINARY, "--version") if os.access(BINARY, os.X_OK) else "bdsh-tui not built")


def table(head, rows):
    """A Markdown table; figures to the right."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def publish(name, title, parts):
    text = "# %s\n\n%s\n\n%s\n" % (title, machine(), "\n\n".join(parts))
    path = os.path.join(ROOT, "bench", "results", name + ".md")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    print(text)
    print("written to " + os.path.relpath(path, ROOT), file=sys.stderr)


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def median(values):
    return percentile(values, 0.5)


def memory_kib(pid, field="Pss"):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return int(re.search(r"^%s:\s+(\d+)" % field, file.read(), re.M).group(1))


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICK


def sleep_until_quiet(fleet, seconds=60):
    """Waits until no session of an earlier measurement is left: its sshd would count for the next."""
    deadline = time.monotonic() + seconds
    while fleet.status()["live"] and time.monotonic() < deadline:
        time.sleep(0.1)


class Terminal:
    """A program on a pty. Reads as fast as it can and matches bytes; no emulator in between."""

    def __init__(self, command, environment, size=(24, 80)):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, {**os.environ, **environment, "TERM": "xterm-256color",
                                             "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.tail = b""

    def server(self):
        """The process that has the sessions: a dashboard is a child of the one that was started."""
        with open("/proc/%d/task/%d/children" % (self.pid, self.pid)) as file:
            return int((file.read().split() or [self.pid])[0])

    def pump(self, timeout):
        """Takes what is there; whether there was something."""
        if not select.select([self.fd], [], [], max(0, timeout))[0]:
            return b""
        try:
            chunk = os.read(self.fd, 1 << 16)
        except OSError:
            raise SystemExit("bench: the program ended: " + self.tail[-2000:].decode(errors="replace"))
        self.tail = (self.tail + chunk)[-20000:]
        return chunk

    def drain(self, quiet, limit=10.0):
        """Until nothing came for `quiet` seconds, or `limit` is over."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline and self.pump(quiet):
            pass

    def send(self, data):
        os.write(self.fd, data)

    def until(self, wanted, timeout=30.0):
        """Seconds until new output holds `wanted`; None when it does not in time."""
        began = time.perf_counter()
        seen = b""
        while time.perf_counter() - began < timeout:
            seen = seen[-64:] + self.pump(timeout - (time.perf_counter() - began))
            if wanted in seen:
                return time.perf_counter() - began
        return None

    def answer_time(self, data, wanted, timeout=5.0):
        """Seconds from before `data` is written until `wanted` came; `timeout` when it did not."""
        began = time.perf_counter()
        self.send(data)
        return time.perf_counter() - began if self.until(wanted, timeout) is not None else timeout

    def pump_while(self, condition, timeout=120.0):
        """Keeps the program's output flowing until the condition holds."""
        deadline = time.monotonic() + timeout
        next_look = 0.0
        while True:
            self.pump(0.05)
            if time.monotonic() > next_look:
                if condition():
                    return
                next_look = time.monotonic() + 0.25
            if time.monotonic() > deadline:
                raise SystemExit("bench: waited in vain: " + self.tail[-2000:].decode(errors="replace"))

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.pump(0.05)
            except SystemExit:
                break
        if os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
