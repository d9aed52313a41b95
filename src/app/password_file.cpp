#include "app/password_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/text.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kLongest = 4096;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

Error problem(const std::string& what) { return {ErrorKind::usage, what}; }

Status check_private(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return problem(path + ": " + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return Done{};  // a pipe is nobody else's
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return problem(path + " belongs to another user");
  if ((info.st_mode & 077U) == 0) return Done{};
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", info.st_mode & 07777U);
  return problem(path + " can be read by others (mode " + mode + "): chmod 600 it");
}

// A byte at a time, so that standard input may go on with what is for the hosts.
Result<Secret> first_line(int fd, const std::string& name) {
  Secret line;
  char byte = 0;
  ssize_t got = 0;
  while ((got = ::read(fd, &byte, 1)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return problem(name + ": " + std::strerror(errno));
    if (byte == '\n') break;
    if (line.size() >= kLongest) return problem(name + ": the first line is too long");
    line.append({&byte, 1});
  }
  if (line.reveal().ends_with('\r')) line.pop_back_utf8();
  if (line.empty()) return problem(name + " holds no password");
  return line;
}

}  // namespace

Result<Secret> read_password_file(const std::string& source) {
  const bool number = source.size() <= 6 && std::all_of(source.begin(), source.end(),
                                                        [](char c) { return c >= '0' && c <= '9'; });
  if (number) return first_line(std::stoi("0" + source), "descriptor " + source);
  const OpenFile file(source);
  if (file.get() < 0) return problem(source + ": " + std::strerror(errno));
  if (const Status ok = check_private(file.get(), source); !ok.ok()) return ok.error();
  return first_line(file.get(), source);
}

}  // namespace bdsh::app
