#!/usr/bin/python3
"""What scripts/test runs: every stage, then one summary. Needs no terminal and no input."""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
ASAN = os.path.join(ROOT, "build", "asan")
FUZZ = os.path.join(ROOT, "build", "fuzz")
FUZZ_SECONDS = int(os.environ.get("BDSH_FUZZ_SECONDS", "20"))


class Tally:
    """Counts cases; keeps the names of the failed ones."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.stages = []

    def add(self, name, ok, count=1):
        if ok:
            self.passed += count
        else:
            self.failed.append(name)


def say(text=""):
    print(text, flush=True)


def show(command, **kwargs):
    """Runs a command, its output going where ours goes; whether it succeeded."""
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, **kwargs).returncode == 0


def captured(command, **kwargs):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", **kwargs)
    return done.returncode == 0, done.stdout


def build(preset, tally):
    if not os.path.exists(os.path.join(ROOT, "build", preset, "build.ninja")):
        # The benchmarks are built, so that they go on building; they are run by hand.
        more = ["-DBDSH_BENCH=ON"] if preset == "release" else []
        ok, text = captured(["cmake", "--preset", preset] + more)
        if not ok:
            say(text)
    else:
        ok = True  # the build configures again by itself when it must
    ok = ok and show(["cmake", "--build", "--preset", preset])
    tally.add("build " + preset, ok)
    return ok


# -- unit and component tests


def unit_stage(tally):
    if not build("asan", tally):
        return
    results = os.path.join(ASAN, "results")
    shutil.rmtree(results, ignore_errors=True)
    os.makedirs(results)
    junit = os.path.join(results, "ctest.xml")
    environment = {**os.environ, "GTEST_OUTPUT": "json:" + results + "/"}
    show(["ctest", "--test-dir", ASAN, "-j2", "--output-on-failure", "--output-junit", junit,
          "--no-tests=ignore"], env=environment)
    if not os.path.exists(junit):
        tally.add("ctest", False)
        return
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        count_binary(tally, case, os.path.join(results, case.get("name") + ".json"))


def count_binary(tally, case, report):
    """GoogleTest's own count where the binary lived to write it; else the binary is one failure."""
    name, ok = case.get("name"), case.get("status") == "run"
    if not os.path.exists(report):
        tally.add(name, ok)
        return
    with open(report) as file:
        suites = json.load(file)["testsuites"]
    cases = [case for suite in suites for case in suite["testsuite"] if case["status"] == "RUN"]
    for each in cases:
        tally.add("%s %s.%s" % (name, each["classname"], each["name"]), "failures" not in each)
    if not ok and not any("failures" in each for each in cases):
        tally.add(name, False)  # a leak, or a crash at exit


def layers_stage(tally):
    ok, text = captured([os.path.join(ROOT, "tests", "check-layers")])
    if not ok:
        say(text)
    tally.add("layers", ok)


# -- documents


def docs_stage(tally):
    for page in sorted(glob.glob(os.path.join(ROOT, "man", "*.[1-9]"))):
        ok, text = captured(["mandoc", "-T", "lint", "-W", "warning", page])
        if not ok:
            say(text)
        tally.add("man page " + os.path.basename(page), ok)
    for name, problems in document_problems().items():
        for problem in problems:
            say("%s: %s" % (name, problem))
        tally.add("document " + name, not problems)


def document_problems():
    """Scripts and files that README.md and docs/*.md name, and links, must exist."""
    result = {}
    for path in [os.path.join(ROOT, "README.md")] + sorted(glob.glob(os.path.join(ROOT, "docs", "*.md"))):
        name = os.path.relpath(path, ROOT)
        if not os.path.exists(path):
            result[name] = ["missing"]
            continue
        with open(path) as file:
            text = file.read()
        named = set(re.findall(r"(?<![\w/.])((?:scripts|bench|tests|docs|src|themes|man)/[\w./-]*\w)", text))
        linked = {os.path.relpath(os.path.join(os.path.dirname(path), target), ROOT)
                  for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)}
        result[name] = ["names %s, which does not exist" % target for target in sorted(named | linked)
                        if not glob.glob(os.path.join(ROOT, target + "*"))]
    return result


# -- end to end


def e2e_stage(tally, binary, pattern=None):
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "e2e.json")
        show([sys.executable, os.path.join(ROOT, "tests", "e2e", "run.py"), "--binary", binary,
              "--json", report] + ([pattern] if pattern else []))
        if not os.path.exists(report):
            tally.add("e2e", False)
            return
        with open(report) as file:
            cases = json.load(file)
    prefix = "e2e %s " % os.path.basename(os.path.dirname(binary))
    for case in cases:
        if case["outcome"] == "skipped":
            say("skipped: %s: %s" % (case["name"], case["text"]))
        else:
            tally.add(prefix + case["name"], case["outcome"] == "passed")


def release_stage(tally):
    if build("release", tally):
        e2e_stage(tally, os.path.join(ROOT, "build", "release", "bdsh-tui"), "smoke")


# -- fuzzing, for a bounded time; longer by hand with BDSH_FUZZ_SECONDS


def fuzz_stage(tally):
    if not build("fuzz", tally):
        return
    fuzzers = sorted(glob.glob(os.path.join(FUZZ, "fuzzers", "*")))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, ok, text in pool.map(run_fuzzer, fuzzers):
            say("%s fuzz %s %s" % ("ok    " if ok else "FAILED", name, last_statistics(text)))
            if not ok:
                say(text[-8000:])
            tally.add("fuzz " + name, ok)


def run_fuzzer(path):
    name = os.path.basename(path)
    corpus = os.path.join(FUZZ, "corpus", name)
    findings = os.path.join(FUZZ, "findings", "")
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(findings, exist_ok=True)
    seeds = glob.glob(os.path.join(ROOT, "tests", "**", name + ".corpus"), recursive=True)
    ok, text = captured([path, "-max_total_time=%d" % FUZZ_SECONDS, "-timeout=10",
                         "-rss_limit_mb=3000", "-print_final_stats=1",
                         "-artifact_prefix=%s%s-" % (findings, name), corpus] + seeds)
    return name, ok, text


def last_statistics(text):
    runs = re.findall(r"number_of_executed_units: (\d+)", text)
    return "%s runs" % runs[-1] if runs else ""


STAGES = {
    "layers": layers_stage,
    "docs": docs_stage,
    "unit": unit_stage,
    "e2e": lambda tally: e2e_stage(tally, os.path.join(ASAN, "bdsh-tui")),
    "release": release_stage,
    "fuzz": fuzz_stage,
}


def main():
    os.environ.setdefault("LANG", "C.UTF-8")
    wanted = sys.argv[1:] or list(STAGES)
    unknown = [name for name in wanted if name not in STAGES]
    if unknown:
        sys.exit("test: no stage %s; there are: %s" % (unknown[0], " ".join(STAGES)))
    tally = Tally()
    for name in [stage for stage in STAGES if stage in wanted]:
        say("== " + name)
        before, bad, started = tally.passed, len(tally.failed), time.monotonic()
        STAGES[name](tally)
        tally.stages.append((name, tally.passed - before, len(tally.failed) - bad,
                             time.monotonic() - started))
    say("== summary")
    for name, passed, failed, seconds in tally.stages:
        say("%-8s %5d passed %3d failed %5.0f s" % (name, passed, failed, seconds))
    for name in tally.failed:
        say("FAILED " + name)
    say("%d passed, %d failed" % (tally.passed, len(tally.failed)))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
