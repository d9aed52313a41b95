"""Who gets what is typed: proved by files on the hosts, not by what the screen says."""
import os
import unittest

from harness import E2E, LEAVE, read


class InputRoutingTest(E2E):
    def start(self, hosts=3, **kwargs):
        fleet = self.start_fleet(hosts, **kwargs)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, hosts, hosts)
        return fleet, dashboard

    def having(self, fleet, name):
        return [host for host in fleet.names if os.path.exists(self.file_of(fleet, host, name))]

    def fence(self, fleet, dashboard, name):
        """In INPUT to all: when every host has this file, it has had all that was typed before."""
        dashboard.line("touch " + name)
        for host in fleet.names:
            self.wait_file(fleet, host, name)

    def test_focus_types_to_one_host_alone(self):
        fleet, dashboard = self.start()
        dashboard.keys("j")
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web02")
        dashboard.line("touch focus")
        self.wait_file(fleet, "web02", "focus")
        self.navigate(dashboard)
        self.broadcast(dashboard, 3)
        self.fence(fleet, dashboard, "fence")
        self.assertEqual(self.having(fleet, "focus"), ["web02"])

    def test_broadcast_types_to_all(self):
        fleet, dashboard = self.start(8)
        self.broadcast(dashboard, 8)
        dashboard.line("echo $FLEET_HOST > everywhere")
        for host in fleet.names:
            self.wait_file(fleet, host, "everywhere", host + "\n")

    def test_input_without_leaving_the_view(self):
        fleet, dashboard = self.start()
        dashboard.keys("i")
        dashboard.wait_bottom("INPUT → web01")
        self.assertTrue(dashboard.sees("3 of 3 agree"))
        dashboard.line("touch inline")
        self.wait_file(fleet, "web01", "inline")
        self.assertEqual(self.having(fleet, "inline"), ["web01"])

    def test_marked_hosts(self):
        fleet, dashboard = self.start(4)
        dashboard.keys("g", "Space")
        dashboard.keys("g", "j", "j", "Space")
        dashboard.keys("B")
        dashboard.wait_bottom("INPUT → 2 hosts")
        dashboard.line("touch marked")
        self.wait_file(fleet, "web01", "marked")
        self.wait_file(fleet, "web03", "marked")
        self.navigate(dashboard)
        self.broadcast(dashboard, 4)
        self.fence(fleet, dashboard, "fence")
        self.assertEqual(self.having(fleet, "marked"), ["web01", "web03"])

    def test_a_variants_hosts(self):
        fleet, dashboard = self.start(5, tempers={"web02": "differ", "web04": "differ"})
        self.broadcast(dashboard, 5)
        dashboard.line("cat release.txt")
        self.settled(dashboard, 3, 5)
        self.navigate(dashboard)
        dashboard.keys("n")
        dashboard.keys("B")
        dashboard.wait_bottom("INPUT → 2 hosts (variant B)")
        dashboard.line("touch variant")
        self.wait_file(fleet, "web02", "variant")
        self.wait_file(fleet, "web04", "variant")
        self.assertEqual(self.having(fleet, "variant"), ["web02", "web04"])

    def test_from_broadcast_to_focus_narrows_the_target(self):
        fleet, dashboard = self.start()
        self.broadcast(dashboard, 3)
        self.navigate(dashboard)
        dashboard.keys("j")
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web02")
        dashboard.line("touch narrowed")
        self.wait_file(fleet, "web02", "narrowed")
        self.navigate(dashboard)
        # The leave key in NAVIGATE returns to the last target: the one host, not the fleet.
        dashboard.keys(LEAVE)
        dashboard.wait_bottom("INPUT → web02")

    def test_keys_of_navigate_never_reach_a_host(self):
        fleet, dashboard = self.start()
        for key in ("j", "k", "s", "c", "e", "c", "u", "u", "]", "[", "E", "C", "g", "G", "w", "w"):
            dashboard.keys(key)
        dashboard.keys("c")
        self.broadcast(dashboard, 3)
        # Had any of them arrived, it would stand before the command on the hosts' lines.
        self.fence(fleet, dashboard, "clean")

    def test_interrupt(self):
        fleet, dashboard = self.start()
        self.broadcast(dashboard, 3)
        dashboard.line("touch sleeping; sleep 1000 || touch interrupted")
        for host in fleet.names:
            self.wait_file(fleet, host, "sleeping")
        dashboard.keys("C-c")
        dashboard.line("touch after")
        for host in fleet.names:
            self.wait_file(fleet, host, "after")

    def test_interrupt_from_navigate(self):
        fleet, dashboard = self.start(2)
        self.broadcast(dashboard, 2)
        dashboard.line("touch sleeping; sleep 1000")
        for host in fleet.names:
            self.wait_file(fleet, host, "sleeping")
        self.navigate(dashboard)
        dashboard.keys("x")
        self.broadcast(dashboard, 2)
        self.fence(fleet, dashboard, "after")

    def test_utf8_arrives_whole(self):
        fleet, dashboard = self.start(2)
        self.broadcast(dashboard, 2)
        dashboard.line("printf %s 'Größe 日本 ☂ e\u0301' > unicode")
        for host in fleet.names:
            self.wait_file(fleet, host, "unicode", "Größe 日本 ☂ e\u0301")

    def test_paste_of_one_line_asks_nothing(self):
        fleet, dashboard = self.start(2)
        self.broadcast(dashboard, 2)
        dashboard.paste("touch pasted")
        dashboard.keys("Enter")
        for host in fleet.names:
            self.wait_file(fleet, host, "pasted")

    def test_paste_of_lines_to_many_hosts_asks_first(self):
        fleet, dashboard = self.start(2)
        self.broadcast(dashboard, 2)
        dashboard.paste("touch one\ntouch two\n")
        dashboard.wait_for("touch two")
        dashboard.wait_for("2 hosts")
        self.assertEqual(self.having(fleet, "one"), [])
        dashboard.keys("y")
        # Bracketed: the shells wait for Enter.
        dashboard.keys("Enter")
        for host in fleet.names:
            self.wait_file(fleet, host, "one")
            self.wait_file(fleet, host, "two")

    def test_paste_refused_reaches_no_host(self):
        fleet, dashboard = self.start(2)
        self.broadcast(dashboard, 2)
        dashboard.paste("touch one\ntouch two\n")
        dashboard.wait_for("touch two")
        dashboard.keys("n")
        dashboard.wait_bottom("INPUT → 2 hosts")
        self.fence(fleet, dashboard, "fence")
        self.assertEqual(self.having(fleet, "one"), [])

    def test_a_large_paste_into_focus_arrives_whole(self):
        fleet, dashboard = self.start(1)
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web01")
        dashboard.line("stty -echo; cat > big; stty echo; touch done")
        text = "".join("line %05d of a large paste\n" % i for i in range(3000))
        dashboard.paste(text)
        dashboard.keys("C-d")
        self.wait_file(fleet, "web01", "done")
        self.assertEqual(read(self.file_of(fleet, "web01", "big")).decode(), text)

    def test_a_megabyte_pasted_to_two_hosts_arrives_whole_at_both(self):
        fleet, dashboard = self.start(2)
        self.broadcast(dashboard, 2)
        text = "".join("%07d\n" % i for i in range(1 << 17))
        dashboard.line("stty -echo -icanon; touch ready; head -c %d > big; stty sane; touch done" % len(text))
        for host in fleet.names:
            self.wait_file(fleet, host, "ready")
        dashboard.paste(text)
        dashboard.wait_for("lines to 2 hosts")
        dashboard.keys("y")
        for host in fleet.names:
            self.wait_file(fleet, host, "done")
            self.assertEqual(read(self.file_of(fleet, host, "big")).decode(), text)

    def test_groups_may_ask_before_broadcast(self):
        fleet = self.start_fleet(2)
        path = os.path.join(self.tmp, "careful.yaml")
        with open(path, "w") as file:
            file.write(read(fleet.path("config.yaml")).decode().replace("  web:\n", "  web:\n    confirm: true\n"))
        dashboard = self.dashboard(fleet, "--config", path, "-g", "web")
        self.settled(dashboard, 2, 2)
        dashboard.keys("b")
        dashboard.wait_for("2 hosts")
        self.assertNotIn("INPUT →", dashboard.bottom())
        dashboard.keys("y")
        dashboard.wait_bottom("INPUT → 2 hosts")

    def test_a_dead_hosts_keys_go_nowhere_and_the_others_go_on(self):
        fleet, dashboard = self.start(3)
        fleet.signal("web02", 9)
        dashboard.wait_for("⨯")
        self.broadcast(dashboard, 2)
        dashboard.line("touch alive")
        for host in ("web01", "web03"):
            self.wait_file(fleet, host, "alive")


if __name__ == "__main__":
    unittest.main()
