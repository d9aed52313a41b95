#!/usr/bin/python3
"""Logins by one password entry and by one agent: hosts lost, and client CPU beside ssh(1).

  bench/auth.py [--hosts N] [--ssh N]

Real sshd for every host, curve25519 for all. The password is typed once, at the program's first
question; the agent holds one ed25519 key. ssh(1) is run on fewer hosts (--ssh), since it takes long:
its figures are per host. Writes bench/results/auth.md.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import lab

FANOUT = 64
COMMAND = "uptime"


def config(fleet, extra):
    """The fleet's ssh_config with another way to log in."""
    with open(fleet.path("ssh_config")) as file:
        text = file.read()
    text = re.sub(r"  (IdentityFile|IdentitiesOnly|IdentityAgent|BatchMode) .*\n", "", text)
    path = fleet.path("ssh_config.auth")
    with open(path, "w") as file:
        file.write(text + extra)
    return path


def hosts_of(fleet, count):
    return "web[%s-%s]" % (fleet.web[0][3:], fleet.web[count - 1][3:])


def usage_of(pid):
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime


def ours(fleet, path, count, typed, environment):
    """One run on a terminal of its own; `typed` answers its first question."""
    out = fleet.path("out.json")
    own = [lab.BINARY, "--json", "--parallel", str(FANOUT), "--connect-timeout", "60", "--config", "/dev/null",
           "-F", path, "-H", hosts_of(fleet, count), "--", COMMAND]
    before = fleet.status()["sshd_cpu_us"]
    began = time.monotonic()
    terminal = lab.Terminal(["sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", out, *own],
                            {**fleet.environment(), **environment})
    if typed and terminal.until(b"password for", 60) is None:
        raise SystemExit("bench: nothing was asked: " + terminal.tail.decode(errors="replace"))
    if typed:
        terminal.send(typed.encode() + b"\n")
    seen = b""
    try:
        while True:
            seen += terminal.pump(1)
    except SystemExit:  # the program has closed its terminal
        pass
    code, cpu = usage_of(terminal.pid)
    wall = time.monotonic() - began
    os.close(terminal.fd)
    lab.sleep_until_quiet(fleet)
    with open(out) as file:
        states = [host["state"] for host in json.load(file)["hosts"]]
    asked = (b"password for" + seen).count(b"password for") if typed else 0
    return {"ok": states.count("ok"), "cpu": cpu, "wall": wall, "asked": asked, "code": code,
            "sshd": (fleet.status()["sshd_cpu_us"] - before) / 1e6}


def peers(fleet, path, count, environment):
    """ssh(1) for each host, as many at a time."""
    names = "".join(name + "\n" for name in fleet.web[:count])
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as source, tempfile.TemporaryFile() as out:
        source.write(names)
        source.seek(0)
        child = subprocess.Popen(["xargs", "-P", str(FANOUT), "-I{}", "ssh", "-F", path, "{}", COMMAND], stdin=source,
                                 stdout=out, stderr=subprocess.DEVNULL, start_new_session=True,
                                 env={**os.environ, **fleet.environment(), **environment})
        _, cpu = usage_of(child.pid)
        child.returncode = 0
        out.seek(0)
        ok = out.read().count(b"load average")
    return {"ok": ok, "cpu": cpu, "wall": time.monotonic() - began}


def row(name, count, run):
    return [name, count, count - run["ok"], "%.2f" % run["wall"],
            "%.2f" % (run["sshd"] / lab.CORES) if "sshd" in run else "", "%.2f" % (1000 * run["cpu"] / count)]


def by_password(count, few):
    with lab.fleets.Fleet(count, tempers={"web%0*d" % (max(2, len(str(count))), i + 1): "password" for i in range(count)}) as fleet:
        path = config(fleet, "  IdentityFile none\n  IdentityAgent none\n")
        run = ours(fleet, path, count, "fleet", {})
        answer = fleet.path("answer")
        with open(answer, "w") as file:
            file.write("#!/bin/sh\necho fleet\n")
        os.chmod(answer, 0o700)
        peer = peers(fleet, path, few, {"SSH_ASKPASS": answer, "SSH_ASKPASS_REQUIRE": "force"})
    print("password: %(ok)d in, asked %(asked)d time(s)" % run, file=sys.stderr)
    return [row("bdsh-tui, password typed once", count, run), row("ssh(1), askpass", few, peer)], run


def by_agent(count, few):
    with lab.fleets.Fleet(count) as fleet:
        socket = fleet.path("agent")
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
        try:
            while not os.path.exists(socket):
                time.sleep(0.01)
            subprocess.run(["ssh-add", "-q", fleet.path("keys", "user")], check=True,
                           env={**os.environ, "SSH_AUTH_SOCK": socket})
            path = config(fleet, '  IdentityFile none\n  IdentityAgent "%s"\n' % socket)
            run = ours(fleet, path, count, None, {})
            peer = peers(fleet, path, few, {})
        finally:
            agent.terminate()
            agent.wait()
    return [row("bdsh-tui, agent", count, run), row("ssh(1), agent", few, peer)], run


HEAD = ["client", "hosts", "lost", "wall s", "floor s", "client CPU ms/host"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--ssh", type=int, default=100)
    parser.add_argument("--dry-run", action="store_true", help="print, write nothing")
    args = parser.parse_args()
    lab.need_binary()
    few = min(args.ssh, args.hosts)
    passwords, run = by_password(args.hosts, few)
    agents, _ = by_agent(args.hosts, few)
    text = ("`%s` on each host, fan-out %d, curve25519-sha256 for all. The password was asked for %d time(s). The floor "
            "is the CPU time of the hosts' sshd in that run, divided by the cores they share with the client. Load "
            "average at the end: %.1f." % (COMMAND, FANOUT, run["asked"], os.getloadavg()[0]))
    parts = [text, lab.table(HEAD, passwords + agents)]
    if args.dry_run:
        print("\n\n".join(parts))
    else:
        lab.publish("auth", "Logins by one password and by one agent", parts)


if __name__ == "__main__":
    main()
