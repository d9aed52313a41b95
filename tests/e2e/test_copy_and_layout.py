"""Copying what is on the screen, the mouse, and how tiles are laid out."""
import os
import shutil
import tempfile

from harness import E2E, wait_until


def mouse(dashboard, button, column, row, final="M"):
    """An SGR report as terminals send it; columns and rows count from 1."""
    dashboard.tmux("send-keys", "-l", "\x1b[<%d;%d;%d%s" % (button, column, row, final))


class Copying(E2E):
    def setUp(self):
        super().setUp()
        self.fleet = self.start_fleet(3)

    def started(self, *arguments, **kwargs):
        return self.dashboard(self.fleet, *arguments, **kwargs)

    def clipboard_of(self, dashboard, wanted):
        wait_until(lambda: wanted in dashboard.clipboard(), "%r on the clipboard" % wanted,
                   detail=lambda: repr(dashboard.clipboard()) + dashboard.capture())

    def test_rows_go_to_the_clipboard_of_the_terminal(self):
        dashboard = self.started("-g", "web", "--", "echo first words; echo second words")
        self.settled(dashboard, 3, 3)
        dashboard.keys("y")
        dashboard.wait_bottom("COPY")
        dashboard.keys("g", "V", "j")
        dashboard.wait_bottom("2 rows selected")
        dashboard.keys("y")
        dashboard.wait_bottom("copied to the clipboard")
        self.clipboard_of(dashboard, "first words\nsecond words")

    def test_a_drag_of_the_mouse_copies(self):
        dashboard = self.started("-g", "web", "--", "echo first words; echo second words")
        self.settled(dashboard, 3, 3)
        row, column = next((r + 1, line.index("first words") + 1)
                           for r, line in enumerate(dashboard.capture().split("\n"))
                           if "first words" in line and r > 1)
        mouse(dashboard, 0, column + 6, row)
        mouse(dashboard, 32, column + 8, row)
        mouse(dashboard, 32, column + 10, row)
        mouse(dashboard, 0, column + 10, row, "m")
        self.clipboard_of(dashboard, "words")

    def test_the_focused_host_writes_the_clipboard_where_that_is_allowed(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        config = os.path.join(folder, "config.yaml")
        with open(os.path.join(self.fleet.dir, "xdg", "bdsh", "config.yaml")) as file:
            text = file.read()
        say = "printf '\\033]52;c;%%s\\a' $(printf %s | base64); echo s\"a\"id"
        for allowed in (True, False):
            with open(config, "w") as file:
                file.write(text + "\nhost_clipboard: %s\n" % ("write" if allowed else "ignore"))
            dashboard = self.started("--config", config, "-g", "web")
            self.settled(dashboard, 3, 3)
            dashboard.keys("b")
            dashboard.wait_bottom("INPUT")
            dashboard.line(say % "from-all")
            dashboard.wait_for("said")
            dashboard.keys("C-]")
            dashboard.wait_bottom("NAVIGATE")
            dashboard.keys("Enter")
            dashboard.wait_bottom("INPUT")
            dashboard.line("clear; " + say % "from-one")
            dashboard.wait_for("said")
            if allowed:
                dashboard.wait_bottom("put 8 bytes on the clipboard")
                self.clipboard_of(dashboard, "from-one")
                self.assertNotIn("from-all", dashboard.clipboard())
            else:
                self.assertNotIn("from", dashboard.clipboard())
            dashboard.close()

    def test_hosts_that_write_at_once_do_not_take_the_focused_hosts_turn(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        config = os.path.join(folder, "config.yaml")
        with open(os.path.join(self.fleet.dir, "xdg", "bdsh", "config.yaml")) as file:
            text = file.read()
        with open(config, "w") as file:
            file.write(text + "\nhost_clipboard: write\n")
        dashboard = self.started("--config", config, "-g", "web")
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        # The others go on until the focused one has written.
        dashboard.line("cd %s; w=$(printf '\\033]52;c;%%s\\a' $(hostname | base64)); case $(hostname) in "
                       "web01) until [ -e go ]; do sleep 0.1; done; echo -n $w; sleep 0.1; touch done;; "
                       "*) until [ -e done ]; do echo -n $w; sleep 0.002; done;; esac; echo s\"a\"id" % folder)
        dashboard.keys("C-]")
        dashboard.wait_bottom("NAVIGATE")
        dashboard.keys("g", "z")
        dashboard.wait_bottom("NAVIGATE")
        dashboard.wait_for("until")
        open(os.path.join(folder, "go"), "w").close()
        dashboard.wait_for("said")
        self.clipboard_of(dashboard, "web01")
        self.assertNotIn("web02", dashboard.clipboard())
        self.assertNotIn("web03", dashboard.clipboard())

    def test_text_goes_to_a_command(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        into = os.path.join(folder, "got")
        config = os.path.join(folder, "config.yaml")
        with open(os.path.join(self.fleet.dir, "xdg", "bdsh", "config.yaml")) as file:
            text = file.read()
        with open(config, "w") as file:
            file.write(text + "\ncopy_command: [sh, -c, 'cat > \"$0\"', '%s']\n" % into)
        dashboard = self.started("--config", config, "-g", "web", "--", "echo only line")
        self.settled(dashboard, 3, 3)
        dashboard.keys("y")
        dashboard.wait_bottom("COPY")
        dashboard.keys("g", "|")
        dashboard.wait_bottom("given to sh")
        wait_until(lambda: os.path.exists(into) and open(into).read() == "only line", "the command's input")

    def test_text_goes_to_a_new_file(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, True)
        path = os.path.join(folder, "kept.txt")
        dashboard = self.started("-g", "web", "--", "echo first; echo second")
        self.settled(dashboard, 3, 3)
        for answer in ("2 rows written to", "is there already"):
            dashboard.keys("y")
            dashboard.wait_bottom("COPY")
            dashboard.keys("g", "V", "j", "w")
            dashboard.wait_bottom("write to: web.txt")
            dashboard.keys("C-u")
            dashboard.line(path)
            dashboard.wait_bottom(answer)
        with open(path) as file:
            self.assertEqual(file.read(), "first\nsecond\n")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

    def test_hosts_cannot_set_the_clipboard(self):
        dashboard = self.started("-g", "web")
        self.settled(dashboard, 3, 3)
        self.broadcast(dashboard, 3)
        dashboard.line("printf '\\033]52;c;aGFja2Vk\\007'; echo do''ne")
        dashboard.wait_for("done")
        self.assertNotIn("hacked", dashboard.clipboard())


class Layouts(E2E):
    def test_arrangements_of_split(self):
        fleet = self.start_fleet(4)
        dashboard = self.dashboard(fleet, "-g", "web", size=(140, 40))
        self.settled(dashboard, 4, 4)
        dashboard.keys("s")
        dashboard.wait_bottom("fit hosts")
        for name in ("rows", "columns", "main and rest", "tiles"):
            dashboard.keys("s")
            dashboard.wait_bottom(name)
            for host in fleet.web:
                self.assertTrue(dashboard.sees(host), dashboard.capture())
        dashboard.keys("P")
        dashboard.wait_for("◆")

    def test_the_edge_of_the_list_is_dragged_and_the_mouse_given_back(self):
        fleet = self.start_fleet(2)
        dashboard = self.dashboard(fleet, "-g", "web")
        self.settled(dashboard, 2, 2)
        edge = dashboard.capture().split("\n")[1].index("┬")
        mouse(dashboard, 0, edge + 1, 6)
        mouse(dashboard, 32, edge + 11, 6)
        mouse(dashboard, 0, edge + 11, 6, "m")
        wait_until(lambda: dashboard.capture().split("\n")[1].index("┬") == edge + 10, "a wider list",
                   detail=dashboard.capture)
        dashboard.keys("M")
        dashboard.wait_bottom("M takes it back")
        wait_until(lambda: dashboard.ask("mouse_any_flag") == "0", "no mouse reports asked for")
        dashboard.keys("M")
        wait_until(lambda: dashboard.ask("mouse_any_flag") == "1", "mouse reports asked for")
