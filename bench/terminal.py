#!/usr/bin/env python3
"""The byte path of one host beside tmux's server, on the same streams, and what terminals cost in memory.

  terminal.py [--mb N]      N: megabytes of each stream (default 16)

80×24, 10,000 lines of history. tmux: CPU seconds of the server process while cat writes the stream to a pane,
no client attached; with and without what reading that much from a pty costs by itself. Ours: CPU seconds of a process that
logs the stream to disk, draws it into the terminal and marks what changed, in pieces of 32 KiB as SSH packets
come (path_bench). tmux logs nothing. Five rounds in turns; rates are
each side's best, ratios are also given for single rounds. Needs tmux and the release build with -DBDSH_BENCH=ON:

  cmake --preset release -DBDSH_BENCH=ON && cmake --build --preset release --target path_bench pty_bench"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

import lab

BUILD = os.environ.get("BDSH_BENCH_BUILD", os.path.join(lab.ROOT, "build", "release", "bench"))
STREAMS = os.path.join(lab.ROOT, "tests", "pty", "streams")
PROGRAMS = ["vim", "htop", "less", "mc", "nano", "dialog", "tmux"]
ROUNDS = 5
AIMS = {"log text": 6, "5 kB lines": 6}  # times tmux's; 2 for the others


def log_text():
    return "".join("Nov 22 02:%d:03 web01 systemd[%d]: Started Session %d of User root, unit file changed on disk.\r\n"
                   % (10 + i % 50, i, i * 7) for i in range(1000))


def colours(sequence, text):
    return "".join("\x1b[%sm%s%s" % (sequence(i), text, "\x1b[m\r\n" if i % 60 == 59 else "") for i in range(4000))


def programs():
    parts = []
    for name in PROGRAMS:
        with open(os.path.join(STREAMS, name + ".stream"), "rb") as file:
            parts.append(file.read())
    return b"".join(parts)


def streams():
    return {
        "log text": log_text().encode(),
        "256 colours": colours(lambda i: "38;5;%d" % (i % 256), "word ").encode(),
        "truecolor": colours(lambda i: "38;2;%d;120;%d" % (i % 256, i // 16 % 256), "#").encode(),
        "unicode": ("└─ größe 漢字テスト – naïve café ✓ ελληνικά русский\r\n" * 500).encode(),
        "full-screen programs": programs(),
        "y\\r\\n": b"y\r\n" * 10000,
        "5 kB lines": b"x" * 5000 + b"\r\n",
    }


def write_streams(folder, amount):
    files = {}
    for number, (name, piece) in enumerate(streams().items()):
        files[name] = os.path.join(folder, "stream-%d" % number)
        with open(files[name], "wb") as file:
            file.write(piece * (amount // len(piece) + 1))
    return files


class Tmux:
    """A server of its own, without a client."""

    def __init__(self):
        self.socket = "bdsh-bench-%d" % os.getpid()
        self.run("new-session", "-d", "-s", "holder", "exec sleep 100000", ";",
                 "set", "-g", "history-limit", "10000", ";", "set", "-g", "status", "off")
        self.pid = int(self.run("display-message", "-p", "#{pid}"))

    def run(self, *arguments):
        return subprocess.run(["tmux", "-L", self.socket, "-f", "/dev/null", *arguments], check=True,
                              capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}).stdout.strip()

    def seconds(self, path):
        """CPU seconds of the server from the first byte to the last."""
        channel = "drawn-%s" % os.path.basename(path)
        shell = "stty raw -echo; cat '%s'; printf '\\033c'; tmux -L %s wait-for -S %s; exec sleep 1000" % (
            path, self.socket, channel)
        before = lab.cpu_seconds(self.pid)
        self.run("new-session", "-d", "-s", "subject", "-x", "80", "-y", "24", shell)
        self.run("wait-for", channel)
        self.settle()
        used = lab.cpu_seconds(self.pid) - before
        self.run("kill-session", "-t", "subject")
        return used

    def settle(self):
        """Until the server has read what cat left in the pty: its CPU time stands still."""
        before = -1
        while before != lab.cpu_seconds(self.pid):
            before = lab.cpu_seconds(self.pid)
            time.sleep(0.1)

    def stop(self):
        self.run("kill-server")


def ours(folder, files):
    """Per file: bytes, CPU seconds of reading, of the path, of the path with comparison."""
    log = os.path.join(folder, "log")
    shutil.rmtree(log, ignore_errors=True)
    os.mkdir(log)
    done = subprocess.run([os.path.join(BUILD, "path_bench"), log, *files.values()], check=True,
                          capture_output=True, text=True).stdout
    figures = {}
    for line in done.splitlines():
        path, size, *seconds = line.rsplit(" ", 4)
        figures[path] = (int(size), *map(float, seconds))
    return figures


def rate(size, seconds):
    return size / 1e6 / max(seconds, 1e-3)


def measured(folder, files):
    """Per file, one tuple a round: bytes, CPU seconds of reading, of our path, of it with comparison, of tmux.
    Both sides take turns, so that what else the machine does falls on both."""
    tmux = Tmux()
    rounds = {path: [] for path in files.values()}
    try:
        for _ in range(ROUNDS):
            for path, mine in ours(folder, files).items():
                rounds[path].append((*mine, tmux.seconds(path)))
    finally:
        tmux.stop()
    return rounds


def times_tmux(one):
    """How many times the bytes per CPU second of tmux, whose reading from its pty does not count."""
    size, reading, whole, _, server = one
    return rate(size, whole) / rate(size, server - reading)


def row(name, rounds):
    size, reading, whole, compared, server = map(min, zip(*rounds))
    aim = AIMS.get(name, 2)
    each = sorted(map(times_tmux, rounds))
    times = times_tmux((size, reading, whole, compared, server))
    met = sum(one >= aim for one in each)
    return [name, "%.0f" % rate(size, server), "%.0f" % rate(size, server - reading), "%.0f" % rate(size, whole),
            "%.1f" % times, "%.1f to %.1f" % (each[0], each[-1]), aim, "%d of %d" % (met, len(each)),
            "%.0f" % rate(size, compared)]


def throughput(folder, amount):
    files = write_streams(folder, amount)
    rounds = measured(folder, files)
    return lab.table(["stream", "tmux server", "less reading", "ours: log, terminal, marks", "÷ tmux less reading",
                      "in single rounds", "aim", "rounds that meet it", "ours with comparison"],
                     [row(name, rounds[path]) for name, path in files.items()])


def memory():
    done = subprocess.run([os.path.join(BUILD, "pty_bench"), "--memory"], check=True, capture_output=True,
                          text=True).stdout
    return lab.table(["terminal of 80×24", "KiB", "of it libvterm's"],
                     [line.split("\t") for line in done.splitlines()])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=int, default=16)
    amount = options.parse_args().mb * 1000 * 1000
    for needed in (shutil.which("tmux"), os.path.join(BUILD, "path_bench"), os.path.join(BUILD, "pty_bench")):
        if not needed or not os.access(needed, os.X_OK):
            sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        parts = ["Megabytes per CPU second. " + lab.first_line("tmux", "-V") + ".", throughput(folder, amount),
                 "Heap per terminal, mean of 1,000 (100 with scrollback).", memory()]
    lab.publish("terminal", "The byte path beside tmux", parts)


if __name__ == "__main__":
    main()
