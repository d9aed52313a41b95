"""vim, htop and less, in focus and under broadcast."""
import re
import shutil
import unittest

from harness import E2E, wait_until


def needs(program):
    return unittest.skipUnless(shutil.which(program), program + " is not installed")


class FullScreenTest(E2E):
    def focus(self, hosts=2):
        fleet = self.start_fleet(hosts)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, hosts, hosts)
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web01")
        return fleet, dashboard

    def all(self, hosts=3):
        fleet = self.start_fleet(hosts)
        dashboard = self.dashboard(fleet)
        self.settled(dashboard, hosts, hosts)
        self.broadcast(dashboard, hosts)
        return fleet, dashboard

    @needs("vim")
    def test_vim_in_focus(self):
        fleet, dashboard = self.focus()
        dashboard.line("vim -u NONE -N -c 'set noswapfile showmode backspace=2' note.txt")
        dashboard.wait_for("note.txt")
        dashboard.keys("i")
        dashboard.wait_for("-- INSERT --")
        dashboard.line("first line")
        dashboard.type("second lXne")
        dashboard.keys("Left", "Left", "BSpace")
        dashboard.type("i")
        dashboard.keys("Up", "Home")
        dashboard.type("the ")
        dashboard.wait_for("the first line")
        dashboard.keys("Escape")
        dashboard.wait_gone("-- INSERT --")
        dashboard.line(":wq")
        self.wait_file(fleet, "web01", "note.txt", "the first line\nsecond line\n")
        dashboard.wait_for("@web01:~")

    def test_a_bell_sounds_for_the_host_in_focus_only(self):
        fleet, dashboard = self.focus()
        dashboard.tmux("set-option", "-g", "bell-action", "any")
        dashboard.tmux("set-hook", "-g", "alert-bell", "set-option -g @rang yes")
        self.navigate(dashboard)
        dashboard.keys("c", "i")
        dashboard.line("printf '\\a'; touch rung")
        self.wait_file(fleet, "web01", "rung")
        dashboard.wait_for("♪")
        self.assertEqual(dashboard.ask("@rang"), "")
        self.navigate(dashboard)
        dashboard.keys("Enter")
        dashboard.wait_bottom("INPUT → web01")
        dashboard.line("printf '\\a'")
        wait_until(lambda: dashboard.ask("@rang") == "yes", "the bell to sound")

    def test_lines_wrap_anew_with_the_terminals_width(self):
        fleet, dashboard = self.focus(1)
        numbers = " ".join(str(i) for i in range(1, 61))
        dashboard.line("seq -s ' ' 1 60")
        dashboard.wait_for("59 60")
        for columns in (70, 110):
            dashboard.resize(columns, 30)
            wait_until(lambda: numbers in self.unwrapped(dashboard, columns), "the numbers on %d columns" % columns,
                       detail=lambda: dashboard.capture())

    def unwrapped(self, dashboard, columns):
        return "".join(row.ljust(columns)[:columns] for row in dashboard.capture().split("\n"))

    @needs("vim")
    def test_vim_under_broadcast(self):
        fleet, dashboard = self.all()
        dashboard.line("vim -u NONE -N -c 'set noswapfile showmode backspace=2' name.txt")
        dashboard.wait_for("this is")  # the pane may crop vim's last row
        dashboard.keys("G", "o")
        dashboard.type("added to all")
        dashboard.wait_for("added to all")
        dashboard.keys("Escape")
        dashboard.keys("C-l")  # apart from the colon, or the two would be Alt-:
        dashboard.line(":wq")
        for host in fleet.names:
            self.wait_file(fleet, host, "name.txt", "this is %s\nadded to all\n" % host)
        self.settled(dashboard, 3, 3)

    @needs("htop")
    def test_htop_in_focus(self):
        _, dashboard = self.focus(1)
        dashboard.line("htop")
        dashboard.wait_for("F10Quit")
        dashboard.wait_for(re.compile(r"Load average", re.I))
        dashboard.keys("F5")
        dashboard.wait_for(re.compile("F5(List|Tree)"))
        dashboard.keys("q")
        dashboard.wait_gone("F10Quit")
        dashboard.wait_for("@web01:~")

    @needs("htop")
    def test_htop_under_broadcast(self):
        fleet, dashboard = self.all()
        dashboard.line("htop")
        dashboard.wait_for("Load average")
        dashboard.keys("q")
        dashboard.wait_gone("Load average")
        dashboard.line("touch after-htop")
        for host in fleet.names:
            self.wait_file(fleet, host, "after-htop")

    @needs("less")
    def test_less_in_focus(self):
        _, dashboard = self.focus(1)
        dashboard.line("seq 1000 1999 > numbers; less numbers")
        dashboard.wait_for("1000")
        dashboard.keys("PageDown")
        dashboard.wait_gone(re.compile(r"\b1000\b"))
        dashboard.keys("G")
        dashboard.wait_for("1999")
        dashboard.keys("g")
        dashboard.wait_for("1000")
        dashboard.line("/1500")
        dashboard.wait_for("1500")
        dashboard.keys("q")
        dashboard.wait_for(re.compile("@web01:~"))
        dashboard.wait_gone("1501")

    @needs("less")
    def test_less_under_broadcast(self):
        fleet, dashboard = self.all()
        dashboard.line("cat release.txt > page; seq 1 500 >> page; less page; touch read")
        dashboard.wait_for("channel stable")
        dashboard.keys("G")
        dashboard.wait_for("500")
        dashboard.keys("q")
        for host in fleet.names:
            self.wait_file(fleet, host, "read")

    @needs("vim")
    def test_one_host_in_another_program_is_seen(self):
        fleet, dashboard = self.all()
        dashboard.line("[ $FLEET_HOST = web02 ] || exec less release.txt")
        dashboard.wait_for("channel stable")
        self.navigate(dashboard)
        dashboard.wait_for(re.compile("web02.*≠"))
        dashboard.keys("n")
        dashboard.keys("z")
        dashboard.wait_for("@web02:~")

    @needs("vim")
    def test_screens_are_variants_with_their_cells_counted(self):
        fleet = self.start_fleet(5)
        with open(self.file_of(fleet, "web04", "release.txt"), "w") as file:
            file.write("release 99\nkernel 6.1.0-18\nchannel stable\n")
        dashboard = self.dashboard(fleet, size=(100, 30))
        self.settled(dashboard, 5, 5)
        self.broadcast(dashboard, 5)
        dashboard.line("case $FLEET_HOST in web02) ;; web05) seq 1 500 > page; less page;; *) vim -u NONE release.txt;; esac")
        dashboard.wait_for("channel stable")
        self.navigate(dashboard)
        dashboard.wait_for(re.compile(r"screens of 4 hosts · 2 agree · web\[02,04-05\] ≠"))
        # Of "release 12" and "release 99" both digits differ; they are drawn in the style of it.
        self.assertRegex(dashboard.capture(escapes=True), r"release (\x1b\[[0-9;]*m)+12")
        dashboard.keys("Tab")
        dashboard.wait_for(re.compile(r"web04 +B 2"))
        dashboard.keys("v")
        for row in (r"A +2 .*majority +web\[01,03\]", r"B +1 .*2 cells +web04",
                    r"C +1 .*other program +web05", r"D +1 .*at the shell +web02"):
            dashboard.wait_for(re.compile(row))
        dashboard.keys("j")
        dashboard.keys("B")
        dashboard.wait_bottom("INPUT → web04")

    def test_arrow_keys_follow_each_hosts_own_mode(self):
        # One host in an application that asked for application cursor keys, one at its shell.
        fleet, dashboard = self.all(2)
        dashboard.line("[ $FLEET_HOST = web01 ] && printf '\\033[?1h'; stty -icanon -echo; "
                       "touch ready; dd bs=1 count=3 of=key 2>/dev/null; stty sane")
        for host in fleet.names:
            self.wait_file(fleet, host, "ready")
        dashboard.keys("Up")
        self.wait_file(fleet, "web01", "key", "\x1bOA")
        self.wait_file(fleet, "web02", "key", "\x1b[A")


if __name__ == "__main__":
    unittest.main()
