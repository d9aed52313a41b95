"""A host that misbehaves shows its reason in its own line and disturbs nobody else."""
import json
import os
import signal
import time
import unittest

from harness import E2E, read

# temper of web02 → words of which one must be in its error
REASONS = {
    "refuse": "refused", "reset": "reset|closed|lost", "close": "closed|ended|lost|reset|disconnected",
    "silent": "time|answer|silent", "garbage": "protocol|SSH|banner|time|version", "missing": "resolve|name|address",
    "banner": "time|banner|protocol|SSH", "denied": "key|auth|permission|credential",
    "hostkey": "host key", "nokex": "algorithm|kex|key exchange|match|negotiat",
}


class FaultsTest(E2E):
    def test_each_fault_in_batch(self):
        for temper, words in REASONS.items():
            with self.subTest(temper):
                fleet = self.start_fleet(3, tempers={"web02": temper})
                done = self.batch(fleet, "--json", "--connect-timeout", "4", "-g", "web", "--", "echo fine")
                hosts = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
                self.assertEqual([hosts[name]["state"] for name in ("web01", "web03")], ["ok", "ok"])
                self.assertNotEqual(hosts["web02"]["state"], "ok")
                self.assertRegex(hosts["web02"]["error"], "(?i)" + words)
                self.assertEqual(done.returncode, 4 if temper == "denied" else 10)
                fleet.stop()

    def test_bad_hosts_hold_nobody_up(self):
        tempers = dict(zip(("web02", "web03", "web04", "web05"), ("silent", "banner", "garbage", "missing")))
        fleet = self.start_fleet(8, tempers=tempers)
        dashboard = self.dashboard(fleet, "--connect-timeout", "20", "-g", "web", "--", "echo fine")
        began = time.monotonic()
        dashboard.wait_for("4 of 8 agree", timeout=15)
        self.assertLess(time.monotonic() - began, 15)

    def test_a_slow_banner_is_waited_for(self):
        fleet = self.start_fleet(2, tempers={"web02": "slow:2000"})
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("◐")
        self.settled(dashboard, 2, 2)

    def test_a_killed_host_is_shown_at_once_and_its_log_stays(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        dashboard.line("echo before-$((4+5))")
        dashboard.wait_for("before-9")
        self.settled(dashboard, 3, 3)
        fleet.signal("web02", signal.SIGKILL)
        dashboard.wait_for("⨯")
        self.assertIn(b"before-9", read(os.path.join(self.runs(fleet)[0], "web02", "out.log")))
        dashboard.line("touch others")
        for host in ("web01", "web03"):
            self.wait_file(fleet, host, "others")

    def test_a_lost_host_can_be_reconnected(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 2, 2)
        fleet.signal("web01", signal.SIGKILL)
        dashboard.wait_for("⨯")
        dashboard.keys("g")
        dashboard.keys("r")
        dashboard.wait_gone("⨯")
        dashboard.wait_for("● 2")
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web01")
        dashboard.line("touch again")
        self.wait_file(fleet, "web01", "again")

    def test_a_frozen_host_leaves_the_others_typable(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 3, 3)
        fleet.signal("web02", signal.SIGSTOP)
        self.broadcast(dashboard, 3)
        dashboard.line("touch while-frozen")
        for host in ("web01", "web03"):
            self.wait_file(fleet, host, "while-frozen")
        fleet.signal("web02", signal.SIGCONT)
        self.wait_file(fleet, "web02", "while-frozen")

    def test_a_flood_leaves_typing_elsewhere_alone(self):
        fleet = self.start_fleet(3, tempers={"web02": "flood"})
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("2 of 3 agree")
        dashboard.keys("g", "Enter")
        dashboard.wait_bottom("INPUT → web01")
        dashboard.line("touch beside-a-flood")
        self.wait_file(fleet, "web01", "beside-a-flood")
        self.navigate(dashboard)
        dashboard.keys("s")
        dashboard.wait_for("floods")
        self.quit(dashboard, 0)

    def test_a_host_that_refuses_the_terminal(self):
        fleet = self.start_fleet(2, tempers={"web02": "nopty"})
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("✗")
        dashboard.keys("e")
        dashboard.wait_for("web02")

    def test_an_exit_status_is_shown(self):
        dashboard = self.dashboard(self.start_fleet(2), "-g", "web", "--", "[ $FLEET_HOST = web01 ] || exit 42")
        dashboard.wait_for("42")
        self.settled(dashboard, 1, 2)

    def test_few_descriptors_are_a_clear_error_or_enough(self):
        fleet = self.start_fleet(2)
        from harness import BINARY
        terminal = self.tmux(["sh", "-c", 'ulimit -n 20; "$@"; echo status=$?; read wait', "sh", BINARY, "--batch", "-g",
                              "web", "--", "true"], fleet)
        terminal.wait_for("status=")
        self.assertNotIn("status=139", terminal.capture())
        self.assertNotIn("status=134", terminal.capture())


if __name__ == "__main__":
    unittest.main()
