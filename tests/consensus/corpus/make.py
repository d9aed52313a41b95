#!/usr/bin/env python3
"""Makes the corpus anew: runs each command twice, a while apart and as two hosts would.

NAME.a is what web01 (10.0.0.1) printed, NAME.b what web02 (10.0.0.2) did; where both are the same
there is no NAME.b. The machine's own name and addresses become theirs; that is the only change.
cases.txt says what is expected of each.   usage: make.py [NAME ...]
"""
import os
import re
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = """cd $(mktemp -d) && git init -q . && export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
for i in 1 2 3; do echo $i > file; git add file; git commit -qm "Change $i"; done; """
C = "cd $(mktemp -d) && printf 'int main() { return x; }\\n' > a.c; "

COMMANDS = {
    "uname": "uname -a", "hostname": "hostname; hostname -s", "date": "date; date -Is; date -R",
    "df": "df -h /", "df_inodes": "df -i /", "free": "free -m", "uptime": "uptime",
    "lscpu": "lscpu | head -20", "ps_self": "ps -o pid,ppid,comm -p $$",
    "ps_aux": "ps aux | grep '[p]s aux'", "ip_addr": "ip addr show lo; ip -4 addr show eth0",
    "ip_route": "ip route", "ip_link": "ip link show lo", "ss": "ss -ltn | head -1; ss -s | head -1",
    "dpkg_l": "dpkg -l bash coreutils dash grep", "dpkg_s": "dpkg -s bash | head -20",
    "apt_policy": "apt-cache policy bash", "apt_upgrade": "apt-get -s upgrade | head -12",
    "systemctl": "systemctl is-system-running 2>&1; systemctl status 2>&1 | head -5",
    "journalctl": "journalctl -n 5 --no-pager 2>&1",
    "passwd": "head -15 /etc/passwd", "os_release": "cat /etc/os-release",
    "sshd_config": "cat /etc/ssh/sshd_config | head -60", "hosts": "cat /etc/hosts",
    "nsswitch": "cat /etc/nsswitch.conf", "login_defs": "head -80 /etc/login.defs",
    "ls_l": "ls -l /etc | head -40", "ls_tmp": "ls -d $(mktemp -d) $(mktemp)",
    "stat": "stat /etc/passwd", "find": "find /etc/apt /etc/dpkg | sort",
    "sha256sum": "sha256sum /etc/passwd /etc/group", "uuid": "cat /proc/sys/kernel/random/uuid",
    "git_log": REPO + "git log --oneline", "git_log_full": REPO + "git log",
    "git_status": REPO + "git status", "gcc_error": C + "gcc -c a.c 2>&1",
    "gcc_version": "gcc --version", "python_trace": "python3 -c 'import os; os.kill(0, 99)' 2>&1",
    "meminfo": "head -5 /proc/meminfo", "loadavg": "cat /proc/loadavg",
    "limits": "cat /proc/self/limits", "cpuinfo": "head -12 /proc/cpuinfo", "vmstat": "vmstat",
    "time": "bash -c 'time true' 2>&1", "dd": "dd if=/dev/zero of=/dev/null bs=1M count=50 2>&1",
    "ping": "ping -c 2 127.0.0.1 2>&1", "progress": "printf '10%%\\n55%%\\n100%%\\ndone\\n'",
    "tar": "tar cvf /dev/null /etc/apt 2>/dev/null | head -20", "locale": "locale",
    "latin1": "printf 'caf\\351 au lait\\nna\\357ve\\n'", "empty": "true",
    "no_newline": "printf 'no end of line'", "blank_lines": "printf '\\n\\n\\n'",
    "table": "column -t -s: /etc/group | head -20", "seq": "seq 1 1000",
    "error": "cat /nonexistent 2>&1", "id": "id",
}


def as_host(output, number):
    names = {socket.gethostname(), socket.gethostname().split(".")[0]}
    for name in sorted(names, key=len, reverse=True):
        output = re.sub(rb"\b" + re.escape(name.encode()) + rb"\b", b"web0%d" % number, output)
    shown = subprocess.run("hostname -I", shell=True, capture_output=True).stdout.split()
    for address in shown:
        output = re.sub(rb"\b" + re.escape(address) + rb"\b", b"10.0.0.%d" % number, output)
    return output


def capture(command, number):
    environment = {"PATH": os.environ["PATH"], "HOME": "/root", "LC_ALL": "C.UTF-8"}
    result = subprocess.run(["bash", "-c", command], cwd="/", capture_output=True,
                            env=environment, timeout=30)
    return as_host(result.stdout, number)


def main():
    wanted = sys.argv[1:] or list(COMMANDS)
    first = {name: capture(COMMANDS[name], 1) for name in wanted}
    time.sleep(3)
    for name in wanted:
        second = capture(COMMANDS[name], 2)
        path = os.path.join(HERE, name)
        with open(path + ".a", "wb") as out:
            out.write(first[name])
        if os.path.exists(path + ".b"):
            os.remove(path + ".b")
        if second != first[name]:
            with open(path + ".b", "wb") as out:
                out.write(second)


if __name__ == "__main__":
    main()
