"""A run outlives its terminal: left and taken up again, on other terminals, of other sizes and kinds."""
import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from harness import BINARY, E2E, TIMEOUT, read, wait_until

TERMS = ("xterm-256color", "screen-256color", "tmux-256color")
SIZES = ((80, 24), (120, 36), (200, 50), (100, 20), (60, 40))
PRINTS = "i=0; while :; do echo line-$i; i=$((i+1)); sleep 0.1; done"


class Leaves(E2E):
    def shell(self, fleet, term="tmux-256color", size=(120, 36), **env):
        shell = self.tmux(["/bin/bash", "--norc", "--noprofile", "-i"], fleet, size=size, term=term,
                          env={"PS1": "local$ ", "HISTFILE": "", "TERM": term, **env})
        shell.wait_for(re.compile(r"^local\$", re.M))
        return shell

    def live(self, fleet):
        return sorted(glob.glob(fleet.environment()["XDG_STATE_HOME"] + "/bdsh/live/*.sock"))

    def server(self, fleet):
        """The process that has the run, once it can be found."""
        found = wait_until(lambda: self.live(fleet), "a live run")
        return int(os.path.basename(found[0])[:-5])

    def started(self, hosts=2, *arguments, **kwargs):
        fleet = self.start_fleet(hosts)
        shell = self.shell(fleet, **kwargs)
        shell.line(" ".join([BINARY, "-g web", *arguments]) + "; echo status=$?")
        self.settled(shell, hosts, hosts)
        return fleet, shell

    def attached(self, shell, *arguments):
        shell.line(" ".join([BINARY, "attach", *arguments]) + "; echo status=$?")
        shell.wait_bottom("NAVIGATE")

    def detach(self, shell):
        shell.keys("D")
        shell.wait_for("status=0")
        shell.wait_for("detached: bdsh-tui attach ")

    def end(self, shell):
        shell.keys("q")
        shell.wait_for("quit?")
        shell.keys("y")
        shell.wait_for("status=0")


