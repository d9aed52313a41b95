// bdsh-fleet-server DIR: many SSH hosts on one machine, for tests. Inetd style: one listener per
// host on an address 127.x.y.z of its own, one `sshd -i` per connection. One sshd for all would not
// do: it takes few ListenAddress lines, has a fixed backlog, and cannot misbehave for one host.
//
// DIR (private, made by tests/fleet/fleet.py) holds
//   hosts       NAME <tab> ADDRESS <tab> TEMPER [<tab> SSHD_OPTION=VALUE …], a line per host
//   sshd.conf   what all hosts' sshd share
//   keys/host   the host key, unless a host's options name another
//   home/NAME/  each host's $HOME
//   login/NAME, login.so   for hosts that take passwords: what fleet_login.cpp reads, and itself
// and the server adds `control`, a Unix socket: one line of tab-separated words in, lines out.
//   temper HOST TEMPER [SSHD_OPTION=VALUE …]   from the next connection on
//   signal HOST NUMBER                         to every process of the host's sessions
//   status                                     counters, then a line per host
//   stop                                       ends everything, removes DIR with --owns-dir
// TEMPER is one of: serve, refuse, reset, close, silent, garbage, banner (without an end),
// slow:MS (before sshd says anything), drop:MS (the session is killed after it).
//
// Options: --port N, --sshd PATH, --owns-dir, --lifeline FD (stops when FD's other end closes, so
// that nothing survives a starter that was killed). Prints "ready" once all hosts listen.
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

struct Options {
  std::string directory;
  std::string sshd = "/usr/sbin/sshd";
  int port = 2022;
  int lifeline = -1;
  bool owns_directory = false;
};

struct Temper {
  std::string kind = "serve";
  std::chrono::milliseconds after{0};
  Words sshd_options;
};

struct Host {
  std::string name;
  std::string address;
  int listener = -1;
  Temper temper;
  long connections = 0;
};

// A connection that no sshd serves (yet).
struct Held {
  std::size_t host = 0;
  std::string kind;
  std::optional<Clock::time_point> due;  // slow: start sshd; banner: the next line
};

struct Session {
  std::size_t host = 0;
  std::optional<Clock::time_point> drop_at;
};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int check(int result, const std::string& what) {
  if (result < 0) fail(what);
  return result;
}

Words split(const std::string& line) {
  Words words;
  std::istringstream stream(line);
  for (std::string word; std::getline(stream, word, '\t');) words.push_back(word);
  return words;
}

// words[at]: "slow:300"; sshd options follow.
Temper parse_temper(const Words& words, std::size_t at) {
  static const Words kinds = {"serve",   "refuse", "reset", "close", "silent",
                              "garbage", "banner", "slow",  "drop"};
  if (words.size() <= at) throw std::runtime_error("temper missing");
  Temper temper;
  const auto colon = words[at].find(':');
  temper.kind = words[at].substr(0, colon);
  if (std::find(kinds.begin(), kinds.end(), temper.kind) == kinds.end())
    throw std::runtime_error("unknown temper " + temper.kind);
  if (colon != std::string::npos)
    temper.after = std::chrono::milliseconds(std::stol(words[at].substr(colon + 1)));
  temper.sshd_options.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  return temper;
}

// sshd as root wants /run/sshd, and writes utmp, wtmp and lastlog. In a mount namespace of our own
// the machine's files stay as they are, and nothing is left when the last process has ended.
void keep_login_records_private(const std::string& directory) {
  if (geteuid() != 0) return;
  const bool covered = directory.rfind("/run/", 0) != 0 && unshare(CLONE_NEWNS) == 0 &&
                       mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       mount("tmpfs", "/run", "tmpfs", 0, "mode=755,size=4m") == 0;
  mkdir("/run/sshd", 0755);
  if (!covered) return;
  for (const char* name : {"wtmp", "btmp", "lastlog"}) {
    const std::string spare = std::string("/run/") + name;
    const int fd = open(spare.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
    const std::string log = std::string("/var/log/") + name;
    mount(spare.c_str(), log.c_str(), nullptr, MS_BIND, nullptr);  // absent files need no cover
  }
}

// Parents by pid, from one walk over /proc.
std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> result;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) fail("/proc");
  while (const dirent* entry = readdir(proc)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
    const auto name_end = text.rfind(") ");  // the command's name may hold anything
    if (name_end == std::string::npos) continue;
    result[pid] = std::atoi(text.c_str() + name_end + 4);
  }
  closedir(proc);
  return result;
}

