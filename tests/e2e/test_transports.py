"""The same run over libssh, ssh(1) and a command of the user's: what a person sees is the same."""
import json
import os
import subprocess

from harness import BINARY, E2E, read

HOSTS = ("--config", "/dev/null", "-H", "web[01-03]")


class TransportsTest(E2E):
    def each(self, fleet):
        config = ("-F", fleet.path("ssh_config"))
        yield "libssh", config
        yield "openssh", (*config, "--transport", "openssh")
        yield "command", (*config, "--transport", "command ssh -q -tt -F %s -l {user} -p {port} -- {host} {command}"
                          % fleet.path("ssh_config"))

    def test_the_folded_report_and_statuses(self):
        fleet = self.start_fleet(3, tempers={"web02": "differ"})
        for name, options in self.each(fleet):
            with self.subTest(transport=name):
                done = self.batch(fleet, *options, *HOSTS, "--json", "--",
                                  "cat release.txt; grep -q 'release 12' release.txt")
                document = json.loads(done.stdout)
                self.assertEqual(done.returncode, 10, done.stdout + done.stderr)
                states = {host["name"]: host["exit_status"] for host in document["hosts"]}
                self.assertEqual(states, {"web01": 0, "web02": 1, "web03": 0}, done.stdout)
                self.assertEqual(len(document["variants"]), 2, done.stdout)

    def test_shells_broadcast_resize_and_logs(self):
        fleet = self.start_fleet(3)
        for name, options in self.each(fleet):
            with self.subTest(transport=name):
                out = "%s/run-%s" % (self.tmp, name)
                dashboard = self.tmux([BINARY, *options, *HOSTS, "-O", out, "-k"], fleet)
                dashboard.wait_for("3 of 3 agree")
                self.broadcast(dashboard, 3)
                dashboard.line("stty size; echo ro''und")
                dashboard.wait_for("round")
                dashboard.keys("C-]")
                dashboard.wait_bottom("NAVIGATE")
                self.quit(dashboard, 0)
                for host in fleet.names:
                    self.assertIn(b"round\r\n", read("%s/%s/out.log" % (out, host)))

    def test_what_ssh_cannot_do_is_the_hosts_reason(self):
        fleet = self.start_fleet(3, tempers={"web01": "refuse", "web02": "denied"})
        options = ("-F", fleet.path("ssh_config"), "--transport", "openssh", *HOSTS)
        done = self.batch(fleet, *options, "--json", "--", "echo in")
        hosts = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
        self.assertRegex(hosts["web01"]["error"], "(?i)refused")
        self.assertIn("Permission denied", hosts["web02"]["error"])
        self.assertEqual(hosts["web03"]["exit_status"], 0)
        self.assertEqual(done.returncode, 10)

    def test_a_group_with_a_transport_of_its_own(self):
        fleet = self.start_fleet(2)
        config = self.tmp + "/config.yaml"
        with open(config, "w") as file:
            file.write("clusters:\n  local:\n    transport: 'command sh -c {command}'\n    nodes: [here, there]\n"
                       "  web:\n    transport: openssh\n    nodes: ['web[01-02]']\n"
                       "ssh_config: {file: %s}\n" % fleet.path("ssh_config"))
        done = self.batch(fleet, "--config", config, "-g", "local,web", "--json", "--", "echo in")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(len(document["hosts"]), 4)
        self.assertEqual(len(document["variants"]), 1)

    def test_the_command_script_of_each(self):
        fleet = self.start_fleet(1)
        for name, options in self.each(fleet):
            with self.subTest(transport=name):
                out = "%s/script-%s" % (self.tmp, name)
                done = self.batch(fleet, *options, "--config", "/dev/null", "-H", "web01", "-O", out, "-k", "--", "cat name.txt")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                again = subprocess.run(["sh", out + "/web01/command"], capture_output=True, text=True,
                                       stdin=subprocess.DEVNULL, timeout=60,
                                       env=self.environment(fleet, PATH=os.environ["PATH"]))
                self.assertEqual(again.stdout.strip(), "this is web01", again.stderr)
