"""What a person sees: consensus, divergent hosts, focus, split, log, help, sizes."""
import re
import time
import unittest

from harness import BINARY, E2E, LEAVE, wait_until

STATUS = ("-g", "web", "--", "systemctl", "status", "nginx")


class DashboardTest(E2E):
    def test_consensus_of_live_shells(self):
        dashboard = self.dashboard(self.start_fleet(8))
        self.settled(dashboard, 8, 8)
        dashboard.wait_bottom("NAVIGATE")
        top = dashboard.capture().split("\n")[0]
        for words in ("web", "8 hosts", "8 of 8 agree", "LOGS delete on exit"):
            self.assertIn(words, top)
        for name in ("web01", "web08"):
            self.assertIn(name, dashboard.capture())
        self.quit(dashboard, 0)

    def test_a_command_with_divergent_and_failed_hosts(self):
        fleet = self.start_fleet(8, tempers={"web03": "differ", "web07": "differ", "web06": "denied"})
        dashboard = self.dashboard(fleet, *STATUS)
        self.settled(dashboard, 5, 8)
        screen = dashboard.capture()
        self.assertIn("systemctl status nginx", screen)
        self.assertIn("A high performance web server", screen)
        self.assertRegex(screen, r"web03.*≠|≠.*web03")
        self.assertRegex(screen, r"[✗].*web06|web06.*✗")
        self.assertRegex(screen.split("\n")[0], r"✗ \d")

    def test_differences_are_expanded_on_demand(self):
        fleet = self.start_fleet(5, tempers={"web03": "differ"})
        dashboard = self.dashboard(fleet, *STATUS)
        self.settled(dashboard, 4, 5)
        dashboard.keys("E")
        dashboard.wait_for("failed (Result: exit-code)")
        self.assertIn("active (running)", dashboard.capture())
        dashboard.keys("C")
        dashboard.wait_gone("failed (Result: exit-code)")

    def test_live_while_output_arrives(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet, "-g", "web", "--",
                                   "echo first; until [ -e go ]; do sleep 0.1; done; echo second")
        dashboard.wait_for("first")
        self.assertFalse(dashboard.sees("second\n"))
        for name in fleet.names:
            open(self.file_of(fleet, name, "go"), "w").close()
        self.settled(dashboard, 3, 3)
        self.assertIn("second", dashboard.capture())

    def test_next_divergent_then_focus_then_type_then_leave(self):
        fleet = self.start_fleet(5, tempers={"web04": "differ"})
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 5, 5)
        self.broadcast(dashboard, 5)
        dashboard.line("cat release.txt")
        self.settled(dashboard, 4, 5)
        self.navigate(dashboard)
        dashboard.keys("n")
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web04")
        dashboard.line("echo only-$FLEET_HOST > typed")
        self.wait_file(fleet, "web04", "typed", "only-web04\n")
        self.navigate(dashboard)
        self.quit(dashboard, 0)

    def test_split_shows_every_hosts_terminal(self):
        fleet = self.start_fleet(4)
        dashboard = self.dashboard(fleet, size=(160, 48))
        self.settled(dashboard, 4, 4)
        dashboard.keys("s")
        dashboard.wait_for(re.compile(r"@web01:.*(\n.*)*@web04:", re.M))
        for name in fleet.names:
            self.assertIn("@%s:~" % name, dashboard.capture())
        dashboard.keys("c")
        self.settled(dashboard, 4, 4)

    def test_broadcast_round_is_compared(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        dashboard.line("echo sum-$((20+3))")
        dashboard.wait_for("sum-23")
        self.settled(dashboard, 3, 3)
        dashboard.line('[ $FLEET_HOST = web02 ] && echo odd || echo even')
        self.settled(dashboard, 2, 3)
        dashboard.wait_for("even")

    def test_keep_logs_is_toggled_and_shown(self):
        dashboard = self.dashboard(self.start_fleet(1))
        dashboard.wait_for("LOGS delete on exit")
        dashboard.keys("L")
        dashboard.wait_for("LOGS keep")
        dashboard.keys("L")
        dashboard.wait_for("LOGS delete on exit")

    def test_help_names_the_keys(self):
        dashboard = self.dashboard(self.start_fleet(1), size=(140, 60))
        dashboard.wait_bottom("NAVIGATE")
        dashboard.keys("?")
        dashboard.wait_for("next divergent host")
        dashboard.wait_for("type to all live hosts")
        dashboard.keys("Escape")
        dashboard.wait_gone("next divergent host")
        self.assertFalse(dashboard.dead())

    def test_event_log_tells_why_a_host_failed(self):
        dashboard = self.dashboard(self.start_fleet(2, tempers={"web02": "refuse"}))
        dashboard.wait_for("✗")
        dashboard.keys("e")
        dashboard.wait_for(re.compile(r"\d\d:\d\d:\d\d.*web02.*(?i:refused)"))

    def test_escape_never_quits_and_q_asks(self):
        dashboard = self.dashboard(self.start_fleet(1))
        self.settled(dashboard, 1, 1)
        dashboard.keys("Escape", "Escape", "Escape")
        # Escape is told from Alt by time alone. A frame of another size shows that the program has
        # read the Escapes; after its 25 ms the next key is one by itself and not Alt-q.
        dashboard.resize(100, 30)
        dashboard.wait_for(re.compile(r"^┌.{98}┐$", re.M))
        time.sleep(0.25)
        dashboard.keys("q")
        dashboard.wait_for("quit?")
        dashboard.keys("n")
        dashboard.wait_gone("quit?")
        self.assertFalse(dashboard.dead())
        self.quit(dashboard, 0)

    def test_quits_without_a_question_when_all_have_ended(self):
        dashboard = self.dashboard(self.start_fleet(2), "-g", "web", "--", "true")
        self.settled(dashboard, 2, 2)
        dashboard.keys("q")
        self.assertEqual(dashboard.wait_end(), 0)

    def test_too_small_a_terminal_says_so_and_recovers(self):
        dashboard = self.dashboard(self.start_fleet(2))
        self.settled(dashboard, 2, 2)
        dashboard.resize(50, 10)
        dashboard.wait_gone("NAVIGATE")
        dashboard.wait_for("60")
        dashboard.resize(100, 30)
        self.settled(dashboard, 2, 2)
        dashboard.wait_bottom("NAVIGATE")

    def test_resize_reaches_the_hosts(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet, size=(100, 30))
        self.settled(dashboard, 2, 2)
        self.broadcast(dashboard, 2)
        dashboard.line("stty size > size1")
        for name in fleet.names:
            self.wait_file(fleet, name, "size1")
        dashboard.resize(140, 44)
        dashboard.wait_for(re.compile(r"^.{130,}$", re.M))
        sizes = [open(self.file_of(fleet, name, "size1")).read() for name in fleet.names]
        self.assertEqual(sizes[0], sizes[1])
        # On the hosts' side: ends by itself once the size has changed.
        dashboard.line('until [ "$(stty size)" != "$(cat size1)" ]; do sleep 0.1; done; touch resized')
        for name in fleet.names:
            self.wait_file(fleet, name, "resized")

    def test_what_scrolled_off_is_wrapped_anew_on_a_narrower_terminal(self):
        fleet = self.start_fleet(1)
        dashboard = self.dashboard(fleet, size=(140, 30))
        self.settled(dashboard, 1, 1)
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT")
        dashboard.line("clear; echo long-$(seq -s- 1 37)-end; seq 100")
        dashboard.wait_for(re.compile(r"^.?100\b", re.M))
        dashboard.keys("C-]")
        dashboard.wait_bottom("NAVIGATE")
        dashboard.resize(80, 30)
        dashboard.wait_for(re.compile(r"^.?100\b", re.M))
        def top():
            dashboard.keys("PgUp")
            return "long-1-2" in dashboard.capture()
        wait_until(top, "the first line", detail=dashboard.capture)
        rows = dashboard.capture().split("\n")
        first = next(i for i, row in enumerate(rows) if "long-1-2" in row)
        # All of it, in two rows; and what was not shown comes behind it.
        self.assertIn("-37-end", rows[first + 1])
        self.assertRegex(rows[first + 2], r"^.?1\b")

    def test_themes_and_no_colour(self):
        fleet = self.start_fleet(1)
        for theme in ("default", "light", "mono"):
            with self.subTest(theme):
                dashboard = self.dashboard(fleet, "--theme", theme, "-g", "web")
                dashboard.wait_bottom("NAVIGATE")
        plain = self.dashboard(fleet, env={"NO_COLOR": "1"})
        plain.wait_bottom("NAVIGATE")
        self.settled(plain, 1, 1)
        self.assertNotRegex(plain.capture(escapes=True), r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)[;m]")

    def test_terminals_without_utf8_get_ascii(self):
        dashboard = self.tmux([BINARY, "-g", "web"], self.start_fleet(1),
                              env={"LANG": "C", "LC_ALL": "C"})
        dashboard.wait_for("NAVIGATE")
        self.assertTrue(dashboard.capture().isascii(), dashboard.capture())

    def test_terminal_types(self):
        fleet = self.start_fleet(2)
        for term in ("xterm-256color", "screen", "linux", "vt100"):
            with self.subTest(term):
                dashboard = self.dashboard(fleet, term=term)
                self.settled(dashboard, 2, 2)
                dashboard.wait_for("NAVIGATE")

    def test_the_leave_key_can_be_chosen(self):
        fleet = self.start_fleet(1)
        dashboard = self.dashboard(fleet, "--leave-key", "ctrl-g", "-g", "web")
        self.settled(dashboard, 1, 1)
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web01")
        dashboard.keys(LEAVE)
        dashboard.type("x")  # readline looks for the character that follows Ctrl-]
        dashboard.keys("C-u")
        dashboard.line("touch still-here")
        self.wait_file(fleet, "web01", "still-here")
        dashboard.keys("C-g")
        dashboard.wait_bottom("NAVIGATE")


if __name__ == "__main__":
    unittest.main()