std::vector<pid_t> descendants_of(const std::vector<pid_t>& roots) {
  const auto parent_of = parents();
  std::vector<pid_t> found;
  for (const auto& [pid, first_parent] : parent_of) {
    pid_t at = first_parent;
    while (at > 1 && std::find(roots.begin(), roots.end(), at) == roots.end()) {
      const auto up = parent_of.find(at);
      at = up == parent_of.end() ? 0 : up->second;
    }
    if (at > 1) found.push_back(pid);
  }
  return found;
}

// sshd first: it must not live to tell the client that the program under it was killed.
void signal_trees(const std::vector<pid_t>& roots, int number) {
  const auto below = descendants_of(roots);
  for (pid_t pid : roots) kill(pid, number);
  for (pid_t pid : below) kill(pid, number);
}

class Server {
 public:
  explicit Server(Options options) : options_(std::move(options)) {}
  void start();
  void run();

 private:
  void read_hosts();
  void watch(int fd, std::uint32_t events);
  void listen_on(Host& host);
  void close_fd(int& fd);
  void accept_from(std::size_t index);
  void treat(int fd, std::size_t index);
  void hold(int fd, std::size_t index, const Temper& temper);
  void spawn(int fd, std::size_t index);
  void prepare_login(const Host& host) const;
  [[noreturn]] void become_sshd(int fd, const Host& host);
  Words sshd_words(const Host& host) const;
  void fire_timers();
  int next_timeout() const;
  void held_event(int fd);
  void signal_event();
  void reap();
  void account(const rusage& usage);
  void signal_sessions(std::size_t index, int number);
  void control_event();
  std::string obey(const Words& words);
  void change_temper(Host& host, Temper temper);
  std::vector<std::size_t> hosts_named(const std::string& name) const;
  std::string status() const;
  void stop();

  Options options_;
  std::vector<Host> hosts_;
  std::map<int, std::size_t> host_by_listener_;
  std::map<int, Held> held_;
  std::map<pid_t, Session> sessions_;
  int epoll_ = -1;
  int signals_ = -1;
  int control_ = -1;
  rlimit user_limit_{};
  long long sshd_cpu_us_ = 0;
  long connections_ = 0;
  long ended_sessions_ = 0;
  bool stopping_ = false;
};

