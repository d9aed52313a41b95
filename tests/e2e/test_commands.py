"""Commands around a run: ping, --dry-run, templates, --script, --serial, --max-fail, --rerun, --every, filters."""
import json
import os
import re
import signal
import subprocess
import time

from harness import BINARY, E2E, read, wait_until


class CommandsTest(E2E):
    def config(self, fleet, text):
        with open(fleet.environment()["XDG_CONFIG_HOME"] + "/bdsh/config.yaml") as file:
            base = file.read()
        path = os.path.join(self.tmp, "c.yaml")
        with open(path, "w") as file:
            file.write(base + text)
        return path

    def ok(self, fleet, *arguments, status=0, **kwargs):
        done = self.batch(fleet, *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    # -- ping

    def test_ping_says_how_long_each_step_took_and_opens_nothing(self):
        fleet = self.start_fleet(4, tempers={"web02": "refuse", "web03": "denied", "web04": "nopty"})
        done = self.batch(fleet, "ping", "-g", "web")
        self.assertEqual(done.returncode, 10, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^web01 +ok +\S+ ms +\S+ ms +\S+ ms +\S+ ms +\S+ ms$")
        self.assertRegex(done.stdout, r"(?m)^web02 +unreachable .*refused")
        self.assertRegex(done.stdout, r"(?m)^web03 +auth ")
        hosts = json.loads(self.batch(fleet, "ping", "-g", "web", "--json", "-x", "web0[2-3]").stdout)["hosts"]
        self.assertEqual([host["state"] for host in hosts], ["ok", "ok"])
        for host in hosts:
            self.assertGreater(host["keys"], 0)
            self.assertAlmostEqual(host["seconds"], sum(host[step] for step in ("resolve", "connect", "keys", "login")), 4)

    def test_ping_over_openssh(self):
        fleet = self.start_fleet(1)
        hosts = json.loads(self.ok(fleet, "ping", "-g", "web", "--transport", "openssh", "--json").stdout)["hosts"]
        self.assertEqual(hosts[0]["state"], "ok")

    # -- what is run

    def test_dry_run_shows_everything_and_connects_to_nothing(self):
        fleet = self.start_fleet(2)
        path = self.config(fleet, "commands: {greet: {run: 'echo {host} {n} {word} $HOME', args: [word]}}\n")
        done = self.ok(fleet, "--config", path, "-g", "web", "--dry-run", ":greet", "it's $x")
        self.assertRegex(done.stdout, r"(?m)^web01 +\S+@127\S+ +web +libssh +echo 'web01' 1 'it'\\''s \$x' \$HOME$")
        hosts = json.loads(self.ok(fleet, "-g", "web", "--dry-run", "--json", "--", "uptime").stdout)["hosts"]
        self.assertEqual([host["command"] for host in hosts], ["uptime", "uptime"])
        self.assertEqual(os.listdir(fleet.environment()["XDG_STATE_HOME"]) if os.path.isdir(fleet.environment()["XDG_STATE_HOME"]) else [], [])

    def test_templates_put_values_in_as_single_words(self):
        fleet = self.start_fleet(2)
        path = self.config(fleet, """
commands:
  show: {run: 'printf "%s|" {host} {n} {what} {args}; awk ''BEGIN {print "done"}''', args: [what]}
  stop: {run: 'echo stopped', confirm: true}
""")
        nasty = "a 'b' $(id) `id` \"c\" ; \\ *"
        done = self.ok(fleet, "--config", path, "--no-masks", "-g", "web", ":show", nasty, "two words", "--", "-x")
        self.assertIn("web01|1|%s|two words|-x|done" % nasty, done.stdout)
        self.assertIn("web02|2|", done.stdout)
        for arguments, wanted in (([":show"], ":show takes: what"), ([":shwo"], "did you mean 'show'"),
                                  ([":stop", "x"], "takes no arguments"), (["show"], "unexpected argument 'show'")):
            done = self.ok(fleet, "--config", path, "-g", "web", *arguments, status=2)
            self.assertIn(wanted, done.stderr)
        self.assertIn("stopped", self.ok(fleet, "--config", path, "-g", "web", "-y", ":stop").stdout)

    def test_a_command_that_asks_is_confirmed_on_the_terminal(self):
        fleet = self.start_fleet(2)
        path = self.config(fleet, "commands: {stop: {run: 'echo stopped', confirm: true}}\n")
        for answer, status in (("y", 0), ("n", 1)):
            terminal = self.tmux([BINARY, "--config", path, "--batch", "-g", "web", ":stop"], fleet)
            terminal.wait_for("Run ':stop' on 2 hosts? [y/N]")
            terminal.line(answer)
            self.assertEqual(terminal.wait_end(), status)
            self.assertEqual("stopped" in terminal.capture(), answer == "y")

    def test_scripts_run_with_arguments_and_leave_nothing(self):
        fleet = self.start_fleet(2)
        for first in ("", "#!/bin/bash\n", "#!/usr/bin/env python3\n"):
            path = os.path.join(self.tmp, "check.sh")
            body = ("import sys\nprint('said', sys.argv[1:], sys.stdin.read())\n" if "python" in first else
                    "# it's a \"script\"\nfor word do echo \"said <$word>\"; done\ncat\n")
            with open(path, "w") as file:
                file.write(first + body)
            before = set(os.listdir("/tmp"))
            done = self.ok(fleet, "-g", "web", "--script", path, "--", "one two", "it's", input="from stdin\n")
            self.assertIn("2 of 2 agree: check.sh one two it's", done.stdout)
            self.assertIn("['one two', \"it's\"]" if "python" in first else "said <it's>", done.stdout)
            self.assertIn("from stdin", done.stdout)
            self.assertEqual({name for name in set(os.listdir("/tmp")) - before if name.startswith("bdsh.")}, set())
        with open(path, "w") as file:
            file.write("x" * 200_000)
        self.assertIn("larger than 96 KiB", self.ok(fleet, "-g", "web", "--script", path, status=2).stderr)

    def test_a_script_runs_in_the_dashboard(self):
        fleet = self.start_fleet(2)
        path = os.path.join(self.tmp, "look")
        with open(path, "w") as file:
            file.write("echo looked at $1\n")
        dashboard = self.dashboard(fleet, "-g", "web", "--script", path, "--", "this")
        dashboard.wait_for("looked at this")
        self.settled(dashboard, 2, 2)

    # -- in what order, and how far

    def test_serial_and_rolling_bound_how_many_run_at_a_time(self):
        fleet = self.start_fleet(6)
        here = os.path.join(self.tmp, "here")
        os.mkdir(here)
        count = "mkdir %s/$FLEET_HOST; ls %s | wc -l; sleep 0.3; rmdir %s/$FLEET_HOST" % (here, here, here)
        for option in ("--serial", "--rolling"):
            done = self.ok(fleet, "-g", "web", option, "2", "--json", "--", count)
            seen = [int(line) for variant in json.loads(done.stdout)["variants"] for line in variant["text"].split()]
            self.assertLessEqual(max(seen), 2, done.stdout)

    def test_too_many_failures_stop_the_rest(self):
        fleet = self.start_fleet(6)
        done = self.ok(fleet, "-g", "web", "--rolling", "1", "--max-fail", "20%", "--json", "--", "false", status=10)
        hosts = json.loads(done.stdout)["hosts"]
        self.assertEqual([host["exit_status"] for host in hosts], [1, 1, None, None, None, None])
        self.assertEqual(hosts[5]["error"], "not started: 2 of 6 hosts failed")
        done = self.batch(fleet, "-g", "web", "--fail-fast", "--json", "--", "[ $FLEET_HOST = web02 ] && exit 3; sleep 60")
        self.assertEqual(next(host for host in json.loads(done.stdout)["hosts"] if host["name"] == "web02")["exit_status"], 3)

    def test_rerun_takes_hosts_and_command_of_a_kept_run(self):
        fleet = self.start_fleet(4)
        self.ok(fleet, "-k", "-g", "web", "--", "[ $FLEET_HOST != web02 ] && echo $FLEET_HOST | grep -c 3", status=10)
        document = json.loads(self.batch(fleet, "--rerun", "failed", "--json").stdout)
        self.assertEqual([host["name"] for host in document["hosts"]], ["web01", "web02", "web04"])
        runs = os.path.join(fleet.environment()["XDG_STATE_HOME"], "bdsh", "runs")
        run = os.listdir(runs)[0]
        done = self.ok(fleet, "--rerun", "failed:" + run, "--", "echo again")
        self.assertIn("3 of 3 agree: echo again", done.stdout)
        self.assertIn("no host of that run", self.ok(fleet, "--rerun", "divergent:" + self.kept(fleet, "true"), status=2).stderr)
        self.assertIn("--rerun: ", self.ok(fleet, "--rerun", "failed:/nowhere", status=2).stderr)

    def test_rerun_takes_templates_and_scripts_as_they_were(self):
        fleet = self.start_fleet(3)
        path = self.config(fleet, "commands: {try: {run: 'echo {host} {n} {word} \"it''s\"; [ {n} = 2 ]', args: [word]}}\n")
        self.ok(fleet, "--config", path, "-k", "--no-masks", "-g", "web", ":try", "a 'b'", status=10)
        again = self.ok(fleet, "--rerun", "failed", "--no-masks", "--json", status=5)  # without that configuration
        texts = sorted(variant["text"] for variant in json.loads(again.stdout)["variants"])
        self.assertEqual(texts, ["web01 1 a 'b' it's", "web03 3 a 'b' it's"])
        script = os.path.join(self.tmp, "try.sh")
        with open(script, "w") as file:
            file.write("#!/bin/sh\necho \"script's $1\"\n[ $FLEET_HOST = web02 ]\n")
        self.ok(fleet, "-k", "-g", "web", "--script", script, "--", "one word", status=10)
        os.unlink(script)
        again = self.ok(fleet, "--rerun", "failed", status=5)
        self.assertIn("script's one word", again.stdout)
        self.assertIn("[01,03]", again.stdout)

    def test_rerun_of_a_transfer_needs_a_command(self):
        fleet = self.start_fleet(2, tempers={"web02": "refuse"})
        source = os.path.join(self.tmp, "data")
        open(source, "w").close()
        self.ok(fleet, "upload", "-k", "-g", "web", source, fleet.path("home", "{host}"), status=10)
        self.assertIn("give it again", self.ok(fleet, "--rerun", "failed", status=2).stderr)

    def test_ping_says_nothing_of_a_command_that_says_nothing(self):
        fleet = self.start_fleet(1)
        done = self.ok(fleet, "ping", "-g", "web", "--transport", "command touch %s/started; cat" % self.tmp, status=5)
        self.assertIn("its transport is a command, which does not say whether it is let in", done.stdout + done.stderr)
        self.assertFalse(os.path.exists(self.tmp + "/started"))

    def kept(self, fleet, command):
        path = os.path.join(self.tmp, "kept")
        self.ok(fleet, "-k", "-O", path, "-g", "web", "--", command)
        return path

    def test_every_compares_each_round_with_the_one_before(self):
        fleet = self.start_fleet(3)
        value = os.path.join(self.tmp, "value")
        with open(value, "w") as file:
            file.write("one\n")
        program = subprocess.Popen([BINARY, "--every", "0.2", "-g", "web", "--", "[ $FLEET_HOST = web03 ] && echo x; cat " + value],
                                   env={**os.environ, **self.environment(fleet)}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(program.kill)
        lines = []
        def until(pattern):
            while True:
                line = program.stdout.readline()
                self.assertTrue(line, "ended: " + "".join(lines))
                lines.append(line)
                if re.search(pattern, line):
                    return
        until(r"^one$")
        until(r"^round \d+ at \S+: 0 of 3 changed")
        with open(value + ".new", "w") as file:
            file.write("two\n")
        os.rename(value + ".new", value)
        until(r"^\+ two$")
        until(r"changed")
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=30)

    def test_every_tells_a_failure_once(self):
        fleet = self.start_fleet(2, tempers={"web02": "refuse"})
        program = subprocess.Popen([BINARY, "--every", "0.2", "-g", "web", "--", "date +%N"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                   env={**os.environ, **self.environment(fleet)})
        self.addCleanup(program.kill)
        for line in program.stdout:
            if line.startswith("round 4 "):
                break
        program.send_signal(signal.SIGINT)
        _, told = program.communicate(timeout=30)
        self.assertEqual(told.count("web02: connection refused"), 1, told)

    def test_every_in_the_dashboard_counts_rounds(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet, "--every", "0.3", "-g", "web", "--", "echo round and round")
        dashboard.wait_for(re.compile(r"round [3-9]"))
        dashboard.wait_for("round and round")

    # -- what is printed

    def test_filters_choose_what_is_printed_and_change_nothing_else(self):
        fleet = self.start_fleet(4, tempers={"web03": "differ"})
        command = "cat release.txt; seq 1 9; [ $FLEET_HOST != web04 ]"
        done = self.ok(fleet, "-g", "web", "--grep", "^channel|7", "--", command, status=10)
        self.assertIn("channel stable", done.stdout)
        self.assertNotIn("kernel", done.stdout)
        done = self.ok(fleet, "-g", "web", "--head", "2", "--only", "failed", "--json", "--", command, status=10)
        document = json.loads(done.stdout)
        self.assertEqual(len(document["hosts"]), 4)
        self.assertEqual([variant["hosts"] for variant in document["variants"]], [["web04"]])
        self.assertEqual(document["variants"][0]["text"].count("\n"), 1)
        done = self.ok(fleet, "-g", "web", "--tail", "1", "--only", "divergent", "--", command, status=10)
        self.assertNotIn("web[01", done.stdout)
        self.assertIn("web03", done.stdout)
        self.assertIn("--grep: ", self.ok(fleet, "-g", "web", "--grep", "(", "--", "true", status=2).stderr)

    def test_what_contradicts_itself_is_refused(self):
        fleet = self.start_fleet(1)
        for arguments, wanted in ((("--serial", "1"), "--serial needs a command"),
                                  (("--serial", "1", "--rolling", "1", "--", "id"), "exclude each other"),
                                  (("--max-fail", "x", "--", "id"), "--max-fail: "),
                                  (("--every", "0", "--", "id"), "at least 0.1"),
                                  (("--rerun", "some"), "failed or divergent")):
            done = self.ok(fleet, "-g", "web", *arguments, status=2)
            self.assertIn(wanted, done.stderr)
