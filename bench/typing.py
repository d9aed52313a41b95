#!/usr/bin/python3
"""Typing into many live shells at once, without a pause: is anything lost or out of order?

  bench/typing.py [--hosts 1000] [--lines 200]

Broadcast is on and the lines are typed as fast as the program takes them, once as soon as all hosts
are live, while many of their shells still start, and once when every shell shows its prompt. Each
line makes the shell print its number; the hosts' logs must hold every number once, in order. Writes
bench/results/typing.md.
"""
import argparse
import os
import re
import sys
import time

import lab
from echo import settle

LINE = b"echo n$((%d))\r"  # what is typed does not hold the number as it is printed: n17


def complete(path, lines):
    """Whether the log holds n0 … n(lines-1), each once, in order; if not, says where it does not."""
    with open(path, "rb") as file:
        numbers = [int(number) for number in re.findall(rb"n(\d+)\r", file.read())]
    if numbers == list(range(lines)):
        return True
    at = next((i for i, number in enumerate(numbers) if number != i), len(numbers))
    print("%s: %d numbers, %s at place %d" % (path, len(numbers), numbers[at:at + 3], at), file=sys.stderr)
    return False


def holds(path, word):
    with open(path, "rb") as file:
        return word in file.read()


def wait_for_prompts(terminal, logs):
    deadline = time.monotonic() + 60 + len(logs) * 0.1
    while logs and time.monotonic() < deadline:
        settle(terminal, 0.5)
        logs = [path for path in logs if not os.path.exists(path) or not holds(path, b":~")]
    if logs:
        raise SystemExit("bench: %d shells show no prompt" % len(logs))


def measure(fleet, hosts, lines, early):
    run = fleet.path("typing-early" if early else "typing-run")
    listed = "web[%s-%s]" % (fleet.web[0][3:], fleet.web[hosts - 1][3:])
    terminal = lab.Terminal([lab.BINARY, "-k", "-O", run, "-F", fleet.path("ssh_config"), "-H", listed],
                            fleet.environment(), (50, 160))
    try:
        terminal.pump_while(lambda: fleet.status()["live"] == hosts, 60 + hosts * 0.3)
        logs = ["%s/%s/out.log" % (run, name) for name in fleet.web[:hosts]]
        if not early:
            wait_for_prompts(terminal, logs)
        terminal.drain(1.0, 60)
        terminal.send(b"b")
        if terminal.until(b"INPUT", 30) is None:
            raise SystemExit("bench: no broadcast")
        settle(terminal, 1)
        used, began = lab.cpu_seconds(terminal.server()), time.perf_counter()
        for number in range(lines):
            terminal.send(LINE % number)
            terminal.pump(0)
        typed = time.perf_counter() - began
        waiting = logs
        last = b"n%d\r" % (lines - 1)
        deadline = time.monotonic() + 300
        while waiting and time.monotonic() < deadline:
            settle(terminal, 0.2)
            waiting = [path for path in waiting if not os.path.exists(path) or not holds(path, last)]
        done = time.perf_counter() - began
        used = lab.cpu_seconds(terminal.server()) - used
        good = sum(complete(path, lines) for path in logs)
        return typed, done, used, good
    finally:
        terminal.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=200)
    args = parser.parse_args()
    lab.need_binary()
    head = ["live shells", "typed when", "lines typed", "typed in s",
            "last output of the last host after s", "client CPU µs per line and host",
            "logs complete and in order"]
    rows = []
    for early in (True, False):
        with lab.fleets.Fleet(args.hosts) as fleet:
            typed, done, used, good = measure(fleet, args.hosts, args.lines, early)
        rows.append([args.hosts, "all are live" if early else "all show a prompt", args.lines,
                     "%.1f" % typed, "%.1f" % done, "%.0f" % (1e6 * used / args.lines / args.hosts),
                     "%d of %d" % (good, args.hosts)])
    lab.publish("typing", "Typing into many live shells at once", [lab.table(head, rows)])


if __name__ == "__main__":
    main()
