#include "net/launch.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

Error system_error(const std::string& what, int code) {
  return {ErrorKind::internal, what + ": " + std::strerror(code)};
}

class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  // A terminal that a session leader opens becomes its controlling terminal.
  void open_terminal(int as, const std::string& path) {
    posix_spawn_file_actions_addopen(&actions_, as, path.c_str(), O_RDWR, 0);
  }
  void make_controlling(int free_fd, const std::string& path) {
    open_terminal(free_fd, path);
    posix_spawn_file_actions_addclose(&actions_, free_fd);
  }
  void place(int fd, int as, const std::string& terminal) {
    if (fd >= 0)
      posix_spawn_file_actions_adddup2(&actions_, fd, as);
    else if (terminal.empty())
      posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_RDWR, 0);
    else
      open_terminal(as, terminal);
  }
  void close_from(int first) { posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(bool own_session) {
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    const int session = own_session ? POSIX_SPAWN_SETSID : 0;
    posix_spawnattr_setflags(&attributes_,
                             static_cast<short>(session | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment_with(const decltype(Launch::environment)& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const auto same = [&](const auto& pair) { return pair.first == name; };
    if (std::none_of(more.begin(), more.end(), same)) all.emplace_back(text);
  }
  for (const auto& [name, value] : more)
    if (value) all.push_back(name + "=" + *value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

Result<FdPair> make_pipe(bool ours_reads) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("a pipe", errno);
  FdPair pair{Fd(ends[ours_reads ? 0 : 1]), Fd(ends[ours_reads ? 1 : 0])};
  set_nonblocking(pair.ours.get());
  return pair;
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

void set_nonblocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int spawn(const Launch& launch, pid_t& child) {
  constexpr int kFirstOther = 3;
  Actions actions;
  actions.place(launch.in, STDIN_FILENO, launch.terminal);
  actions.place(launch.out, STDOUT_FILENO, launch.terminal);
  actions.place(launch.err, STDERR_FILENO, launch.terminal);
  actions.close_from(kFirstOther);
  // In any case: a program whose input and output are pipes asks for passwords there.
  if (!launch.terminal.empty()) actions.make_controlling(kFirstOther, launch.terminal);
  const Attributes attributes(launch.own_session);
  std::vector<std::string> words = launch.words;
  std::vector<std::string> environment = environment_with(launch.environment);
  return ::posix_spawnp(&child, words.front().c_str(), actions.get(), attributes.get(),
                        pointers(words).data(), pointers(environment).data());
}

Result<pid_t> launch(const Launch& launch) {
  pid_t child = -1;
  const int code = spawn(launch, child);
  if (code == 0) return child;
  return Error{ErrorKind::config,
               "cannot run " + sanitised(launch.words.front(), 256) + ": " + std::strerror(code)};
}

Result<Fd> watch_end(pid_t child) {
  // Linux 5.3; glibc 2.36 declares pidfd_open() for C only.
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (fd < 0) return system_error("pidfd_open", errno);
  return Fd(fd);
}

std::vector<std::string> shell_words(const std::string& line) {
  const char* shell = std::getenv("SHELL");
  return {shell != nullptr && *shell != '\0' ? shell : "/bin/sh", "-c", "exec " + line};
}

Result<FdPair> make_stream_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_error("a socket pair", errno);
  set_nonblocking(ends[0]);
  return FdPair{Fd(ends[0]), Fd(ends[1])};
}

Result<FdPair> make_pipe_from() { return make_pipe(true); }
Result<FdPair> make_pipe_to() { return make_pipe(false); }

}  // namespace bdsh::net
