"""`bdsh-tui -g web -- COMMAND` without a terminal: the folded report, JSON, exit codes, choosing hosts."""
import getpass
import json
import os
import re
import subprocess
import unittest

from harness import E2E, read

HOST_KEYS = {"name", "state", "exit_status", "signal", "error", "seconds", "variant"}
VARIANT_KEYS = {"id", "reference", "hosts", "exit_status", "lines", "text"}


class BatchTest(E2E):
    def json(self, fleet, *arguments, status=0, **kwargs):
        done = self.batch(fleet, "--json", *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        document = json.loads(done.stdout)
        document["by_name"] = {host["name"]: host for host in document["hosts"]}
        return document

    def check(self, fleet, status, *arguments, **kwargs):
        done = self.batch(fleet, *arguments, **kwargs)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    # -- the report

    def test_hosts_that_agree_are_folded_to_one_text(self):
        done = self.check(self.start_fleet(3), 0, "-g", "web", "--", "cat", "release.txt")
        self.assertEqual(done.stdout.count("channel stable"), 1, done.stdout)
        self.assertIn("web[01-03]", done.stdout)

    def test_variants_are_shown_as_differences(self):
        fleet = self.start_fleet(4, tempers={"web03": "differ"})
        done = self.check(fleet, 0, "-g", "web", "--", "cat", "release.txt")
        self.assertIn("web[01-02,04]", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^\s*-.*release 12")
        self.assertRegex(done.stdout, r"(?m)^\s*\+.*release 11")
        self.assertNotRegex(done.stdout, r"(?m)^\s*\+.*channel stable")

    def test_failures_come_last_with_their_reason(self):
        fleet = self.start_fleet(3, tempers={"web02": "refuse"})
        done = self.check(fleet, 10, "-g", "web", "--", "cat", "release.txt")
        self.assertLess(done.stdout.index("release 12"), done.stdout.index("web02"))
        self.assertRegex(done.stdout[done.stdout.index("web02"):], "(?i)refused")

    def test_progress_goes_to_stderr_and_the_report_holds_no_escapes(self):
        done = self.check(self.start_fleet(2), 0, "-g", "web", "--", "printf '\\033[31mred\\033[0m\\n'")
        self.assertNotIn("\x1b", done.stdout)
        self.assertIn("red", done.stdout)

    def test_batch_option_on_a_terminal_opens_no_dashboard(self):
        from harness import BINARY
        terminal = self.tmux([BINARY, "--batch", "-g", "web", "--", "cat", "release.txt"],
                             self.start_fleet(2))
        self.assertEqual(terminal.wait_end(), 0)
        self.assertIn("channel stable", terminal.capture())
        self.assertNotIn("NAVIGATE", terminal.capture())

    # -- JSON

    def test_json_document(self):
        fleet = self.start_fleet(3, tempers={"web03": "differ"})
        document = self.json(fleet, "-g", "web", "--", "cat", "release.txt")
        self.assertEqual((document["command"], document["agree"], document["of"]),
                         ("cat release.txt", 2, 3))
        for host in document["hosts"]:
            self.assertEqual(set(host), HOST_KEYS)
            self.assertEqual((host["state"], host["exit_status"], host["signal"], host["error"]),
                             ("ok", 0, None, None))
            self.assertGreater(host["seconds"], 0)
        for variant in document["variants"]:
            self.assertEqual(set(variant), VARIANT_KEYS)
        first, second = document["variants"]
        self.assertEqual((first["id"], first["reference"], first["hosts"]), ("A", True, ["web01", "web02"]))
        self.assertEqual((second["id"], second["reference"], second["hosts"]), ("B", False, ["web03"]))
        self.assertEqual(first["text"].rstrip("\n"), "release 12\nkernel 6.1.0-18\nchannel stable")
        self.assertEqual([host["variant"] for host in document["hosts"]], ["A", "A", "B"])

    def test_json_names_each_kind_of_failure(self):
        fleet = self.start_fleet(7, tempers={"web02": "refuse", "web03": "denied", "web04": "missing",
                                             "web07": "silent"})
        command = ('case $FLEET_HOST in web05) exit 3;; web06) kill -9 $$;; *) echo fine;; esac')
        document = self.json(fleet, "--connect-timeout", "3", "-g", "web", "--", command, status=10)
        states = {name: host["state"] for name, host in document["by_name"].items()}
        self.assertEqual(states, {"web01": "ok", "web02": "unreachable", "web03": "auth",
                                  "web04": "unreachable", "web05": "failed", "web06": "failed",
                                  "web07": "timeout"})
        by_name = document["by_name"]
        self.assertEqual(by_name["web05"]["exit_status"], 3)
        self.assertEqual((by_name["web06"]["exit_status"], by_name["web06"]["signal"]), (None, "KILL"))
        for name in ("web02", "web03", "web04", "web07"):
            self.assertTrue(by_name[name]["error"], name)
            self.assertIsNone(by_name[name]["exit_status"])
        self.assertEqual(document["agree"], 1)

    def test_json_of_a_lost_host(self):
        fleet = self.start_fleet(2, tempers={"web02": "drop:1500"})
        command = "echo begun; [ $FLEET_HOST = web01 ] || sleep 60"
        lost = self.json(fleet, "-g", "web", "--", command, status=10)["by_name"]["web02"]
        self.assertEqual((lost["state"], lost["exit_status"]), ("lost", None))

    def test_json_of_a_command_that_takes_too_long(self):
        document = self.json(self.start_fleet(1), "--timeout", "2", "-g", "web", "--", "sleep 60",
                             status=5)
        self.assertEqual(document["hosts"][0]["state"], "timeout")

    # -- exit codes

    def test_exit_code_when_the_command_fails_everywhere(self):
        self.check(self.start_fleet(2), 5, "-g", "web", "--", "false")

    def test_exit_code_when_some_fail(self):
        self.check(self.start_fleet(2), 10, "-g", "web", "--", "[ $FLEET_HOST = web01 ]")

    def test_exit_code_when_no_host_can_be_reached(self):
        fleet = self.start_fleet(2, tempers={"web01": "refuse", "web02": "missing"})
        self.check(fleet, 3, "-g", "web", "--", "true")

    def test_exit_code_when_no_host_takes_the_key(self):
        fleet = self.start_fleet(2, tempers={"web01": "denied", "web02": "denied"})
        self.check(fleet, 4, "-g", "web", "--", "true")

    def test_exit_code_when_some_do_not_take_the_key(self):
        fleet = self.start_fleet(2, tempers={"web02": "denied"})
        self.check(fleet, 4, "-g", "web", "--", "true")

    # -- what goes in

    def test_stdin_reaches_every_host_whole(self):
        text = "".join("line %d\n" % i for i in range(20000))
        document = self.json(self.start_fleet(3), "-g", "web", "--", "md5sum", input=text)
        self.assertEqual((document["agree"], len(document["variants"])), (3, 1))
        import hashlib
        self.assertIn(hashlib.md5(text.encode()).hexdigest(), document["variants"][0]["text"])

    def test_no_terminal_on_the_host_unless_asked_for(self):
        fleet = self.start_fleet(1)
        question = "test -t 1 && echo a terminal || echo no terminal"
        self.assertIn("no terminal", self.check(fleet, 0, "-g", "web", "--", question).stdout)
        self.assertIn("a terminal", self.check(fleet, 0, "-t", "-g", "web", "--", question).stdout)

    def test_much_output_comes_whole(self):
        document = self.json(self.start_fleet(2), "-g", "web", "--", "seq 1 50000")
        lines = document["variants"][0]["text"].rstrip("\n").split("\n")
        self.assertEqual((len(lines), lines[0], lines[-1]), (50000, "1", "50000"))

    # -- choosing hosts

    def names(self, fleet, *arguments, **kwargs):
        return sorted(self.json(fleet, *arguments, "--", "true", **kwargs)["by_name"])

    def test_what_is_more_than_memory_keeps_comes_from_the_logs(self):
        fleet = self.start_fleet(2)
        done = self.batch(fleet, "-g", "web", "--", "seq 1 130000")
        self.assertEqual(done.stdout.split("\n")[4:-1], [str(i) for i in range(1, 130_001)])
        done = self.batch(fleet, "-g", "web", "--tail", "2", "--grep", "9$", "--", "seq 1 130000")
        self.assertTrue(done.stdout.endswith("\n129989\n129999\n"), done.stdout[-200:])
        done = self.batch(fleet, "-g", "web", "--json", "-k", "--", "seq 1 130000")
        variant = json.loads(done.stdout)["variants"][0]
        self.assertEqual(variant["lines"], 130_000)
        self.assertEqual(variant["text"].split("\n")[-1], "130000")
        shown = self.batch(fleet, "show", os.path.basename(self.runs(fleet)[-1]))
        self.assertTrue(shown.stdout.endswith("\n129999\n130000\n"), shown.stdout[-200:])

    def test_a_difference_far_down_is_not_called_the_same(self):
        fleet = self.start_fleet(3)
        done = self.batch(fleet, "-g", "web", "--", "seq 1 130000; grep -q web02 name.txt && echo more; true")
        self.assertIn("web02 (1)  B", done.stdout)
        self.assertIn("(no difference in the first 100000 lines; what follows", done.stdout)
        self.assertNotIn("same output", done.stdout)

    def test_hosts_by_expression_and_exclusion(self):
        fleet = self.start_fleet(4)
        config = ("-F", fleet.path("ssh_config"))
        self.assertEqual(self.names(fleet, *config, "-H", "web[01-03]"), ["web01", "web02", "web03"])
        self.assertEqual(self.names(fleet, *config, "-H", "web01,web04"), ["web01", "web04"])
        self.assertEqual(self.names(fleet, "-g", "web", "-x", "web[02-03]"), ["web01", "web04"])

    def test_connection_options(self):
        fleet = self.start_fleet(1)
        address = fleet.addresses["web01"]
        document = self.json(fleet, "-H", address, "-l", getpass.getuser(), "-p", str(fleet.port),
                             "-i", fleet.path("keys", "user"), "-o",
                             "UserKnownHostsFile=" + fleet.path("known_hosts"), "--", "hostname")
        self.assertEqual(document["variants"][0]["text"].strip().replace("‹host›", "web01"), "web01")
        self.assertEqual(document["of"], 1)

    def test_user_and_port_within_a_host_expression(self):
        fleet = self.start_fleet(2)
        listed = ",".join("%s@%s:%d" % (getpass.getuser(), fleet.addresses[name], fleet.port)
                          for name in fleet.names)
        document = self.json(fleet, "-H", listed, "-i", fleet.path("keys", "user"), "-o",
                             "UserKnownHostsFile=" + fleet.path("known_hosts"), "--", "true")
        self.assertEqual(document["agree"], 2)

    def test_duplicates_are_folded(self):
        fleet = self.start_fleet(2)
        self.assertEqual(self.names(fleet, "-g", "web", "-g", "all"), ["web01", "web02"])

    def test_default_cluster_and_backend_ai_variables(self):
        fleet = self.start_fleet(2)
        self.assertEqual(self.names(fleet), ["web01", "web02"])
        variables = {"BACKENDAI_CLUSTER_HOSTS": "web02", "BACKENDAI_CLUSTER_HOST": "web02",
                     "BACKENDAI_CLUSTER_ROLE": "main"}
        self.assertEqual(self.names(fleet, "-F", fleet.path("ssh_config"), "-g", "backendai",
                                    "-p", str(fleet.port), env=variables), ["web02"])

    def test_config_file_by_option_with_variables(self):
        fleet = self.start_fleet(1)
        path = os.path.join(self.tmp, "my config.yaml")
        with open(path, "w") as file:
            file.write("groups:\n  mine:\n    user: ${E2E_USER}\n    ssh_key: $E2E_KEY\n    nodes:\n"
                       "      - {name: first, host: '%s', port: %d, known_hosts: '%s'}\n"
                       % (fleet.addresses["web01"], fleet.port, fleet.path("known_hosts")))
        document = self.json(fleet, "--config", path, "-g", "mine", "--", "true",
                             env={"E2E_USER": getpass.getuser(), "E2E_KEY": fleet.path("keys", "user")})
        self.assertEqual(list(document["by_name"]), ["first"])

    # -- host keys

    def known_hosts_run(self, fleet, policy, known, status):
        path = os.path.join(self.tmp, "known")
        if known is not None:
            with open(path, "w") as file:
                file.write(known)
        done = self.batch(fleet, "-H", fleet.addresses["web01"], "-p", str(fleet.port), "-l",
                          getpass.getuser(), "-i", fleet.path("keys", "user"), "-o",
                          "UserKnownHostsFile=" + path, "-o", "GlobalKnownHostsFile=/dev/null",
                          "--strict-host-key-checking", policy, "--", "true")
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done, path

    def test_unknown_keys_are_recorded_with_accept_new(self):
        fleet = self.start_fleet(1)
        _, path = self.known_hosts_run(fleet, "accept-new", None, 0)
        self.assertIn(read(fleet.path("keys", "host.pub")).split()[1], read(path))
        self.known_hosts_run(fleet, "yes", None, 0)

    def test_unknown_keys_are_refused_when_strict(self):
        done, path = self.known_hosts_run(self.start_fleet(1), "yes", "", 3)
        self.assertRegex(done.stdout, "(?i)host key")
        self.assertEqual(read(path), b"")

    def test_changed_keys_are_refused_with_both_fingerprints(self):
        fleet = self.start_fleet(1, tempers={"web01": "hostkey"})
        for policy in ("accept-new", "no"):
            done, _ = self.known_hosts_run(fleet, policy, read(fleet.path("known_hosts")).decode(), 3)
            for key in ("host", "other_host"):
                print_ = subprocess.run(["ssh-keygen", "-lf", fleet.path("keys", key + ".pub")],
                                        capture_output=True, text=True).stdout.split()[1]
                self.assertIn(print_, done.stdout + done.stderr)

    def test_hashed_known_hosts(self):
        fleet = self.start_fleet(1)
        path = os.path.join(self.tmp, "hashed")
        with open(path, "wb") as file:
            file.write(read(fleet.path("known_hosts")))
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
        self.assertNotIn(fleet.addresses["web01"].encode(), read(path))
        self.known_hosts_run(fleet, "yes", read(path).decode(), 0)

    def test_revoked_keys_are_refused(self):
        fleet = self.start_fleet(1)
        key = " ".join(read(fleet.path("keys", "host.pub")).decode().split()[:2])
        done, _ = self.known_hosts_run(fleet, "accept-new", "@revoked * %s\n" % key, 3)
        self.assertRegex(done.stdout + done.stderr, "(?i)revoked")

    # -- without hosts

    def test_version_and_help(self):
        self.assertRegex(self.check(None, 0, "--version").stdout, r"^bdsh-tui \d+\.\d+\.\d+")
        text = self.check(None, 0, "--help").stdout
        for option in ("-g", "-H", "-x", "-l", "-p", "-i", "-F", "-o", "--config", "--parallel",
                       "--connect-timeout", "--timeout", "--strict-host-key-checking", "--keep", "--output",
                       "--batch", "--json", "--version", "--help"):
            self.assertTrue(re.search(r"(?<![\w-])%s\b" % re.escape(option), text), option)


if __name__ == "__main__":
    unittest.main()
