#!/usr/bin/python3
"""One command on 10, 100 and 1,000 real hosts: bdsh-tui beside pdsh, clush, parallel-ssh and xargs ssh.

  bench/fanout.py [--hosts N,N…] [--rounds R] [--tools NAME,…] [--kex same|default]

Same fleet, same run, same fan-out of 64, same key exchange (curve25519) for all; with --kex default
OpenSSH's own for the peers. sshd's own CPU time, divided by the cores, is the floor under every
wall time here: hosts and clients share the machine. Writes bench/results/
fanout.md or fanout-default-kex.md.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import lab

FANOUT = 64
COMMAND = "uptime"


def tools(fleet, config, count, state):
    """name → (argv, environment, stdin file); each prints what every host printed."""
    hosts = fleet.path("bench_hosts")
    with open(hosts, "w") as file:
        file.write("".join(name + "\n" for name in fleet.web[:count]))
    listed = "%s[%s-%s]" % ("web", fleet.web[0][3:], fleet.web[count - 1][3:])
    own = [lab.BINARY, "--json", "--parallel", str(FANOUT), "-F", config, "-H", listed, "--", COMMAND]
    return {
        "bdsh-tui": (own, {"XDG_STATE_HOME": state}, None),
        "bdsh-tui (logs on disk)": (own, {}, None),
        "pdsh": (["pdsh", "-R", "ssh", "-f", str(FANOUT), "-w", listed, COMMAND],
                 {"PDSH_SSH_ARGS_APPEND": "-F " + config}, None),
        "clush": (["clush", "-f", str(FANOUT), "-o", "-F " + config, "-w", listed, COMMAND], {}, None),
        "parallel-ssh": (["parallel-ssh", "-i", "-p", str(FANOUT), "-t", "0", "-h", hosts, "-x", "-F " + config,
                          COMMAND], {}, None),
        "xargs ssh": (["xargs", "-P", str(FANOUT), "-I{}", "ssh", "-F", config, "{}", COMMAND], {}, hosts),
    }


def answered(tool, out):
    if not tool.startswith("bdsh-tui"):
        return out.count(b"load average")
    try:
        return sum(host["state"] == "ok" for host in json.loads(out)["hosts"])
    except (ValueError, KeyError):
        return 0


def measure(fleet, tool, argv, environment, source):
    """One run: wall, CPU of the client's whole process tree, its largest process, sshd's CPU."""
    lab.sleep_until_quiet(fleet)
    sshd_before = fleet.status()["sshd_cpu_us"]
    with tempfile.TemporaryFile() as out, open(source or os.devnull) as stdin:
        began = time.monotonic()
        child = subprocess.Popen(argv, stdin=stdin, stdout=out, stderr=subprocess.DEVNULL,
                                 env={**os.environ, **fleet.environment(), **environment})
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    lab.sleep_until_quiet(fleet)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss / 1024,
            "ok": answered(tool, text), "sshd": (fleet.status()["sshd_cpu_us"] - sshd_before) / 1e6}


def middle(runs):
    """The run with the median wall time; lost hosts of all runs count."""
    best = sorted(runs, key=lambda run: run["wall"])[len(runs) // 2]
    return {**best, "ok": min(run["ok"] for run in runs)}


def rows_for(fleet, config, count, rounds, names, state):
    every = {name: what for name, what in tools(fleet, config, count, state).items() if name in names}
    results = {name: [] for name in every}
    for _ in range(rounds):  # interleaved, so that a drift of the machine meets all alike
        for name, what in every.items():
            results[name].append(measure(fleet, name, *what))
            print("%5d hosts %-13s %6.2f s, %d answered" % (count, name, results[name][-1]["wall"],
                                                            results[name][-1]["ok"]), file=sys.stderr)
    runs = {name: middle(values) for name, values in results.items()}
    peers = [run["cpu"] for name, run in runs.items() if not name.startswith("bdsh-tui")]
    out = []
    for name, run in runs.items():
        floor = run["sshd"] / lab.CORES
        ratio = "%.2f" % (run["cpu"] / min(peers)) if peers else ""
        out.append([name, count, "%.2f" % run["wall"], "%.2f" % floor, "%.2f" % (run["wall"] / floor),
                    "%.2f" % (1000 * run["cpu"] / count), ratio, "%.0f" % run["rss"], count - run["ok"]])
    return out


HEAD = ["client", "hosts", "wall s", "floor s", "wall ÷ floor", "client CPU ms/host",
        "÷ best peer's", "largest process MB", "hosts lost"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", default="10,100,1000")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--tools", default="bdsh-tui,bdsh-tui (logs on disk),pdsh,clush,parallel-ssh,xargs ssh")
    parser.add_argument("--kex", choices=["same", "default"], default="same",
                        help="curve25519 for all, or OpenSSH's default for the peers")
    parser.add_argument("--dry-run", action="store_true", help="print, write nothing")
    args = parser.parse_args()
    counts = [int(each) for each in args.hosts.split(",")]
    names = [name for name in args.tools.split(",") if name.startswith("bdsh-tui") or shutil.which(name.split()[0])]
    if "bdsh-tui" in names:
        lab.need_binary()
    same = args.kex == "same"
    rows = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as state:
        for count in counts:  # each a fleet of its size: what all clients read (ssh_config, known_hosts) grows with it
            with lab.fleets.Fleet(count) as fleet:
                config = fleet.path("ssh_config" if same else "ssh_config.default")
                rows += rows_for(fleet, config, count, args.rounds, names, state)
    text = ("%s; `%s` on each host, fan-out %d. The floor is the CPU time that the hosts' sshd used in that run, "
            "divided by the cores they share with the client. bdsh-tui logs each host's output, the peers log "
            "nothing: its first row has the logs in memory (tmpfs), its second on this machine's disk. Load "
            "average at the end: %.1f; other work on the machine lengthens the wall times." % (
                "curve25519-sha256 for all" if same else "OpenSSH's default key exchange for the peers",
                COMMAND, FANOUT, os.getloadavg()[0]))
    if args.dry_run:
        print(text + "\n\n" + lab.table(HEAD, rows))
    else:
        lab.publish("fanout" if same else "fanout-default-kex", "Fan-out: one command on many hosts",
                    [text, lab.table(HEAD, rows)])


if __name__ == "__main__":
    main()
