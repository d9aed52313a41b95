"""The main job once through, short enough to repeat on a release build."""
import json
import os
import unittest

from harness import BINARY, E2E


class SmokeTest(E2E):
    def test_batch(self):
        fleet = self.start_fleet(4, tempers={"web02": "differ", "web03": "denied"})
        done = self.batch(fleet, "--json", "-g", "web", "--", "cat", "release.txt")
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document["agree"], document["of"]), (4, 2, 4))

    def test_dashboard(self):
        fleet = self.start_fleet(8, tempers={"web03": "differ"})
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 8, 8)
        self.broadcast(dashboard, 8)
        dashboard.line("systemctl status nginx")
        self.settled(dashboard, 7, 8)
        self.navigate(dashboard)
        dashboard.keys("n")
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web03")
        dashboard.line("systemctl restart nginx && systemctl is-active nginx")
        dashboard.wait_for("active")
        self.navigate(dashboard)
        self.assertEqual(self.quit(dashboard), 0)
        self.assertEqual(self.runs(fleet), [])

    def test_watch(self):
        fleet = self.start_fleet(2)
        directory = os.path.join(self.tmp, "run")
        self.batch(fleet, "-k", "-O", directory, "-g", "web", "--", "cat", "release.txt")
        fleet.stop()
        watch = self.tmux([BINARY, "watch", directory])
        self.settled(watch, 2, 2)

    def test_a_hundred_hosts(self):
        fleet = self.start_fleet(100)
        done = self.batch(fleet, "--json", "-g", "web", "--", "hostname")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual((document["agree"], document["of"]), (100, 100))


if __name__ == "__main__":
    unittest.main()
