"""Hosts behind jump hosts and proxy commands, on real sshds."""
import json
import os
import subprocess

from harness import E2E, read


class JumpTest(E2E):
    def json(self, fleet, *arguments, **kwargs):
        done = self.batch(fleet, "--json", *arguments, **kwargs)
        self.assertTrue(done.stdout, done.stderr)
        return done, {host["name"]: host for host in json.loads(done.stdout)["hosts"]}

    def test_hosts_share_one_connection_to_their_jump_host(self):
        fleet = self.start_fleet(6)
        done, hosts = self.json(fleet, "-H", "web[02-06]", "-J", "web01", "--", "echo $SSH_CONNECTION")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(hosts), 5)
        log = read(fleet.path("server.log")).decode() if os.path.exists(fleet.path("server.log")) else ""
        self.assertNotIn("refused", log)

    def test_a_chain_from_ssh_config(self):
        fleet = self.start_fleet(3)
        config = self.tmp + "/config"
        with open(config, "w") as file:
            file.write("Host web03\n  ProxyJump web01,web02\n" + read(fleet.path("ssh_config")).decode())
        done, hosts = self.json(fleet, "-F", config, "--config", os.devnull, "-H", "web03", "--", "cat name.txt")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("this is web03", done.stdout)

    def test_a_jump_host_that_is_down_is_told_once(self):
        fleet = self.start_fleet(5, tempers={"web01": "refuse"})
        out = self.tmp + "/run"
        done, hosts = self.json(fleet, "-H", "web[02-05]", "-J", "web01", "-O", out, "-k", "--", "true")
        self.assertEqual(done.returncode, 3, done.stdout)
        for host in hosts.values():
            self.assertIn("jump host web01: connection refused", host["error"])
        events = read(out + "/events.log").decode()
        self.assertEqual(events.count("jump host web01"), 1, events)
        self.assertIn("web[02-05]", events)

    def test_the_shell_behind_a_jump_host_and_its_end(self):
        fleet = self.start_fleet(3)
        terminal = self.dashboard(fleet, "-H", "web02,web03", "-J", "web01")
        terminal.wait_for("2 of 2 agree")
        terminal.keys("b")
        terminal.wait_bottom("INPUT")
        terminal.line("cat name.txt")
        terminal.wait_for("this is")
        terminal.keys("C-]")
        terminal.wait_bottom("NAVIGATE")

    def test_proxy_command(self):
        fleet = self.start_fleet(2)
        done = self.batch(fleet, "-g", "web", "-o", "ProxyCommand=socat - TCP:%h:%p", "--", "cat", "release.txt")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("web[01-02]", done.stdout)
        out = self.tmp + "/run"
        done, hosts = self.json(fleet, "-g", "web", "-O", out, "-k", "-o", "ProxyCommand=echo no way >&2; false",
                                "--", "true")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("no way", hosts["web01"]["error"])
        self.assertIn("ProxyCommand: no way", read(out + "/events.log").decode())

    def test_the_command_script_takes_the_same_way(self):
        fleet = self.start_fleet(3)
        out = self.tmp + "/run"
        done = self.batch(fleet, "-H", "web03", "-J", "web02,web01", "-O", out, "-k", "--", "cat name.txt")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        script = out + "/web03/command"
        again = subprocess.run(["sh", script], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                               env=self.environment(fleet, PATH=os.environ["PATH"]), timeout=60)
        self.assertEqual(again.stdout, "this is web03\n", again.stderr)
