"""Acting on variants: type to one, run it again, save it, leave it out, choose the reference."""
import os
import re
import stat
import unittest

from harness import E2E, read

STATUS = ("systemctl", "status", "nginx")


class VariantsTest(E2E):
    def odd_fleet(self, hosts=6, odd=("web03", "web05")):
        return self.start_fleet(hosts, tempers={name: "differ" for name in odd})

    def shells(self, fleet):
        """Live shells after a round that splits them in two."""
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 6, 6)
        self.broadcast(dashboard, 6)
        dashboard.line("cat release.txt")
        self.settled(dashboard, 4, 6)
        self.navigate(dashboard)
        dashboard.keys("v")
        dashboard.wait_for(re.compile(r"B +2 .*web\[03,05\]"))
        dashboard.keys("j")
        dashboard.wait_for(re.compile(r"▸ B"))
        return dashboard

    def test_type_to_a_variant(self):
        fleet = self.odd_fleet()
        dashboard = self.shells(fleet)
        dashboard.keys("B")
        dashboard.wait_bottom("INPUT → 2 hosts (variant B)")
        dashboard.line("touch typed-to-b")
        for name in ("web03", "web05"):
            self.wait_file(fleet, name, "typed-to-b")
        self.navigate(dashboard)
        self.quit(dashboard, 0)
        for name in ("web01", "web02", "web04", "web06"):
            self.assertFalse(os.path.exists(self.file_of(fleet, name, "typed-to-b")))

    def test_focus_goes_to_the_variants_first_host(self):
        dashboard = self.shells(self.odd_fleet())
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web03")

    def test_left_out_hosts_get_nothing_and_are_not_counted(self):
        fleet = self.odd_fleet()
        dashboard = self.shells(fleet)
        dashboard.keys("-")
        self.settled(dashboard, 4, 4)
        dashboard.wait_for("2 left out")
        dashboard.keys("c")
        self.broadcast(dashboard, 4)
        dashboard.line("touch typed")
        for name in ("web01", "web02", "web04", "web06"):
            self.wait_file(fleet, name, "typed")
        self.settled(dashboard, 4, 4)
        self.navigate(dashboard)
        dashboard.keys("+")
        dashboard.wait_gone("left out:")
        self.broadcast(dashboard, 6)
        dashboard.line("touch typed-by-all")
        for name in fleet.names:
            self.wait_file(fleet, name, "typed-by-all")
        self.assertFalse(os.path.exists(self.file_of(fleet, "web03", "typed")))

    def test_a_variant_is_run_again(self):
        fleet = self.odd_fleet()
        dashboard = self.dashboard(fleet, "-g", "web", "--", "echo run >> runs;", *STATUS)
        self.settled(dashboard, 4, 6)
        for name in ("web03", "web05"):
            fleet.set_temper(name, "serve")
        dashboard.keys("v", "j")
        dashboard.wait_for(re.compile(r"▸ B"))
        dashboard.keys("R")
        self.settled(dashboard, 6, 6)
        self.assertEqual(read(self.file_of(fleet, "web03", "runs")), b"run\nrun\n")
        self.assertEqual(read(self.file_of(fleet, "web01", "runs")), b"run\n")

    def test_a_variant_is_saved_and_run_on_later(self):
        fleet = self.odd_fleet()
        folder = os.path.join(self.tmp, "lists")
        os.mkdir(folder)
        dashboard = self.dashboard(fleet, "-g", "web", "--", *STATUS, cwd=folder)
        self.settled(dashboard, 4, 6)
        dashboard.keys("v", "j")
        dashboard.wait_for(re.compile(r"▸ B"))
        dashboard.keys("S")
        dashboard.wait_bottom("save 2 hosts (variant B) to: web-B.hosts")
        dashboard.keys("Enter")
        dashboard.wait_for("2 hosts saved: -H @web-B.hosts")
        path = os.path.join(folder, "web-B.hosts")
        self.assertEqual(read(path), b"web03\nweb05\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.quit(dashboard)
        done = self.batch(fleet, "-H", "@" + path, "--batch", "--", "hostname")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 of 2 agree", done.stdout)
        self.assertIn("web[03,05]", done.stdout)

    def test_what_is_no_list_of_hosts_is_not_replaced(self):
        fleet = self.odd_fleet(1, ())
        with open(os.path.join(self.tmp, "precious"), "w") as file:
            file.write("Host *\n  User 'me'\n")
        dashboard = self.dashboard(fleet, "-g", "web", "--", "true")
        self.settled(dashboard, 1, 1)
        dashboard.keys("S")
        dashboard.wait_bottom("save 1 host")
        dashboard.keys("C-u")
        dashboard.line(self.tmp + "/precious")
        dashboard.wait_for("is no list of hosts")
        self.assertIn(b"User 'me'", read(self.tmp + "/precious"))

    def test_reference_is_pinned_and_given_back_by_one_key(self):
        dashboard = self.dashboard(self.odd_fleet(), "-g", "web", "--", *STATUS)
        self.settled(dashboard, 4, 6)
        dashboard.keys("n", "p")
        dashboard.wait_for("reference: web03 (pinned) · round 1 · systemctl")
        self.settled(dashboard, 2, 6)
        dashboard.keys("p")
        self.settled(dashboard, 4, 6)
        dashboard.wait_gone("(pinned)")

    def test_a_tie_has_no_reference(self):
        dashboard = self.dashboard(self.odd_fleet(4, ("web03", "web04")), "-g", "web", "--",
                                   "cat", "release.txt")
        self.settled(dashboard, 0, 4)
        dashboard.keys("v")
        dashboard.wait_for("variants · 2")
        self.assertNotRegex(dashboard.capture(), r"\d +reference +web")
        self.assertEqual(len(re.findall(r"\d +tie +web", dashboard.capture())), 2)
        self.assertRegex(dashboard.capture(), r"A +2 .*web\[01-02\]")
        self.assertRegex(dashboard.capture(), r"B +2 .*web\[03-04\]")


class SaveHostsTest(E2E):
    def test_batch_saves_lists_that_can_be_read_again(self):
        fleet = self.start_fleet(5, tempers={"web02": "differ", "web04": "denied"})
        lists = {which: os.path.join(self.tmp, which) for which in ("odd", "failed", "divergent", "agree")}
        options = ["--save-hosts", lists["odd"]]
        for which in ("failed", "divergent", "agree"):
            options += ["--save-hosts", which + ":" + lists[which]]
        done = self.batch(fleet, "-g", "web", "--batch", *options, "--", "cat", "release.txt")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(read(lists["odd"]), b"web02\nweb04\n")
        self.assertEqual(read(lists["failed"]), b"web04\n")
        self.assertEqual(read(lists["divergent"]), b"web02\n")
        self.assertEqual(read(lists["agree"]), b"web01\nweb03\nweb05\n")
        self.assertIn("2 hosts saved in " + lists["odd"], done.stderr)
        again = self.batch(fleet, "-H", "@" + lists["agree"], "--batch", "--", "hostname")
        self.assertIn("3 of 3 agree", again.stdout, again.stderr)

    def test_what_cannot_be_saved_is_said_before_the_run(self):
        fleet = self.start_fleet(1)
        done = self.batch(fleet, "-g", "web", "--batch", "--save-hosts", "/no/such/folder/list",
                          "--", "touch", "ran")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/no/such/folder/list", done.stderr)
        self.assertFalse(os.path.exists(self.file_of(fleet, "web01", "ran")))

    def test_dashboard_saves_at_its_end(self):
        fleet = self.start_fleet(4, tempers={"web02": "differ"})
        path = os.path.join(self.tmp, "odd")
        dashboard = self.dashboard(fleet, "-g", "web", "--save-hosts", path, "--", "cat", "release.txt")
        self.settled(dashboard, 3, 4)
        self.quit(dashboard, 0)
        self.assertEqual(read(path), b"web02\n")

    def test_errors_of_a_file_name_file_and_line(self):
        path = os.path.join(self.tmp, "list")
        with open(path, "w") as file:
            file.write("# two hosts\nweb01\nweb[1-\n")
        done = self.batch(self.start_fleet(1), "-H", "@" + path, "--batch", "--", "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn(path + ":3: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
