"""Uploads and downloads of the built program, on real SFTP servers: what is where afterwards."""
import glob
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import unittest

from harness import BINARY, E2E, read, wait_until


def make(path, data=b"", mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    return path


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else \
            hashlib.sha256(file.read()).hexdigest()


def tree(folder):
    """Paths of all files below it, relative, with their content."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            found[os.path.relpath(path, folder)] = b"(link)" if os.path.islink(path) else read(path)
    return found


class TransferTest(E2E):
    def upload(self, fleet, *arguments, status=0, **kwargs):
        return self.job("upload", fleet, *arguments, status=status, **kwargs)

    def download(self, fleet, *arguments, status=0, **kwargs):
        return self.job("download", fleet, *arguments, status=status, **kwargs)

    def job(self, job, fleet, *arguments, status, **kwargs):
        done = self.batch(fleet, job, "-g", "web", *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    def homes(self, fleet):
        """Where the hosts' directories are, by the name of each: sftp starts in the account's home."""
        return fleet.path("home", "{host}")

    def parts(self, folder):
        return glob.glob(os.path.join(glob.escape(folder), "**", ".*.part"), recursive=True)

    # -- there

    def test_a_file_is_on_every_host(self):
        fleet = self.start_fleet(3)
        data = os.urandom(3_000_000)
        source = make(self.tmp + "/in/a file", data)
        done = self.upload(fleet, source, self.homes(fleet) + "/")
        for host in fleet.web:
            self.assertEqual(read(self.file_of(fleet, host, "a file")), data)
            self.assertEqual(self.parts(fleet.home(host)), [])
        self.assertIn("uploaded to 3 of 3 hosts", done.stdout)
        self.assertIn("web[01-03] (3): 1 file, 2.8 MiB", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_each_host_its_own_file_under_another_name(self):
        fleet = self.start_fleet(2)
        for host in fleet.web:
            make(self.tmp + "/keys/%s.pem" % host, host.encode())
        self.upload(fleet, self.tmp + "/keys/{host}.pem", self.homes(fleet) + "/host.pem")
        for host in fleet.web:
            self.assertEqual(read(self.file_of(fleet, host, "host.pem")), host.encode())

    def test_a_host_without_a_file_of_its_own_fails_alone(self):
        fleet = self.start_fleet(2)
        make(self.tmp + "/keys/web01.pem", b"key")
        done = self.upload(fleet, self.tmp + "/keys/{host}.pem", self.homes(fleet) + "/host.pem", status=10)
        self.assertIn("web02.pem: No such file", done.stdout)
        self.assertEqual(read(self.file_of(fleet, "web01", "host.pem")), b"key")

    def test_a_tree_with_modes_and_times_and_back_again(self):
        fleet = self.start_fleet(2)
        site = self.tmp + "/site"
        for number in range(60):
            make("%s/d%d/f%d" % (site, number % 7, number), os.urandom(number * 501), 0o600 | number % 8)
        os.utime(site + "/d1/f1", (1_000_000_000, 1_100_000_000))
        os.symlink("d1/f1", site + "/link")
        os.symlink(".", site + "/round")
        done = self.upload(fleet, "-r", "--preserve", "--checksum", "--fsync", site, self.homes(fleet))
        self.assertIn("left out: %s/round: a link to a directory" % site, done.stdout)
        want = tree(site)
        want["link"] = want["d1/f1"]
        for host in fleet.web:
            there = os.path.join(fleet.home(host), "site")
            self.assertEqual(tree(there), want)
            info = os.stat(there + "/d1/f1")
            self.assertEqual((info.st_mode & 0o7777, info.st_mtime), (0o601, 1_100_000_000))
        self.download(fleet, "-r", "--preserve", "--checksum", self.homes(fleet) + "/site", self.tmp + "/back")
        for host in fleet.web:
            self.assertEqual(tree("%s/back/%s/site" % (self.tmp, host)), want)
            self.assertEqual(os.stat("%s/back/%s/site/d1/f1" % (self.tmp, host)).st_mtime, 1_100_000_000)

    def test_directories_need_to_be_asked_for(self):
        fleet = self.start_fleet(1)
        make(self.tmp + "/d/f")
        done = self.upload(fleet, self.tmp + "/d", self.homes(fleet), status=2)
        self.assertIn("-r takes it along", done.stderr)
        done = self.download(fleet, fleet.path("home"), self.tmp + "/back", status=5)
        self.assertIn("-r takes it along", done.stdout)

    def test_what_is_there_is_replaced_at_once_and_keeps_its_mode(self):
        fleet = self.start_fleet(1)
        target = make(self.file_of(fleet, "web01", "tool"), b"old", 0o750)
        old = os.open(target, os.O_RDONLY)
        self.addCleanup(os.close, old)
        self.upload(fleet, make(self.tmp + "/tool", b"new"), target)
        self.assertEqual((read(target), os.read(old, 10)), (b"new", b"old"))
        self.assertEqual(os.stat(target).st_mode & 0o7777, 0o750)

    def test_json(self):
        fleet = self.start_fleet(2, tempers={"web02": "refuse"})
        done = self.upload(fleet, "--json", make(self.tmp + "/f", b"12345"), self.homes(fleet) + "/", status=10)
        document = json.loads(done.stdout)
        self.assertEqual((document["job"], len(document["hosts"])), ("upload", 2))
        one, two = document["hosts"]
        self.assertEqual((one["state"], one["files"], one["bytes"], one["problems"]), ("ok", 1, 5, []))
        self.assertEqual((two["state"], two["files"]), ("unreachable", 0))

    # -- what goes wrong

    def test_each_host_tells_its_own_failure(self):
        fleet = self.start_fleet(4, tempers={"web02": "refuse", "web03": "forced"})
        make(self.file_of(fleet, "web04", "sub"), b"a file")
        done = self.upload(fleet, make(self.tmp + "/f", b"x"), self.homes(fleet) + "/sub/", status=10)
        self.assertEqual(read(self.file_of(fleet, "web01", "sub/f")), b"x")
        self.assertRegex(done.stdout, r"web02 \(1\): .*[Rr]efused")
        self.assertRegex(done.stdout, r'web03 \(1\): .*does not speak SFTP: it sent "this')
        self.assertRegex(done.stdout, r"web04 \(1\): .*\n.*home/web04/sub: it is not a directory")

    def test_permission_denied_and_names_that_clash(self):
        fleet = self.start_fleet(1)
        make(self.tmp + "/a/f")
        make(self.tmp + "/b/f")
        done = self.upload(fleet, self.tmp + "/a/f", self.tmp + "/b/f", self.homes(fleet), status=2)
        self.assertIn("another 'f'", done.stderr)
        make(self.file_of(fleet, "web01", "a/f"), b"1")
        make(self.file_of(fleet, "web01", "b/f"), b"2")
        done = self.download(fleet, self.homes(fleet) + "/?/f", self.tmp + "/back", status=5)
        self.assertIn("another one of that name", done.stdout)
        self.assertEqual(tree(self.tmp + "/back"), {"web01/f": b"1"})

    def test_a_full_disk_leaves_what_was_there(self):
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: a small disk needs root")
        small = self.tmp + "/small"  # before the fleet: it has mounts of its own
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=True)
        fleet = self.start_fleet(2)
        os.symlink(small, self.file_of(fleet, "web02", "disk"))
        for host in fleet.web:
            make(self.file_of(fleet, host, "disk/f"), b"old")
        source = make(self.tmp + "/f", os.urandom(2_000_000))
        done = self.upload(fleet, source, self.homes(fleet) + "/disk/f", status=10)
        self.assertRegex(done.stdout, r"disk/f: .*no space left on its disk")
        self.assertEqual(tree(small), {"f": b"old"})
        self.assertEqual(digest(self.file_of(fleet, "web01", "disk/f")), digest(source))

    def test_a_full_disk_here(self):
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: a small disk needs root")
        fleet = self.start_fleet(1)
        make(self.file_of(fleet, "web01", "f"), os.urandom(2_000_000))
        small = self.tmp + "/back"
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", small], check=True)
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        done = self.download(fleet, self.homes(fleet) + "/f", small, status=5)
        self.assertIn("No space left", done.stdout)
        self.assertEqual(tree(small), {})

    def part_of(self, folder, bytes_at_least):
        """Waits for a file that is being put together, and has so much of its content."""
        def large():
            return [path for path in self.parts(folder) if os.path.getsize(path) >= bytes_at_least]
        return wait_until(large, "a part in " + folder)[0]

    def sparse(self, path, size):
        with open(path, "wb") as file:
            file.truncate(size)
            file.write(b"begin")
            file.seek(size - 3)
            file.write(b"end")
        return path

    def test_a_lost_host_has_no_half_file_and_resume_goes_on(self):
        fleet = self.start_fleet(1)
        source = self.sparse(self.tmp + "/big", 400 << 20)
        target = self.file_of(fleet, "web01", "big")
        child = self.unattended(fleet, "upload", "-g", "web", "--resume", source, target)
        part = self.part_of(fleet.home("web01"), 20 << 20)
        fleet.signal("web01", signal.SIGKILL)
        out, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 10, out)
        self.assertIn("connection lost", out)
        self.assertFalse(os.path.exists(target))
        kept = os.path.getsize(part)
        self.assertGreaterEqual(kept, 20 << 20)
        done = self.upload(fleet, "--json", "--resume", source, target)
        sent = json.loads(done.stdout)["hosts"][0]["bytes"]
        self.assertLessEqual(sent, (400 << 20) - kept + (4 << 20))
        self.assertEqual(digest(target), digest(source))
        self.assertEqual(self.parts(fleet.home("web01")), [])

    def test_a_download_that_broke_goes_on_too(self):
        fleet = self.start_fleet(1)
        source = self.sparse(self.file_of(fleet, "web01", "big"), 400 << 20)
        child = self.unattended(fleet, "download", "-g", "web", "--resume", source, self.tmp + "/back")
        self.part_of(self.tmp + "/back", 20 << 20)
        fleet.signal("web01", signal.SIGKILL)
        out, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 10, out)
        self.assertEqual(len(self.parts(self.tmp + "/back")), 1)
        done = self.download(fleet, "--json", "--resume", source, self.tmp + "/back")
        self.assertLess(json.loads(done.stdout)["hosts"][0]["bytes"], 385 << 20)
        self.assertEqual(digest(self.tmp + "/back/web01/big"), digest(source))
        self.assertEqual(self.parts(self.tmp + "/back"), [])

    def test_an_interrupt_takes_back_what_is_unfinished(self):
        fleet = self.start_fleet(2)
        source = self.sparse(self.tmp + "/big", 1 << 30)
        child = self.unattended(fleet, "upload", "-g", "web", source, self.homes(fleet) + "/")
        for host in fleet.web:
            self.part_of(fleet.home(host), 1 << 20)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 10, out)
        for host in fleet.web:
            self.assertFalse(os.path.exists(self.file_of(fleet, host, "big")))
            self.assertEqual(self.parts(fleet.home(host)), [])

    # -- and back

    def test_every_host_has_a_directory_of_its_own(self):
        fleet = self.start_fleet(3)
        self.download(fleet, self.homes(fleet) + "/name.txt", self.tmp + "/back")
        self.assertEqual(tree(self.tmp + "/back"),
                         {"%s/name.txt" % host: b"this is %s\n" % host.encode() for host in fleet.web})
        self.download(fleet, self.homes(fleet) + "/name.txt", self.tmp + "/by/{host}.d")
        self.assertEqual(read(self.tmp + "/by/web02.d/name.txt"), b"this is web02\n")

    def test_patterns_are_the_hosts(self):
        fleet = self.start_fleet(2)
        make(self.file_of(fleet, "web01", "log/one.log"), b"1")
        make(self.file_of(fleet, "web02", "log/two.log"), b"2")
        make(self.file_of(fleet, "web02", "log/other"), b"3")
        self.download(fleet, self.homes(fleet) + "/log/*.log", self.tmp + "/back")
        self.assertEqual(tree(self.tmp + "/back"), {"web01/one.log": b"1", "web02/two.log": b"2"})
        done = self.download(fleet, self.homes(fleet) + "/log/one*", self.tmp + "/again", status=10)
        self.assertRegex(done.stdout, r"log/one\*: nothing matches")

    def test_a_hostile_host_writes_nothing_outside(self):
        fleet = self.start_fleet(1, tempers={"web01": "hostilefiles"})
        outside = make(self.tmp + "/outside/victim", b"safe")
        os.makedirs(self.tmp + "/back/web01/any/down")
        os.symlink(outside, self.tmp + "/back/web01/any/honest.file")
        os.symlink(self.tmp + "/outside", self.tmp + "/back/web01/any/down/down")
        done = self.download(fleet, "-r", "/any", self.tmp + "/back", status=5)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertIn("leads elsewhere", done.stdout)
        self.assertEqual(tree(self.tmp + "/outside"), {"victim": b"safe"})
        self.assertEqual(sorted(os.listdir(self.tmp + "/back")), ["web01"])
        self.assertFalse(os.path.exists("/tmp/bdsh-escaped.file"))
        here = tree(self.tmp + "/back/web01/any")
        self.assertEqual(here["honest.file"], b"written by the hostile host\n")
        self.assertEqual({name for name in os.listdir(self.tmp + "/back/web01/any")},
                         {"down", "honest.file", "link.file", "clear_[2J.file", "clear_]2J.file"})

    # -- around it

    def test_by_ssh_itself_too(self):
        fleet = self.start_fleet(2)
        data = os.urandom(5_000_000)
        self.upload(fleet, "--transport", "openssh", make(self.tmp + "/f", data), self.homes(fleet) + "/")
        for host in fleet.web:
            self.assertEqual(read(self.file_of(fleet, host, "f")), data)

    def test_a_transport_that_is_a_terminal_carries_no_files(self):
        fleet = self.start_fleet(1)
        done = self.upload(fleet, "--transport", "command sh", make(self.tmp + "/f"), self.homes(fleet) + "/",
                           status=5)
        self.assertIn("carries no files", done.stdout)

    def test_failed_hosts_are_saved_and_logs_are_kept(self):
        fleet = self.start_fleet(2, tempers={"web02": "refuse"})
        odd, logs = self.tmp + "/odd", self.tmp + "/logs"
        self.upload(fleet, "--save-hosts", "failed:" + odd, "-k", "-O", logs, make(self.tmp + "/f", b"x"),
                    self.homes(fleet) + "/", status=10)
        self.assertIn(b"web02", read(odd))
        events = read(logs + "/events.log")
        self.assertIn(b"transferred", events)
        self.assertRegex(events, rb"(?i)web02.*refused")

    def test_progress_on_a_terminal(self):
        fleet = self.start_fleet(2)
        source = self.sparse(self.tmp + "/big", 300 << 20)
        terminal = self.tmux([BINARY, "upload", "-g", "web", source, self.homes(fleet) + "/"], fleet)
        terminal.wait_for("uploading")
        terminal.wait_for("web02")
        terminal.wait_for("/s")
        self.assertEqual(terminal.wait_end(), 0, terminal.shown())
        self.assertIn("uploaded to 2 of 2 hosts", terminal.capture())
        self.assertNotIn("uploading", terminal.capture())

    def test_a_password_is_asked_for_once(self):
        fleet = self.start_fleet(2, tempers={"web01": "password", "web02": "password"})
        terminal = self.tmux([BINARY, "upload", "-g", "web", "-o", "PreferredAuthentications=password", "-o",
                              "BatchMode=no", make(self.tmp + "/f", b"x"), self.homes(fleet) + "/"], fleet)
        terminal.wait_for("password for")
        terminal.line("fleet")
        self.assertEqual(terminal.wait_end(), 0, terminal.shown())
        for host in fleet.web:
            self.assertEqual(read(self.file_of(fleet, host, "f")), b"x")

    # -- in the dashboard

    def test_up_and_down_in_the_dashboard(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("3 of 3 agree")
        data = os.urandom(4_000_000)
        dashboard.keys("M-u")
        dashboard.wait_for("upload to 3 hosts")
        dashboard.line("'%s' '%s/'" % (make(self.tmp + "/a file", data), self.homes(fleet)))
        dashboard.wait_for("uploaded to 3 of 3 hosts")
        for host in fleet.web:
            self.assertEqual(read(self.file_of(fleet, host, "a file")), data)
        dashboard.keys(":")
        dashboard.type("download")
        dashboard.keys("Enter")
        dashboard.wait_for("download from 3 hosts")
        dashboard.line("%s/name.txt %s/none %s/back" % (self.homes(fleet), self.homes(fleet), self.tmp))
        dashboard.wait_for("downloaded from 0 of 3 hosts")
        self.assertEqual(len(tree(self.tmp + "/back")), 3)
        dashboard.keys("e")
        dashboard.wait_for("none: no such file")
        self.quit(dashboard, 0)

    def test_a_transfer_in_the_dashboard_is_given_up(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("2 of 2 agree")
        dashboard.keys("Space", "M-u")
        dashboard.wait_for("upload to 1 host")
        dashboard.line("%s %s/" % (self.sparse(self.tmp + "/big", 1 << 30), self.homes(fleet)))
        self.part_of(fleet.home("web01"), 1 << 20)
        dashboard.wait_for("uploading")
        dashboard.wait_for(re.compile(r"web01.* \d+ % "))  # in the list of hosts
        dashboard.keys("M-x")
        dashboard.wait_for("given up")
        wait_until(lambda: not self.parts(fleet.home("web01")), "the part gone")
        self.assertFalse(os.path.exists(self.file_of(fleet, "web01", "big")))
        self.assertFalse(os.path.exists(self.file_of(fleet, "web02", "big")))
        self.quit(dashboard)


if __name__ == "__main__":
    sys.exit(unittest.main())
