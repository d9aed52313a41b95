"""What a host prints can change its own pane, and nothing else."""
import os
import unittest

from harness import E2E, TIMEOUT, wait_until


class HostileTest(E2E):
    def start(self, *arguments, hosts=3):
        self.the_fleet = self.start_fleet(hosts, tempers={"web02": "hostile"})
        return self.dashboard(self.the_fleet, *arguments)

    def check_untouched(self, dashboard):
        dashboard.wait_bottom("NAVIGATE")
        self.assertNotIn("OWNED", dashboard.ask("pane_title"))
        self.assertNotIn("OWNED", dashboard.ask("window_name"))
        self.assertEqual(dashboard.tmux("show-buffer").stdout, "")
        self.assertEqual(dashboard.ask("alternate_on"), "1")
        self.assertIn("LOGS delete on exit", dashboard.capture().split("\n")[0])

    def test_live_shells(self):
        dashboard = self.start()
        dashboard.wait_for("2 of 3 agree")
        self.check_untouched(dashboard)
        for view in ("s", "c", "e", "c"):
            dashboard.keys(view)
            self.check_untouched(dashboard)

    def test_commands(self):
        dashboard = self.start("-g", "web", "--", "echo done")
        self.settled(dashboard, 2, 3)
        dashboard.keys("E")
        self.check_untouched(dashboard)

    def test_focus_on_it_stays_usable(self):
        dashboard = self.start()
        dashboard.wait_for("2 of 3 agree")
        dashboard.keys("g")
        dashboard.keys("j")
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web02")
        # The answers to its questions are on its prompt, as in any terminal; to readline, ESC P in
        # one of them begins a search.
        dashboard.keys("C-c")
        dashboard.line("touch survived")
        self.wait_file(self.the_fleet, "web02", "survived")
        self.navigate(dashboard)
        self.check_untouched(dashboard)

    def test_answers_to_questions_never_run_as_commands_elsewhere(self):
        dashboard = self.start()
        dashboard.wait_for("2 of 3 agree")
        dashboard.wait_for("hostile ends")  # so web02 is live too, and will be typed to
        self.broadcast(dashboard, 3)
        dashboard.keys("C-u")
        dashboard.line("touch plain")
        for host in ("web01", "web03"):
            self.wait_file(self.the_fleet, host, "plain")
            self.assertEqual(sorted(name for name in os.listdir(self.the_fleet.home(host))
                                    if not name.startswith(".")),
                             ["name.txt", "nginx.state", "plain", "release.txt"])

    def test_batch_report_and_json_hold_no_control_characters(self):
        fleet = self.start_fleet(2, tempers={"web02": "hostile"})
        for option in ("--batch", "--json"):
            done = self.batch(fleet, option, "-g", "web", "--", "echo done")
            self.assertIn("done", done.stdout, done.stderr)
            odd = [char for char in done.stdout if (ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160]
            self.assertEqual(odd, [], repr(done.stdout))
            done.stdout.encode("utf-8")

    def test_hostile_names_and_errors(self):
        # A configuration is trusted to name hosts, not to write escapes to the screen.
        fleet = self.start_fleet(1)
        path = os.path.join(self.tmp, "odd.yaml")
        with open(path, "w") as file:
            file.write('clusters:\n  odd:\n    nodes:\n      - {name: "a\\e]0;OWNED\\a", host: 127.0.0.1}\n')
        done = self.batch(fleet, "--config", path, "-g", "odd", "--", "true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("OWNED", done.stdout + done.stderr)
        self.assertNotRegex(done.stdout + done.stderr, r"[\x00-\x08\x0b-\x1f\x7f]")

    def test_a_binary_flood(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet, "-g", "web", "--", "head -c 3000000 /dev/urandom; echo; echo end")
        # Random bytes are the slowest there are for a terminal, and more so under sanitizers.
        wait_until(lambda: dashboard.sees("● 2") or dashboard.sees("2 ok"), "both hosts done",
                   timeout=4 * TIMEOUT, detail=dashboard.shown)
        self.check_untouched(dashboard)


if __name__ == "__main__":
    unittest.main()
