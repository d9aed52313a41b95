"""The user's terminal is whole again, however the program ends or pauses."""
import os
import re
import signal
import unittest

from harness import BINARY, E2E, descendants, wait_until

MODES = ("alternate_on", "cursor_flag", "keypad_flag", "keypad_cursor_flag", "mouse_any_flag",
         "mouse_sgr_flag", "origin_flag", "wrap_flag", "insert_flag", "scroll_region_upper",
         "scroll_region_lower")


class TerminalRestoreTest(E2E):
    """The program runs as the child of an interactive shell, as it does at a user's."""

    def start(self, hosts=2, **kwargs):
        self.the_fleet = self.start_fleet(hosts)
        shell = self.tmux(["/bin/bash", "--norc", "--noprofile", "-i"], self.the_fleet,
                          env={"PS1": "local$ ", "HISTFILE": ""}, **kwargs)
        shell.wait_for(re.compile(r"^local\$", re.M))
        self.stty_before = self.stty(shell, "before")
        self.modes_before = self.modes(shell)
        shell.line(BINARY + " -g web; echo status=$?")
        self.settled(shell, hosts, hosts)
        self.assertEqual(shell.ask("alternate_on"), "1")
        return shell

    def modes(self, shell):
        return {mode: shell.ask(mode) for mode in MODES}

    def stty(self, shell, name):
        path = os.path.join(self.tmp, "stty-" + name)
        shell.line("stty -a > %s; echo made-%s" % (path, name))
        shell.wait_for(re.compile(r"^made-" + name, re.M))
        with open(path) as file:
            return file.read()

    def program(self, shell):
        return wait_until(lambda: next((pid for pid in descendants(shell.pid()) if self.is_program(pid)), None),
                          "the program's process")

    @staticmethod
    def is_program(pid):
        try:
            return os.readlink("/proc/%d/exe" % pid) == os.path.realpath(BINARY)
        except OSError:
            return False

    def check_whole(self, shell):
        wait_until(lambda: shell.ask("alternate_on") == "0", "the normal screen", detail=shell.shown)
        self.assertEqual(self.stty(shell, "after"), self.stty_before)
        self.assertEqual(self.modes(shell), self.modes_before)
        # Typed text is plain again: no reports of mouse, focus or paste marks in it.
        shell.paste("echo pasted-$((30+3))")
        shell.keys("Enter")
        shell.wait_for(re.compile(r"^pasted-33", re.M))

    def test_quit(self):
        shell = self.start()
        shell.keys("q")
        shell.wait_for("quit?")
        shell.keys("y")
        shell.wait_for("status=0")
        self.check_whole(shell)

    def test_signals_that_end_it(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            with self.subTest(number.name):
                shell = self.start(1)
                os.kill(self.program(shell), number)
                shell.wait_for("status=")
                self.check_whole(shell)
                self.assertEqual(self.runs(self.the_fleet), [])

    def test_a_crash(self):
        for number in (signal.SIGSEGV, signal.SIGABRT):
            with self.subTest(number.name):
                shell = self.start(1)
                shell.tmux("send-keys", "")
                os.kill(self.program(shell), number)
                shell.wait_for("status=")
                self.check_whole(shell)

    def test_suspend_and_continue(self):
        shell = self.start()
        os.kill(self.program(shell), signal.SIGTSTP)
        shell.wait_for("Stopped")
        self.check_whole(shell)
        shell.line("fg")
        self.settled(shell, 2, 2)
        self.assertEqual(shell.ask("alternate_on"), "1")
        shell.wait_bottom("NAVIGATE")
        shell.keys("s")
        shell.wait_for("@web02:~")
        shell.keys("q")
        shell.wait_for("quit?")
        shell.keys("y")
        shell.wait_for(re.compile(r"^local\$$", re.M))
        self.check_whole(shell)

    def test_the_summary_comes_after_the_screen_is_back(self):
        shell = self.start()
        shell.keys("L")
        shell.wait_for("LOGS keep")
        shell.keys("q")
        shell.wait_for("quit?")
        shell.keys("y")
        shell.wait_for("status=0")
        # Where the logs are is on the normal screen, for the user to copy.
        self.assertIn(os.path.basename(self.runs(self.the_fleet)[0]), shell.capture().replace("\n", ""))

    def test_input_modes_are_asked_for_only_inside(self):
        # What the program writes on its way out must undo what it wrote on its way in.
        raw = os.path.join(self.tmp, "raw")
        fleet = self.start_fleet(1)
        shell = self.tmux(["script", "-qfc", BINARY + " -g web", raw], fleet)
        self.settled(shell, 1, 1)
        shell.keys("q")
        shell.wait_for("quit?")
        shell.keys("y")
        shell.wait_end()
        with open(raw, "rb") as file:
            text = file.read()
        for mode in set(re.findall(rb"\x1b\[\?(1000|1002|1003|1004|1006|1049|2004)h", text)):
            on, off = text.rfind(b"\x1b[?" + mode + b"h"), text.rfind(b"\x1b[?" + mode + b"l")
            self.assertGreater(off, on, "mode %s is left on" % mode.decode())


if __name__ == "__main__":
    unittest.main()
