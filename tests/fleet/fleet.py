"""Test fleets: N real SSH hosts on this machine, made for the occasion and gone afterwards.

Used by scripts/fleet (the command), tests/e2e (as a library) and bench/. Python's standard library
alone. The SSH side is fleet_server.cpp; this file makes keys, hosts' home directories and the
configurations for ssh(1) and bdsh-tui, and knows the tempers:

  content tempers, acted by the host's own shell start-up (they change with a file, at once):
    differ    another nginx state and other files      flood   prints without end
    hostile   prints escape sequences against the terminal      slowout  prints a line per 0.2 s
  connection tempers, acted by the super-server (refuse, reset, close, silent, garbage, banner,
    slow:MS, drop:MS), and those that are options of the host's sshd:
    denied    takes no key          hostkey  shows a changed host key
    nokex     no common algorithm   nopty    refuses terminals
    password  takes the password "fleet" and no key
    code      asks for that password and then for a code, its own number in six digits
    ldap      asks for that password in words of its own
    mfa       takes the key and then wants a code    forced   runs a command of its own
    maxsessions   opens no session      onesession   opens one on a connection
    files         carries files alone, which start in its own directory
    ownfiles      carries files that start there, beside its shells
    hostilefiles  has an SFTP server that lists names to harm whoever downloads them
  missing     the configuration names an address that does not exist
"""
import argparse
import contextlib
import functools
import glob
import json
import os
import pwd
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SOURCE = os.path.join(HERE, "fleet_server.cpp")
LOGIN_SOURCE = os.path.join(HERE, "fleet_login.cpp")
PREFIX = "bdsh-fleet-"

CONTENT_TEMPERS = ("differ", "flood", "hostile", "slowout")
THROUGH_PAM = ("KbdInteractiveAuthentication=yes", "UsePAM=yes", "PermitRootLogin=yes")
SSHD_TEMPERS = {
    "denied": ["AuthorizedKeysFile=none"],
    "hostkey": ['HostKey="{dir}/keys/other_host"'],
    "nokex": ["KexAlgorithms=diffie-hellman-group1-sha1"],
    "nopty": ["PermitTTY=no"],
    "password": ["PasswordAuthentication=yes", "AuthenticationMethods=password", "UsePAM=no", "PermitRootLogin=yes"],
    "code": ["AuthenticationMethods=keyboard-interactive", *THROUGH_PAM],
    "ldap": ["AuthenticationMethods=keyboard-interactive", *THROUGH_PAM],
    "mfa": ["AuthenticationMethods=publickey,keyboard-interactive", *THROUGH_PAM],
    "forced": ["ForceCommand=echo this host runs only this"],
    "maxsessions": ["MaxSessions=0"],
    "onesession": ["MaxSessions=1"],
    "files": ['ForceCommand=internal-sftp -d {dir}/home/{name}'],
    "ownfiles": [],
    "hostilefiles": ["ForceCommand=/usr/bin/python3 %s" % os.path.join(HERE, "hostile_files.py")],
}
# Hosts that ask are told what to ask: see fleet_login.cpp. {hash} is PASSWORD's.
LOGINS = {
    "password": "shadow {hash}\n",
    "code": "ask hidden Password: \t{password}\nsay Code from your device\nask echo Verification code: \t{code}\n",
    "ldap": "ask hidden LDAP Password: \t{password}\n",
    "mfa": "ask echo Verification code: \t{code}\n",
}
PASSWORD = "fleet"
SERVER_TEMPERS = ("serve", "refuse", "reset", "close", "silent", "garbage", "banner", "slow", "drop")
TEMPERS = CONTENT_TEMPERS + tuple(SSHD_TEMPERS) + SERVER_TEMPERS[1:] + ("missing",)

