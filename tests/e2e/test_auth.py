"""What only a user knows: passwords once for all hosts, codes host by host, and none of it on disk."""
import json
import os
import re
import signal
import subprocess
import unittest

from harness import BINARY, E2E, read, wait_until


class AuthTest(E2E):
    def passwords(self, count, plain=()):
        """All take passwords, but for those that `plain` names."""
        return self.start_fleet(count, tempers={"web%02d" % (i + 1): "password" for i in range(count)
                                                if "web%02d" % (i + 1) not in plain})

    def assert_not_on_disk(self, fleet, *secrets):
        """Neither in the run directory nor anywhere else the program may write."""
        for root in (fleet.environment()["XDG_STATE_HOME"], self.tmp):
            for folder, _, names in os.walk(root):
                for name in names:
                    if not os.path.isfile(os.path.join(folder, name)):
                        continue  # a run's socket
                    content = read(os.path.join(folder, name))
                    for secret in secrets:
                        self.assertNotIn(secret.encode(), content, os.path.join(folder, name))

    def script(self, name, text):
        path = os.path.join(self.tmp, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o700)
        return path

    def test_one_entry_serves_all_and_returns_for_the_host_that_refuses(self):
        fleet = self.passwords(4, plain=["web04"])
        fleet.set_password("web03", "other-secret")
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("password for %s: 3 hosts" % fleet.user)
        dashboard.type("fleet")
        dashboard.wait_for("nothing is shown")
        self.assertNotIn("> fleet", dashboard.capture())
        dashboard.keys("Enter")
        dashboard.wait_for("wrong password, again")
        dashboard.wait_for("password for %s: 1 host" % fleet.user)
        dashboard.wait_for("for web03")
        dashboard.type("other-secret")
        dashboard.keys("Enter")
        self.settled(dashboard, 4, 4)
        self.assert_not_on_disk(fleet, "other-secret")

    def test_host_by_host(self):
        fleet = self.passwords(2)
        fleet.set_password("web02", "second")
        dashboard = self.dashboard(fleet)
        dashboard.wait_for("password for %s: 2 hosts" % fleet.user)
        dashboard.keys("Tab")
        dashboard.wait_for("web01 alone, 1 of 2")
        dashboard.line("fleet")
        dashboard.wait_for("password for %s: 1 host" % fleet.user)
        dashboard.line("second")
        self.settled(dashboard, 2, 2)

    def test_codes_are_each_hosts_own_and_its_words_are_marked(self):
        fleet = self.start_fleet(2, tempers={"web01": "code", "web02": "mfa"})
        dashboard = self.dashboard(fleet)
        answered = set()
        while len(answered) < 3:  # in whatever order they come to it
            found = dashboard.wait_for(re.compile(r"password for %s: 1 host|web0(\d) says:" % fleet.user))
            what = found.group(1) or "password"
            if what in answered:
                continue
            answered.add(what)
            dashboard.line("fleet" if what == "password" else "%06d" % int(what))
        self.settled(dashboard, 2, 2)
        self.assert_not_on_disk(fleet, "000001", "000002")

    def test_batch_asks_on_the_terminal_once(self):
        fleet = self.passwords(3)
        terminal = self.tmux(["sh", "-c", '"$@"; echo status=$?; read wait', "sh", BINARY, "--batch", "-g", "web",
                              "--", "echo from-a-host"], fleet)
        terminal.wait_for(re.compile(r"password for %s(:| on web0)" % fleet.user))
        terminal.line("fleet")
        terminal.wait_for("status=0")
        self.assertEqual(terminal.capture().count("password for"), 1)
        self.assertNotIn("fleet\n", terminal.capture())
        self.assertIn("from-a-host", terminal.capture())

    def test_batch_without_a_terminal_fails_with_the_reason(self):
        fleet = self.passwords(2, plain=["web02"])
        done = self.unattended(fleet, "--", "echo in")
        hosts = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
        self.assertEqual(hosts["web02"]["state"], "ok")
        self.assertIn("nobody to ask: no terminal to ask on", hosts["web01"]["error"])

    def unattended(self, fleet, *arguments, **kwargs):
        """A session without a controlling terminal, as cron gives."""
        env = {**os.environ, **self.environment(fleet, **kwargs.pop("env", {}))}
        return subprocess.run([BINARY, "--json", "-g", "web", *arguments], capture_output=True, text=True,
                              env=env, timeout=120, stdin=subprocess.DEVNULL, start_new_session=True, **kwargs)

    def states(self, done):
        try:
            return [host["state"] for host in json.loads(done.stdout)["hosts"]]
        except ValueError:
            self.fail(done.stdout + done.stderr)

    def test_password_file(self):
        fleet = self.passwords(3)
        fleet.set_password("web03", "other")
        path = self.script("password", "fleet\nnot this\n")
        done = self.unattended(fleet, "--password-file", path, "--", "echo in")
        self.assertEqual(self.states(done)[:2], ["ok", "ok"])
        error = json.loads(done.stdout)["hosts"][2]["error"]
        self.assertIn("nobody to ask: --password-file was given", error)
        self.assertEqual(done.returncode, 4)

    def test_password_file_open_to_others_is_refused(self):
        fleet = self.passwords(1)
        path = self.script("password", "fleet\n")
        os.chmod(path, 0o640)
        done = self.unattended(fleet, "--password-file", path, "--", "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("can be read by others (mode 0640): chmod 600", done.stderr)

    def test_password_from_a_descriptor(self):
        fleet = self.passwords(2)
        read_end, write_end = os.pipe()
        os.write(write_end, b"fleet\n")
        os.close(write_end)
        done = self.unattended(fleet, "--password-file", str(read_end), "--", "echo in", pass_fds=[read_end])
        os.close(read_end)
        self.assertEqual(self.states(done), ["ok", "ok"])

    def test_askpass_answers_each_question(self):
        fleet = self.start_fleet(3, tempers={"web01": "password", "web02": "password", "web03": "mfa"})
        program = self.script("askpass", '#!/bin/sh\necho "$1" >> "%s/asked"\n'
                              'case "$1" in *code*) echo 000003;; *password*) echo fleet;; esac\n' % self.tmp)
        done = self.unattended(fleet, "--", "echo in", env={"SSH_ASKPASS": program})
        self.assertEqual(self.states(done), ["ok"] * 3, done.stdout)
        asked = read(os.path.join(self.tmp, "asked")).decode()
        self.assertIn("web03 says:\n| Verification code:", asked)
        self.assertLessEqual(asked.count("password for"), 2)

    def test_an_askpass_program_that_cannot_run_is_named(self):
        fleet = self.passwords(1)
        done = self.unattended(fleet, "--askpass", "/nonexistent/askpass", "--", "true")
        self.assertIn("/nonexistent/askpass: No such file", done.stderr)
        self.assertEqual(done.returncode, 4)

    def test_a_lost_shell_comes_back_by_itself_and_says_that_it_is_new(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet, "--reconnect", "-g", "web")
        self.settled(dashboard, 2, 2)
        fleet.signal("web01", signal.SIGKILL)
        dashboard.keys("e")
        dashboard.wait_for("connected again: a new shell")
        dashboard.wait_for("reconnecting in")
        dashboard.keys("c")
        self.settled(dashboard, 2, 2)
        dashboard.keys("g", "z")
        dashboard.wait_for("a new session begins here")

    def test_forwarding_shows_while_it_is_on(self):
        fleet = self.start_fleet(2)
        agent = self.agent()
        for transport in ("libssh", "openssh"):
            with self.subTest(transport=transport):
                dashboard = self.dashboard(fleet, "-A", "--transport", transport, "-F", fleet.path("ssh_config"), "-o",
                                           "IdentityAgent=SSH_AUTH_SOCK", "-g", "web", env={"SSH_AUTH_SOCK": agent})
                dashboard.wait_for("AGENT → 2 hosts")
                self.broadcast(dashboard, 2)
                dashboard.line("ssh-add -l > keys-" + transport)
                for host in ("web01", "web02"):
                    wait_until(lambda: b"ED25519" in self.content(fleet, host, "keys-" + transport),
                               "the key seen from " + host, detail=dashboard.shown)
                dashboard.keys("C-]")
                self.quit(dashboard, 0)

    def test_no_agent_to_forward_shows_none(self):
        fleet = self.start_fleet(2)
        for transport in ("libssh", "openssh"):
            with self.subTest(transport=transport):
                dashboard = self.dashboard(fleet, "-A", "--transport", transport, "-F", fleet.path("ssh_config"),
                                           "-g", "web", env={"SSH_AUTH_SOCK": self.tmp + "/agent"})
                self.settled(dashboard, 2, 2)
                self.assertFalse(dashboard.sees("AGENT"), dashboard.shown())
                self.quit(dashboard, 0)

    def content(self, fleet, host, name):
        path = self.file_of(fleet, host, name)
        return read(path) if os.path.exists(path) else b""

    def agent(self):
        """An ssh-agent with one key; its socket."""
        socket = os.path.join(self.tmp, "agent")
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
        self.addCleanup(agent.wait)
        self.addCleanup(agent.terminate)
        wait_until(lambda: os.path.exists(socket), "the agent")
        key = os.path.join(self.tmp, "key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, stdin=subprocess.DEVNULL)
        subprocess.run(["ssh-add", "-q", key], check=True, env={**os.environ, "SSH_AUTH_SOCK": socket})
        return socket


if __name__ == "__main__":
    unittest.main()