void Server::start() {
  check(chdir(options_.directory.c_str()), options_.directory);
  // Processes that lose their parents come to us, so that stop() finds every one.
  check(prctl(PR_SET_CHILD_SUBREAPER, 1), "subreaper");
  keep_login_records_private(options_.directory);
  check(getrlimit(RLIMIT_NOFILE, &user_limit_), "getrlimit");
  rlimit all = user_limit_;
  all.rlim_cur = all.rlim_max;
  setrlimit(RLIMIT_NOFILE, &all);
  epoll_ = check(epoll_create1(EPOLL_CLOEXEC), "epoll");

  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  check(sigprocmask(SIG_BLOCK, &set, nullptr), "sigprocmask");
  signal(SIGPIPE, SIG_IGN);
  signals_ = check(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
  watch(signals_, EPOLLIN);
  if (options_.lifeline >= 0) {
    check(fcntl(options_.lifeline, F_SETFD, FD_CLOEXEC), "lifeline");
    watch(options_.lifeline, EPOLLIN | EPOLLHUP);
  }

  read_hosts();
  for (Host& host : hosts_)
    if (host.temper.kind != "refuse") listen_on(host);

  control_ = check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strcpy(name.sun_path, "control");  // relative: DIR may be longer than a socket's name
  check(bind(control_, reinterpret_cast<sockaddr*>(&name), sizeof name), "control");
  check(listen(control_, 16), "control");
  watch(control_, EPOLLIN);
}

void Server::read_hosts() {
  std::ifstream file("hosts");
  for (std::string line; std::getline(file, line);) {
    const Words words = split(line);
    if (words.size() < 3) throw std::runtime_error("hosts: bad line: " + line);
    hosts_.push_back({words[0], words[1], -1, parse_temper(words, 2)});
  }
  if (hosts_.empty()) throw std::runtime_error("hosts: empty");
}

void Server::watch(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  check(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void Server::close_fd(int& fd) {
  if (fd < 0) return;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  close(fd);
  fd = -1;
}

void Server::listen_on(Host& host) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  // Nothing of a test fleet may ever be reachable from another machine.
  if (inet_pton(AF_INET, host.address.c_str(), &at.sin_addr) != 1 ||
      (ntohl(at.sin_addr.s_addr) >> 24U) != 127)
    throw std::runtime_error(host.address + " is no loopback address");
  host.listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  const int on = 1;
  setsockopt(host.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  check(bind(host.listener, reinterpret_cast<sockaddr*>(&at), sizeof at), host.address);
  check(listen(host.listener, 128), host.address);
  host_by_listener_[host.listener] = static_cast<std::size_t>(&host - hosts_.data());
  watch(host.listener, EPOLLIN);
}

void Server::run() {
  std::vector<epoll_event> events(256);
  while (!stopping_) {
    const int count = epoll_wait(epoll_, events.data(), 256, next_timeout());
    for (int i = 0; i < count && !stopping_; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      const auto listener = host_by_listener_.find(fd);
      if (listener != host_by_listener_.end())
        accept_from(listener->second);
      else if (held_.count(fd) != 0)
        held_event(fd);
      else if (fd == signals_)
        signal_event();
      else if (fd == control_)
        control_event();
      else if (fd == options_.lifeline)
        stop();
    }
    if (!stopping_) fire_timers();
  }
}

void Server::accept_from(std::size_t index) {
  for (;;) {
    const int fd = accept4(hosts_[index].listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++connections_;
    ++hosts_[index].connections;
    treat(fd, index);
  }
}

void Server::treat(int fd, std::size_t index) {
  const Temper& temper = hosts_[index].temper;
  if (temper.kind == "reset") {
    const linger now{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
  } else if (temper.kind == "close") {
    close(fd);
  } else if (temper.kind == "serve" || temper.kind == "drop") {
    spawn(fd, index);
  } else {
    hold(fd, index, temper);
  }
}

void Server::hold(int fd, std::size_t index, const Temper& temper) {
  static constexpr char kGarbage[] = "\x16\x03\x01\x02HTTP/1.1 400 Bad Request\r\n\xff\xfe\r\n";
  fcntl(fd, F_SETFL, O_NONBLOCK);
  Held held{index, temper.kind, std::nullopt};
  if (temper.kind == "garbage") send(fd, kGarbage, sizeof kGarbage, MSG_NOSIGNAL);
  if (temper.kind == "slow") held.due = Clock::now() + temper.after;
  if (temper.kind == "banner") held.due = Clock::now();
  held_[fd] = held;
  watch(fd, EPOLLRDHUP);
}

// The client of a held connection has gone.
void Server::held_event(int fd) {
  held_.erase(fd);
  close_fd(fd);
}

void Server::spawn(int fd, std::size_t index) {
  const Temper& temper = hosts_[index].temper;
  const pid_t pid = fork();
  if (pid == 0) become_sshd(fd, hosts_[index]);
  close(fd);
  if (pid < 0) return;
  Session session{index, std::nullopt};
  if (temper.kind == "drop") session.drop_at = Clock::now() + temper.after;
  sessions_[pid] = session;
}

Words Server::sshd_words(const Host& host) const {
  const std::string& directory = options_.directory;
  Words words = {options_.sshd,          "-i", "-f", directory + "/sshd.conf", "-E",
                 directory + "/sshd.log"};
  // The session's HOME is the host's own directory: bash under sshd reads ~/.bashrc for commands
  // too, and must not find the files of whoever runs the tests.
  words.insert(words.end(), {"-o", "SetEnv \"HOME=" + directory + "/home/" + host.name +
                                       "\" \"FLEET_DIR=" + directory +
                                       "\" FLEET_HOST=" + host.name + " LANG=C.UTF-8"});
  bool own_key = false;
  for (const std::string& option : host.temper.sshd_options) {
    own_key = own_key || option.rfind("HostKey=", 0) == 0;
    words.insert(words.end(), {"-o", option});
  }
  if (!own_key) words.insert(words.end(), {"-o", "HostKey=\"" + directory + "/keys/host\""});
  return words;
}

// A host with a file of its own in login/ takes passwords and asks questions (fleet_login.cpp).
void Server::prepare_login(const Host& host) const {
  const std::string file = options_.directory + "/login/" + host.name;
  if (access(file.c_str(), R_OK) != 0) return;
  setenv("FLEET_LOGIN", file.c_str(), 1);
  setenv("LD_PRELOAD", (options_.directory + "/login.so").c_str(), 1);
}

// In the child: never returns.
void Server::become_sshd(int fd, const Host& host) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  setrlimit(RLIMIT_NOFILE, &user_limit_);
  fcntl(fd, F_SETFL, 0);
  dup2(fd, 0);
  dup2(fd, 1);
  prepare_login(host);
  if (geteuid() == 0 && unshare(CLONE_NEWUTS) == 0)
    (void)!sethostname(host.name.c_str(), host.name.size());
  const Words words = sshd_words(host);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

int Server::next_timeout() const {
  std::optional<Clock::time_point> first;
  const auto consider = [&first](const std::optional<Clock::time_point>& due) {
    if (due && (!first || *due < *first)) first = due;
  };
  for (const auto& [fd, held] : held_) consider(held.due);
  for (const auto& [pid, session] : sessions_) consider(session.drop_at);
  if (!first) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*first - Clock::now());
  return std::max(0, static_cast<int>(left.count()));
}

void Server::fire_timers() {
  const auto now = Clock::now();
  std::vector<int> slow;
  for (auto& [fd, held] : held_) {
    if (!held.due || *held.due > now) continue;
    if (held.kind == "slow") {
      slow.push_back(fd);
    } else {
      static constexpr char kLine[] = "This server has much to say before it says SSH.\r\n";
      send(fd, kLine, sizeof kLine - 1, MSG_NOSIGNAL);
      held.due = now + std::chrono::milliseconds(20);
    }
  }
  for (int fd : slow) {
    const std::size_t host = held_[fd].host;
    held_.erase(fd);
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    spawn(fd, host);
  }
  for (auto& [pid, session] : sessions_) {
    if (!session.drop_at || *session.drop_at > now) continue;
    session.drop_at.reset();
    signal_trees({pid}, SIGKILL);
  }
}

void Server::signal_event() {
  signalfd_siginfo info{};
  bool end = false;
  while (read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    end = end || info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT;
  reap();
  if (end) stop();
}

void Server::account(const rusage& usage) {
  for (const timeval& time : {usage.ru_utime, usage.ru_stime})
    sshd_cpu_us_ += time.tv_sec * 1'000'000LL + time.tv_usec;
}

void Server::reap() {
  rusage usage{};
  for (pid_t pid = 0; (pid = wait4(-1, nullptr, WNOHANG, &usage)) > 0;) {
    account(usage);
    ended_sessions_ += static_cast<long>(sessions_.erase(pid));
  }
}

void Server::signal_sessions(std::size_t index, int number) {
  std::vector<pid_t> roots;
  for (const auto& [pid, session] : sessions_)
    if (session.host == index) roots.push_back(pid);
  signal_trees(roots, number);
}

void Server::control_event() {
  int client = accept4(control_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  // Clients are our own script on the same machine; still, none may hold the server for long.
  const timeval patience{2, 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::string line;
  for (char byte = 0; recv(client, &byte, 1, 0) == 1 && byte != '\n';) line += byte;
  std::string answer;
  try {
    answer = obey(split(line));
  } catch (const std::exception& error) {
    answer = std::string("error ") + error.what() + "\n";
  }
  send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  close(client);
}

std::string Server::obey(const Words& words) {
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "status") return status();
  if (verb == "stop") {
    stop();
    return "ok\n";
  }
  if (words.size() < 3) throw std::runtime_error("not understood");
  for (std::size_t index : hosts_named(words[1])) {
    Host& host = hosts_[index];
    if (verb == "signal") {
      signal_sessions(index, std::stoi(words[2]));
    } else if (verb == "temper") {
      change_temper(host, parse_temper(words, 2));
    } else {
      throw std::runtime_error("not understood");
    }
  }
  return "ok\n";
}

void Server::change_temper(Host& host, Temper temper) {
  host.temper = std::move(temper);
  if (host.temper.kind != "refuse") {
    if (host.listener < 0) listen_on(host);
    return;
  }
  host_by_listener_.erase(host.listener);
  close_fd(host.listener);
}

std::vector<std::size_t> Server::hosts_named(const std::string& name) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (name == "*" || hosts_[i].name == name) found.push_back(i);
  if (found.empty()) throw std::runtime_error("no host " + name);
  return found;
}

std::string Server::status() const {
  std::ostringstream out;
  out << "pid " << getpid() << "\nconnections " << connections_ << "\nlive " << sessions_.size()
      << "\nended " << ended_sessions_ << "\nheld " << held_.size() << "\nsshd_cpu_us "
      << sshd_cpu_us_ << "\n";
  for (const Host& host : hosts_)
    out << "host " << host.name << " " << host.address << " " << host.temper.kind << " "
        << host.connections << "\n";
  return out.str();
}

void Server::stop() {
  stopping_ = true;
  for (Host& host : hosts_) close_fd(host.listener);
  for (auto& [fd, held] : held_) close(fd);
  const auto give_up = Clock::now() + std::chrono::seconds(10);
  // Killed processes hand their children to us: again, until there is none.
  for (auto left = descendants_of({getpid()}); !left.empty() && Clock::now() < give_up;
       left = descendants_of({getpid()})) {
    for (pid_t pid : left) kill(pid, SIGKILL);
    reap();
    usleep(2'000);  // a blocking wait could wait for a process that came to us after the walk
  }
  if (!options_.owns_directory) return;
  std::error_code ignored;
  check(chdir("/"), "/");
  // A client that ends at the same time may still write its state below it: once more, for a while.
  for (int i = 0; i < 100; ++i) {
    std::filesystem::remove_all(options_.directory, ignored);
    if (!std::filesystem::exists(options_.directory)) return;
    ::usleep(50'000);
  }
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] {
      if (++i >= argc) throw std::runtime_error(word + " needs a value");
      return std::string(argv[i]);
    };
    if (word == "--port")
      options.port = std::stoi(value());
    else if (word == "--sshd")
      options.sshd = value();
    else if (word == "--lifeline")
      options.lifeline = std::stoi(value());
    else if (word == "--owns-dir")
      options.owns_directory = true;
    else
      options.directory = word;
  }
  if (options.directory.empty() || options.directory[0] != '/')
    throw std::runtime_error("usage: bdsh-fleet-server [OPTION…] /DIR");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Server server(parse(argc, argv));
    server.start();
    std::cout << "ready" << std::endl;
    server.run();
    return 0;
  } catch (const std::exception& error) {
    std::cout << "error " << error.what() << std::endl;
    return 1;
  }
}
