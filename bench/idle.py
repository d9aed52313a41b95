#!/usr/bin/python3
"""What live shells cost while nothing happens: memory per host, and CPU over a time.

  bench/idle.py [--hosts 1000] [--seconds 30]

A host costs the difference between a dashboard on N hosts and one on a single host, over N − 1:
session, terminal and bookkeeping together. Writes bench/results/idle.md.
"""
import argparse
import time

import lab


def measure(fleet, count, seconds):
    """(PSS KiB, RSS KiB, CPU seconds, bytes drawn) of a dashboard on the first `count` hosts."""
    lab.sleep_until_quiet(fleet)
    hosts = "web[%s-%s]" % (fleet.web[0][3:], fleet.web[count - 1][3:])
    terminal = lab.Terminal([lab.BINARY, "-F", fleet.path("ssh_config"), "-H", hosts], fleet.environment())
    try:
        terminal.pump_while(lambda: fleet.status()["live"] == count, 60 + count * 0.2)
        terminal.drain(3.0, 60)  # prompts arrive, states settle
        drawn = 0
        before = lab.cpu_seconds(terminal.server())
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            drawn += len(terminal.pump(deadline - time.monotonic()))
        used = lab.cpu_seconds(terminal.server()) - before
        if fleet.status()["live"] != count:
            raise SystemExit("bench: %d of %d sessions left" % (fleet.status()["live"], count))
        return lab.memory_kib(terminal.server()), lab.memory_kib(terminal.server(), "Rss"), used, drawn
    finally:
        terminal.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    lab.need_binary()
    rows = []
    with lab.fleets.Fleet(args.hosts) as fleet:
        base = measure(fleet, 1, min(5, args.seconds))
        many = measure(fleet, args.hosts, args.seconds)
    each = [(many[i] - base[i]) / (args.hosts - 1) for i in (0, 1)]
    rows.append([1, "%.1f" % (base[0] / 1024), "%.1f" % (base[1] / 1024), "", "", "", ""])
    rows.append([args.hosts, "%.1f" % (many[0] / 1024), "%.1f" % (many[1] / 1024), "%.1f" % each[0],
                 "%.1f" % each[1], "%.2f" % many[2], many[3]])
    head = ["live shells", "PSS MB", "RSS MB", "PSS KiB/host", "RSS KiB/host",
            "CPU s in %g s" % args.seconds, "bytes drawn"]
    lab.publish("idle", "Idle live shells", [lab.table(head, rows)])


if __name__ == "__main__":
    main()
