"""The audit: who ran what where, in a file and in journald, and what happens when it cannot be written."""
import glob
import json
import os
import pwd
import re
import socket
import stat
import subprocess

from harness import BINARY, E2E, read, wait_until


class AuditTest(E2E):
    def setUp(self):
        super().setUp()
        self.file = os.path.join(self.tmp, "audit.jsonl")

    def records(self, event=None):
        with open(self.file, encoding="utf-8") as file:
            all_records = [json.loads(line) for line in file]
        return [one for one in all_records if event in (None, one["event"])]

    def ok(self, fleet, *arguments, status=0, **kwargs):
        done = self.batch(fleet, *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    @staticmethod
    def fingerprint(path):
        words = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True).stdout.split()
        return "ssh-%s %s" % (words[-1].strip("()").lower(), words[1])

    def test_a_batch_run_says_who_ran_what_where_and_how_it_ended(self):
        fleet = self.start_fleet(3, tempers={"web02": "refuse"})
        self.ok(fleet, "--audit", self.file, "-g", "web", "--", "exit $(hostname | tr -d a-z0)", status=10,
                env={"SUDO_USER": "alice"})
        begin, = self.records("begin")
        end, = self.records("end")
        hosts = {one["host"]: one for one in self.records("host")}
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        for one in self.records():
            self.assertEqual((one["uid"], one["user"], one["sudo_user"]),
                             (os.getuid(), pwd.getpwuid(os.getuid()).pw_name, "alice"))
            self.assertRegex(one["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
            self.assertEqual(one["run"], begin["run"])
        self.assertEqual((begin["hosts"], begin["host_count"], begin["job"]), ("web[01-03]", 3, "run"))
        self.assertEqual((hosts["web01"]["outcome"], hosts["web01"]["status"]), ("failed", 1))
        self.assertEqual((hosts["web02"]["outcome"], hosts["web02"]["transport"]), ("unreachable", "libssh"))
        self.assertIn("refused", hosts["web02"]["error"])
        self.assertEqual(hosts["web03"]["command"], "exit $(hostname | tr -d a-z0)")
        self.assertEqual(hosts["web03"]["method"], "publickey")
        self.assertEqual(hosts["web03"]["key"], self.fingerprint(fleet.path("keys", "user.pub")))
        self.assertRegex(hosts["web03"]["host_key"], r"^ssh-ed25519 SHA256:\S{43}$")
        self.assertEqual((end["ok"], end["failed"]), (0, 3))

    def test_it_is_appended_to_and_configured_in_the_file_of_settings(self):
        fleet = self.start_fleet(2)
        with open(fleet.environment()["XDG_CONFIG_HOME"] + "/bdsh/config.yaml") as file:
            base = file.read()
        config = os.path.join(self.tmp, "c.yaml")
        with open(config, "w") as file:
            file.write(base + "audit: {file: audit.jsonl}\ncommands: {greet: {run: 'echo {host}'}}\n")
        self.ok(fleet, "--config", config, "-g", "web", ":greet")
        self.ok(fleet, "ping", "--config", config, "-g", "web")
        self.ok(fleet, "--config", config, "--audit", "none", "-g", "web", "--", "echo unrecorded")
        self.ok(fleet, "--config", config, "-g", "web", "--dry-run", "--", "echo unrecorded")
        self.assertEqual([one["job"] for one in self.records("begin")], ["run", "ping"])
        self.assertEqual(sorted(one["command"] for one in self.records("host") if one["job"] == "run"),
                         ["echo 'web01'", "echo 'web02'"])
        self.assertEqual({one["outcome"] for one in self.records("host")}, {"ok"})

    def test_transfers_have_their_files_bytes(self):
        fleet = self.start_fleet(2)
        source = os.path.join(self.tmp, "data")
        with open(source, "wb") as file:
            file.write(b"x" * 100_000)
        destination = fleet.path("home", "{host}")
        self.ok(fleet, "upload", "--audit", self.file, "-g", "web", source, destination)
        self.ok(fleet, "download", "--audit", self.file, "-g", "web", destination + "/data",
                os.path.join(self.tmp, "down"))
        self.assertEqual([(one["job"], one["sent"], one["received"], one["outcome"]) for one in self.records("host")],
                         [("upload", 100_000, 0, "ok")] * 2 + [("download", 0, 100_000, "ok")] * 2)
        self.assertEqual(self.records("begin")[0]["command"], "upload %s %s" % (source, destination))

    def test_the_dashboard_records_shells_and_transfers_but_nothing_typed(self):
        fleet = self.start_fleet(2)
        source = os.path.join(self.tmp, "data")
        with open(source, "wb") as file:
            file.write(b"x" * 1000)
        dashboard = self.dashboard(fleet, "--audit", self.file, "-g", "web")
        self.settled(dashboard, 2, 2)
        self.broadcast(dashboard, 2)
        dashboard.line("echo top-$((40+2))-secret")
        dashboard.wait_for("top-42-secret")
        self.navigate(dashboard)
        dashboard.keys("M-u")
        dashboard.wait_for("upload to 2 hosts")
        dashboard.line("%s %s" % (source, fleet.path("home", "{host}")))
        wait_until(lambda: len([one for one in self.records("host") if one["job"] == "upload"]) == 2, "the transfer")
        self.quit(dashboard)
        self.assertNotIn(b"secret", read(self.file))
        shells = [one for one in self.records("host") if one["job"] == "run"]
        self.assertEqual([one["outcome"] for one in shells], ["stopped"] * 2)
        for one in shells:
            self.assertNotIn("command", one)
            self.assertGreaterEqual(one["sent"], len("echo top-$((40+2))-secret\r"))
            self.assertGreater(one["received"], 20)
        self.assertEqual([one["job"] for one in self.records("end")], ["upload", "run"])

    def test_nothing_runs_without_its_record(self):
        fleet = self.start_fleet(2)
        source = os.path.join(self.tmp, "data")
        open(source, "w").close()
        missing = os.path.join(self.tmp, "no", "audit")
        for arguments in (["-g", "web", "--", "touch $HOME/ran"], ["ping", "-g", "web"],
                          ["upload", "-g", "web", source, fleet.path("home", "{host}", "ran")]):
            for target, why in ((missing, "No such file"), ("journald:" + missing, "journald: ")):
                done = self.ok(fleet, *arguments[:1], "--audit", target, *arguments[1:], status=1) \
                    if arguments[0][0] != "-" else self.ok(fleet, "--audit", target, *arguments, status=1)
                self.assertRegex(done.stderr, r"^bdsh-tui: audit: .*%s" % why)
        terminal = self.dashboard(fleet, "--audit", missing, "-g", "web")
        self.assertEqual(terminal.wait_end(), 1)
        self.assertIn("audit: %s: No such file" % missing, terminal.capture().replace("\n", ""))
        for host in ("web01", "web02"):
            self.assertFalse(os.path.exists(self.file_of(fleet, host, "ran")))
        self.assertEqual(self.runs(fleet), [])

    def test_a_record_that_is_lost_later_is_told(self):
        fleet = self.start_fleet(1)
        moved = self.file + ".1"
        done = self.tmux([BINARY, "--audit", self.file, "--batch", "-g", "web", "--",
                          "touch $HOME/there; while [ ! -e $HOME/go ]; do sleep 0.05; done"], fleet)
        self.wait_file(fleet, "web01", "there")
        os.rename(self.file, moved)
        os.mkdir(self.file)  # where the next record was to be appended
        open(self.file_of(fleet, "web01", "go"), "w").close()
        self.assertEqual(done.wait_end(), 0)
        self.assertIn("2 records lost: %s: Is a directory" % self.file, done.capture().replace("\n", ""))

    def test_journald_gets_a_message_for_each_record(self):
        path = os.path.join(self.tmp, "journal")
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(journal.close)
        journal.bind(path)
        journal.settimeout(10)
        fleet = self.start_fleet(1)
        self.ok(fleet, "--audit", "journald:" + path, "-g", "web", "--", "true")
        messages = [journal.recv(1 << 16).decode() for _ in range(3)]
        for message in messages:
            self.assertRegex(message, r"(?s)^MESSAGE=.*\nPRIORITY=6\nSYSLOG_IDENTIFIER=bdsh-tui\n")
            self.assertIn("\nBDSH_UID=%d\n" % os.getuid(), message)
        self.assertIn("MESSAGE=run on web01 as %s: ok\n" % fleet.user, messages[1])
        self.assertIn("\nBDSH_OUTCOME=ok\nBDSH_STATUS=0\n", messages[1])
