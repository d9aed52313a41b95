#!/usr/bin/python3
"""One key to 100 live shells: from the key to the echo on the screen, beside tmux synchronize-panes.

  bench/broadcast.py [--hosts 100] [--keys 100]

Both on a pty of 400×300, both with a pane per host: bdsh-tui in split with broadcast on, tmux with a
window of 100 panes that run ssh(1). Timed from write() of the key until its echo was drawn once, and
until it was drawn in every pane. Then the hosts' logs are read: each must hold every key, in order.
Writes bench/results/broadcast.md.
"""
import argparse
import glob
import itertools
import os
import subprocess
import sys
import time

import lab
from echo import GAP, LETTERS, settle

SIZE = (300, 400)


def echo_times(terminal, letter, count):
    """Seconds until the letter was drawn once, and `count` times; None when it was not."""
    began = time.perf_counter()
    terminal.send(letter)
    seen, first = 0, None
    while seen < count and time.perf_counter() - began < 10:
        seen += terminal.pump(0.5).count(letter)
        if seen and first is None:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began if seen >= count else None


def type_keys(terminal, hosts, keys):
    first, every, typed = [], [], b""
    for number, letter in zip(range(keys), itertools.cycle(LETTERS)):
        if number and number % 16 == 0:
            terminal.send(b"\x15")  # an empty line again, so that it never wraps in a pane
            settle(terminal, 1)
        one, whole = echo_times(terminal, letter.encode(), hosts)
        if whole is None:
            raise SystemExit("bench: key %d was not echoed by all" % number)
        first.append(one)
        every.append(whole)
        typed += letter.encode()
        settle(terminal, GAP)
    terminal.send(b"\x15")
    settle(terminal, 1)
    return first, every, typed


def through_dashboard(fleet, hosts, keys):
    run = fleet.path("broadcast-run")
    listed = "web[%s-%s]" % (fleet.web[0][3:], fleet.web[hosts - 1][3:])
    terminal = lab.Terminal([lab.BINARY, "-k", "-O", run, "-F", fleet.path("ssh_config"), "-H", listed],
                            fleet.environment(), SIZE)
    try:
        terminal.pump_while(lambda: fleet.status()["live"] == hosts)
        settle(terminal, 3)
        terminal.send(b"s")
        settle(terminal, 1)
        terminal.send(b"b")
        if terminal.until(b"INPUT", 10) is None:
            raise SystemExit("bench: no broadcast")
        settle(terminal, 2)
        used = lab.cpu_seconds(terminal.server())
        first, every, typed = type_keys(terminal, hosts, keys)
        used = lab.cpu_seconds(terminal.server()) - used
    finally:
        terminal.close()
    lost = sum(echoed(path) != typed for path in glob.glob(run + "/*/out.log"))
    return first, every, used, lost


def echoed(path):
    """The typed letters in a host's log, in order."""
    with open(path, "rb") as file:
        return bytes(byte for byte in file.read() if chr(byte) in LETTERS)


def through_tmux(fleet, hosts, keys):
    socket = fleet.path("tmux-socket")
    environment = {**os.environ, **fleet.environment(), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    environment.pop("TMUX", None)

    def tmux(*words):
        return subprocess.run(["tmux", "-u", "-S", socket, "-f", "/dev/null", *words], check=True, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout

    def pane(host):
        return "exec ssh -F %s %s" % (fleet.path("ssh_config"), host)

    tmux("new-session", "-d", "-x", str(SIZE[1]), "-y", str(SIZE[0]), pane(fleet.web[0]))
    for host in fleet.web[1:hosts]:
        tmux("split-window", "-d", pane(host), ";", "select-layout", "tiled")
    tmux("set-option", "-w", "synchronize-panes", "on")
    server = int(tmux("display-message", "-p", "#{pid}"))
    terminal = lab.Terminal(["tmux", "-u", "-S", socket, "attach"], fleet.environment(), SIZE)
    try:
        terminal.pump_while(lambda: fleet.status()["live"] == hosts)
        settle(terminal, 5)
        clients = [int(line) for line in tmux("list-panes", "-F", "#{pane_pid}").split()]
        parts = [server, terminal.server(), *clients]
        used = sum(map(lab.cpu_seconds, parts))
        first, every, _ = type_keys(terminal, hosts, keys)
        return first, every, sum(map(lab.cpu_seconds, parts)) - used, ""
    finally:
        tmux("kill-server")
        terminal.close()


def row(name, hosts, keys, result):
    first, every, used, lost = result
    cells = [name, hosts]
    for times in (first, every):
        cells += ["%.1f" % (1000 * lab.median(times)), "%.1f" % (1000 * lab.percentile(times, 0.99))]
    return cells + ["%.2f" % (1000 * used / keys), lost]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--keys", type=int, default=100)
    args = parser.parse_args()
    lab.need_binary()
    with lab.fleets.Fleet(args.hosts) as fleet:
        rows = [row("bdsh-tui, split and broadcast", args.hosts, args.keys, through_dashboard(fleet, args.hosts, args.keys))]
        print("bdsh-tui measured", file=sys.stderr)
        lab.sleep_until_quiet(fleet)
        rows.append(row("tmux synchronize-panes, ssh", args.hosts, args.keys, through_tmux(fleet, args.hosts, args.keys)))
    head = ["client", "hosts", "first echo median ms", "p99 ms", "echo in all panes median ms", "p99 ms",
            "client CPU ms/key", "logs not equal to what was typed"]
    lab.publish("broadcast", "One key to many live shells", [lab.table(head, rows)])


if __name__ == "__main__":
    main()