# What a hostile host prints: attempts on the terminal, its title, its clipboard, its parser.
HOSTILE = b"".join([
    b"hostile begins\r\n",
    b"\x1b]0;OWNED TITLE\x07", b"\x1b]2;OWNED TITLE\x1b\\",
    b"\x1b]52;c;T1dORUQ=\x07",                     # write the clipboard
    b"\x1b]52;c;?\x07",                            # read the clipboard
    b"\x1b[5;5H\x1b[2J\x1b[1;1HOWNED SCREEN",       # elsewhere on the screen
    b"\x1b[21t\x1b[c\x1b[>c\x1b[6n\x1bP$qm\x1b\\",  # questions whose answers are typed text
    b"\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[>1u\x1b[>4;2m",
    b"\x1b[?1049h\x1b[?25l",                       # alternate screen, no cursor
    b"\x1b[b", b"\x1b[" + b"1;" * 40 + b"m",        # repeat nothing; too many parameters
    b"\x1b[999999999999A\x1b[38:2:::::::::1m\x1b[4294967296;1H",
    b"\x1b[3;7r\x1b[2;999r\x1b[?69h\x1b[5;10s\x1b[r\x1b[?69l",
    b"\x1bPq" + b"#0;2;0;0;0" * 200 + b"\x1b\\",    # sixel
    b"\x1b_Ga=T;AAAA\x1b\\", b"\x1b^pm\x1b\\", b"\x1bX sos \x1b\\",
    b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",  # invalid and cut UTF-8
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u202e\u200b\ufeff\u2066\r\n".encode(),
    b"\x0e\x0f\x05\x07\x08\x08\x08\x7f\x00\x80\x9b31m\x9d0;C1\x9c",
    b"\x1b]8;;file:///etc/passwd\x1b\\link\x1b]8;;\x1b\\",
    b"\x1b#8\x1b[?5h\x1b[?5l\x1b[!p",
    b"\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[0m\x1b(B",
    b"\r\nhostile ends\r\n",
])

RC = r"""# Made by scripts/fleet for host $FLEET_HOST.
cd
PATH=$FLEET_DIR/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOSTNAME=$FLEET_HOST
PS1="\u@$FLEET_HOST:\w\\$ "
unset HISTFILE MAIL PROMPT_COMMAND command_not_found_handle
unset -f command_not_found_handle 2>/dev/null
[ -r ~/.temper ] && . ~/.temper
"""

SYSTEMCTL = r"""#!/bin/sh
# Stands in for systemctl on a test host: ~/nginx.state says how nginx is.
. "$HOME/nginx.state"
case "$1 $2" in
"status nginx"|"status nginx.service")
  echo "$mark nginx.service - A high performance web server and a reverse proxy server"
  echo "     Loaded: loaded (/lib/systemd/system/nginx.service; enabled; preset: enabled)"
  echo "     Active: $active since $since; 6 days ago"
  echo "       Docs: man:nginx(8)"
  echo "   Main PID: $pid (nginx)"
  echo "      Tasks: 3 (limit: 4915)"
  echo "     Memory: 5.9M"
  exit $status ;;
"is-active nginx"|"is-active nginx.service")
  echo "${active%% *}"; exit $status ;;
"restart nginx"|"restart nginx.service"|"start nginx"|"start nginx.service")
  cp "$HOME/.nginx.running" "$HOME/nginx.state" ;;
*)
  echo "Unit $2 could not be found." >&2; exit 4 ;;
esac
"""

NGINX = '#!/bin/sh\n. "$HOME/nginx.state"\necho "nginx version: nginx/$version" >&2\n'
UNAME_N = '#!/bin/sh\n[ "$*" = "" ] || [ "$*" = -s ] || exec /bin/hostname "$@"\necho "$FLEET_HOST"\n'


class FleetError(Exception):
    pass


def server_binary():
    """The super-server, built on its own when it is missing or older than its source."""
    return built("bdsh-fleet-server", SOURCE)


def login_library():
    """What is preloaded into the sshd of hosts that take passwords."""
    return built("bdsh-fleet-login.so", LOGIN_SOURCE, "-shared", "-fPIC", "-ldl")


