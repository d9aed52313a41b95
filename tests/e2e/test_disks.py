"""Disks that fill up and get room again, that cannot be written, run directories that go away, servers
that are killed: what is left, and who says so."""
import glob
import os
import re
import shutil
import signal
import subprocess
import unittest

from harness import BINARY, E2E, read, wait_until

LINES = "".join("%d\r\n" % i for i in range(1, 30001)).encode()


class DiskTest(E2E):
    def small_disk(self, kilobytes):
        """Mounted before the fleet is started, which has mounts of its own."""
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: a small disk needs root")
        small = self.tmp + "/small"
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % kilobytes, "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=True)
        return small

    def fill(self, disk):
        """To the last byte; what has to go for there to be room again."""
        path = disk + "/filler"
        with open(path, "wb", buffering=0) as file:
            for size in (4096, 1):
                with self.assertRaises(OSError):
                    while file.write(b"x" * size):
                        pass
        return path

    def make_read_only(self, folder):
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)

    def logged(self, run, host):
        path = os.path.join(run, host, "out.log")
        return read(path) if os.path.exists(path) else b""

    def go(self, fleet):
        for host in fleet.names:
            open(self.file_of(fleet, host, "go"), "w").close()

    WAITS = "echo ready; until [ -e go ]; do sleep 0.05; done; "

    def waiting_run(self, fleet, run, command, *options):
        """A batch run whose hosts wait for go()."""
        child = self.unattended(fleet, *options, "-O", run, "-g", "web", "--", self.WAITS + command)
        for host in fleet.names:
            wait_until(lambda host=host: self.logged(run, host) == b"ready\n", "%s to wait" % host)
        return child

    def test_a_full_disk_that_gets_room_again_loses_nothing(self):
        disk = self.small_disk(2000)
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet, "-k", "-O", disk + "/run", "-g", "web")
        self.settled(dashboard, 2, 2)
        filler = self.fill(disk)
        self.broadcast(dashboard, 2)
        dashboard.line("seq 30000")
        self.navigate(dashboard)
        dashboard.keys("e")
        dashboard.wait_for("out.log: No space left on device")
        os.unlink(filler)
        for host in fleet.names:
            wait_until(lambda host=host: LINES in self.logged(disk + "/run", host), "the log of " + host)
        self.quit(dashboard, 0)
        self.assertNotIn("logs: ", dashboard.capture())

    def test_a_full_disk_leaves_sessions_alone_and_says_what_is_missing(self):
        disk = self.small_disk(600)
        fleet = self.start_fleet(2)
        run = disk + "/run"
        child = self.waiting_run(fleet, run, "seq 30000", "-k")
        self.fill(disk)
        self.go(fleet)
        out, errors = child.communicate()
        self.assertEqual(child.returncode, 0, errors)
        self.assertIn("2 of 2 agree", out)
        self.assertIn("\n30000\n", out)
        sent = b"ready\n" + LINES.replace(b"\r", b"")
        for host in fleet.names:
            log = self.logged(run, host)
            self.assertTrue(sent.startswith(log))
            self.assertRegex(errors, r"%s: the last %d bytes of out.log are missing \(out.log: No space left"
                             % (host, len(sent) - len(log)))
        self.assertIn("closing its files", self.batch(fleet, "show", run).stderr)

    def test_a_directory_that_cannot_be_written_is_an_error_before_anything_connects(self):
        fleet = self.start_fleet(1)
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: a read-only mount needs root")
        os.mkdir(self.tmp + "/fixed")
        self.make_read_only(self.tmp + "/fixed")
        done = self.batch(fleet, "-O", self.tmp + "/fixed/run", "-g", "web", "--", "touch was-here")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"fixed/run: Read-only file system\n$")
        self.assertFalse(os.path.exists(self.file_of(fleet, "web01", "was-here")))

    def test_a_kept_run_can_be_read_where_nothing_can_be_written(self):
        fleet = self.start_fleet(1)
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: a read-only mount needs root")
        run = self.tmp + "/run"
        self.batch(fleet, "-k", "-O", run, "-g", "web", "--", "seq 100")
        self.make_read_only(run)
        shown = self.batch(fleet, "show", run)
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        replayed = self.dashboard(fleet, "watch", run, "--replay")
        replayed.wait_for("1 of 1 agree")
        self.quit(replayed, 0)

    def test_a_run_directory_that_is_removed_ends_no_session(self):
        fleet = self.start_fleet(2)
        run = self.tmp + "/run"
        child = self.waiting_run(fleet, run, "seq 1000; exit 3", "-k")
        shutil.rmtree(run)
        self.go(fleet)
        out, errors = child.communicate()
        self.assertEqual(child.returncode, 5, errors)
        self.assertIn("\n1000\n", out)
        self.assertIn("the directory was removed while the run went on", errors)
        self.assertFalse(os.path.exists(run))

    def test_a_killed_server_leaves_all_that_was_printed_before(self):
        fleet = self.start_fleet(2)
        run = self.tmp + "/run"
        started = self.batch(fleet, "-k", "-O", run, "--detached", "-g", "web", "--", "seq 30000; sleep 1000")
        self.assertEqual(started.returncode, 0, started.stderr)
        for host in fleet.names:
            wait_until(lambda host=host: len(self.logged(run, host)) > 20000, "half of the log")
        server = glob.glob(fleet.environment()["XDG_STATE_HOME"] + "/bdsh/live/*.sock")[0]
        before = {host: self.logged(run, host) for host in fleet.names}
        os.kill(int(os.path.basename(server)[:-5]), signal.SIGKILL)
        shown = wait_until(lambda: (lambda done: done if "ended" in done.stderr else None)(
            self.batch(fleet, "show", run)), "the run to be over")
        self.assertIn("the run ended without closing its files", shown.stderr)
        for host in fleet.names:
            log = self.logged(run, host)
            self.assertTrue(LINES.startswith(log) and log.startswith(before[host]), host)
        self.assertTrue(re.search(r"^2000$", shown.stdout, re.M), shown.stdout[-300:])


if __name__ == "__main__":
    unittest.main()
