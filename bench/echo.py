#!/usr/bin/python3
"""From a key to its echo on the screen, with 0, 1 and 100 other hosts flooding (`yes`).

  bench/echo.py [--floods 0,1,100] [--keys 300]

The dashboard runs on a pty; a key typed into the focused host goes through it to the host's shell,
whose echo comes back through log, terminal and painter. Timed from write() of the key to the read()
that holds the character. ssh(1) is measured the same way: alone, and to one more quiet host beside
each dashboard with its floods. That is the delay the machine itself adds, whose cores are shared by
the flooding hosts and the client. Writes bench/results/echo.md.
"""
import argparse
import itertools
import sys
import threading
import time

import lab

# Letters that neither the frame nor the flooding hosts' output holds.
LETTERS = "QXZJ"
GAP = 0.02


def type_keys(terminal, count):
    """Echo times in seconds; a lost key counts as the five seconds it was waited for."""
    times = []
    for number, letter in zip(range(count), itertools.cycle(LETTERS)):
        if number and number % 32 == 0:
            terminal.send(b"\x15")  # an empty line again, so that it never wraps
            settle(terminal, 0.3)
        times.append(terminal.answer_time(letter.encode(), letter.encode()))
        settle(terminal, GAP)
    terminal.send(b"\x15")
    return times


def settle(terminal, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        terminal.pump(deadline - time.monotonic())


def switch_modes(terminal, count=30):
    """Leave key to NAVIGATE, Enter to INPUT: the bottom line and the view follow."""
    times = []
    for _ in range(count):
        times.append(terminal.answer_time(b"\x1d", b"NAVIGATE"))
        settle(terminal, GAP)
        times.append(terminal.answer_time(b"\r", b"INPUT"))
        settle(terminal, GAP)
    return times


class Drained:
    """Keeps reading another terminal meanwhile, as its user's would."""

    def __init__(self, terminal):
        self.terminal, self.over = terminal, threading.Event()
        self.thread = threading.Thread(target=self.drain)

    def drain(self):
        while not self.over.is_set():
            self.terminal.pump(0.05)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def through_ssh(fleet, host, keys):
    terminal = lab.Terminal(["ssh", "-F", fleet.path("ssh_config"), host], fleet.environment())
    try:
        terminal.until(b"$ ", 20) if fleet.user != "root" else terminal.until(b"# ", 20)
        settle(terminal, 1)
        return type_keys(terminal, keys)
    finally:
        terminal.close()


def through_dashboard(fleet, floods, keys):
    lab.sleep_until_quiet(fleet)
    hosts = "web[%s-%s]" % (fleet.web[0][3:], fleet.web[floods][3:])
    for name in fleet.web[1:floods + 1]:
        fleet.set_temper(name, "flood")
    terminal = lab.Terminal([lab.BINARY, "-F", fleet.path("ssh_config"), "-H", hosts], fleet.environment(),
                            (36, 120))
    try:
        terminal.pump_while(lambda: fleet.status()["live"] == floods + 1)
        settle(terminal, 3)
        terminal.send(b"g\r")  # the first host has no flood
        if terminal.until(b"INPUT", 10) is None:
            raise SystemExit("bench: no focus")
        settle(terminal, 1)
        memory = lab.memory_kib(terminal.server())
        used, began = lab.cpu_seconds(terminal.server()), time.monotonic()
        times = type_keys(terminal, keys)
        load = (lab.cpu_seconds(terminal.server()) - used) / (time.monotonic() - began)
        switches = switch_modes(terminal)
        after = lab.memory_kib(terminal.server())
        with Drained(terminal):
            beside = through_ssh(fleet, fleet.web[floods + 1], keys)
        return times, switches, memory, after, load, beside
    finally:
        terminal.close()


def ms(seconds):
    return "%.1f" % (1000 * seconds)


def ssh_row(name, count, times):
    return [name, count, ms(lab.median(times)), ms(lab.percentile(times, 0.99)), "", "", "", "", ""]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floods", default="0,1,100")
    parser.add_argument("--keys", type=int, default=300)
    args = parser.parse_args()
    lab.need_binary()
    counts = [int(each) for each in args.floods.split(",")]
    rows = []
    with lab.fleets.Fleet(max(counts) + 2) as fleet:
        rows.append(ssh_row("ssh(1) alone", 0, through_ssh(fleet, fleet.web[0], args.keys)))
        for count in counts:
            times, switches, before, after, load, beside = through_dashboard(fleet, count, args.keys)
            print("%d flooding: %d keys, %d switches measured" % (count, len(times), len(switches)), file=sys.stderr)
            rows.append(["bdsh-tui", count, ms(lab.median(times)), ms(lab.percentile(times, 0.99)),
                         ms(lab.median(switches)), ms(lab.percentile(switches, 0.99)), "%.0f" % (100 * load),
                         "%.1f" % (before / 1024), "%.1f" % (after / 1024)])
            rows.append(ssh_row("ssh(1) beside it", count, beside))
    head = ["client", "flooding hosts", "echo median ms", "echo p99 ms", "switch median ms", "switch p99 ms",
            "CPU %", "PSS MB before", "PSS MB after"]
    lab.publish("echo", "Key to echo beside flooding hosts", [lab.table(head, rows)])


if __name__ == "__main__":
    main()
