#!/usr/bin/python3
"""A run that is left and taken up again many times while its hosts print: memory and descriptors of its
server; and how often that server wakes up while nobody is there and nothing happens.

  bench/detach.py [--hosts 20] [--cycles 300] [--seconds 15]

Writes bench/results/detach.md.
"""
import argparse
import fcntl
import glob
import os
import pty
import re
import struct
import subprocess
import termios
import time

import lab

TERMS = ("xterm-256color", "screen-256color", "tmux-256color")
SIZES = ((24, 80), (36, 120), (50, 200), (20, 100), (40, 60))
PRINTS = "i=0; while :; do echo line-$i; i=$((i+1)); sleep 0.1; done"


def started(fleet, *command):
    """The server of a run without a terminal."""
    subprocess.run([lab.BINARY, "--detached", "-g", "web", *command], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **fleet.environment()})
    return int(os.path.basename(glob.glob(fleet.environment()["XDG_STATE_HOME"] + "/bdsh/live/*.sock")[0])[:-5])


def ctl(fleet, command):
    subprocess.run([lab.BINARY, "ctl", "", command], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, env={**os.environ, **fleet.environment()})


def cycle(fleet, number):
    """Attaches on a terminal, waits for its picture, leaves with D."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZES[number % len(SIZES)], 0, 0))
    client = subprocess.Popen([lab.BINARY, "attach"], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                              env={**os.environ, **fleet.environment(), "TERM": TERMS[number % len(TERMS)],
                                   "LC_ALL": "C.UTF-8"})
    os.close(slave)
    seen = b""
    try:
        while True:
            seen = seen[-64:] + os.read(master, 65536)
            if b"NAVIGATE" in seen:
                os.write(master, b"D")
    except OSError:  # the terminal is given back and closed
        pass
    os.close(master)
    if client.wait(30) != 0:
        raise SystemExit("bench: attach ended with %d: %s" % (client.returncode, seen))


def switches(pid):
    """Of all threads: how often they were woken."""
    total = 0
    for path in glob.glob("/proc/%d/task/*/status" % pid):
        with open(path) as file:
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))
    return total


def figures(pid, done):
    return [done, "%.1f" % (lab.memory_kib(pid, "Rss") / 1024), "%.1f" % (lab.memory_kib(pid, "Pss") / 1024),
            len(os.listdir("/proc/%d/fd" % pid))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=15)
    args = parser.parse_args()
    lab.need_binary()
    with lab.fleets.Fleet(args.hosts) as fleet:
        pid = started(fleet, "--", PRINTS)
        rows = [figures(pid, 0)]
        for number in range(1, args.cycles + 1):
            cycle(fleet, number)
            if number % (args.cycles // 6) == 0:
                rows.append(figures(pid, number))
        ctl(fleet, "quit")
        lab.sleep_until_quiet(fleet)
        pid = started(fleet)
        time.sleep(8)  # prompts arrive, states settle
        before, cpu = switches(pid), lab.cpu_seconds(pid)
        time.sleep(args.seconds)
        woken, used = switches(pid) - before, lab.cpu_seconds(pid) - cpu
        ctl(fleet, "quit")
    lab.publish("detach", "A run left and taken up again", [
        "%d hosts that print a line every 0.1 s; three kinds and five sizes of terminals in turn." % args.hosts,
        lab.table(["cycles", "RSS MB", "PSS MB", "descriptors"], rows),
        "Detached, %d idle shells: woken %d times in %g s, %.2f s of CPU." % (args.hosts, woken, args.seconds, used)])


if __name__ == "__main__":
    main()
