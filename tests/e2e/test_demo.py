"""scripts/demo: one command to the dashboard, and nothing left behind however it ends."""
import os
import signal
import unittest

from harness import E2E, ROOT, descendants, fleets, read, wait_until

BUILD_TIME = 900


class DemoTest(E2E):
    def start(self, *arguments):
        demo = self.tmux([os.path.join(ROOT, "scripts", "demo"), *arguments])
        demo.wait_for("of 8 agree", timeout=BUILD_TIME)
        self.directory = wait_until(lambda: self.fleet_of(demo.pid()), "the demo's fleet")
        return demo

    @staticmethod
    def fleet_of(pid):
        for child in descendants(pid):
            try:
                words = read("/proc/%d/environ" % child).split(b"\0")
            except OSError:
                continue
            for word in words:
                if word.startswith(b"BDSH_FLEET="):
                    return word.split(b"=", 1)[1].decode()
        return None

    def check_gone(self):
        wait_until(lambda: not os.path.exists(self.directory), "the fleet's directory gone")
        wait_until(lambda: not fleets.strays(self.directory), "the fleet's processes gone",
                   detail=lambda: str(fleets.strays(self.directory)))

    def test_quit_leaves_nothing_behind(self):
        demo = self.start()
        self.assertIn("8 hosts", demo.capture().split("\n")[0])
        demo.wait_for("7 ok")
        demo.wait_for("1 failed")
        # 4: web06 refuses the key, and no other host failed.
        self.assertEqual(self.quit(demo), 4)
        self.check_gone()

    def test_a_command_shows_agreement_and_the_odd_ones(self):
        demo = self.start("--", "systemctl", "status", "nginx")
        self.settled(demo, 5, 8)
        demo.wait_for("web03")
        demo.keys("q")
        demo.wait_end()
        self.check_gone()

    def test_signals_leave_nothing_behind(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            with self.subTest(number.name):
                demo = self.start()
                os.kill(demo.pid(), number)
                self.check_gone()
                demo.close()

    def test_the_second_start_builds_nothing(self):
        binary = os.path.join(ROOT, "build", "release", "bdsh-tui")
        self.quit(self.start())
        stamp = os.path.getmtime(binary)
        self.quit(self.start())
        self.assertEqual(os.path.getmtime(binary), stamp)


if __name__ == "__main__":
    unittest.main()
