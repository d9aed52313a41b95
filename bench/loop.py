#!/usr/bin/python3
"""How long one call holds the event loop while many hosts are logged in to.

  bench/loop.py [--hosts 200]

With an ed25519 key, with an RSA key, with an agent, and with an agent that is stopped and never answers;
loop_bench (built with -DBDSH_BENCH=ON) times each call. Writes bench/results/loop.md.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import time

import lab

BENCH = os.path.join(os.path.dirname(lab.BINARY), "bench", "loop_bench")


def write_config(fleet, name, more):
    path = fleet.path("ssh_config." + name)
    shutil.copy(fleet.path("ssh_config"), path)
    with open(path) as file:
        lines = [line for line in file.read().split("\n") if "Identit" not in line]
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\nHost *\n" + more)
    return path


def measure(fleet, hosts, path, timeout):
    listed = "web[%s-%s]" % (fleet.web[0][3:], fleet.web[hosts - 1][3:])
    lab.sleep_until_quiet(fleet)
    # Before all others on its processor: then the clock tells what a call takes, whatever else runs.
    first = ["chrt", "-f", "1"] if os.geteuid() == 0 else []
    done = subprocess.run(first + [BENCH, "--config", "/dev/null", "-F", path, "--connect-timeout", str(timeout),
                                   "-H", listed, "--", "uptime"], env={**os.environ, **fleet.environment()},
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def start_agent(fleet):
    socket = fleet.path("agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    while not os.path.exists(socket):
        time.sleep(0.01)
    subprocess.run(["ssh-add", "-q", fleet.path("keys", "user")], check=True,
                   env={**os.environ, "SSH_AUTH_SOCK": socket})
    return agent, socket


def add_rsa_key(fleet):
    path = fleet.path("keys", "rsa")
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "4096", "-N", "", "-f", path], check=True)
    with open(path + ".pub") as key, open(fleet.path("keys", "authorized_keys"), "a") as file:
        file.write(key.read())
    return path


def runs(fleet, hosts):
    key = '  IdentityFile "%s"\n  IdentityAgent none\n'
    yield "an ed25519 key", measure(fleet, hosts, write_config(fleet, "ed25519", key % fleet.path("keys", "user")), 30)
    yield "an RSA key of 4,096 bits", measure(fleet, hosts, write_config(fleet, "rsa", key % add_rsa_key(fleet)), 60)
    agent, socket = start_agent(fleet)
    try:
        path = write_config(fleet, "agent", '  IdentityFile none\n  IdentityAgent "%s"\n' % socket)
        yield "an agent", measure(fleet, hosts, path, 30)
        agent.send_signal(signal.SIGSTOP)
        yield "an agent that does not answer", measure(fleet, hosts, path, 3)
    finally:
        agent.kill()
        agent.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=200)
    args = parser.parse_args()
    if not os.access(BENCH, os.X_OK):
        raise SystemExit("bench: no program at %s: configure the release preset with -DBDSH_BENCH=ON" % BENCH)
    head = ["logging in with", "hosts", "let in", "calls", "longest call, CPU ms", "longest call, wall ms",
            "calls over 5 ms, wall"]
    with lab.fleets.Fleet(args.hosts) as fleet:
        rows = [[name, run["hosts"], run["well"], run["calls"], run["cpu_ms"], run["wall_ms"], run["over_5_ms"]]
                for name, run in runs(fleet, args.hosts)]
    text = "One call of the event loop at a time, timed. Load average at the end: %.1f." % os.getloadavg()[0]
    lab.publish("loop", "How long one call holds the loop", [text, lab.table(head, rows)])


if __name__ == "__main__":
    main()
