"""Kept runs: runs, show, rm, prune, --cached, diff and export."""
import json
import os
import re
import unittest
import xml.etree.ElementTree

from harness import BINARY, E2E


class RunsTest(E2E):
    def keep(self, fleet, *command):
        done = self.batch(fleet, "-k", "-g", "web", "--", *command)
        return re.search(r"logs kept in (\S+)", done.stderr).group(1)

    def test_kept_runs_are_listed_shown_and_removed(self):
        fleet = self.start_fleet(3)
        first = self.keep(fleet, "echo first")
        second = self.keep(fleet, "echo second; hostname")
        listed = json.loads(self.batch(fleet, "runs", "--json").stdout)["runs"]
        self.assertEqual([run["command"] for run in listed], ["echo second; hostname", "echo first"])
        self.assertEqual(listed[0]["state"], "kept")
        self.assertEqual((listed[0]["agree"], listed[0]["of"]), (3, 3))
        self.assertEqual(len(listed[0]["hosts"]), 3)
        self.assertIn("3 of 3", self.batch(fleet, "runs").stdout)
        self.assertIn("second", self.batch(fleet, "show", "last").stdout)
        self.assertIn("first", self.batch(fleet, "show", os.path.basename(first)).stdout)
        self.assertEqual(self.batch(fleet, "rm", os.path.basename(first)).returncode, 0)
        self.assertFalse(os.path.exists(first))
        self.assertEqual(self.batch(fleet, "rm", "/etc").returncode, 1)
        self.assertEqual(self.batch(fleet, "show", "no-such-run").returncode, 2)
        self.assertEqual(self.batch(fleet, "prune").returncode, 2)
        self.batch(fleet, "prune", "--older-than", "1h")
        self.assertTrue(os.path.exists(second))
        self.batch(fleet, "prune", "--keep-last", "0")
        self.assertFalse(os.path.exists(second))

    def test_a_live_run_is_listed_and_never_removed(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 2, 2)
        listed = json.loads(self.batch(fleet, "runs", "--json").stdout)["runs"]
        self.assertEqual([run["state"] for run in listed], ["live"])
        self.assertEqual(self.batch(fleet, "rm", "last").returncode, 1)
        self.batch(fleet, "prune", "--keep-last", "0")
        self.assertTrue(os.path.exists(listed[0]["directory"]))

    def test_cached_answers_without_connecting(self):
        fleet = self.start_fleet(2)
        command = ["--cached", "10m", "-g", "web", "--", "date +%s%N"]
        first = self.batch(fleet, *command)
        self.assertNotIn("nothing was connected", first.stderr)
        again = self.batch(fleet, *command)
        self.assertIn("nothing was connected", again.stderr)
        self.assertEqual((again.stdout, again.returncode), (first.stdout, first.returncode))
        other = self.batch(fleet, "--cached", "10m", "-g", "web", "--", "echo another")
        self.assertIn("another", other.stdout)
        self.assertNotIn("nothing was connected", other.stderr)

    def test_diff_folds_hosts_with_the_same_change(self):
        fleet = self.start_fleet(4)
        before = self.keep(fleet, "echo same; echo version 1; hostname")
        after = self.keep(fleet, "echo same; case $(hostname) in web0[12]) echo version 2;; "
                                 "*) echo version 1;; esac; hostname")
        done = self.batch(fleet, "diff", before, after)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("2 unchanged, 2 changed", done.stdout)
        self.assertIn("web[01-02] (2)", done.stdout)
        self.assertIn("- version 1\n+ version 2", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        document = json.loads(self.batch(fleet, "diff", before, after, "--json").stdout)
        self.assertEqual(document["changes"][0]["hosts"], ["web01", "web02"])
        self.assertEqual(self.batch(fleet, "diff", before, after, "web03").returncode, 0)
        self.assertEqual(self.batch(fleet, "diff", before, before).returncode, 0)
        self.assertEqual(self.batch(fleet, "diff", before, "/nowhere/run").returncode, 2)
        self.assertEqual(self.batch(fleet, "diff", before, after, "db1").returncode, 2)

    def test_diff_on_a_terminal_is_a_dashboard(self):
        fleet = self.start_fleet(5)
        config = ("-F", fleet.path("ssh_config"))
        one, two = self.tmp + "/monday", self.tmp + "/tuesday"
        for directory, hosts, script in (
                (one, "web[01-04]", "echo same; echo version 1; hostname"),
                (two, "web[01-03],web05", "echo same; case $(hostname) in web0[12]) echo version 2;; "
                                          "*) echo version 1;; esac; hostname")):
            done = self.batch(fleet, "-k", "-O", directory, "-H", hosts, *config, "--", script)
            self.assertEqual(done.returncode, 0, done.stderr)
        dashboard = self.tmux([BINARY, "diff", one, two], fleet)
        dashboard.wait_for("1 of 5 unchanged")
        dashboard.wait_for(re.compile(r"- web01, monday .*\+ web01, tuesday"))
        dashboard.wait_for(re.compile(r"~ version 1 .*~ version 2"))
        dashboard.wait_for(re.compile(r"web04 missing +≠"))
        dashboard.keys("n")
        dashboard.wait_for("+ web02, tuesday")
        dashboard.keys("j")
        dashboard.wait_for("web03, tuesday shows what web03, monday shows")
        dashboard.keys("c")
        dashboard.wait_for(re.compile(r"B +- version 1 +web\[01-02\]"))
        dashboard.wait_for("only in the second run")
        dashboard.keys("j", "Enter")
        dashboard.wait_for("only one of the runs has this host")
        dashboard.keys("q")
        self.assertEqual(dashboard.wait_end(), 1)
        same = self.tmux([BINARY, "diff", one, one], fleet)
        same.wait_for("4 of 4 unchanged")
        same.keys("q")
        self.assertEqual(same.wait_end(), 0)
        missing = self.tmux([BINARY, "diff", one, self.tmp + "/none"], fleet)
        self.assertEqual(missing.wait_end(), 2)

    def test_exports_are_whole_and_escaped(self):
        fleet = self.start_fleet(2)
        run = self.keep(fleet, "printf '<script>alert(1)</script> ```\\n\\033[31mred\\033[0m\\n'")
        page = self.batch(fleet, "export", run, "--report", "html").stdout
        self.assertIn("&lt;script&gt;alert(1)", page)
        self.assertNotIn("<script", page)
        self.assertNotIn("\x1b", page)
        self.assertIn("````", self.batch(fleet, "export", run, "--report", "markdown").stdout)
        self.assertEqual(json.loads(self.batch(fleet, "export", run, "--report", "json").stdout)["of"], 2)
        text = self.batch(fleet, "export", run, "web01", "--text").stdout
        self.assertIn("red\n", text)
        self.assertNotIn("\x1b", text)
        cast = self.batch(fleet, "export", run, "web01", "--asciicast").stdout.splitlines()
        self.assertEqual(json.loads(cast[0])["version"], 2)
        events = [json.loads(line) for line in cast[1:]]
        self.assertIn("\x1b[31mred", "".join(data for _, kind, data in events if kind == "o"))
        self.assertEqual(sorted(at for at, _, _ in events), [at for at, _, _ in events])
        path = os.path.join(self.tmp, "screen.svg")
        self.assertEqual(self.batch(fleet, "export", run, "web01", "--svg", "-O", path).returncode, 0)
        picture = xml.etree.ElementTree.parse(path).getroot()
        self.assertIn("red", "".join(picture.itertext()))
        self.assertEqual(self.batch(fleet, "export", run, "--svg").returncode, 2)
        self.assertEqual(self.batch(fleet, "export", run, "db9", "--svg").returncode, 2)


if __name__ == "__main__":
    unittest.main()
