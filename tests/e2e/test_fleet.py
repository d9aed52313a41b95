"""The test bench itself: what the other tests rely on is true of the fleet."""
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import harness
from harness import ROOT, Tmux, fleets, wait_until

SCRIPT = os.path.join(ROOT, "scripts", "fleet")


class FleetTest(unittest.TestCase):
    def start(self, hosts=2, **kwargs):
        fleet = fleets.Fleet(hosts, **kwargs).start(bound_to_us=True)
        self.addCleanup(fleet.stop)
        return fleet

    def test_eight_hosts_start_within_a_second(self):
        fleets.server_binary()
        began = time.monotonic()
        self.start(8)
        self.assertLess(time.monotonic() - began, 1)

    def test_each_host_has_its_own_name_home_and_files(self):
        fleet = self.start(2)
        for name in fleet.names:
            done = fleet.ssh(name, "hostname; pwd; cat name.txt; echo $HOME")
            self.assertEqual(done.stdout.split("\n")[:4],
                             [name, fleet.home(name), "this is " + name, fleet.home(name)], done.stderr)

    def test_an_interactive_shell_has_the_hosts_prompt(self):
        fleet = self.start(1)
        terminal = Tmux(["ssh", "-F", fleet.path("ssh_config"), "web01"])
        self.addCleanup(terminal.close)
        terminal.wait_for("@web01:~")
        terminal.line("systemctl is-active nginx && echo answered-$((40+2))")
        terminal.wait_for("answered-42")

    def test_differ(self):
        fleet = self.start(2, tempers={"web02": "differ"})
        self.assertIn("active (running)", fleet.ssh("web01", "systemctl status nginx").stdout)
        odd = fleet.ssh("web02", "systemctl status nginx")
        self.assertIn("failed (Result: exit-code)", odd.stdout)
        self.assertEqual(odd.returncode, 3)
        fleet.set_temper("web02", "serve")
        self.assertEqual(fleet.ssh("web02", "systemctl status nginx").returncode, 0)

    def test_only_the_fleets_key_gets_in(self):
        fleet = self.start(1)
        key = os.path.join(fleet.dir, "stranger")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        def login(identity):
            return subprocess.run(
                ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", identity,
                 "-o", "UserKnownHostsFile=" + fleet.path("known_hosts"), "-p", str(fleet.port),
                 fleet.addresses["web01"], "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode
        self.assertEqual((login(key), login(fleet.path("keys", "user"))), (255, 0))

    def test_listens_on_loopback_alone(self):
        fleet = self.start(8)
        with open("/proc/net/tcp") as file:
            local = [line.split()[1] for line in file if " 0A " in line]
        ours = [entry for entry in local if entry.endswith(":%04X" % fleet.port)]
        self.assertGreaterEqual(len(ours), 8)
        self.assertTrue(all(entry[6:8] == "7F" for entry in ours), ours)

    def test_sshd_tempers(self):
        fleet = self.start(4, tempers={"web01": "denied", "web02": "hostkey", "web03": "nokex",
                                       "web04": "nopty"})
        for name, words in (("web01", "Permission denied"), ("web02", "HOST IDENTIFICATION HAS CHANGED"),
                            ("web03", "no matching key exchange")):
            with self.subTest(name):
                done = fleet.ssh(name, "true")
                self.assertEqual(done.returncode, 255)
                self.assertIn(words, done.stderr)
        self.assertIn("PTY allocation request failed", fleet.ssh("web04", "-tt", "true").stderr)

    def test_connection_tempers(self):
        fleet = self.start(5, tempers={"web01": "refuse", "web02": "reset", "web03": "close",
                                       "web04": "silent", "web05": "garbage"})
        address = lambda name: (fleet.addresses[name], fleet.port)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(address("web01"), 5)
        with self.assertRaises(ConnectionResetError):  # as early as within connect()
            with socket.create_connection(address("web02"), 5) as link:
                link.recv(10)
        with socket.create_connection(address("web03"), 5) as link:
            self.assertEqual(link.recv(10), b"")
        with socket.create_connection(address("web04"), 0.3) as link, self.assertRaises(TimeoutError):
            link.recv(10)
        with socket.create_connection(address("web05"), 5) as link:
            self.assertNotIn(b"SSH-", link.recv(200))

    def test_slow_and_endless_banners(self):
        fleet = self.start(2, tempers={"web01": "slow:400", "web02": "banner"})
        began = time.monotonic()
        self.assertEqual(fleet.ssh("web01", "echo in").stdout, "in\n")
        self.assertGreater(time.monotonic() - began, 0.4)
        with socket.create_connection((fleet.addresses["web02"], fleet.port), 5) as link:
            text = b""
            while text.count(b"\n") < 5:
                text += link.recv(100)
        self.assertNotIn(b"SSH-2", text)

    def test_drop_kills_the_session(self):
        fleet = self.start(1, tempers={"web01": "drop:700"})
        done = fleet.ssh("web01", "echo begun; sleep 60", timeout=30)
        self.assertEqual((done.stdout, done.returncode), ("begun\n", 255))

    def test_flood_and_hostile_print(self):
        fleet = self.start(2, tempers={"web01": "flood", "web02": "hostile"})
        ssh = subprocess.Popen(["ssh", "-F", fleet.path("ssh_config"), "web01", "true"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.assertEqual(len(ssh.stdout.read(1 << 20)), 1 << 20)
        ssh.kill()
        ssh.communicate()
        done = subprocess.run(["ssh", "-F", fleet.path("ssh_config"), "web02", "echo after"],
                              stdin=subprocess.DEVNULL, capture_output=True)
        self.assertIn(b"\x1b]52;c;", done.stdout)
        self.assertTrue(done.stdout.endswith(b"after\n"))

    def test_signals_reach_a_hosts_sessions(self):
        fleet = self.start(1)
        ssh = subprocess.Popen(["ssh", "-F", fleet.path("ssh_config"), "web01", "echo in; sleep 99"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(ssh.stdout.readline(), b"in\n")
        fleet.signal("web01", signal.SIGKILL)
        self.assertEqual(ssh.wait(10), 255)
        ssh.stdout.close()

    def test_missing_hosts_have_no_address(self):
        fleet = self.start(2, tempers={"web02": "missing"})
        self.assertIn("web02.invalid", harness.read(fleet.path("config.yaml")).decode())
        self.assertEqual(fleet.ssh("web02", "true").returncode, 255)

    def test_hosts_can_have_keys_of_their_own(self):
        fleet = self.start(2, own_keys=True)
        keys = harness.read(fleet.path("known_hosts")).split()[2::3]
        self.assertEqual(len(set(keys)), 2)
        self.assertEqual(fleet.ssh("web02", "echo in").stdout, "in\n")

    def test_stop_leaves_nothing_behind(self):
        fleet = self.start(1)
        directory, server = fleet.dir, fleet.server_pid
        fleet.ssh("web01", "setsid sleep 4321 >/dev/null 2>&1 & disown; echo started")
        wait_until(lambda: len(fleets.strays(directory)) >= 2, "a process that outlives its session")
        fleet.stop()
        self.assertEqual(fleets.strays(directory), [])
        self.assertFalse(os.path.exists(directory))
        self.assertFalse(os.path.exists("/proc/%d" % server))
        with open("/proc/self/mounts") as file:
            self.assertNotIn("bdsh-fleet", file.read())

    def test_a_killed_starter_leaves_nothing_behind(self):
        held = subprocess.Popen([SCRIPT, "run", "--hosts", "1", "--", "sh", "-c",
                                 'echo "$BDSH_FLEET"; exec sleep 600'],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        directory = held.stdout.readline().strip()
        child = harness.descendants(held.pid)
        held.kill()
        held.wait()
        held.stdout.close()
        wait_until(lambda: not os.path.exists(directory), "the fleet to notice")
        self.assertEqual([pid for pid in fleets.strays(directory) if pid not in child], [])
        for pid in child:
            if os.path.exists("/proc/%d" % pid):
                os.kill(pid, signal.SIGKILL)

    def test_command_line(self):
        directory = tempfile.mkdtemp(prefix="bdsh-fleet cli-")  # a path with a space
        try:
            call = lambda *words: subprocess.run([SCRIPT, *words], stdin=subprocess.DEVNULL,
                                                 capture_output=True, text=True)
            self.assertEqual(call("start", "--hosts", "2", "--dir", directory).returncode, 0)
            self.assertIn("host web02 127.", call("status", "--dir", directory).stdout)
            self.assertIn("export XDG_CONFIG_HOME=", call("env", "--dir", directory).stdout)
            self.assertEqual(call("ssh", "--dir", directory, "web02", "hostname").stdout, "web02\n")
            self.assertEqual(call("temper", "--dir", directory, "web01", "refuse").returncode, 0)
            self.assertEqual(call("ssh", "--dir", directory, "web01", "true").returncode, 255)
            self.assertEqual(call("temper", "--dir", directory, "web01", "odd").returncode, 1)
            self.assertEqual(call("exec", "--dir", directory, "--", "sh", "-c", "exit 7").returncode, 7)
            self.assertEqual(call("stop", "--dir", directory).returncode, 0)
            self.assertFalse(os.path.exists(directory))
        finally:
            fleets.end_strays(directory)
            shutil.rmtree(directory, ignore_errors=True)

    def test_a_thousand_hosts_answer_all_at_once(self):
        fleet = self.start(1000)
        links, chooser, answered = [], selectors.DefaultSelector(), 0
        for address in fleet.addresses.values():
            link = socket.socket()
            link.setblocking(False)
            link.connect_ex((address, fleet.port))
            chooser.register(link, selectors.EVENT_READ)
            links.append(link)
        deadline = time.monotonic() + 120
        while answered < len(links) and time.monotonic() < deadline:
            for key, _ in chooser.select(1):
                answered += key.fileobj.recv(100).startswith(b"SSH-2.0")
                chooser.unregister(key.fileobj)
        for link in links:
            link.close()
        self.assertEqual(answered, 1000)


if __name__ == "__main__":
    unittest.main()
