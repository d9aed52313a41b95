"""The diff view: any two hosts, variants or rounds."""
import re
import unittest

from harness import E2E


class DiffTest(E2E):
    def shells(self):
        """web03 has another release than web01 and web02."""
        fleet = self.start_fleet(3, tempers={"web03": "differ"})
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        dashboard.line("cat release.txt")
        self.settled(dashboard, 2, 3)
        return dashboard

    def test_a_host_with_the_reference(self):
        dashboard = self.shells()
        self.navigate(dashboard)
        dashboard.keys("n", "d")
        dashboard.wait_for(re.compile(r"- reference \(web0[12]\) .*\+ web03"))
        dashboard.wait_for(re.compile(r"~ release 12 .*~ release 11"))
        dashboard.keys("d")
        dashboard.wait_for(re.compile(r"- release 12 *│?\n.*\+ release 11"))
        dashboard.keys("k")
        dashboard.wait_for("web02 shows what reference (web01) shows")

    def test_two_marked_hosts(self):
        dashboard = self.shells()
        self.navigate(dashboard)
        dashboard.keys("g", "Space", "n", "d")
        dashboard.wait_for(re.compile(r"- web01 .*\+ web03"))
        dashboard.wait_for(re.compile(r"~ release 12 .*~ release 11"))

    def test_a_host_with_its_round_before(self):
        dashboard = self.shells()
        dashboard.line("cat release.txt; [ $FLEET_HOST != web02 ] || echo only in this round")
        dashboard.wait_for("only in this round")
        self.navigate(dashboard)
        dashboard.keys("g", "j", "t")
        dashboard.wait_for("web02, round 2  →  web02, round 3")
        dashboard.keys("j", "Enter")
        dashboard.wait_for(re.compile(r"- web02, round 2 .*\+ web02, round 3"))
        dashboard.wait_for(re.compile(r"│ *│ \+ only in this round"))
        # The same from the round before: there the one before that is meant.
        dashboard.keys("(")
        dashboard.wait_for(re.compile(r"- web02, round 1 .*\+ web02, round 2"))

    def test_equal_lines_fold_and_hunks_are_walked(self):
        fleet = self.start_fleet(3)
        command = "seq 1 30; [ $FLEET_HOST != web03 ] || echo odd; seq 31 70"
        dashboard = self.dashboard(fleet, "-g", "web", "--", command)
        dashboard.wait_for(re.compile(r"of 3 agree"))
        dashboard.wait_for(re.compile("web03.*≠"))
        dashboard.keys("G", "d")
        dashboard.wait_for("▸ 27 equal lines")
        dashboard.wait_for(re.compile(r"\+ odd"))
        dashboard.keys("]", "l")
        dashboard.wait_gone("▸ 27 equal lines")
        dashboard.keys("C")
        dashboard.wait_for("▸ 27 equal lines")
        dashboard.keys("E")
        dashboard.wait_gone("equal lines")


if __name__ == "__main__":
    unittest.main()
