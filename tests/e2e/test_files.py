"""The dashboard's view of hosts' files, on real SFTP servers."""
import os
import re
import signal
import sys
import unittest

from harness import E2E, read, wait_until


def make(folder, name, data=b"", mode=0o644):
    path = os.path.join(os.fsencode(folder), name if isinstance(name, bytes) else os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    return path


class FilesTest(E2E):
    def start_hosts(self, count=3, **kwargs):
        """Hosts whose SFTP servers start in a directory of their own."""
        return self.start_fleet(count, tempers={"web%02d" % i: "ownfiles" for i in range(1, count + 1)}, **kwargs)

    def browse(self, fleet, *arguments, **kwargs):
        dashboard = self.dashboard(fleet, *arguments, **kwargs)
        dashboard.wait_for("of %d agree" % len(fleet.web))
        wait_until(lambda: not dashboard.sees("…"), "all hosts at their prompts", detail=dashboard.shown)
        dashboard.keys("M-f")
        return dashboard

    @staticmethod
    def connections(fleet):
        return {name: host["connections"] for name, host in fleet.status()["hosts"].items()}

    def leave(self, dashboard):
        dashboard.keys("Escape")
        dashboard.wait_for("consensus")
        self.quit(dashboard)

    def row(self, name, rest):
        return re.compile(re.escape(name) + r" .*" + rest)

    def test_differences_of_the_hosts(self):
        fleet = self.start_hosts()
        for host in fleet.web:
            make(fleet.home(host), "conf.d/site.conf", b"x" * (10 if host != "web02" else 2000))
            make(fleet.home(host), "key", b"k", 0o600 if host != "web03" else 0o644)
        make(fleet.home("web03"), "only-there", b"1")
        os.remove(make(fleet.home("web02"), "gone"))
        for host in ("web01", "web03"):
            make(fleet.home(host), "gone")
        dashboard = self.browse(fleet, size=(140, 36))
        dashboard.wait_for(self.row("gone", "missing on web02"))
        dashboard.wait_for(self.row("only-there", "only on web03"))
        dashboard.wait_for(self.row("key", "other mode on web03"))
        self.assertTrue(dashboard.sees("web01:~ · 3 hosts"), dashboard.shown())
        # Into a directory, whose selected entry differs: who has what.
        dashboard.keys("g", "/")
        dashboard.line("conf.d")
        dashboard.keys("Enter")
        dashboard.wait_for(self.row("site.conf", "2 sizes: web02"))
        dashboard.wait_for("2 hosts  file, 10 B, 0644  web[01,03]")
        dashboard.wait_for("1 host  file, 1.9 KiB (2000), 0644  web02")
        # Up twice: from where the server started only the host knows the way.
        dashboard.keys("BSpace")
        dashboard.wait_for(self.row("gone", "missing on web02"))
        dashboard.keys("h")
        dashboard.wait_for("web01:%s " % os.path.dirname(fleet.home("web01")))
        dashboard.wait_for("▸  web01/")
        # From another host's side.
        dashboard.keys("p", "C-u")
        dashboard.line("~")
        dashboard.wait_for(self.row("gone", "missing on web02"))
        dashboard.keys("Tab", "j")
        dashboard.wait_for(self.row("gone", r"only on web\[01,03\]"))
        self.leave(dashboard)

    def test_files_go_down_and_up(self):
        fleet = self.start_hosts(2)
        names = [b"a*b", b"a1b", b"{host}", b"-r", b"sp ace", b"in\xffvalid"]
        for host in fleet.web:
            for name in names:
                make(fleet.home(host), name, name + host.encode())
        dashboard = self.browse(fleet)
        dashboard.wait_for("in\N{REPLACEMENT CHARACTER}valid")
        for name in ("a*b", "{host}", "-r", "sp ace", "valid"):
            dashboard.keys("/", "C-u")
            dashboard.line(name)
            dashboard.keys("Space")
        dashboard.keys("Escape")
        dashboard.wait_for("12 differ · 5 marked")
        dashboard.keys("d")
        dashboard.wait_for("download 5 entries from 2 hosts")
        dashboard.line(self.tmp + "/back")
        dashboard.wait_for("downloaded from 2 of 2 hosts")
        for host in fleet.web:
            there = os.fsencode(self.tmp + "/back/" + host)
            self.assertEqual(sorted(os.listdir(there)), sorted(set(names) - {b"a1b"}))
            for name in os.listdir(there):
                self.assertEqual(read(os.path.join(there, name)), name + host.encode())
        # Up into the directory that is shown, which shows it then.
        os.mkdir(fleet.home("web01") + "/in")
        os.mkdir(fleet.home("web02") + "/in")
        dashboard.keys("U", "p", "C-u")
        dashboard.line("~/in/")
        dashboard.wait_for("an empty directory")
        dashboard.keys("u")
        dashboard.wait_for("upload to 2 hosts into ~/in")
        dashboard.line(os.fsdecode(make(self.tmp, "new", b"new")))
        dashboard.wait_for("uploaded to 2 of 2 hosts")
        dashboard.wait_for(self.row("new", "3 B"))
        for host in fleet.web:
            self.assertEqual(read(fleet.home(host) + "/in/new"), b"new")
        self.leave(dashboard)

    def test_shells_go_on_beside_it_on_the_same_connection(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("2 of 2 agree")
        before = self.connections(fleet)
        dashboard.keys("M-f", "p", "C-u")
        dashboard.line(os.path.dirname(fleet.home("web01")))
        dashboard.wait_for("web02/")
        self.assertEqual(self.connections(fleet), before)
        dashboard.keys("Escape")
        dashboard.wait_for("consensus")
        dashboard.keys("b")
        dashboard.wait_bottom("INPUT → 2 hosts")
        dashboard.line("echo still here > here")
        for host in fleet.web:
            self.wait_file(fleet, host, "here", "still here\n")
        self.navigate(dashboard)
        self.quit(dashboard)

    def test_hosts_whose_sessions_are_over_or_full(self):
        fleet = self.start_fleet(3, tempers={"web03": "refuse"})
        for host in ("web01", "web02"):
            make(fleet.home(host), "f", host.encode())
        dashboard = self.dashboard(fleet, "-g", "web", "--", "true")
        dashboard.wait_for("2 ok")
        dashboard.keys("M-f", "p", "C-u")
        dashboard.line(fleet.home("web02"))
        dashboard.wait_for(self.row("f", "5 B"))
        dashboard.wait_for(re.compile("refused.*: web03"))
        self.leave(dashboard)

    def test_hosts_that_open_one_session_get_a_connection_of_its_own(self):
        fleet = self.start_fleet(2, tempers={"web02": "onesession"})
        make(fleet.home("web02"), "f")
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("2 of 2 agree")
        before = self.connections(fleet)
        dashboard.keys("M-f", "p", "C-u")
        dashboard.line(fleet.home("web02"))
        dashboard.wait_for(re.compile(r"▸  .*\n(.*\n)*.* f +0 B"))
        dashboard.wait_gone("not answered yet")
        after = self.connections(fleet)
        self.assertEqual(after["web01"], before["web01"])
        self.assertEqual(after["web02"], before["web02"] + 1)
        self.leave(dashboard)

    def test_names_that_mean_harm(self):
        fleet = self.start_fleet(2, tempers={"web01": "hostilefiles", "web02": "ownfiles"})
        dashboard = self.browse(fleet)
        dashboard.wait_for("only a part of it is listed: web01")
        self.assertFalse(dashboard.sees(re.compile(r"\.\./")), dashboard.shown())
        self.leave(dashboard)

    def test_no_such_directory_and_no_sftp(self):
        fleet = self.start_fleet(3, tempers={"web02": "forced"})
        make(fleet.home("web01"), "f")
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("web02")
        dashboard.keys("M-f", "p", "C-u")
        dashboard.line("/no/such/place")
        dashboard.wait_for(re.compile(r"no such file or directory: web\[01,03\]"))
        dashboard.wait_for(re.compile(r"SFTP.*: web02"))
        self.leave(dashboard)

    def test_a_host_that_is_lost_meanwhile(self):
        fleet = self.start_hosts(2)
        make(fleet.home("web01"), "f")
        make(fleet.home("web02"), "f")
        dashboard = self.browse(fleet)
        dashboard.wait_for(re.compile(r"f +0 B"))
        fleet.signal("web02", signal.SIGKILL)
        dashboard.wait_for("1 lost")
        fleet.set_temper("web02", "refuse")
        dashboard.keys("r")
        dashboard.wait_for(re.compile(r": web02"))
        dashboard.wait_for(re.compile(r"f +0 B"))
        self.leave(dashboard)

    def test_a_large_directory(self):
        fleet = self.start_hosts(1)
        for i in range(30_000):
            os.close(os.open(fleet.home("web01") + "/file%05d" % i, os.O_CREAT | os.O_WRONLY))
        dashboard = self.browse(fleet)
        dashboard.wait_for("only a part of it is listed: web01")
        dashboard.wait_for("of 20000 differ")
        dashboard.keys("G")
        dashboard.wait_for(re.compile("▸  (file|name|release)"))
        self.leave(dashboard)


if __name__ == "__main__":
    sys.exit(unittest.main())
