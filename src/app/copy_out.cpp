#include "app/copy_out.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

namespace bdsh::app {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648 §4.
std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (k < here ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= here ? kBase64[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

// A file in memory: unlike a pipe it takes everything at once, however slowly it is read.
int file_of(std::string_view text) {
  const int fd = ::memfd_create("bdsh-copy", MFD_CLOEXEC);
  while (fd >= 0 && !text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

int spawn(const std::vector<std::string>& argv, int input, pid_t& child) {
  std::vector<char*> arguments;
  for (const std::string& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;  // an ignored SIGPIPE would be inherited
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  const int error = ::posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

Status outcome(const std::string& name, pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
    return Done{};
  return Error{ErrorKind::io, name + (WIFEXITED(status)
                                          ? ": exit status " + std::to_string(WEXITSTATUS(status))
                                          : ": signal " + std::to_string(WTERMSIG(status)))};
}

}  // namespace

std::string clipboard_sequence(std::string_view text) { return "\x1b]52;c;" + base64(text) + "\a"; }

Status start_with_input(boost::asio::io_context& loop, const std::vector<std::string>& argv,
                        std::string_view text, std::function<void(Status)> ended) {
  const int input = file_of(text);
  if (input < 0) return Error{ErrorKind::io, std::string("copy: ") + std::strerror(errno)};
  pid_t child = -1;
  const int failed = spawn(argv, input, child);
  ::close(input);
  if (failed != 0) return Error{ErrorKind::io, argv[0] + ": " + std::strerror(failed)};
  // A descriptor that is readable once the child has ended (Linux 5.3; Debian's libc has no wrapper).
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (watched < 0) return outcome(argv[0], child);
  auto descriptor = std::make_shared<boost::asio::posix::stream_descriptor>(loop, watched);
  descriptor->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [descriptor, name = argv[0], child, done = std::move(ended)](auto error) {
                           if (!error) done(outcome(name, child));
                         });
  return Done{};
}

}  // namespace bdsh::app
