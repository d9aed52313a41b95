#!/usr/bin/python3
"""Many hosts behind one jump host: are any lost, and what does it cost?

  bench/jump.py [--hosts 1000] [--parallel 64]

`uptime` on N hosts of a fleet, once directly and once through one further host of it. CPU is the
client's own, per host; the floor is the CPU of all sshd processes of that run, divided by the cores.
Writes bench/results/jump.md.
"""
import argparse
import json
import os
import resource
import subprocess
import time

import lab


def run(fleet, hosts, *options):
    """(seconds, client CPU seconds, sshd CPU seconds, hosts that succeeded, reasons of the others)."""
    lab.sleep_until_quiet(fleet)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    sshd = fleet.status()["sshd_cpu_us"]
    done = subprocess.run([lab.BINARY, "-F", fleet.path("ssh_config"), "--config", "/dev/null", "-H", hosts,
                           *options, "--json", "--", "uptime"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, **fleet.environment()})
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    results = json.loads(done.stdout)["hosts"]
    lab.sleep_until_quiet(fleet)
    sshd = (fleet.status()["sshd_cpu_us"] - sshd) / 1e6
    lost = sorted({host["error"] or "?" for host in results if host["exit_status"] != 0})
    return seconds, cpu, sshd, sum(host["exit_status"] == 0 for host in results), lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=64)
    args = parser.parse_args()
    lab.need_binary()
    rows = []
    with lab.fleets.Fleet(args.hosts, db=1) as fleet:
        hosts = "web[%s-%s]" % (fleet.web[0][3:], fleet.web[-1][3:])
        for name, options in (("direct", ()), ("through one jump host", ("-J", fleet.db[0]))):
            limits = ("--parallel", str(args.parallel), "--jump-parallel", str(args.parallel))
            seconds, cpu, sshd, good, lost = run(fleet, hosts, *limits, *options)
            rows.append([name, args.hosts, args.hosts - good, "%.1f" % seconds, "%.1f" % (sshd / lab.CORES),
                         "%.2f" % (1000 * cpu / args.hosts)])
            for reason in lost:
                print("lost: " + reason)
    head = ["way", "hosts", "lost", "wall s", "floor s", "client CPU ms/host"]
    lab.publish("jump", "Hosts behind one jump host", [lab.table(head, rows)])


if __name__ == "__main__":
    main()