class DetachTest(Leaves):
    def test_left_and_taken_up_on_another_terminal(self):
        fleet, shell = self.started()
        self.broadcast(shell, 2)
        shell.line("echo before-$((20+3))")
        shell.wait_for("before-23")
        self.navigate(shell)
        self.detach(shell)
        self.assertEqual(shell.ask("alternate_on"), "0")
        other = self.shell(fleet, term="screen-256color", size=(80, 24))
        self.attached(other)
        other.wait_for("before-23")
        self.broadcast(other, 2)
        other.line("echo after-$((20+3))")
        other.wait_for("after-23")
        # The hosts' terminals have the size of the new one.
        other.line("stty size")
        other.wait_for(re.compile(r"\b2\d \d\d\b"))
        self.navigate(other)
        self.end(other)
        other.wait_for("web: 2 hosts")
        self.assertEqual(self.live(fleet), [])
        self.assertEqual(self.runs(fleet), [])

    def test_what_hosts_want_on_the_clipboard_meanwhile_is_not_done(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        fleet = self.start_fleet(1)
        with open(os.path.join(fleet.dir, "xdg", "bdsh", "config.yaml"), "a") as file:
            file.write("\nhost_clipboard: write\n")
        shell = self.shell(fleet)
        shell.line(BINARY + " -g web; echo status=$?")
        self.settled(shell, 1, 1)
        shell.keys("Enter")
        shell.wait_bottom("INPUT")
        wish = "printf '\\033]52;c;%s\\a' $(echo ITIS | base64)"
        shell.line("until [ -e %s/go ]; do :; done; %s; echo s\"a\"id; touch %s/done"
                   % (folder, wish.replace("ITIS", "too-late"), folder))
        shell.keys("C-]")
        shell.wait_bottom("NAVIGATE")
        self.detach(shell)
        open(os.path.join(folder, "go"), "w").close()
        wait_until(lambda: os.path.exists(os.path.join(folder, "done")), "the host's wish")
        self.attached(shell)
        shell.wait_for("said")
        # One that comes while somebody looks is done, and nothing was done before it.
        shell.keys("Enter")
        shell.wait_bottom("INPUT")
        shell.line(wish.replace("ITIS", "in-time"))
        wait_until(lambda: "in-time" in shell.clipboard(), "the clipboard", detail=shell.capture)
        self.assertNotIn("too-late", shell.tmux("list-buffers").stdout)

    def test_started_without_a_terminal(self):
        fleet = self.start_fleet(2)
        done = self.batch(fleet, "-g", "web", "--detached", "--", "echo x; sleep 1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        name = done.stdout.strip()
        self.assertRegex(name, r"^\d{8}-\d{6}-web$")
        self.assertIn("bdsh-tui attach " + name, done.stderr)
        shell = self.shell(fleet)
        self.attached(shell, name)
        self.settled(shell, 2, 2)
        self.end(shell)

    def test_errors_come_before_it_is_left_alone(self):
        fleet = self.start_fleet(1)
        done = self.batch(fleet, "-g", "web", "--detached", "-O", "/proc/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/proc/nowhere", done.stderr)
        done = self.batch(fleet, "-g", "web", "--detached", "--batch")
        self.assertEqual(done.returncode, 2)
        shell = self.shell(fleet, TERM="nonsense")
        shell.line("TERM=nonsense " + BINARY + " -g web; echo status=$?")
        shell.wait_for("status=1")
        shell.wait_for("terminal nonsense: unknown")
        self.assertEqual(self.live(fleet), [])

    def test_it_survives_its_terminal(self):
        fleet, shell = self.started(2)
        self.broadcast(shell, 2)
        shell.line("echo mark-$((20+3))")
        shell.wait_for("mark-23")
        shell.tmux("kill-server")
        server = self.server(fleet)
        other = self.shell(fleet, term="xterm-256color")
        self.attached(other)
        other.wait_for("mark-23")  # and nobody types to all hosts unawares: NAVIGATE
        self.assertEqual(self.server(fleet), server)
        self.end(other)

    def test_a_hangup_leaves_a_sane_terminal(self):
        for number in (signal.SIGHUP, signal.SIGKILL):
            with self.subTest(number.name):
                fleet, shell = self.started(1)
                client = next(iter(self.children(shell.pid())))
                os.kill(client, number)
                shell.wait_for("status=")
                wait_until(lambda: shell.ask("alternate_on") == "0", "the normal screen")
                shell.line("echo typed-$((20+3))")
                shell.wait_for(re.compile(r"^typed-23", re.M))
                other = self.shell(fleet)
                self.attached(other)
                self.end(other)

    @staticmethod
    def children(pid):
        return [int(word) for word in read("/proc/%d/task/%d/children" % (pid, pid)).split()]

    def test_on_hangup_quit(self):
        fleet, shell = self.started(1, "--on-hangup quit")
        server = self.server(fleet)
        shell.tmux("kill-server")
        wait_until(lambda: not os.path.exists("/proc/%d" % server), "the end of the run")
        self.assertEqual(self.runs(fleet), [])

    def test_a_lost_run_ends_when_nothing_runs(self):
        fleet = self.start_fleet(1)
        shell = self.shell(fleet)
        shell.line(BINARY + " -g web --on-hangup 1 -- echo out; echo status=$?")
        self.settled(shell, 1, 1)
        server = self.server(fleet)
        shell.tmux("kill-server")
        # Nobody has seen how it ended: the logs are kept.
        wait_until(lambda: not os.path.exists("/proc/%d" % server), "the end of the run")
        self.assertIn(b"out", read(self.runs(fleet)[0] + "/web01/out.log"))

    def test_a_second_terminal_takes_over(self):
        fleet, shell = self.started(2)
        other = self.shell(fleet, size=(100, 30))
        self.attached(other)
        shell.wait_for("taken over by another terminal")
        shell.wait_for("status=0")
        self.settled(other, 2, 2)
        self.end(other)

    def test_a_stalled_terminal_holds_nobody(self):
        fleet = self.start_fleet(2)
        shell = self.shell(fleet)
        shell.line(BINARY + " -g web --keep -- '" + PRINTS + "'")
        self.settled(shell, 2, 2)
        tmux = int(shell.ask("pid"))
        os.kill(tmux, signal.SIGSTOP)  # nothing reads its terminal any more
        try:
            log = self.runs(fleet)[0] + "/web01/out.log"
            size = os.path.getsize(log)
            wait_until(lambda: os.path.getsize(log) > size + 100, "output in the log")
            other = self.shell(fleet, size=(100, 30))
            self.attached(other)
            self.settled(other, 2, 2)
        finally:
            os.kill(tmux, signal.SIGCONT)
        shell.wait_for("taken over by another terminal")
        self.end(other)

    def test_nobody_wakes_it_while_nothing_happens(self):
        fleet = self.start_fleet(3)
        self.assertEqual(self.batch(fleet, "-g", "web", "--detached").returncode, 0)
        server = self.server(fleet)

        def woken():
            return sum(int(re.search(rb"(?m)^voluntary_ctxt_switches:\s+(\d+)", read(path)).group(1))
                       for path in glob.glob("/proc/%d/task/*/status" % server))

        def quiet():
            before = woken()
            time.sleep(2)  # what is waited for is that nothing happens in this time
            return woken() - before <= 1
        wait_until(quiet, "two seconds without work")
        self.assertEqual(self.batch(fleet, "ctl", "", "quit").returncode, 0)

    def test_looking_on(self):
        fleet, shell = self.started(2)
        looker = self.shell(fleet, size=(90, 20))
        looker.line(BINARY + " attach --read-only; echo status=$?")
        looker.wait_for("read only: q leaves")
        looker.keys("b")  # types nothing
        self.broadcast(shell, 2)
        shell.line("echo seen-$((20+3))")
        looker.wait_for("seen-23")
        looker.keys("q")
        looker.wait_for("status=0")
        self.navigate(shell)
        self.assertTrue(shell.sees("of 2 agree"))
        # It sees a run that nobody leads, too, and how it ends.
        self.detach(shell)
        looker.line("clear; " + BINARY + " attach --read-only; echo ended=$?")
        looker.wait_for("read only: q leaves")
        self.attached(shell)
        self.end(shell)
        looker.wait_for("ended=0")

    def test_suspended_while_the_run_goes_on(self):
        fleet, shell = self.started(1)
        shell.keys("C-z")
        shell.wait_for("Stopped")
        shell.line("clear; fg")
        shell.wait_bottom("NAVIGATE")
        shell.keys("q")
        shell.wait_for("quit?")
        shell.keys("y")
        shell.wait_for("web: 1 host")

    def test_which_run(self):
        fleet = self.start_fleet(1)
        first = self.batch(fleet, "-H", fleet.web[0], "--detached").stdout.strip()
        second = self.batch(fleet, "-H", fleet.web[0], "--detached", "--", "sleep 1000").stdout.strip()
        self.assertNotEqual(first, second)
        shell = self.shell(fleet)
        shell.line(BINARY + " attach; echo status=$?")
        shell.wait_for("status=2")
        shell.wait_for("which run?: " + first)
        shell.line("clear; " + BINARY + " attach nonsense; echo status=$?")
        shell.wait_for("no live run is called 'nonsense'")
        self.attached(shell, second)
        self.end(shell)
        shell.line("clear")
        self.attached(shell)
        self.end(shell)
        shell.line("clear; " + BINARY + " attach; echo status=$?")
        shell.wait_for("no run is live")

    def test_the_server_is_killed(self):
        fleet, shell = self.started(1)
        os.kill(self.server(fleet), signal.SIGKILL)
        shell.wait_for("status=137")
        shell.wait_for("was ended by a signal: Killed")
        self.assertEqual(shell.ask("alternate_on"), "0")
        shell.line("echo typed-$((20+3))")
        shell.wait_for(re.compile(r"^typed-23", re.M))

    @unittest.skipUnless(os.getuid() == 0 and shutil.which("setpriv"), "needs root to be somebody else")
    def test_another_user_is_refused(self):
        fleet, shell = self.started(1)
        socket = self.live(fleet)[0]
        nobody = ["setpriv", "--reuid=65534", "--clear-groups"]
        ask = ["python3", "-c", "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
               "s.sendall(b'{\"command\":\"status\"}\\n')\nprint(s.recv(100))", socket]
        self.assertIn("Permission denied", subprocess.run(nobody + ask, capture_output=True, text=True).stderr)
        # Where directories let him through, what he is does not.
        for path in (os.path.dirname(socket), *self.parents(os.path.dirname(socket))):
            os.chmod(path, 0o755)
        os.chmod(socket, 0o666)
        said = subprocess.run(nobody + ask, capture_output=True, text=True)
        self.assertNotIn("ok", said.stdout)
        os.chmod(os.path.dirname(socket), 0o700)
        self.end(shell)

    @staticmethod
    def parents(path):
        while path.startswith("/tmp/"):
            path = os.path.dirname(path)
            if path != "/tmp":
                yield path

    def test_the_agent_is_the_newest_terminals(self):
        fleet, shell = self.started(1)
        self.detach(shell)
        other = self.shell(fleet, SSH_AUTH_SOCK="/tmp/newest-agent")
        self.attached(other)
        environ = "/proc/%d/environ" % self.server(fleet)
        self.assertNotIn(b"newest-agent", read(environ))  # the kernel shows what it was started with
        self.end(other)


class CyclesTest(Leaves):
    HOSTS, CYCLES = 20, 100

    def stty(self, shell, path):
        shell.line("clear; stty -a > %s; echo made-$((20+3))" % path)
        shell.wait_for("made-23")
        return read(path)

    def one(self, shell, size, number):
        shell.resize(*size)
        shell.line("clear; %s attach; echo status-%d=$?" % (BINARY, number))
        shell.wait_bottom("NAVIGATE")
        shell.keys("D")
        shell.wait_for("status-%d=0" % number)

    def memory(self, pid):
        return int(re.search(rb"^Pss:\s+(\d+)", read("/proc/%d/smaps_rollup" % pid), re.M).group(1))

    def logged(self, fleet):
        """KiB of output in the run's logs."""
        run = self.runs(fleet)[0]
        return sum(os.path.getsize("%s/%s/out.log" % (run, host)) for host in fleet.web) >> 10

    def descriptors(self, pid):
        return len(os.listdir("/proc/%d/fd" % pid))

    def test_a_hundred_cycles(self):
        fleet = self.start_fleet(self.HOSTS)
        # Freed memory that a sanitizer holds on to says nothing.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=2:thread_local_quarantine_size_kb=64"
        started = self.batch(fleet, "-g", "web", "--detached", "--keep", "--scrollback", "50", "--", PRINTS,
                             env={"ASAN_OPTIONS": options})
        self.assertEqual(started.returncode, 0, started.stderr)
        server = self.server(fleet)
        shells = [self.shell(fleet, term) for term in TERMS]
        before = [self.stty(shell, self.tmp + "/stty") for shell in shells]
        after = {}
        for cycle in range(self.CYCLES):
            shell = shells[cycle % len(shells)]
            self.one(shell, SIZES[cycle % len(SIZES)], cycle)
            self.assertEqual(shell.ask("alternate_on"), "0")
            if cycle in (self.CYCLES // 2, self.CYCLES - 1):  # by then every size and kind has been seen
                after[cycle] = (self.descriptors(server), self.memory(server), self.logged(fleet))
        for shell, was in zip(shells, before):
            shell.resize(120, 36)
            path = self.tmp + "/stty"  # the size comes a little after the window's
            wait_until(lambda: self.stty(shell, path) == was, "the terminal as it was: %r" % was,
                       detail=lambda: repr(read(path)))
        early, late = after.values()
        self.assertEqual(late[0], early[0], "descriptors")
        # A terminal left over would be 200 KiB in each cycle, 9.8 MiB. What the hosts printed meanwhile is kept too,
        # with a sanitizer's redzones around each piece.
        printed = late[2] - early[2]
        self.assertLess(late[1] - early[1], (8 << 10) + 4 * printed, "KiB, after %s: %s" % (self.CYCLES, after))
        self.attached(shells[0])
        print("detach and attach, %d times: descriptors, KiB of memory, KiB printed: %s" % (self.CYCLES, after))
        self.end(shells[0])
        self.check_logs(fleet)

    def check_logs(self, fleet):
        run = self.runs(fleet)[0]
        for host in fleet.web:
            numbers = [int(number) for number in re.findall(rb"line-(\d+)\r?\n", read("%s/%s/out.log" % (run, host)))]
            self.assertEqual(numbers, list(range(len(numbers))), host)
            self.assertGreater(len(numbers), 50)


if __name__ == "__main__":
    unittest.main()
