"""`bdsh-tui watch DIR`: the same dashboard from the files alone."""
import os
import re
import unittest

from harness import BINARY, E2E


class WatchTest(E2E):
    def test_a_kept_run_with_the_hosts_gone(self):
        fleet = self.start_fleet(5, tempers={"web03": "differ"})
        directory = os.path.join(self.tmp, "run")
        self.batch(fleet, "-k", "-O", directory, "-g", "web", "--", "systemctl", "status", "nginx")
        fleet.stop()
        watch = self.tmux([BINARY, "watch", directory])
        self.settled(watch, 4, 5)
        watch.wait_for("A high performance web server")
        watch.wait_for(re.compile("web03.*≠|≠.*web03"))
        watch.keys("q")
        self.assertEqual(watch.wait_end(), 0)
        self.assertTrue(os.path.exists(directory + "/web01/out.log"))

    def test_follows_a_run_that_grows(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 2, 2)
        watch = self.tmux([BINARY, "watch", self.runs(fleet)[0]])
        self.settled(watch, 2, 2)
        self.broadcast(dashboard, 2)
        dashboard.line("echo seen-$((70+7))")
        watch.wait_for("seen-77")
        self.navigate(dashboard)
        fleet.signal("web02", 9)
        watch.wait_for("⨯")
        watch.keys("q")
        self.assertEqual(watch.wait_end(), 0)
        self.assertFalse(dashboard.dead())

    def test_nothing_can_be_typed(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 2, 2)
        watch = self.tmux([BINARY, "watch", self.runs(fleet)[0]])
        self.settled(watch, 2, 2)
        watch.keys("b")
        watch.keys("n")
        self.assertNotIn("INPUT →", watch.bottom())

    def test_a_cut_log_is_no_error(self):
        fleet = self.start_fleet(2)
        directory = os.path.join(self.tmp, "run")
        self.batch(fleet, "-k", "-O", directory, "-g", "web", "--", "seq 1 100")
        for name in ("out.log", "out.timing"):
            path = os.path.join(directory, "web01", name)
            os.truncate(path, os.path.getsize(path) - 3)
        watch = self.tmux([BINARY, "watch", directory])
        watch.wait_for(re.compile(r"of 2 agree"))
        watch.wait_bottom("NAVIGATE")

    def test_what_is_no_run_directory_is_refused_in_a_line(self):
        for path in (self.tmp, self.tmp + "/none", "/etc/passwd"):
            done = self.batch(None, "watch", path)
            self.assertIn(done.returncode, (1, 2))
            self.assertEqual(len(done.stderr.strip().split("\n")), 1, done.stderr)
            self.assertIn(path, done.stderr)


if __name__ == "__main__":
    unittest.main()
