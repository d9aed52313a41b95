"""What is on disk during a run and after it, and what is not."""
import glob
import os
import re
import signal
import stat
import subprocess
import unittest

from harness import BINARY, E2E, read, wait_until


class RunDirectoryTest(E2E):
    def kept(self, fleet, *arguments, status=0):
        directory = os.path.join(self.tmp, "run")
        done = self.batch(fleet, "-k", "-O", directory, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return directory

    def test_contents(self):
        fleet = self.start_fleet(2)
        directory = self.kept(fleet, "-g", "web", "--", "cat", "release.txt")
        for name in ("run.yaml", ".keep"):
            self.assertTrue(os.path.exists(os.path.join(directory, name)), name)
        for host in fleet.names:
            folder = os.path.join(directory, host)
            self.assertEqual(read(folder + "/out.log"), b"release 12\nkernel 6.1.0-18\nchannel stable\n")
            meta = read(folder + "/meta.yaml").decode()
            self.assertRegex(meta, r"(?m)^state: \"?done\"?$")
            self.assertRegex(meta, r"(?m)^exit_status: 0$")
            self.assertTrue(os.path.exists(folder + "/out.timing"))
        self.assertIn("cat release.txt", read(directory + "/run.yaml").decode())

    def test_private_to_the_user(self):
        directory = self.kept(self.start_fleet(1), "-g", "web", "--", "true")
        for folder, _, files in os.walk(directory):
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode) & 0o077, 0, folder)
            for name in files:
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) & 0o077, 0, name)

    def test_log_is_the_raw_bytes(self):
        fleet = self.start_fleet(2)
        data = os.urandom(2_000_000)
        for host in fleet.names:
            with open(self.file_of(fleet, host, "data"), "wb") as file:
                file.write(data)
        directory = self.kept(fleet, "-g", "web", "--", "cat data")
        for host in fleet.names:
            self.assertTrue(read(os.path.join(directory, host, "out.log")) == data, host)

    def test_scriptreplay_plays_it(self):
        fleet = self.start_fleet(1)
        directory = self.kept(fleet, "-t", "-g", "web", "--", "echo one; sleep 0.3; echo two; seq 1 2000")
        folder = os.path.join(directory, "web01")
        # scriptreplay takes a typescript's first line for the header that script(1) writes.
        typescript = os.path.join(self.tmp, "typescript")
        with open(typescript, "wb") as file:
            file.write(b"Script started\n" + read(folder + "/out.log"))
        done = subprocess.run(["scriptreplay", "--maxdelay", "0.05", "--timing", folder + "/out.timing",
                               typescript], capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.rstrip(b"\n"), read(folder + "/out.log").rstrip(b"\n"))

    def test_command_repeats_the_hosts_part(self):
        fleet = self.start_fleet(1)
        directory = self.kept(fleet, "-F", fleet.path("ssh_config"), "-H", "web01", "--",
                              "echo \"it's $FLEET_HOST\" '$HOME' \\\\ ; cat 'release.txt'")
        folder = os.path.join(directory, "web01")
        done = subprocess.run(["sh", folder + "/command"], stdin=subprocess.DEVNULL, capture_output=True,
                              env={**os.environ, **self.environment(fleet)}, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, read(folder + "/out.log"))

    def test_meta_tells_failures(self):
        fleet = self.start_fleet(4, tempers={"web02": "refuse"})
        directory = self.kept(fleet, "-g", "web", "--", "case $FLEET_HOST in web03) exit 7;; "
                              "web04) kill -9 $$;; esac", status=10)
        meta = lambda host: read(os.path.join(directory, host, "meta.yaml")).decode()
        self.assertRegex(meta("web02"), r"(?mi)^error: .*refused")
        self.assertRegex(meta("web03"), r"(?m)^exit_status: 7$")
        self.assertRegex(meta("web04"), r"(?m)^signal: \"?KILL\"?$")

    def test_what_came_before_a_crash_of_the_host_is_in_the_log(self):
        fleet = self.start_fleet(1, tempers={"web01": "drop:2500"})
        directory = self.kept(fleet, "-g", "web", "--", "seq 1 5000; sleep 60", status=10)
        self.assertEqual(read(os.path.join(directory, "web01", "out.log")).split()[-1], b"5000")

    def test_folder_names_are_safe_and_unique(self):
        fleet = self.start_fleet(2)
        path = os.path.join(self.tmp, "odd.yaml")
        with open(path, "w") as file:
            file.write("clusters:\n  odd:\n    ssh_key: %s\n    nodes:\n" % fleet.path("keys", "user"))
            for name, host in zip(("../../up", ".keep"), fleet.names):
                file.write("      - {name: '%s', host: '%s', port: %d, user: %s, known_hosts: %s}\n" % (
                    name, fleet.addresses[host], fleet.port, fleet.user, fleet.path("known_hosts")))
        directory = self.kept(fleet, "--config", path, "-g", "odd", "--", "echo", "in")
        logs = glob.glob(directory + "/**/out.log", recursive=True, include_hidden=True)
        self.assertEqual(len(logs), 2)
        self.assertFalse(os.path.exists(os.path.join(self.tmp, "up")))
        self.assertTrue(os.path.isfile(directory + "/.keep"))

    # -- kept or not

    def test_deleted_at_exit_unless_kept(self):
        fleet = self.start_fleet(1)
        self.batch(fleet, "-g", "web", "--", "true")
        self.assertEqual(self.runs(fleet), [])
        self.batch(fleet, "-k", "-g", "web", "--", "true")
        self.assertEqual(len(self.runs(fleet)), 1)
        self.assertIn("web", os.path.basename(self.runs(fleet)[0]))

    def live(self, fleet):
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, len(fleet.names), len(fleet.names))
        self.assertEqual(len(self.runs(fleet)), 1)
        return dashboard, self.runs(fleet)[0]

    def test_L_creates_and_removes_the_keep_file(self):
        fleet = self.start_fleet(1)
        dashboard, run = self.live(fleet)
        self.assertFalse(os.path.exists(run + "/.keep"))
        dashboard.keys("L")
        wait_until(lambda: os.path.exists(run + "/.keep"), ".keep")
        dashboard.keys("L")
        wait_until(lambda: not os.path.exists(run + "/.keep"), ".keep gone")
        dashboard.keys("L")
        wait_until(lambda: os.path.exists(run + "/.keep"), ".keep")
        self.quit(dashboard, 0)
        self.assertTrue(os.path.exists(run + "/web01/out.log"))

    def test_the_file_alone_decides(self):
        fleet = self.start_fleet(1)
        dashboard, run = self.live(fleet)
        open(run + "/.keep", "w").close()
        self.quit(dashboard, 0)
        self.assertTrue(os.path.exists(run))

    def test_deleted_on_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                fleet = self.start_fleet(1)
                dashboard, run = self.live(fleet)
                os.kill(dashboard.pid(), number)
                dashboard.wait_end()
                self.assertFalse(os.path.exists(run))

    def test_never_deletes_through_a_symbolic_link(self):
        fleet = self.start_fleet(1)
        outside = os.path.join(self.tmp, "outside")
        os.mkdir(outside)
        open(outside + "/precious", "w").close()
        dashboard, run = self.live(fleet)
        os.symlink(outside, run + "/link")
        os.symlink(outside, run + "/web01/link")
        self.quit(dashboard, 0)
        self.assertTrue(os.path.exists(outside + "/precious"))
        self.assertFalse(os.path.exists(run))

    def test_log_grows_while_the_run_lives(self):
        fleet = self.start_fleet(1)
        dashboard, run = self.live(fleet)
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web01")
        dashboard.line("echo mark-$((1000+234))")
        wait_until(lambda: b"mark-1234" in read(run + "/web01/out.log"), "the output in the log")
        self.assertTrue(re.search(rb"\d", read(run + "/web01/out.timing")))

    def test_an_existing_directory_is_not_overwritten(self):
        fleet = self.start_fleet(1)
        directory = os.path.join(self.tmp, "full")
        os.mkdir(directory)
        open(directory + "/mine", "w").close()
        done = self.batch(fleet, "-O", directory, "-g", "web", "--", "true")
        self.assertIn(done.returncode, (1, 2))
        self.assertEqual(os.listdir(directory), ["mine"])


if __name__ == "__main__":
    unittest.main()