def built(name, source, *flags):
    binary = os.path.join(ROOT, "build", "fleet", name)
    if os.path.exists(binary) and os.path.getmtime(binary) >= os.path.getmtime(source):
        return binary
    os.makedirs(os.path.dirname(binary), exist_ok=True)
    made = "%s.%d" % (binary, os.getpid())
    subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-O1", "-Wall", "-Wextra", source,
                    "-o", made, *flags], check=True, stdin=subprocess.DEVNULL)
    os.rename(made, binary)  # at once: others may be starting a fleet too
    return binary


def write(path, text, mode=0o600):
    data = text if isinstance(text, bytes) else text.encode()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)


def host_names(prefix, count):
    width = max(2, len(str(count)))
    return ["%s%0*d" % (prefix, width, i + 1) for i in range(count)]


def nginx_state(number, differs):
    if differs:
        return ('mark="×"\nactive="failed (Result: exit-code)"\nstatus=3\npid=%d\nversion=1.18.0\n'
                'since="Mon 2026-11-16 09:%02d:07 UTC"\n' % (800 + number, number % 60))
    return ('mark="●"\nactive="active (running)"\nstatus=0\npid=%d\nversion=1.22.1\n'
            'since="Mon 2026-11-16 08:%02d:44 UTC"\n' % (800 + number, number % 60))


