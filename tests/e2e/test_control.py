"""A live run driven, asked and listened to from elsewhere (docs/control.md)."""
import json
import os
import re
import socket
import subprocess
import unittest

from harness import BINARY, E2E, TIMEOUT, wait_until


class ControlTest(E2E):
    def detached(self, hosts=3, *arguments, **kwargs):
        fleet = self.start_fleet(hosts, **kwargs)
        started = self.batch(fleet, "-g", "web", "--detached", *arguments)
        self.assertEqual(started.returncode, 0, started.stderr)
        return fleet, started.stdout.strip()

    def ctl(self, fleet, *words, run="web"):
        return self.batch(fleet, "ctl", run, *words)

    def ask(self, fleet, *words):
        done = self.ctl(fleet, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def wait_state(self, fleet, wanted):
        return wait_until(lambda: (lambda now: now if wanted(now) else None)(self.ask(fleet, "status")),
                          "the wanted status", detail=lambda: str(self.ask(fleet, "status")))

    def all_live(self, fleet, count):
        self.wait_state(fleet, lambda now: now["states"].get("done", 0) + now["states"].get("running", 0) == count
                        and now["of"] == count)

    def listen(self, fleet):
        path = os.path.join(self.tmp, "events")
        file = open(path, "w")
        self.addCleanup(file.close)
        process = subprocess.Popen([BINARY, "ctl", "web", "events"], stdout=file, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **self.environment(fleet)})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def events():
            with open(path) as lines:
                return [json.loads(line) for line in lines if line.endswith("\n")]
        return process, events

    def test_a_run_without_a_terminal(self):
        fleet, name = self.detached()
        self.all_live(fleet, 3)
        process, events = self.listen(fleet)
        wait_until(lambda: any(each["event"] == "host" for each in events()), "how things stand")
        self.assertEqual(self.ask(fleet, "send", "all", "echo out-$((20+3))"), {"hosts": 3})
        wait_until(lambda: self.ask(fleet, "report")["agree"] == 3 and
                   "out-23" in json.dumps(self.ask(fleet, "report")), "the output in the report",
                   detail=lambda: str(self.ask(fleet, "report")))
        self.ask(fleet, "send", "web02", "echo other-$((20+3)); exit 3")
        hosts = wait_until(lambda: (lambda all: all if all[1].get("exit_status") == 3 else None)(self.ask(fleet, "hosts")),
                           "the end of web02")
        self.assertEqual([each["name"] for each in hosts], ["web01", "web02", "web03"])
        self.assertTrue(hosts[1]["divergent"])
        wait_until(lambda: any(each.get("exit_status") == 3 for each in events()), "the event")
        self.assertIn({"event": "round", "number": 2, "command": "echo out-$((20+3))"}, events())
        self.assertEqual(self.ctl(fleet, "quit").returncode, 0)
        self.assertEqual(process.wait(TIMEOUT), 0)
        self.assertEqual(events()[-1]["event"], "end")
        wait_until(lambda: self.runs(fleet) == [], "the end of the run")

    def test_what_a_user_sees_of_it(self):
        fleet = self.start_fleet(3)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 3, 3)
        self.assertEqual(self.ask(fleet, "status")["terminals"], 1)
        self.assertEqual(self.ask(fleet, "broadcast", "on")["mode"], "INPUT 3 hosts")
        dashboard.wait_bottom("INPUT → 3 hosts")
        self.assertEqual(self.ask(fleet, "broadcast", "off")["mode"], "NAVIGATE")
        dashboard.wait_bottom("NAVIGATE")
        self.assertEqual(self.ask(fleet, "focus", "web02")["mode"], "INPUT web02")
        dashboard.wait_bottom("INPUT → web02")
        self.ask(fleet, "leave")
        self.ask(fleet, "keep", "on")
        dashboard.wait_for("LOGS keep")
        self.ask(fleet, "keep", "off")
        dashboard.wait_for("LOGS delete on exit")
        self.ask(fleet, "help")
        dashboard.wait_for("┌ help")
        dashboard.keys("Escape")
        self.ask(fleet, "detach")
        self.assertEqual(dashboard.wait_end(), 0)
        dashboard.wait_for("detached: bdsh-tui attach")
        self.ask(fleet, "quit")

    def test_every_command_of_the_key_table(self):
        fleet, _ = self.detached(2)
        self.all_live(fleet, 2)
        names = [each["name"] for each in self.ask(fleet, "commands")]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            if name in ("quit", "events", "type", "send", "select", "keep", "host", "answer"):
                continue
            with self.subTest(name):
                self.assertEqual(self.ctl(fleet, name).returncode, 0)
        self.assertEqual(self.ask(fleet, "status")["hosts"], 2)
        self.ask(fleet, "quit")

    def test_targets(self):
        fleet, _ = self.detached(3, tempers={"web03": "differ"})
        self.all_live(fleet, 3)
        self.ask(fleet, "send", "all", "cat /etc/os-release; systemctl status nginx")
        self.wait_state(fleet, lambda now: (now["agree"], now["of"]) == (2, 3))
        self.assertEqual(self.ask(fleet, "send", "divergent", "touch divergent"), {"hosts": 1})
        self.wait_file(fleet, "web03", "divergent")
        self.ask(fleet, "mark", "web01")
        self.assertEqual(self.ask(fleet, "send", "marked", "touch marked"), {"hosts": 1})
        self.wait_file(fleet, "web01", "marked")
        self.assertEqual(self.ask(fleet, "send", "web01,web02", "--", "touch", "both"), {"hosts": 2})
        self.wait_file(fleet, "web01", "both")
        self.wait_file(fleet, "web02", "both")
        self.assertFalse(os.path.exists(self.file_of(fleet, "web03", "both")))
        self.ask(fleet, "quit")

    def test_errors_are_exit_codes(self):
        fleet, _ = self.detached(1)
        for words, code, said in ((("nonsense",), 2, "unknown command 'nonsense'"),
                                  (("send", "all"), 2, "something is missing"),
                                  (("focus", "web99"), 2, "no host is called 'web99'"),
                                  (("keep", "perhaps"), 2, "keep: on or off"),
                                  (("send", "marked", "x"), 1, "no live host in 'marked'")):
            with self.subTest(words):
                done = self.ctl(fleet, *words)
                self.assertEqual((done.returncode, done.stdout), (code, ""))
                self.assertIn(said, done.stderr)
        self.assertEqual(self.ctl(fleet, "status", run="nonsense").returncode, 2)
        self.ask(fleet, "quit")
        wait_until(lambda: self.ctl(fleet, "status").returncode == 2, "nothing to ask")

    def test_questions_are_events_and_answers_are_not(self):
        fleet = self.start_fleet(1, tempers={"web01": "password"})
        dashboard = self.dashboard(fleet)
        dashboard.wait_for(re.compile("password"))
        process, events = self.listen(fleet)
        question = wait_until(lambda: next((each for each in events() if each["event"] == "question"), None),
                              "the question")
        self.assertEqual((question["name"], question["question"]["kind"]), ("web01", "password"))
        dashboard.line("fleet")
        self.settled(dashboard, 1, 1)
        self.quit(dashboard)
        self.assertEqual(process.wait(TIMEOUT), 0)
        self.assertNotIn("fleet\"", json.dumps(events()))

    def answer(self, fleet, target, text):
        return self.batch(fleet, "ctl", "web", "answer", target, input=text)

    def test_questions_can_be_answered(self):
        fleet, _ = self.detached(3, tempers={"web01": "password", "web02": "password"})
        self.wait_state(fleet, lambda now: now["asking"] == ["web01", "web02"])
        process, events = self.listen(fleet)
        listed = self.batch(fleet, "runs")
        self.assertRegex(listed.stdout, r"(?m)^detached .*asks: web\[01-02\]")
        done = self.answer(fleet, "all", "fleet\n")
        self.assertEqual(json.loads(done.stdout), {"hosts": 2}, done.stderr)
        self.all_live(fleet, 3)
        self.assertNotIn("fleet\"", json.dumps(events()))
        again = self.answer(fleet, "web01", "fleet\n")
        self.assertEqual((again.returncode, "nothing is asked by 'web01'" in again.stderr), (1, True))
        words = self.ctl(fleet, "answer", "web01", "fleet")
        self.assertEqual((words.returncode, "standard input" in words.stderr), (2, True))
        self.ask(fleet, "send", "web03", "exit 3")
        wait_until(lambda: any(each["event"] == "log" and each["name"] == "web03" for each in events()),
                   "the log's line on the end of web03", detail=lambda: str(events()))
        self.ask(fleet, "quit")
        self.assertEqual(process.wait(TIMEOUT), 0)

    def test_a_host_key_is_accepted_or_refused(self):
        fleet = self.start_fleet(2, own_keys=True)
        known = fleet.path("known_hosts")
        open(known, "w").close()
        started = self.batch(fleet, "-g", "web", "--detached", "--strict-host-key-checking", "ask")
        self.assertEqual(started.returncode, 0, started.stderr)
        asks = self.wait_state(fleet, lambda now: len(now["asking"]) == 2)
        self.assertEqual(asks["states"], {"waiting": 2})
        done = self.answer(fleet, "web01", "perhaps\n")
        self.assertEqual((done.returncode, "yes or refused with no" in done.stderr), (2, True))
        self.assertEqual(self.answer(fleet, "web01", "yes\n").returncode, 0)
        self.assertEqual(self.answer(fleet, "web02", "no\n").returncode, 0)
        now = self.wait_state(fleet, lambda now: now["states"].get("failed") == 1 and not now["asking"])
        self.assertEqual(now["states"].get("waiting", 0), 0)
        self.wait_state(fleet, lambda now: now["states"].get("done", 0) + now["states"].get("running", 0) == 1)
        self.ask(fleet, "quit")

    def test_a_host_and_its_last_lines(self):
        fleet, _ = self.detached(1)
        self.all_live(fleet, 1)
        self.ask(fleet, "send", "web01", "seq 1 50; exit 3")
        host = wait_until(lambda: (lambda now: now if now["host"].get("exit_status") == 3 else None)(
            self.ask(fleet, "host", "web01")), "the end")
        self.assertEqual(len(host["lines"]), 20)
        self.assertIn("50", host["lines"])
        self.assertEqual(len(self.ask(fleet, "host", "web01", "3")["lines"]), 3)
        self.assertEqual(self.ctl(fleet, "host", "web01", "many").returncode, 2)
        self.assertEqual(self.ctl(fleet, "host", "db1").returncode, 2)
        self.ask(fleet, "quit")

    def test_a_run_on_a_terminal_is_live(self):
        fleet = self.start_fleet(1)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, 1, 1)
        self.assertRegex(self.batch(fleet, "runs").stdout, r"(?m)^live ")
        dashboard.keys("D")
        dashboard.wait_end()
        self.assertRegex(self.batch(fleet, "runs").stdout, r"(?m)^detached ")
        self.ask(fleet, "quit")

    def test_a_slow_listener_holds_nobody(self):
        fleet, _ = self.detached(2, "--", "i=0; while [ $i -lt 20 ]; do echo $i; i=$((i+1)); sleep 0.1; done")
        paths = os.listdir(fleet.environment()["XDG_STATE_HOME"] + "/bdsh/live")
        slow = socket.socket(socket.AF_UNIX)
        self.addCleanup(slow.close)
        slow.connect(os.path.join(fleet.environment()["XDG_STATE_HOME"], "bdsh/live",
                                  next(path for path in paths if path.endswith(".sock"))))
        # Asks without end and reads nothing.
        slow.setblocking(False)
        def sent():
            try:
                slow.send(b'{"command":"commands"}\n' * 100)
            except BlockingIOError:
                pass
            except ConnectionError:
                return True
            return False
        wait_until(sent, "to be shown out")
        self.wait_state(fleet, lambda now: now["ended"])
        self.ask(fleet, "quit")

    def test_nonsense_over_the_socket(self):
        fleet, _ = self.detached(1)
        folder = fleet.environment()["XDG_STATE_HOME"] + "/bdsh/live"
        path = os.path.join(folder, next(name for name in os.listdir(folder) if name.endswith(".sock")))
        for line, answer in ((b"nonsense\n", b"not a line of JSON"), (b"{}\n", b"there is no"),
                             (b'{"command":"attach"}\n', b"no terminal came along"),
                             (b'{"id":7,"command":"status"}\n', b'{"id":7,"ok":true')):
            with self.subTest(line), socket.socket(socket.AF_UNIX) as client:
                client.settimeout(TIMEOUT)
                client.connect(path)
                client.sendall(line)
                self.assertIn(answer, client.recv(4096))
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(TIMEOUT)
            client.connect(path)
            with self.assertRaises((ConnectionError, BrokenPipeError)):
                while True:
                    client.sendall(b"x" * 65536)  # a line without end
        self.ask(fleet, "quit")


if __name__ == "__main__":
    unittest.main()
