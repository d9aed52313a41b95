"""Choosing hosts, and `bdsh-tui list`: groups of other tools, lists on standard input, -a, -w, -X."""
import json
import os
import subprocess

from harness import BINARY, E2E


class HostsTest(E2E):
    def program(self, fleet, *arguments, **kwargs):
        return subprocess.run([BINARY, *arguments], env={**os.environ, **self.environment(fleet)},
                              capture_output=True, text=True, timeout=60, **kwargs)

    def names(self, fleet, *arguments, **kwargs):
        done = self.program(fleet, "list", "--names", *arguments, **kwargs)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def write(self, name, text):
        path = os.path.join(self.tmp, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_groups_are_listed_with_their_hosts(self):
        fleet = self.start_fleet(4, db=2)
        done = self.program(fleet, "list")
        self.assertRegex(done.stdout, r"(?m)^web +4 +web\[01-04\]$")
        self.assertRegex(done.stdout, r"(?m)^db +2 +db\[01-02\]")
        groups = json.loads(self.program(fleet, "list", "--json").stdout)["groups"]
        web = next(group for group in groups if group["name"] == "web")
        self.assertEqual(web["hosts"], ["web01", "web02", "web03", "web04"])
        self.assertEqual((web["source"], web["error"]), (None, None))

    def test_hosts_are_listed_with_how_they_are_entered(self):
        fleet = self.start_fleet(2)
        hosts = json.loads(self.program(fleet, "list", "web", "--json").stdout)["hosts"]
        self.assertEqual([host["name"] for host in hosts], ["web01", "web02"])
        self.assertEqual((hosts[0]["transport"], hosts[0]["group"]), ("libssh", "web"))
        text = self.program(fleet, "list", "web", "-x", "web02").stdout
        self.assertRegex(text, r"^web01 +\S+@127\.\S+:%d +web\n$" % hosts[0]["port"])

    def test_a_group_that_cannot_be_read_is_shown_with_its_error(self):
        fleet = self.start_fleet(1)
        path = self.write(".dsh/group/broken", "a[\n")
        done = self.program(fleet, "list")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^broken +\? +%s:1: " % path)
        self.assertIn("web01", done.stdout)

    def test_a_dsh_group_runs_a_command(self):
        fleet = self.start_fleet(3)
        self.write(".dsh/group/odd", "web01\nweb03 # the odd ones\n")
        done = self.batch(fleet, "-g", "odd", "--", "cat", "release.txt")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("web[01,03]", done.stdout)
        self.assertEqual(self.names(fleet, "-w", "@web!@dsh:odd"), ["web02"])

    def test_hosts_come_from_standard_input(self):
        fleet = self.start_fleet(3)
        done = self.batch(fleet, "-w", "-", "--", "cat; echo $FLEET_HOST", input="web02\nweb0[3] # two\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("web[02-03]", done.stdout)
        self.assertNotIn("web01", done.stdout)
        done = self.batch(fleet, "-H", "-", "--", "true", input="web02\nweb[\n")
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard input:2: ", done.stderr)

    def test_the_dashboard_takes_hosts_from_standard_input_and_keys_from_the_terminal(self):
        fleet = self.start_fleet(2)
        terminal = self.tmux("sh -c 'echo web02 | %s -H -'" % BINARY, fleet)
        self.settled(terminal, 1, 1)
        self.assertNotIn("web01", terminal.capture())
        terminal.type("q")
        terminal.keys("y")
        self.assertEqual(terminal.wait_end(), 0)

    def test_all_and_exclusions(self):
        fleet = self.start_fleet(3, db=2)
        self.assertEqual(sorted(self.names(fleet, "-a")), ["db01", "db02", "web01", "web02", "web03"])
        self.assertEqual(sorted(self.names(fleet, "-a", "-X", "db", "-x", "web*2")), ["web01", "web03"])
        self.assertEqual(self.names(fleet, "-H", "web*,-web02"), ["web01", "web03"])
        self.assertEqual(self.names(fleet, "-H", "{web0{1,3},db01}"), ["web01", "web03", "db01"])

    def test_commands_name_hosts_and_are_asked_once_while_cached(self):
        fleet = self.start_fleet(2)
        asked = os.path.join(self.tmp, "asked")
        script = self.write("cloud", "#!/bin/sh\necho \"$@\" >> %s\necho 'web[01-02]'\n" % asked)
        os.chmod(script, 0o755)
        with open(fleet.environment()["XDG_CONFIG_HOME"] + "/bdsh/config.yaml") as file:
            config = file.read()
        path = self.write("c.yaml", config + "sources: {cloud: {map: [%s, '--of={group}'], cache: 60}}\n" % script)
        for _ in range(2):
            self.assertEqual(self.names(fleet, "--config", path, "-g", "cloud:x y".replace(" ", "")),
                             ["web01", "web02"])
        with open(asked) as file:
            self.assertEqual(file.read(), "--of=xy\n")
        done = self.program(fleet, "list", "--config", path, "-g", "cloud:$(id)")
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot be asked for a group of this name", done.stderr)
