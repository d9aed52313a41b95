"""Numbers across hosts, and names that hosts call themselves by."""
import re
import unittest

from harness import E2E

USE = 'n=$((10#${FLEET_HOST#web})); echo "disk $((n * 7))% of ${n}G"'


def order_of(dashboard):
    """The hosts as the list shows them, from top to bottom."""
    rows = [re.match(r"│[ ▸].[ *](web\d+)", line) for line in dashboard.capture().split("\n")]
    return [row.group(1) for row in rows if row]


class NumbersTest(E2E):
    def test_a_columns_spread_is_shown_and_hosts_are_sorted_by_it(self):
        dashboard = self.dashboard(self.start_fleet(6), "-g", "web", "--", USE, size=(120, 30))
        dashboard.wait_for(re.compile(r"F +disk .* of 6G"))
        dashboard.keys("#")
        dashboard.wait_for("column 1 of 2")
        for words in ("min 7% web01", "median 21% … 28%", "max 42% web06", "6 hosts", "no outliers"):
            dashboard.wait_for(words)
        dashboard.keys("o")
        dashboard.wait_for("the largest first")
        names = ["web%02d" % i for i in range(1, 7)]
        self.assertEqual(order_of(dashboard), names[::-1])
        self.assertRegex(dashboard.capture(), r"web06 +42%")
        dashboard.keys("l")
        dashboard.wait_for("max 6G web06")
        dashboard.keys("Escape")
        dashboard.wait_gone("column 2 of 2")
        self.assertEqual(order_of(dashboard), names[::-1])
        dashboard.keys("o")
        dashboard.wait_for("hosts as they were")
        self.assertEqual(order_of(dashboard), names)

    def test_real_outputs_have_numbers(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet, size=(120, 36))
        self.settled(dashboard, 3, 3)
        for command, column in (("df -h /", "G "), ("free -m", "column"), ("uptime", "column")):
            with self.subTest(command):
                self.broadcast(dashboard, 3)
                dashboard.line(command)
                dashboard.wait_for(" · " + command)
                self.navigate(dashboard)
                dashboard.keys("#")
                dashboard.wait_for(re.compile(r"numbers · column \d+ of \d+"))
                dashboard.wait_for("3 hosts")
                dashboard.keys("#")
                dashboard.wait_gone("numbers · column")


class LearnedNamesTest(E2E):
    def test_hosts_reached_by_address_are_masked_by_the_name_at_their_prompts(self):
        fleet = self.start_fleet(3)
        hosts = ",".join(fleet.address_of(name) for name in fleet.names)
        dashboard = self.dashboard(fleet, "-F", fleet.path("ssh_config"), "-p", str(fleet.port),
                                   "-H", hosts, env={"XDG_CONFIG_HOME": self.tmp})
        dashboard.wait_for("@web01:~")
        self.broadcast(dashboard, 3)
        dashboard.line("hostname; true")
        self.settled(dashboard, 3, 3)
        dashboard.wait_for(re.compile("‹host›"))


if __name__ == "__main__":
    unittest.main()
