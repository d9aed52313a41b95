#!/usr/bin/python3
"""Writes a run directory as the program would have left it, of any size.

  make_run.py DIR [--hosts 1000] [--megabytes 1000] [--seconds 600] [--odd 5] [--pty]

Every host prints the same log with its own name and clock in each line; from the middle on, --odd
hosts print another error code, and one host is a tenth of the run behind.
"""
import argparse
import datetime
import os

CHUNK_LINES = 12


def host_line(number, seconds, name, start, odd):
    now = start + datetime.timedelta(seconds=seconds)
    code = 7 if odd and number % 50 == 49 else 0
    return (f"{now:%Y-%m-%d %H:%M:%S} {name} worker: item {number} of the batch is done, "
            f"status {code}, next in the queue\n")


def write_host(folder, name, lines, args, start, odd_from, delay):
    os.makedirs(folder, mode=0o700)
    step = args.seconds * (1 - delay) / max(1, lines / CHUNK_LINES)
    at = delay * args.seconds
    with open(folder + "/out.log", "w", newline="") as log, open(folder + "/out.timing", "w") as timing:
        last = 0.0
        for first in range(0, lines, CHUNK_LINES):
            text = "".join(host_line(n, first * args.seconds / lines, name, start,
                                     odd_from is not None and n >= odd_from)
                           for n in range(first, min(lines, first + CHUNK_LINES)))
            if args.pty:
                text = text.replace("\n", "\r\n")
            log.write(text)
            timing.write(f"{at - last:.6f} {len(text)}\n")
            last, at = at, at + step
    end = start + datetime.timedelta(seconds=args.seconds)
    with open(folder + "/meta.yaml", "w") as meta:
        meta.write(f'host: "{name}"\nstate: done\nstep: live\nexited: true\nexit_status: 0\n'
                   f"signal: null\nstart: {iso(start)}\nend: {iso(end)}\nerror_kind: null\n"
                   "error: null\n")


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--odd", type=int, default=5)
    parser.add_argument("--pty", action="store_true")
    args = parser.parse_args()
    start = datetime.datetime(2026, 3, 1, 12, 0, 0)
    names = [f"node{i:04d}" for i in range(1, args.hosts + 1)]
    width = len(host_line(10000, 0, names[0], start, False))
    lines = args.megabytes * 1_000_000 // args.hosts // width
    os.makedirs(args.directory, mode=0o700)
    for i, name in enumerate(names):
        odd_from = lines // 2 if 0 < i <= args.odd else None
        delay = 0.1 if i == len(names) - 1 else 0
        write_host(os.path.join(args.directory, name), name, lines, args, start, odd_from, delay)
    end = start + datetime.timedelta(seconds=args.seconds)
    with open(args.directory + "/run.yaml", "w") as run:
        run.write(f'format: 1\nname: "bench"\ncommand: "batch"\npty: {str(args.pty).lower()}\n'
                  f"size: {{rows: 24, columns: 160}}\nstarted: {iso(start)}\nfinished: {iso(end)}\n"
                  'program: bdsh-tui\nversion: "0.1.0"\narguments: []\nhosts:\n')
        for name in names:
            run.write(f'  - {{name: "{name}", folder: "{name}", original: "{name}", '
                      f'address: "127.0.0.1", port: 22, user: "root", group: "", '
                      f'expression: "{name}"}}\n')
        run.write("...\n")
    open(args.directory + "/.keep", "w").close()


if __name__ == "__main__":
    main()
