#!/usr/bin/python3
"""Two large runs, made by the program on a fleet, then played again and compared.

  bench/replay.py [--hosts 1000] [--megabytes 1000] [--jumps 100] [--directory DIR]

Each host prints lines with its own name and a clock that runs; in the second run one host in fifty
prints another status from the middle on. Needs replay_bench (-DBDSH_BENCH=ON) for the jumps, which are
a jump's own time, without drawing. Writes bench/results/replay.md; the runs go to a directory in $TMPDIR
that is removed, or to --directory, where they stay and are taken up again.
"""
import argparse
import os
import subprocess
import tempfile
import time

import lab

LINE = "%s %s worker: item %d of the batch is done, status %d, next in the queue\\n"
WIDTH = 19 + 1 + 7 + 64  # bytes of a line, about
# awk's clock is not the machine's: a run that prints at once has no time to speak of.
COMMAND = ("awk -v host=$FLEET_HOST -v odd=%s 'BEGIN { for (i = 0; i < %d; i++) { "
           "printf \"" + LINE + "\", strftime(\"%%Y-%%m-%%d %%H:%%M:%%S\", 1772366400 + i / 20), host, i, "
           "(odd && i >= %d) ? 7 : 0; if (i %% %d == 0) { fflush(); system(\"sleep 1\") } } }'")
ODD = "$(case $FLEET_HOST in *[05]0) echo 1;; *) echo 0;; esac)"


def command(odd, lines, pauses=5):
    return COMMAND.replace(LINE, LINE.replace("%", "%%")) % (odd, lines, lines // 2, lines // pauses + 1)


def timed(*words, environment=None):
    """(what it printed, wall seconds, CPU seconds, most memory in MiB, exit status)"""
    began = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                             env={**os.environ, **(environment or {})})
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return (text, time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
            child.returncode)


def made(fleet, directory, odd, lines):
    if os.path.exists(directory):
        return None
    text, wall, cpu, memory, status = timed(lab.BINARY, "-k", "-O", directory, "-g", "web", "--",
                                            command(odd, lines), environment=fleet.environment())
    if status != 0:
        raise SystemExit("bench: the run ended with %d: %s" % (status, text[-2000:]))
    return [os.path.basename(directory), "%.1f" % wall, "%.1f" % cpu, "%.0f" % memory]


def measured(args, folder):
    one, two = os.path.join(folder, "one"), os.path.join(folder, "two")
    lines = args.megabytes * 1_000_000 // args.hosts // WIDTH
    with lab.fleets.Fleet(args.hosts) as fleet:
        runs = [row for row in (made(fleet, one, "0", lines), made(fleet, two, ODD, lines)) if row]
    bench = os.path.join(lab.ROOT, "build", "release", "bench", "replay_bench")
    played = timed(bench, one, str(args.jumps))[0]
    rows = []
    for words in (("show", one), ("diff", one, two)):
        text, wall, cpu, memory, status = timed(lab.BINARY, *words)
        rows.append([words[0], status, "%.1f" % wall, "%.1f" % cpu, "%.0f" % memory, text.count("\n")])
    return runs, played, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--jumps", type=int, default=100)
    parser.add_argument("--directory")
    args = parser.parse_args()
    lab.need_binary()
    with tempfile.TemporaryDirectory(prefix="bdsh-bench-") as scratch:
        runs, played, rows = measured(args, args.directory or scratch)
    parts = ["Load average when it was over: %s." % ", ".join("%.1f" % load for load in os.getloadavg())]
    if runs:
        parts.append(lab.table(["run", "wall s", "CPU s", "MiB at most"], runs))
    parts += ["```\n%s```" % played,
              lab.table(["command", "exit status", "wall s", "CPU s", "MiB at most", "lines printed"], rows)]
    lab.publish("replay", "Playing and comparing large runs", parts)


if __name__ == "__main__":
    main()
