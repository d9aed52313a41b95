#!/usr/bin/python3
"""A large file, and many small ones, to every host: bdsh-tui upload beside scp -r, clush --copy and parallel-scp.

  bench/transfer.py [--hosts 10] [--large MIB] [--small FILES] [--rounds R] [--tools NAME,…]

Same fleet, same key exchange (curve25519), all hosts at a time for all. Every host's copy is compared
with the source after each run and then removed. All copies are on this machine's disk (or in memory
with --dir /dev/shm), so size times hosts is what is written. Writes bench/results/transfer.md.
"""
import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time

import lab


def make_large(folder, mib):
    path = os.path.join(folder, "large")
    block = os.urandom(1 << 20)
    with open(path, "wb") as file:
        for _ in range(mib):
            file.write(block)
    return path


def make_small(folder, count):
    top = os.path.join(folder, "small")
    for number in range(count):
        path = os.path.join(top, "d%02d" % (number % 50), "f%05d" % number)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(os.urandom(100 + number % 4000))
    return top


def tools(fleet, count, source):
    config = fleet.path("ssh_config")
    hosts = fleet.path("bench_hosts")
    names = fleet.web[:count]
    with open(hosts, "w") as file:
        file.write("".join(name + "\n" for name in names))
    listed = "web[%s-%s]" % (names[0][3:], names[-1][3:])
    return {
        "bdsh-tui": (lab.BINARY, ["upload", "-F", config, "-H", listed, "-r", source, "."]),
        "scp -r (xargs)": ("xargs", ["-a", hosts, "-P", str(count), "-I{}", "scp", "-q", "-r", "-F", config, source, "{}:."]),
        "clush --copy": ("clush", ["-f", str(count), "-o", "-F " + config, "-w", listed, "--copy", source, "--dest", "."]),
        "parallel-scp": ("parallel-scp", ["-r", "-p", str(count), "-t", "0", "-h", hosts, "-x", "-F " + config, source, "."]),
    }


def same(source, copy):
    if os.path.isfile(source):
        return os.path.isfile(copy) and filecmp.cmp(source, copy, shallow=False)
    for base, folders, names in os.walk(source):
        there = os.path.join(copy, os.path.relpath(base, source))
        if not os.path.isdir(there) or sorted(os.listdir(there)) != sorted(folders + names):
            return False
        if filecmp.cmpfiles(base, there, names, shallow=False)[1:] != ([], []):
            return False
    return True


def take_copies(fleet, names, source):
    """How many hosts have it all; the copies are gone afterwards."""
    whole = 0
    for name in names:
        copy = os.path.join(fleet.home(name), os.path.basename(source))
        whole += same(source, copy)
        shutil.rmtree(copy, ignore_errors=True) if os.path.isdir(copy) else os.path.exists(copy) and os.unlink(copy)
    return whole


def measure(fleet, argv, names, source, limit):
    lab.sleep_until_quiet(fleet)
    before = fleet.status()["sshd_cpu_us"]
    began = time.monotonic()
    child = subprocess.Popen(["timeout", str(limit), *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env={**os.environ, **fleet.environment()})
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    lab.sleep_until_quiet(fleet)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "whole": take_copies(fleet, names, source),
            "sshd": (fleet.status()["sshd_cpu_us"] - before) / 1e6}


def rows_for(fleet, what, source, args):
    names = fleet.web[:args.hosts]
    every = {name: argv for name, argv in tools(fleet, args.hosts, source).items()
             if name in args.tools.split(",") and shutil.which(argv[0])}
    runs = {name: [] for name in every}
    for _ in range(args.rounds):
        for name, (program, words) in every.items():
            run = measure(fleet, [program, *words], names, source, args.limit)
            runs[name].append(run)
            print("%-28s %-15s %7.2f s, CPU %6.2f s, %d whole" % (what, name, run["wall"], run["cpu"], run["whole"]),
                  file=sys.stderr)
    middle = {name: sorted(each, key=lambda run: run["wall"])[len(each) // 2] for name, each in runs.items()}
    peers = [run for name, run in middle.items() if name != "bdsh-tui" and run["whole"] == args.hosts]
    rows = []
    for name, run in middle.items():
        ratio = ["%.2f" % (run[key] / min(peer[key] for peer in peers)) if peers else "" for key in ("wall", "cpu")]
        whole = min(each["whole"] for each in runs[name])
        rows.append([name, "%.2f" % run["wall"], ratio[0], "%.2f" % run["cpu"], ratio[1], "%.2f" % run["sshd"],
                     "%d of %d" % (whole, args.hosts)])
    return rows


HEAD = ["client", "wall s", "÷ best peer's", "client CPU s", "÷ best peer's", "hosts' CPU s", "whole on"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=10)
    parser.add_argument("--large", type=int, default=1024, metavar="MIB")
    parser.add_argument("--small", type=int, default=10000, metavar="FILES")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=int, default=600, help="seconds that one run may take")
    parser.add_argument("--dir", help="where the fleet and the files are made")
    parser.add_argument("--tools", default="bdsh-tui,scp -r (xargs),clush --copy,parallel-scp")
    parser.add_argument("--dry-run", action="store_true", help="print, write nothing")
    args = parser.parse_args()
    lab.need_binary()
    parts = []
    tempers = {name: "files" for name in lab.fleets.host_names("web", args.hosts)}
    with tempfile.TemporaryDirectory(dir=args.dir) as folder, \
            lab.fleets.Fleet(args.hosts, tempers=tempers, directory=os.path.join(folder, "fleet")) as fleet:
        if args.large:
            source = make_large(folder, args.large)
            rows = rows_for(fleet, "one file of %d MiB" % args.large, source, args)
            parts += ["One file of %d MiB to %d hosts" % (args.large, args.hosts), lab.table(HEAD, rows)]
        if args.small:
            source = make_small(folder, args.small)
            rows = rows_for(fleet, "%d small files" % args.small, source, args)
            parts += ["%d files of 0.1 to 4 KiB in 50 directories to %d hosts" % (args.small, args.hosts),
                      lab.table(HEAD, rows)]
    text = ("curve25519-sha256 for all, all hosts at a time. Hosts and clients share %d cores, and most of the time is "
            "the hosts' (their CPU is in the table). Load average at the end: %.1f." % (lab.CORES, os.getloadavg()[0]))
    if args.dry_run:
        print("\n\n".join([text] + parts))
    else:
        lab.publish("transfer", "Transfers: files to many hosts", [text] + parts)


if __name__ == "__main__":
    main()
