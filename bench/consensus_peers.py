#!/usr/bin/env python3
"""Folding beside its peers: the consensus engine, clubak -b (ClusterShell) and dshbak -c (pdsh).

Every program reads the same file, "host: line" for each line, one run after the other, and its
result is checked. CPU is user + system of the process. A run is killed after 120 seconds.

  usage: consensus_peers.py BUILD_DIR [HOSTS ...]     (default 1000 5000)
"""
import os
import re
import subprocess
import sys
import tempfile
import time

LINES = 200
LIMIT = 120


def shared(line):
    return f"unit-{line}.service loaded active running Some service or other"


def with_extra_first(host, line):
    if host != 3:
        return shared(line)
    return "WARNING: this system is monitored" if line == 0 else shared(line - 1)


# name: (what host number `host`, called `name`, prints as line `line`;
#        the groups that a comparison byte by byte finds; our variants and differences)
CASES = {
    "identical": (lambda host, name, line: shared(line),
                  lambda hosts: 1, lambda hosts: (1, 0)),
    "two groups": (lambda host, name, line:
                   "failed" if host % 10 == 0 and line == 7 else shared(line),
                   lambda hosts: 2, lambda hosts: (2, 1)),
    "the last line differs on each": (lambda host, name, line:
                                      f"total {host}" if line == LINES - 1 else shared(line),
                                      lambda hosts: hosts, lambda hosts: (hosts, 1)),
    "each line holds the host's name": (lambda host, name, line: f"{name} {shared(line)}",
                                        lambda hosts: hosts, lambda hosts: (1, 0)),
    "one extra first line": (lambda host, name, line: with_extra_first(host, line),
                             lambda hosts: 2, lambda hosts: (2, 1)),
}


def write_case(folder, write, hosts):
    names = [f"node{host:04}" for host in range(hosts)]
    data = os.path.join(folder, "data")
    with open(data, "w") as out:
        for host, name in enumerate(names):
            last = LINES + 1 if host == 3 and write(3, name, 0).startswith("WARNING") else LINES
            out.write("".join(f"{name}: {write(host, name, line)}\n" for line in range(last)))
    with open(os.path.join(folder, "hosts"), "w") as out:
        out.write("\n".join(names) + "\n")
    return data


def run(command, data):
    """CPU seconds and output; None when it was killed."""
    start = time.monotonic()
    with open(data) as stdin, tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=subprocess.DEVNULL)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            wall = time.monotonic() - start
            if pid:
                break
            if wall > LIMIT:
                process.kill()
                process.wait()
                return None
            time.sleep(0.002 if wall < 2 else 0.05)
        process.returncode = status
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, out.read()


def groups_of_peer(output):
    """Both peers print a header between two rules for each group."""
    return len(re.findall(r"^-{8,}\n[^\n]*\n-{8,}$", output, re.M))


def ours_says(output):
    found = re.search(r", (\d+) variants, (\d+) differences", output)
    return (int(found[1]), int(found[2])) if found else None


def cell(result, correct):
    if result is None:
        return f"killed after {LIMIT} s"
    return f"{result[0]:.3f} s" + ("" if correct else " WRONG RESULT")


def ratio(peer, ours):
    if peer is None:
        return "–"
    return f"{peer[0] / ours[0]:.0f}×"


def measure(fold, case, hosts, folder):
    write, peer_groups, expected = CASES[case]
    data = write_case(folder, write, hosts)
    runs = [run([fold, os.path.join(folder, "hosts")], data) for _ in range(3)]
    ours = sorted(runs, key=lambda result: result[0])[1]
    clubak = run(["clubak", "-b"], data)
    dshbak = run(["dshbak", "-c"], data)
    ours_right = ours_says(ours[1]) == expected(hosts)
    right = [peer is None or groups_of_peer(peer[1]) == peer_groups(hosts)
             for peer in (clubak, dshbak)]
    row = (f"| {hosts:,} | {case} | {cell(ours, ours_right)} "
           f"| {cell(clubak, right[0])} | {ratio(clubak, ours)} "
           f"| {cell(dshbak, right[1])} | {ratio(dshbak, ours)} |")
    return row, ours_right


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    fold = os.path.join(sys.argv[1], "bench", "consensus_fold")
    sizes = [int(size) for size in sys.argv[2:]] or [1000, 5000]
    print(f"CPU seconds to fold HOSTS × {LINES} lines, reading included; each result checked.\n")
    print("| hosts | | engine | clubak -b | | dshbak -c | |")
    print("|---|---|---|---|---|---|---|")
    all_right = True
    for hosts in sizes:
        for case in CASES:
            with tempfile.TemporaryDirectory() as folder:
                row, right = measure(fold, case, hosts, folder)
            print(row, flush=True)
            all_right = all_right and right
    sys.exit(0 if all_right else "a result of the engine is wrong")


if __name__ == "__main__":
    main()