@functools.lru_cache(maxsize=None)
def crypted(password):
    """As crypt(3) stores it; the quick, old kind: a thousand logins are to measure the client."""
    done = subprocess.run(["openssl", "passwd", "-1", "-salt", "fleetsal", "-stdin"], input=password,
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Fleet:
    """A running fleet, or one to be started. As a context manager it starts and stops it; should
    this process die first, the super-server notices and cleans up by itself."""

    def __init__(self, hosts=8, db=0, tempers=None, directory=None, own_keys=False, port=2022):
        self.web = host_names("web", hosts)
        self.db = host_names("db", db)
        self.names = self.web + self.db
        self.tempers = dict(tempers or {})  # host name -> temper
        self.own_keys = own_keys
        self.port = port
        self.dir = os.path.abspath(directory) if directory else None
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.addresses = {}
        self.server_pid = None
        self._lifeline = None
        for name, temper in self.tempers.items():
            if name not in self.names:
                raise FleetError("no host %s in this fleet" % name)
            if temper.split(":")[0] not in TEMPERS:
                raise FleetError("unknown temper %s" % temper)

    def __enter__(self):
        return self.start(bound_to_us=True)

    def __exit__(self, *_):
        self.stop()

    # -- starting

    def start(self, bound_to_us=False):
        binary = server_binary()
        if self.dir:
            os.makedirs(self.dir, mode=0o700, exist_ok=True)
            if os.listdir(self.dir):
                raise FleetError("%s is not empty" % self.dir)
            os.chmod(self.dir, 0o700)
        else:
            self.dir = tempfile.mkdtemp(prefix=PREFIX)
        try:
            self._make_keys()
            self._make_hosts()
            self._start_server(binary, bound_to_us)
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise
        return self

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def _make_keys(self):
        os.mkdir(self.path("keys"), 0o700)
        names = ["user", "host", "other_host"]
        if self.own_keys:
            names += ["host_" + name for name in self.names]
        for name in names:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test fleet " + name,
                            "-f", self.path("keys", name)], check=True, stdin=subprocess.DEVNULL)
        shutil.copy(self.path("keys", "user.pub"), self.path("keys", "authorized_keys"))

    def _make_hosts(self):
        os.mkdir(self.path("bin"), 0o755)
        write(self.path("bin", "systemctl"), SYSTEMCTL, 0o755)
        write(self.path("bin", "nginx"), NGINX, 0o755)
        write(self.path("bin", "hostname"), UNAME_N, 0o755)
        write(self.path("hostile"), HOSTILE)
        write(self.path("rc"), RC)
        write(self.path("profile"), ". ~/.bashrc\n")
        os.mkdir(self.path("home"), 0o700)
        for number, name in enumerate(self.names, 1):
            self._make_home(number, name)
        self._make_logins()
        write(self.path("sshd.conf"), self._sshd_config())

    def _make_logins(self):
        os.mkdir(self.path("login"), 0o700)
        for name in self.names:
            self._set_login(name)

    def _set_login(self, name, password=PASSWORD):
        """What the host asks of whoever logs in; nothing for hosts that take the key."""
        lines = LOGINS.get(self.tempers.get(name))
        if lines is None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path("login", name))
            return
        if not os.path.exists(self.path("login.so")):
            shutil.copy(login_library(), self.path("login.so"))
        code = "%06d" % (self.names.index(name) + 1)
        write(self.path("login", name), lines.format(hash=crypted(password), password=password, code=code))

    def set_password(self, name, password):
        """Of a host whose temper takes one."""
        self._set_login(name, password)

    def _make_home(self, number, name):
        home = self.home(name)
        os.mkdir(home, 0o700)
        os.symlink(self.path("rc"), home + "/.bashrc")
        os.symlink(self.path("profile"), home + "/.bash_profile")
        write(home + "/.nginx.running", nginx_state(number, False))
        write(home + "/nginx.state", nginx_state(number, False))
        write(home + "/name.txt", "this is %s\n" % name)
        write(home + "/release.txt", "release 12\nkernel 6.1.0-18\nchannel stable\n")
        if self.tempers.get(name) in CONTENT_TEMPERS:
            self._set_content(name, self.tempers[name])

    def _sshd_config(self):
        lines = [
            "UsePAM %s" % ("yes" if self._root_is_locked() else "no"),
            'AuthorizedKeysFile "%s"' % self.path("keys", "authorized_keys"),
            "AuthenticationMethods publickey", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password",
            "AllowUsers " + self.user, "StrictModes no", "PrintMotd no", "PrintLastLog no",
            "UseDNS no", "PermitUserRC no", "PerSourceMaxStartups none", "LogLevel ERROR",
            "PidFile none",
        ]
        if not pwd.getpwuid(os.geteuid()).pw_shell.endswith("/bash"):
            # The hosts' files are bash's. `-l` without a command, as sshd itself would.
            lines.append("ForceCommand exec /bin/bash ${SSH_ORIGINAL_COMMAND:--l}"
                         "${SSH_ORIGINAL_COMMAND:+-c \"$SSH_ORIGINAL_COMMAND\"}")
        return "\n".join(lines) + "\n"

    @staticmethod
    def _root_is_locked():
        # Without PAM, sshd refuses accounts whose password field begins with "!".
        if os.geteuid() != 0:
            return False
        with contextlib.suppress(OSError), open("/etc/shadow") as shadow:
            return any(line.startswith("root:!") for line in shadow)
        return False

    def _start_server(self, binary, bound_to_us):
        for _ in range(20):
            self._assign_addresses()
            answer = self._try_server(binary, bound_to_us)
            if answer == "ready":
                self._write_configs()
                return
            if "Address already in use" not in answer:
                break
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path("control"))
        raise FleetError("fleet server: " + answer)

    def _assign_addresses(self):
        base = random.randrange(16, 250)
        block = random.randrange(0, 200)
        self.addresses = {name: "127.%d.%d.%d" % (base, block + i // 250, 1 + i % 250)
                          for i, name in enumerate(self.names)}
        lines = []
        for name in self.names:
            words = [name, self.addresses[name]] + self._server_words(name)
            lines.append("\t".join(words) + "\n")
        write(self.path("hosts"), "".join(lines))

    def _server_words(self, name):
        """A host's temper in the super-server's words: [TEMPER, SSHD_OPTION=VALUE…]."""
        temper = self.tempers.get(name, "serve")
        words = [temper if temper.split(":")[0] in SERVER_TEMPERS else "serve"]
        words += [option.format(dir=self.dir, name=name) for option in SSHD_TEMPERS.get(temper, [])]
        # The server starts in the account's home, which is the same for all.
        start = " -d " + self.home(name) if temper == "ownfiles" else ""
        words.append("Subsystem=sftp internal-sftp" + start)
        if self.own_keys and temper != "hostkey":
            words.append('HostKey="%s"' % self.path("keys", "host_" + name))
        return words

    def _try_server(self, binary, bound_to_us):
        read_end, write_end = os.pipe()  # ours is never inherited: it closes when we die
        command = [binary, "--port", str(self.port), "--sshd", shutil.which("sshd") or "/usr/sbin/sshd",
                   "--owns-dir", self.dir]
        if bound_to_us:
            command[1:1] = ["--lifeline", str(read_end)]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, start_new_session=True,
                                  pass_fds=[read_end] if bound_to_us else [])
        os.close(read_end)
        answer = server.stdout.readline().decode().strip()
        server.stdout.close()
        if answer == "ready":
            self.server_pid, self._server, self._lifeline = server.pid, server, write_end
        else:
            os.close(write_end)
            server.wait()
        return answer

    # -- configurations

    def _write_configs(self):
        def public(key):
            with open(self.path("keys", key + ".pub")) as file:
                return " ".join(file.read().split()[:2])
        shared = public("host")
        write(self.path("known_hosts"), "".join(
            "[%s]:%d %s\n" % (self.addresses[name], self.port,
                              public("host_" + name) if self.own_keys else shared)
            for name in self.names))
        write(self.path("ssh_config"), self._ssh_config("KexAlgorithms curve25519-sha256\n"))
        write(self.path("ssh_config.default"), self._ssh_config(""))
        os.makedirs(self.path("xdg", "bdsh"), 0o700)
        os.mkdir(self.path("state"), 0o700)
        write(self.path("config.yaml"), self._yaml())
        os.symlink("../../config.yaml", self.path("xdg", "bdsh", "config.yaml"))
        write(self.path("fleet.json"), json.dumps({
            "dir": self.dir, "web": self.web, "db": self.db, "addresses": self.addresses,
            "tempers": self.tempers, "port": self.port, "pid": self.server_pid,
            "own_keys": self.own_keys}))

    def address_of(self, name):
        """What configurations say: a name that cannot exist for missing hosts (RFC 2606)."""
        return name + ".invalid" if self.tempers.get(name) == "missing" else self.addresses[name]

    def _ssh_config(self, kex):
        head = "".join("Host %s\n  HostName %s\n" % (name, self.address_of(name))
                       for name in self.names)
        return head + ('Host *\n  User %s\n  Port %d\n  IdentityFile "%s"\n  IdentitiesOnly yes\n'
                       '  IdentityAgent none\n  UserKnownHostsFile "%s"\n  GlobalKnownHostsFile /dev/null\n'
                       "  StrictHostKeyChecking yes\n  BatchMode yes\n  %s"
                       % (self.user, self.port, self.path("keys", "user"), self.path("known_hosts"), kex))

    def _yaml(self):
        groups = {"web": self.web, "all": self.names}
        if self.db:
            groups["db"] = self.db
        out = ["# Made by scripts/fleet.\nclusters:\n"]
        for group, names in groups.items():
            out.append("  %s:\n    user: %s\n    ssh_key: %s\n    nodes:\n"
                       % (group, self.user, json.dumps(self.path("keys", "user"))))
            out += ["      - {name: %s, host: %s, port: %d, known_hosts: %s}\n"
                    % (name, self.address_of(name), self.port, json.dumps(self.path("known_hosts")))
                    for name in names]
        out.append("default_cluster: web\n")
        return "".join(out)

    def home(self, name):
        return self.path("home", name)

    def environment(self):
        """What makes bdsh-tui and scripts use this fleet."""
        return {"BDSH_FLEET": self.dir, "XDG_CONFIG_HOME": self.path("xdg"),
                "XDG_STATE_HOME": self.path("state"), "FLEET_SSH_CONFIG": self.path("ssh_config")}

    # -- while it runs

    def control(self, *words):
        with socket.socket(socket.AF_UNIX) as link, _opened(self.dir) as fd:
            link.settimeout(30)
            link.connect("/proc/self/fd/%d/control" % fd)
            link.sendall("\t".join(words).encode() + b"\n")
            answer = b"".join(iter(lambda: link.recv(65536), b"")).decode()
        if answer.startswith("error"):
            raise FleetError(answer.strip())
        return answer

    def set_temper(self, name, temper):
        """From the host's next connection on; "serve" is well-behaved."""
        if temper.split(":")[0] not in TEMPERS + ("serve",) or temper == "missing":
            raise FleetError("temper %s cannot be set now" % temper)
        self.tempers[name] = temper
        self._set_login(name)
        self._set_content(name, temper)
        self.control("temper", name, *self._server_words(name))

    def _set_content(self, name, temper):
        number = self.names.index(name) + 1
        differs = temper == "differ"
        write(self.home(name) + "/nginx.state", nginx_state(number, differs))
        write(self.home(name) + "/release.txt", "release %d\nkernel 6.1.0-18\nchannel stable\n"
              % (11 if differs else 12))
        script = {"flood": 'yes "$FLEET_HOST floods"\n',
                  "hostile": 'cat "$FLEET_DIR/hostile"\n',
                  "slowout": 'for i in $(seq 1 50); do echo "line $i"; sleep 0.2; done\n'}.get(temper)
        if script:
            write(self.home(name) + "/.temper", script)
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.home(name) + "/.temper")

    def signal(self, name, number):
        """To all processes of the host's sessions: SIGKILL is a crash, SIGSTOP a frozen host."""
        self.control("signal", name, str(int(number)))

    def status(self):
        result = {"hosts": {}}
        for line in self.control("status").splitlines():
            words = line.split()
            if words[0] == "host":
                result["hosts"][words[1]] = {"address": words[2], "temper": words[3],
                                             "connections": int(words[4])}
            else:
                result[words[0]] = int(words[1])
        return result

    def ssh(self, name, *command, **kwargs):
        return subprocess.run(["ssh", "-F", self.path("ssh_config"), name, *command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, **kwargs)

    # -- stopping

    def stop(self):
        if not self.dir:
            return
        with contextlib.suppress(OSError, FleetError):
            self.control("stop")
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
            self._server.wait()
        end_strays(self.dir)
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir = None

    @classmethod
    def running(cls, directory):
        with open(os.path.join(directory, "fleet.json")) as file:
            known = json.load(file)
        fleet = cls(len(known["web"]), len(known["db"]), known["tempers"], known["dir"],
                    known["own_keys"], known["port"])
        fleet.addresses, fleet.server_pid = known["addresses"], known["pid"]
        return fleet


@contextlib.contextmanager
def _opened(directory):
    fd = os.open(directory, os.O_DIRECTORY | os.O_RDONLY)
    try:
        yield fd
    finally:
        os.close(fd)


def strays(directory):
    """Processes of a fleet whose super-server is gone: its sshd name the directory in their
    arguments, everything they started in its environment."""
    found = []
    token = os.fsencode(directory) + b"/"
    marks = (b"FLEET_DIR=" + os.fsencode(directory) + b"\0",)
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            with open("/proc/%s/cmdline" % entry, "rb") as file:
                words = file.read().split(b"\0")
            with open("/proc/%s/environ" % entry, "rb") as file:
                environment = file.read()
            if any(mark in environment for mark in marks) or (
                    token + b"sshd.conf" in words) or (
                    words[0].endswith(b"bdsh-fleet-server") and os.fsencode(directory) in words):
                found.append(int(entry))
    return found


def end_strays(directory):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        left = strays(directory)
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    raise FleetError("processes that do not end: %s" % strays(directory))


# -- the command


def find_directory(given):
    if given or os.environ.get("BDSH_FLEET"):
        return os.path.abspath(given or os.environ["BDSH_FLEET"])
    found = [path for path in glob.glob(os.path.join(tempfile.gettempdir(), PREFIX + "*"))
             if os.stat(path).st_uid == os.geteuid() and os.path.exists(path + "/fleet.json")]
    if len(found) != 1:
        raise FleetError("%s fleets are running here: say --dir DIR%s"
                         % (len(found) or "no", "".join("\n  " + path for path in found)))
    return found[0]


def parse_tempers(args):
    tempers = {}
    for temper in TEMPERS:
        for value in getattr(args, temper) or []:
            names, _, amount = value.partition(":")
            for name in names.split(","):
                tempers[name] = temper + (":" + amount if amount else "")
    return tempers


def fleet_options(parser):
    parser.add_argument("--hosts", type=int, default=8, help="web01 … (default 8)")
    parser.add_argument("--db", type=int, default=0, help="as many more: db01 …")
    parser.add_argument("--port", type=int, default=2022)
    parser.add_argument("--own-keys", action="store_true", help="a host key of its own for each host")
    for temper in TEMPERS:
        amount = ":MS" if temper in ("slow", "drop") else ""
        parser.add_argument("--" + temper, action="append", metavar="HOST[,HOST…]" + amount)


def make_parser():
    parser = argparse.ArgumentParser(prog="scripts/fleet", description="Test fleets of SSH hosts.")
    commands = parser.add_subparsers(dest="verb", required=True)
    start = commands.add_parser("start", help="start a fleet; prints its directory")
    fleet_options(start)
    start.add_argument("--dir")
    run = commands.add_parser("run", help="start a fleet, run COMMAND in its environment, stop it")
    fleet_options(run)
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    texts = {"stop": "end a fleet and everything it started", "env": "shell lines for eval",
             "status": "counters and hosts", "temper": "change a host's temper",
             "signal": "send a signal to a host's sessions", "exec": "run COMMAND in its environment",
             "ssh": "ssh(1) into a host"}
    for verb, text in texts.items():
        sub = commands.add_parser(verb, help=text)
        sub.add_argument("--dir")
        if verb == "temper":
            sub.add_argument("host")
            sub.add_argument("temper", help="serve, " + ", ".join(TEMPERS[:-1]))
        if verb == "signal":
            sub.add_argument("host")
            sub.add_argument("name", help="KILL, STOP, CONT, …")
        if verb == "exec":
            sub.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
        if verb == "ssh":
            sub.add_argument("arguments", nargs=argparse.REMAINDER, metavar="HOST [COMMAND]")
    return parser


def run_in(fleet, words):
    """The command's exit status. The terminal is the command's: what stops or ends us by a signal
    reaches it first, and when it is suspended so are we, for the shell to notice."""
    words = words[1:] if words[:1] == ["--"] else words
    if not words:
        raise FleetError("no command given")
    child = subprocess.Popen(words, env={**os.environ, **fleet.environment()})
    def forward(number, _frame):
        child.send_signal(number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    signal.signal(signal.SIGINT, lambda *_: None)  # ^C in the terminal reached the command too
    while True:
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode if child.returncode >= 0 else 128 - child.returncode
        os.kill(os.getpid(), signal.SIGSTOP)
        child.send_signal(signal.SIGCONT)


def run_bound(args):
    def leave(number, _frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)
    with Fleet(args.hosts, args.db, parse_tempers(args), None, args.own_keys, args.port) as fleet:
        return run_in(fleet, args.command)


def main(argv=None):
    args = make_parser().parse_args(argv)
    if args.verb == "run":
        return run_bound(args)
    if args.verb == "start":
        fleet = Fleet(args.hosts, args.db, parse_tempers(args), args.dir, args.own_keys, args.port)
        print(fleet.start().dir)
        return 0
    fleet = Fleet.running(find_directory(args.dir))
    if args.verb == "stop":
        fleet.stop()
    elif args.verb == "env":
        for name, value in fleet.environment().items():
            print("export %s=%s" % (name, shlex.quote(value)))
    elif args.verb == "status":
        sys.stdout.write(fleet.control("status"))
    elif args.verb == "temper":
        fleet.set_temper(args.host, args.temper)
    elif args.verb == "signal":
        fleet.signal(args.host, getattr(signal, "SIG" + args.name.upper().removeprefix("SIG")))
    elif args.verb == "exec":
        return run_in(fleet, args.command)
    elif args.verb == "ssh":
        os.execvp("ssh", ["ssh", "-F", fleet.path("ssh_config"), *args.arguments])
    return 0


def command():
    try:
        return main()
    except (FleetError, OSError, subprocess.CalledProcessError) as error:
        print("fleet: %s" % error, file=sys.stderr)
        return 1
