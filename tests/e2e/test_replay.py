"""`bdsh-tui watch DIR --replay`: the run again, with its own timing."""
import os
import re
import unittest

from harness import BINARY, E2E

SCRIPT = ("for i in 1 2 3 4 5 6; do echo step $i; sleep 0.5; "
          "if [ $i = 4 ] && [ $(hostname) = web02 ]; then echo odd one; fi; done; echo the end")


class ReplayTest(E2E):
    def kept(self):
        fleet = self.start_fleet(3)
        directory = os.path.join(self.tmp, "run")
        self.batch(fleet, "-k", "-O", directory, "-g", "web", "--", SCRIPT)
        fleet.stop()
        return directory

    def test_plays_pauses_jumps_and_finds_the_first_difference(self):
        directory = self.kept()
        replay = self.tmux([BINARY, "watch", "--replay", directory])
        replay.wait_for("step 1")
        self.assertNotIn("the end", replay.shown())
        replay.keys("Space")
        replay.wait_bottom("play")
        replay.keys("!")
        replay.wait_for("odd one")
        self.assertNotIn("the end", replay.shown())
        replay.keys("@")
        replay.type("0")
        replay.keys("Enter")
        replay.wait_gone("odd one")
        replay.wait_for(re.compile("0:00.0/"))
        replay.keys("@")
        replay.type("100%")
        replay.keys("Enter")
        replay.wait_for("the end")
        replay.keys("@")
        replay.type("0.2")
        replay.keys("Enter", "}", "}", "}", "Space")
        replay.wait_for("×8")
        replay.wait_for("the end")
        self.assertTrue(os.path.exists(directory + "/replay.index"))
        replay.keys("q")
        self.assertEqual(replay.wait_end(), 0)

    def test_a_run_without_times_is_shown_at_once_with_a_word(self):
        directory = self.kept()
        for host in ("web01", "web02", "web03"):
            os.remove(os.path.join(directory, host, "out.timing"))
        replay = self.tmux([BINARY, "watch", "--replay", directory])
        replay.wait_for("no times")
        replay.wait_for("the end")
        replay.keys("q")
        self.assertEqual(replay.wait_end(), 0)

    def test_a_stale_or_damaged_index_is_made_anew(self):
        directory = self.kept()
        index = os.path.join(directory, "replay.index")
        with open(index, "wb") as file:
            file.write(b"no index at all")
        replay = self.tmux([BINARY, "watch", "--replay", directory])
        replay.wait_for("step 1")
        replay.keys("!")
        replay.wait_for("odd one")
        replay.keys("q")
        self.assertEqual(replay.wait_end(), 0)
        self.assertGreater(os.path.getsize(index), 100)


if __name__ == "__main__":
    unittest.main()
