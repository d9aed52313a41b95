"""Runs on a disk on which one call fails (failing_disk.cpp), and what became of each.

A run is first made on a sound disk, which tells its calls; then it is made once for each call that
fails alone ("once") and for each from which on all fail ("on"). Only the calls on the run's own files
and on the first host's are varied: the other hosts' are of the same kind, and are watched instead.
"""
import collections
import concurrent.futures
import errno
import itertools
import os
import subprocess

from harness import BINARY, ROOT, fleets, read

SOURCE = os.path.join(ROOT, "tests", "e2e", "failing_disk.cpp")
FIRST = "web01"
FULL = [errno.ENOSPC, errno.EIO, errno.EDQUOT]
ERRORS = {"write": FULL, "short": FULL, "close": [errno.EIO, errno.EDQUOT], "sync": [errno.EIO, errno.ENOSPC],
          "create": [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE], "rename": [errno.EIO, errno.ENOSPC],
          "mkdir": [errno.EROFS, errno.ENOSPC, errno.EACCES], "lock": [errno.ENOLCK],
          "truncate": [errno.EIO], "touch": [errno.EROFS]}
OTHER = [errno.EIO]

UPDATE = False

Fault = collections.namedtuple("Fault", "operation path number error how")


def preload():
    """The failing disk, behind the sanitizers' library when the program has one: that wants to be first."""
    library = fleets.built("bdsh-failing-disk.so", SOURCE, "-shared", "-fPIC", "-ldl")
    linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True).stdout
    return " ".join([line.split()[2] for line in linked.splitlines() if "libasan" in line] + [library])


def disk(directory, calls, fault=None):
    """The program's environment for a disk under `directory`."""
    extra = {"LD_PRELOAD": preload(), "DISK_ROOT": directory, "DISK_CALLS": calls}
    if fault:
        extra["DISK_FAIL"] = " ".join(str(word) for word in fault)
    return extra


def faults(calls, most=2):
    """From the calls of a run on a sound disk: each kind of call at most `most` times."""
    errors = collections.defaultdict(itertools.count)
    for call, count in collections.Counter(read(calls).decode().splitlines()).items():
        operation, path = call.split(" ", 1)
        if "/" in path and not path.startswith(FIRST + "/") or path.startswith("web") and path.split("/")[0] != FIRST:
            continue
        choice = ERRORS.get(operation, OTHER)
        for number in range(1, min(count, most) + 1):
            error = choice[next(errors[operation]) % len(choice)]
            yield Fault(operation, path, number, error, "once")
            yield Fault(operation, path, number, choice[0], "on")


def each(work, items):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, items))


def failed(calls):
    """Whether the fault came to pass: how often a file is written depends on the moment."""
    return os.path.exists(calls) and b" failed\n" in read(calls)


def file_of(fault):
    name = fault.path.replace(FIRST, "HOST").replace(".meta.yaml.new", "meta.yaml").replace(".run.yaml.new", "run.yaml")
    return {".": "the directory", "HOST": "a host's folder"}.get(name, name.replace("HOST/", ""))


def table(outcomes):
    """Markdown: calls of which the same came. `outcomes` are (fault, what came of it)."""
    calls = collections.defaultdict(lambda: {"once": set(), "on": set()})
    for fault, outcome in outcomes:
        calls[file_of(fault), fault.operation][fault.how].add(outcome)
    rows = collections.defaultdict(lambda: collections.defaultdict(list))
    for (file, operation), cells in sorted(calls.items()):
        rows[tuple("; or ".join(sorted(cells[how])) for how in ("once", "on"))][file].append(operation)
    lines = ["%d calls failed.\n" % len(outcomes), "| call | it fails once | and so does every one after it |", "|---|---|---|"]
    for cells, files in sorted(rows.items()):
        lines.append("| %s | %s | %s |" % (
            "; ".join("%s: %s" % (file, ", ".join(operations)) for file, operations in files.items()), *cells))
    return "\n".join(lines) + "\n"


def keep_table(document, title, outcomes):
    """Writes it into the document with --update, else prints it with BDSH_TABLE set."""
    text = table(outcomes)
    if os.environ.get("BDSH_TABLE"):
        print(text)
    if not UPDATE:
        return
    begin, end = "<!-- %s: made by tests/e2e/test_disk_faults.py -->\n" % title, "<!-- end of %s -->\n" % title
    with open(document) as file:
        before, rest = file.read().split(begin)
    with open(document, "w") as file:
        file.write(before + begin + text + end + rest.split(end)[1])
