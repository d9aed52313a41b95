#include "config/command_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>

#include "core/text.hpp"

extern char** environ;

namespace bdsh::config {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostOutput = 8U << 20U;
constexpr std::size_t kMostErrors = 4096;

class Pipe {
 public:
  Pipe() { made_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool made() const { return made_; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read() { shut(ends_[0]); }
  void close_write() { shut(ends_[1]); }

 private:
  static void shut(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  std::array<int, 2> ends_{-1, -1};
  bool made_ = false;
};

// A process group of its own, so that a timeout ends what the program has started too.
int spawn(const CommandCall& call, const Pipe& out, const Pipe& err, pid_t& child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write_end(), STDERR_FILENO);
  if (!call.directory.empty())
    posix_spawn_file_actions_addchdir_np(&actions, call.directory.c_str());
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // this program ignores it
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  std::vector<char*> argv;
  for (const std::string& word : call.words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int failed = posix_spawnp(&child, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed;
}

// Reads what is there; false at the end of the stream. What is beyond `most` is dropped.
bool take(int fd, std::string& into, std::size_t most) {
  std::array<char, 16384> chunk;
  const ssize_t got = read(fd, chunk.data(), chunk.size());
  if (got < 0) return errno == EINTR;
  if (into.size() <= most) into.append(chunk.data(), static_cast<std::size_t>(got));
  return got > 0;
}

// Until both streams are at their end; false when that takes too long.
bool collect(Pipe& out, Pipe& err, Clock::time_point deadline, std::string& text,
             std::string& errors) {
  while (out.read_end() >= 0 || err.read_end() >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> wait{{{out.read_end(), POLLIN, 0}, {err.read_end(), POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      return false;
    if (wait[0].revents != 0 && !take(wait[0].fd, text, kMostOutput)) out.close_read();
    if (wait[1].revents != 0 && !take(wait[1].fd, errors, kMostErrors)) err.close_read();
  }
  return true;
}

// The exit status; nothing when the program had to be killed.
std::optional<int> reap(pid_t child, bool in_time, Clock::time_point deadline) {
  int status = 0;
  while (in_time && Clock::now() < deadline) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) return std::nullopt;
    // It has closed its output; what is left is its exit.
    (void)poll(nullptr, 0, 2);
  }
  kill(-child, SIGKILL);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return std::nullopt;
}

Error failure(const CommandCall& call, const std::string& what) {
  return {ErrorKind::config, sanitised(call.words.front() + ": " + what, 400)};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string how_it_ended(int status, const std::string& errors) {
  const std::string end = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  const std::string said = first_line(errors);
  return said.empty() ? end : said + " (" + end + ")";
}

}  // namespace

Result<std::string> output_of(const CommandCall& call) {
  Pipe out;
  Pipe err;
  if (!out.made() || !err.made()) return failure(call, std::generic_category().message(errno));
  pid_t child = -1;
  if (const int failed = spawn(call, out, err, child); failed != 0)
    return failure(call, std::generic_category().message(failed));
  out.close_write();
  err.close_write();
  const auto deadline = Clock::now() + call.timeout;
  std::string text;
  std::string errors;
  const bool in_time = collect(out, err, deadline, text, errors);
  const auto status = reap(child, in_time, deadline);
  if (!status)
    return failure(call, "no end within " + std::to_string(call.timeout.count() / 1000) + " s");
  if (*status != 0) return failure(call, how_it_ended(*status, errors));
  if (text.size() > kMostOutput) return failure(call, "it prints more than 8 MiB");
  return text;
}

}  // namespace bdsh::config
