// The disk's part of known_hosts.hpp.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "net/known_hosts.hpp"

namespace bdsh::net {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error io_error(const std::string& path) {
  return Error{ErrorKind::io, path + ": " + std::strerror(errno)};
}

bool ends_in_line_end(int fd) {
  struct stat info {};
  char last = '\n';
  if (::fstat(fd, &info) == 0 && info.st_size > 0 && ::pread(fd, &last, 1, info.st_size - 1) != 1)
    return true;
  return last == '\n';
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.open()) return errno == ENOENT ? Result<std::string>(std::string()) : io_error(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return io_error(path);
  if (S_ISDIR(info.st_mode)) return Error{ErrorKind::io, path + ": is a folder"};
  std::string text;
  char buffer[65536];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(path);
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

Status append_lines(const std::string& path, std::string_view lines) {
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return io_error(folder.string());
  const Fd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.open()) return io_error(path);
  // The lock keeps two of our own apart between the look at the end and the write; ssh itself
  // takes none, but with O_APPEND one write is never torn by another.
  ::flock(fd.get(), LOCK_EX);
  std::string text = ends_in_line_end(fd.get()) ? "" : "\n";
  text += lines;
  const ssize_t wrote = ::write(fd.get(), text.data(), text.size());
  if (wrote < 0) return io_error(path);
  if (static_cast<std::size_t>(wrote) != text.size())
    return Error{ErrorKind::io, path + ": the disk is full"};
  return Done{};
}

}  // namespace bdsh::net
