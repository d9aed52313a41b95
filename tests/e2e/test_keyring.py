"""--keyring: with GNOME's keyring daemon on a D-Bus session of the test's own, and without any."""
import os
import shutil
import subprocess
import unittest

from harness import BINARY, E2E, read, wait_until

NEEDED = ("dbus-daemon", "gnome-keyring-daemon", "secret-tool")


class Keyring:
    """A session bus and an unlocked keyring, in a directory of their own."""

    def __init__(self, directory):
        self.environment = {"HOME": directory, "XDG_RUNTIME_DIR": directory + "/run",
                            "XDG_DATA_HOME": directory + "/data", "PATH": os.environ["PATH"]}
        os.makedirs(directory + "/run", mode=0o700)
        self.bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.environment)
        self.address = self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        self.daemon = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       env=self.environment)
        self.daemon.stdin.write(b"keyring's own")
        self.daemon.stdin.close()
        self.daemon.stdout.readline()  # it listens

    def tool(self, *words, secret=None):
        return subprocess.run(["secret-tool", *words], input=secret, capture_output=True, text=True,
                              env=self.environment, timeout=30)

    def look_up(self, *attributes):
        return self.tool("lookup", "xdg:schema", "bdsh-tui.Login", *attributes).stdout

    def stop(self):
        for process in (self.daemon, self.bus):
            process.kill()
            process.wait()
            process.stdout.close()


class KeyringTest(E2E):
    def setUp(self):
        super().setUp()
        missing = [name for name in NEEDED if not shutil.which(name)]
        if missing:
            self.skipTest("NO %s: --keyring is not tested" % ", ".join(missing))
        self.keyring = Keyring(os.path.join(self.tmp, "keyring"))
        self.addCleanup(self.keyring.stop)

    def passwords(self, count):
        return self.start_fleet(count, tempers={"web%02d" % (i + 1): "password" for i in range(count)})

    def with_keyring(self, fleet, *arguments, **extra):
        return self.batch(fleet, "--keyring", *arguments, env={"DBUS_SESSION_BUS_ADDRESS": self.keyring.address, **extra})

    def password_of(self, fleet, host):
        return self.keyring.look_up("user", fleet.user, "host", fleet.address_of(host), "port", str(fleet.port))

    def test_what_was_typed_once_is_known_from_then_on(self):
        fleet = self.passwords(2)
        dashboard = self.dashboard(fleet, "--keyring", "-g", "web",
                                   env={"DBUS_SESSION_BUS_ADDRESS": self.keyring.address})
        dashboard.wait_for("password for %s: 2 hosts" % fleet.user)
        dashboard.type("wrong")
        dashboard.keys("Enter")
        dashboard.wait_for("wrong password, again")
        self.assertEqual(self.password_of(fleet, "web01"), "")
        dashboard.type("fleet")
        dashboard.keys("Enter")
        self.settled(dashboard, 2, 2)
        wait_until(lambda: [self.password_of(fleet, host) for host in ("web01", "web02")] == ["fleet"] * 2, "both kept")
        self.quit(dashboard)
        done = self.with_keyring(fleet, "-g", "web", "--", "echo in")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        done = self.with_keyring(fleet, "-g", "web", "--transport", "libssh", "-l", "nobody-of-that-name", "--", "echo in")
        self.assertEqual(done.returncode, 4, "a password is one user's")

    def test_a_password_that_is_no_longer_right_ends_where_nobody_can_be_asked(self):
        fleet = self.passwords(1)
        self.keyring.tool("store", "--label=x", "xdg:schema", "bdsh-tui.Login", "user", fleet.user,
                          "host", fleet.address_of("web01"), "port", str(fleet.port), secret="old")
        done = self.with_keyring(fleet, "-g", "web", "--", "echo in")
        self.assertEqual(done.returncode, 4, done.stdout)
        self.assertIn("nobody to ask: no terminal to ask on", done.stderr)

    def test_transfers_and_ping_take_it_too(self):
        fleet = self.passwords(1)
        self.keyring.tool("store", "--label=x", "xdg:schema", "bdsh-tui.Login", "user", fleet.user,
                          "host", fleet.address_of("web01"), "port", str(fleet.port), secret="fleet")
        source = os.path.join(self.tmp, "data")
        open(source, "w").close()
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.keyring.address}
        for words in (["ping", "--keyring", "-g", "web"],
                      ["upload", "--keyring", "-g", "web", source, fleet.path("home", "{host}")]):
            done = self.batch(fleet, *words, env=bus)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_passphrase_is_kept_when_its_key_let_a_host_in(self):
        fleet = self.start_fleet(2)
        locked = os.path.join(self.tmp, "locked")
        shutil.copy(fleet.path("keys", "user"), locked)
        os.chmod(locked, 0o600)
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", locked], check=True,
                       stdout=subprocess.DEVNULL)
        arguments = ["--keyring", "-g", "web", "-i", locked, "-o", "IdentityFile=none", "-o", "IdentitiesOnly=yes"]
        with open(fleet.environment()["XDG_CONFIG_HOME"] + "/bdsh/config.yaml") as file:
            text = "\n".join(line for line in file.read().split("\n") if "ssh_key" not in line)
        config = os.path.join(self.tmp, "c.yaml")
        with open(config, "w") as file:
            file.write(text)
        arguments += ["--config", config]
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.keyring.address}
        terminal = self.tmux([BINARY, *arguments, "--batch", "--", "echo in"], fleet, env=bus)
        terminal.wait_for("passphrase for")
        terminal.line("open sesame")
        self.assertEqual(terminal.wait_end(), 0, terminal.shown())
        self.assertEqual(self.keyring.look_up("key", locked), "open sesame")
        done = self.batch(fleet, *arguments, "--", "echo in", env=bus)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_without_a_keyring_it_says_so_and_goes_on(self):
        fleet = self.start_fleet(1)
        for env in ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + self.tmp + "/none"},
                    {"DBUS_SESSION_BUS_ADDRESS": "disabled:"}):
            done = self.batch(fleet, "--keyring", "-g", "web", "--", "echo in", env=env)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, r"^bdsh-tui: no keyring: \S+.*\n$")
        dashboard = self.dashboard(fleet, "--keyring", "-g", "web",
                                   env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + self.tmp + "/none"})
        dashboard.wait_for("no keyring: ")
        self.settled(dashboard, 1, 1)
        self.quit(dashboard)

    def test_nothing_of_it_is_written_to_disk(self):
        fleet = self.passwords(1)
        self.keyring.tool("store", "--label=x", "xdg:schema", "bdsh-tui.Login", "user", fleet.user,
                          "host", fleet.address_of("web01"), "port", str(fleet.port), secret="fleet")
        done = self.with_keyring(fleet, "--keep", "-g", "web", "--", "echo in")
        self.assertEqual(done.returncode, 0, done.stderr)
        run, = self.runs(fleet)
        for folder, _, names in os.walk(run):
            for name in names:
                content = read(os.path.join(folder, name))
                self.assertNotIn(b"password: fleet", content)
                self.assertNotIn(b"\nfleet\n", content)


if __name__ == "__main__":
    unittest.main()
