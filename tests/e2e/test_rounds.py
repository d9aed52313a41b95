"""Rounds: looking back at what was typed, who agreed and how it ended, live and from the files."""
import os
import re
import unittest

from harness import BINARY, E2E


class RoundsTest(E2E):
    def three_rounds(self, fleet, *arguments):
        """Login, then two commands: web03 answers the second one otherwise."""
        dashboard = self.dashboard(fleet, *(arguments or ("-g", "web")))
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        dashboard.line("cat release.txt")
        dashboard.wait_for(re.compile(r"round 2 · cat release.txt · \S+ m?s"))
        self.settled(dashboard, 2, 3)
        dashboard.line("echo now-$((40+2))")
        dashboard.wait_for("now-42")
        dashboard.wait_for(re.compile(r"round 3 · echo now.* m?s"))
        self.settled(dashboard, 3, 3)
        self.navigate(dashboard)
        return dashboard

    def look_back(self, screen):
        screen.keys("(")
        screen.wait_for(re.compile(r"EARLIER round 2 of 3 · cat release.txt · \S+ m?s"))
        self.settled(screen, 2, 3)
        screen.wait_for("not live")
        screen.keys("v")
        screen.wait_for(re.compile(r"B +1 .*web03"))
        screen.keys("(")
        screen.wait_for("EARLIER round 1 of 3")
        screen.keys("(")
        screen.wait_bottom("there is no earlier round")
        screen.keys(")", "c")
        screen.wait_for("EARLIER round 2 of 3")
        screen.keys("Escape")
        screen.wait_for(re.compile(r"consensus · round 3 · echo now"))
        screen.wait_gone("not live")
        self.settled(screen, 3, 3)

    def test_looking_back_and_returning(self):
        fleet = self.start_fleet(3, tempers={"web03": "differ"})
        dashboard = self.three_rounds(fleet)
        self.look_back(dashboard)
        dashboard.keys("(", "f")
        dashboard.wait_for(re.compile(r"consensus · round 3"))
        # Typing is never about a round that is over.
        dashboard.keys("(")
        dashboard.wait_for("EARLIER")
        self.broadcast(dashboard, 3)
        dashboard.wait_gone("EARLIER")

    def test_a_watched_run_has_the_same_rounds(self):
        fleet = self.start_fleet(3, tempers={"web03": "differ"})
        directory = os.path.join(self.tmp, "run")
        dashboard = self.three_rounds(fleet, "-k", "-O", directory, "-g", "web")
        self.quit(dashboard, 0)
        watch = self.tmux([BINARY, "watch", directory])
        watch.wait_for(re.compile(r"round 3 · echo now"))
        self.settled(watch, 3, 3)
        self.look_back(watch)

    def test_searching_an_earlier_round(self):
        fleet = self.start_fleet(3, tempers={"web03": "differ"})
        dashboard = self.three_rounds(fleet)
        dashboard.keys("(")
        dashboard.wait_for("EARLIER round 2")
        dashboard.keys("/")
        dashboard.type("release")
        dashboard.keys("Enter")
        dashboard.wait_for("search · release · round 2")


if __name__ == "__main__":
    unittest.main()
