"""What masks hide and show, and hosts that are not there yet."""
import re
import unittest

from harness import E2E, read


class SpreadsTest(E2E):
    def with_pids(self):
        dashboard = self.dashboard(self.start_fleet(3), "-g", "web", "--", "echo pid $$; echo same")
        self.settled(dashboard, 3, 3)
        dashboard.wait_for("pid ‹pid›")
        return dashboard

    def test_names_then_spread_then_values(self):
        dashboard = self.with_pids()
        dashboard.keys("u")
        dashboard.wait_for(re.compile(r"pid ‹3 values, \d+…\d+›"))
        dashboard.wait_for(re.compile(r"‹pid› 3 values · min \d+, median \d+, max \d+"))
        dashboard.keys("j")
        dashboard.wait_for("nothing is masked in this line")
        dashboard.keys("u")
        dashboard.wait_for("masks off")
        self.settled(dashboard, 0, 3)
        dashboard.wait_for(re.compile(r"pid \d+"))
        dashboard.keys("u")
        self.settled(dashboard, 3, 3)

    def test_a_mask_is_switched_off_by_its_name(self):
        dashboard = self.with_pids()
        dashboard.keys("H")
        dashboard.wait_for("▸[x] host")
        dashboard.keys("j", "j", "j", "j", "Space")
        dashboard.wait_for("▸[ ] pid")
        dashboard.keys("Enter")
        self.settled(dashboard, 0, 3)
        dashboard.wait_for(re.compile(r"pid \d+"))

    def test_masks_of_the_configuration(self):
        fleet = self.start_fleet(3)
        path = self.tmp + "/masks.yaml"
        with open(path, "w") as file:
            file.write(read(fleet.environment()["XDG_CONFIG_HOME"] + "/bdsh/config.yaml").decode())
            file.write("masks:\n  - {name: pid, enabled: false}\n  - {name: job, pattern: 'job ([0-9]+)'}\n")
        dashboard = self.dashboard(fleet, "--config", path, "-g", "web", "--", "echo job $$; echo done")
        self.settled(dashboard, 3, 3)
        dashboard.wait_for("job ‹job›")

    def test_a_bad_mask_names_its_line(self):
        path = self.tmp + "/masks.yaml"
        for mask, why in (("{name: job, pattern: '('}", "missing )"),
                          ("{name: pdi, enabled: false}", "there is no mask 'pdi'")):
            with open(path, "w") as file:
                file.write("masks:\n  - {name: time, enabled: false}\n  - %s\n" % mask)
            done = self.batch(None, "--config", path, "-H", "nowhere.invalid", "--", "true")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(path + ":3: masks[1]: ", done.stderr)
            self.assertIn(why, done.stderr)


class BehindTest(E2E):
    def test_a_host_that_is_merely_slow_is_not_divergent(self):
        fleet = self.start_fleet(3)
        wait = "[ $FLEET_HOST != web02 ] || until [ -e go ]; do sleep 0.1; done"
        dashboard = self.dashboard(fleet, "-g", "web", "--", "echo one; %s; echo two; echo three" % wait)
        self.settled(dashboard, 2, 3)
        dashboard.wait_for("… 1 host not there yet: web02")
        self.assertNotRegex(dashboard.capture(), r"web02 .*≠")
        self.assertRegex(dashboard.capture(), r"◑ web02 +…")
        open(self.file_of(fleet, "web02", "go"), "w").close()
        self.settled(dashboard, 3, 3)
        dashboard.wait_gone("not there yet")

    def test_a_slow_host_that_contradicts_is_divergent_at_once(self):
        fleet = self.start_fleet(3)
        odd = "[ $FLEET_HOST != web02 ] || { echo other; until [ -e go ]; do sleep 0.1; done; }"
        dashboard = self.dashboard(fleet, "-g", "web", "--", "echo one; %s; echo two" % odd)
        self.settled(dashboard, 2, 3)
        dashboard.wait_for(re.compile(r"◑ web02 +B +≠"))

    def test_a_host_late_from_the_round_before_joins_the_next(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        dashboard.line("[ $FLEET_HOST != web02 ] || until [ -e go ]; do sleep 0.1; done; echo first")
        self.settled(dashboard, 2, 3)
        dashboard.wait_for("not there yet: web02")
        dashboard.line("echo second")
        dashboard.wait_for("round 3 · echo second")
        self.settled(dashboard, 2, 3)
        dashboard.wait_for("not there yet: web02")
        open(self.file_of(fleet, "web02", "go"), "w").close()
        self.settled(dashboard, 3, 3)
        self.assertNotIn("first", dashboard.capture())


if __name__ == "__main__":
    unittest.main()
