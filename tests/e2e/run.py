#!/usr/bin/python3
"""Runs the end-to-end tests, two files at a time, and prints a count.

  run.py [--binary PATH] [--json OUT] [PATTERN…]   files whose names hold a PATTERN; `smoke` is the
                                                   short part that is meant for a release build
"""
import argparse
import concurrent.futures
import glob
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SMOKE = ("test_smoke", "test_demo")


class Recorder(unittest.TextTestResult):
    """Keeps (name, outcome, text) of each case; a case with failing subtests is one failure."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = {}

    def startTest(self, test):
        super().startTest(test)
        self.cases[test.id()] = ["passed", ""]

    def note(self, test, outcome, text):
        case = self.cases.setdefault(test.id(), ["passed", ""])
        case[0] = outcome
        case[1] += text

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "failed", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "failed", self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.note(test, "failed", (self.failures + self.errors)[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped", reason)


def run_one(name, out):
    """In a process of its own: the cases of one file."""
    sys.path.insert(0, HERE)
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    runner = unittest.TextTestRunner(stream=io.StringIO(), resultclass=Recorder)
    cases = runner.run(suite).cases
    with open(out, "w") as file:
        json.dump([{"name": key, "outcome": value[0], "text": value[1]} for key, value in cases.items()], file)


def sanitizer_reports(folder):
    """What the program under test wrote when it was built with sanitizers and found something."""
    texts = []
    for path in sorted(glob.glob(folder + "/report.*")):
        with open(path, errors="replace") as file:
            texts.append(file.read())
    return texts


def run_file(name, binary, scratch):
    started = time.monotonic()
    folder = os.path.join(scratch, name)
    os.mkdir(folder)
    out = os.path.join(folder, "cases.json")
    options = "log_path=%s/report:handle_abort=0" % folder
    environment = {**os.environ, "BDSH_TUI": binary, "PYTHONDONTWRITEBYTECODE": "1",
                   "ASAN_OPTIONS": options, "UBSAN_OPTIONS": "print_stacktrace=1:" + options,
                   "E2E_SANITIZER_REPORTS": folder}
    try:
        done = subprocess.run([sys.executable, __file__, "--one", name, "--json", out], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=900)
        text = done.stdout
    except subprocess.TimeoutExpired:
        text = "did not end within 15 minutes"
    if os.path.exists(out):
        with open(out) as file:
            cases = json.load(file)
    else:
        cases = [{"name": name, "outcome": "failed", "text": text}]
    cases += [{"name": name + " sanitizers", "outcome": "failed", "text": report}
              for report in sanitizer_reports(folder)]
    return name, cases, time.monotonic() - started


def chosen(patterns):
    names = sorted(os.path.basename(path)[:-3] for path in glob.glob(HERE + "/test_*.py"))
    if not patterns:
        return [name for name in names if name not in SMOKE]
    return [name for name in names
            if any(each in name or (each == "smoke" and name in SMOKE) for each in patterns)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "asan", "bdsh-tui"))
    parser.add_argument("--json")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--one")
    parser.add_argument("patterns", nargs="*")
    args = parser.parse_args()
    if args.one:
        return run_one(args.one, args.json)
    every = []
    with tempfile.TemporaryDirectory() as scratch, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        waiting = [pool.submit(run_file, name, os.path.abspath(args.binary), scratch)
                   for name in chosen(args.patterns)]
        results = []
        for future in concurrent.futures.as_completed(waiting):
            results.append(future.result())
            report(*results[-1])
        every = [case for result in results for case in settled(result, args, scratch)]
    if args.json:
        with open(args.json, "w") as file:
            json.dump(every, file)
    bad = sum(case["outcome"] == "failed" for case in every)
    print("%d passed, %d failed" % (sum(case["outcome"] == "passed" for case in every), bad))
    return 1 if bad else 0


def settled(result, args, scratch):
    """A file with failures runs once more, alone: what fails only beside another file's load is
    printed as such and not counted; what fails twice is. A sanitizer's finding counts at once."""
    name, cases, _ = result
    failed = [case["name"] for case in cases if case["outcome"] == "failed"]
    if not failed or name + " sanitizers" in failed:
        return cases
    print("again, alone: " + name, flush=True)
    again = os.path.join(scratch, "again")
    os.makedirs(again, exist_ok=True)
    return report(*run_file(name, os.path.abspath(args.binary), again))


def report(name, cases, seconds):
    bad = [case for case in cases if case["outcome"] == "failed"]
    passed = sum(case["outcome"] == "passed" for case in cases)
    print("%s %-24s %3d passed %3d failed %6.1f s"
          % ("FAILED" if bad else "ok    ", name, passed, len(bad), seconds), flush=True)
    for case in bad:
        print("-- %s\n%s" % (case["name"], case["text"]), flush=True)
    return cases


if __name__ == "__main__":
    sys.exit(main())
