"""Bad input: one line that names the thing, exit code 2 (or 1), no dashboard flash, nothing left."""
import os
import pty
import select
import signal
import unittest

from harness import BINARY, E2E, TIMEOUT


class ConfigErrorsTest(E2E):
    def on_a_terminal(self, *arguments, env=None):
        """(exit status, all bytes written) of the program on a terminal of its own."""
        environment = {**os.environ, **self.environment(), "TERM": "xterm-256color", **(env or {})}
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(BINARY, [BINARY, *arguments], environment)
        text = b""
        while select.select([fd], [], [], TIMEOUT)[0]:
            try:
                chunk = os.read(fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
        else:
            os.kill(pid, signal.SIGKILL)
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text

    def refused(self, named, *arguments, env=None):
        before = sorted(os.listdir(self.tmp))
        status, text = self.on_a_terminal(*arguments, env=env)
        self.assertIn(status, (1, 2), text)
        self.assertNotIn(b"\x1b", text, "something was drawn")
        lines = text.decode().strip().split("\r\n")
        self.assertEqual(len(lines), 1, lines)
        for words in named if isinstance(named, (list, tuple)) else [named]:
            self.assertIn(words, lines[0])
        self.assertEqual(sorted(os.listdir(self.tmp)), before, "something was left behind")

    def config(self, text, name="config.yaml"):
        path = os.path.join(self.tmp, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_broken_yaml_names_file_and_line(self):
        path = self.config("clusters:\n  web:\n    nodes: [a, b\n  db: {\n")
        self.refused([path + ":"], "--config", path, "-g", "web")

    def test_wrong_types_name_file_line_and_key(self):
        path = self.config("clusters:\n  web:\n    nodes: [a]\n    port: many\n")
        self.refused([path + ":4", "port"], "--config", path, "-g", "web")

    def test_unknown_group(self):
        path = self.config("clusters:\n  web:\n    nodes: [a]\n")
        self.refused("nosuch", "--config", path, "-g", "nosuch")

    def test_missing_configuration(self):
        self.refused("absent.yaml", "--config", self.tmp + "/absent.yaml", "-g", "web")

    def test_undefined_variable_is_named(self):
        path = self.config("clusters:\n  web:\n    nodes: ['$E2E_NOT_SET']\n")
        self.refused("E2E_NOT_SET", "--config", path, "-g", "web")

    def test_host_expressions_that_do_not_parse(self):
        for bad in ("web[01-", "web[5-1x]", "web[]", "[::1", "a,,@"):
            with self.subTest(bad):
                self.refused(bad, "-H", bad)

    def test_host_expressions_that_expand_too_far(self):
        self.refused(["100"], "-H", "web[0-999999]")
        self.refused(["100"], "-H", "w[0-999][0-999]")

    def test_options(self):
        self.refused("--nosuch", "--nosuch")
        self.refused("--parallel", "--parallel", "0", "-H", "a")
        self.refused("70000", "-p", "70000", "-H", "a")
        self.refused("maybe", "--strict-host-key-checking", "maybe", "-H", "a")

    def test_unreadable_key(self):
        self.refused("/nonexistent/key", "-i", "/nonexistent/key", "-H", "127.0.0.1")
        path = self.config("this is no key\n", "nokey")
        self.refused(path, "-i", path, "-H", "127.0.0.1")

    def test_run_directory_that_cannot_be_written(self):
        self.refused("/proc/nowhere", "-O", "/proc/nowhere", "-H", "127.0.0.1")
        self.refused("/dev/null", "-H", "127.0.0.1", env={"XDG_STATE_HOME": "/dev/null"})

    def test_unreadable_ssh_config(self):
        self.refused("/nonexistent/ssh", "-F", "/nonexistent/ssh", "-H", "127.0.0.1")

    def test_unknown_theme(self):
        self.refused("nosuch", "--theme", "nosuch", "-H", "127.0.0.1")

    def test_no_hosts_at_all(self):
        status, text = self.on_a_terminal()
        self.assertEqual(status, 2, text)
        self.assertNotIn(b"\x1b", text)

    def test_the_same_in_batch(self):
        path = self.config("clusters: {web: {nodes: [a]}}\n")
        done = self.batch(None, "--json", "--config", path, "-g", "nosuch", "--", "true")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("nosuch", done.stderr)

    def test_batch_without_a_command_is_a_usage_error(self):
        path = self.config("clusters: {web: {nodes: [a]}}\n")
        done = self.batch(None, "--config", path, "-g", "web")
        self.assertEqual(done.returncode, 2, done.stderr)

    def test_a_configuration_of_the_current_directory_is_never_read(self):
        os.mkdir(os.path.join(self.tmp, "here"))
        self.config("clusters: {trap: {nodes: [a]}}\n", "here/config.yaml")
        os.makedirs(os.path.join(self.tmp, "here", "bdsh"))
        self.config("clusters: {trap: {nodes: [a]}}\n", "here/bdsh/config.yaml")
        before = os.getcwd()
        os.chdir(os.path.join(self.tmp, "here"))
        try:
            done = self.batch(None, "-g", "trap", "--", "true")
        finally:
            os.chdir(before)
        self.assertEqual(done.returncode, 2)
        self.assertIn("trap", done.stderr)


if __name__ == "__main__":
    unittest.main()
