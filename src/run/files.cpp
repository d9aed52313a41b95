#include "run/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/text.hpp"

namespace bdsh::run {
namespace {

constexpr int kSafe = O_CLOEXEC | O_NOFOLLOW;

Fd create(const Disk& disk, int at, const char* name, int flags) {
  Fd file(::openat(at, name, O_WRONLY | O_CREAT | kSafe | flags, 0600));
  if (file && disk.fix_modes) ::fchmod(file.get(), 0600);
  disk.step();
  return file;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

int Fd::close() {
  return ::close(std::exchange(fd_, -1)) == 0 || errno == EINTR ? 0 : errno;
}

Error io_error(const std::string& what, int error_number) {
  return {ErrorKind::io, sanitised(what) + ": " + std::generic_category().message(error_number)};
}

Fd open_directory(int at, const char* name) {
  return Fd(::openat(at, name, O_RDONLY | O_DIRECTORY | kSafe));
}

// O_NONBLOCK: opening a FIFO that somebody put there must not wait for its writer.
Fd open_regular(int at, const char* name) {
  Fd file(::openat(at, name, O_RDONLY | O_NONBLOCK | kSafe));
  struct stat info {};
  if (file && (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))) {
    file.reset();
    errno = EINVAL;
  }
  return file;
}

// O_NONBLOCK as above: a FIFO without a reader is an error.
Fd open_append(const Disk& disk, int at, const char* name) {
  return create(disk, at, name, O_APPEND | O_NONBLOCK);
}

WriteCall system_write() {
  return [](int fd, const void* bytes, std::size_t size) { return ::write(fd, bytes, size); };
}

std::size_t write_all(const Disk& disk, int fd, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    errno = EIO;  // for a write of nothing, which sets none
    const ssize_t count = disk.write(fd, bytes.data() + done, bytes.size() - done);
    disk.step();
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::string read_range(int fd, std::size_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<std::string> read_file(int at, const char* name, std::size_t max_bytes) {
  const Fd file = open_regular(at, name);
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return io_error(name, errno);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size > max_bytes) return Error{ErrorKind::io, sanitised(name) + ": larger than expected"};
  return read_range(file.get(), 0, size);
}

Status create_file(const Disk& disk, int at, const char* name, std::string_view content) {
  Fd file = create(disk, at, name, O_EXCL);
  if (!file || write_all(disk, file.get(), content) < content.size()) return io_error(name, errno);
  const int closed = file.close();
  return closed == 0 ? Status(Done{}) : io_error(name, closed);
}

Status replace_file(const Disk& disk, int at, const char* name, std::string_view content) {
  const std::string temporary = std::string(".") + name + ".new";
  Fd file = create(disk, at, temporary.c_str(), O_EXCL);
  if (!file && errno == EEXIST) {
    // A crash left one behind, or somebody planted a link under the name.
    ::unlinkat(at, temporary.c_str(), 0);
    file = create(disk, at, temporary.c_str(), O_EXCL);
  }
  if (!file) return io_error(name, errno);
  const bool whole = write_all(disk, file.get(), content) == content.size();
  const int written = whole ? file.close() : errno;
  if (written == 0 && ::renameat(at, temporary.c_str(), at, name) == 0) return Done{};
  const int error = written == 0 ? errno : written;
  ::unlinkat(at, temporary.c_str(), 0);
  return io_error(name, error);
}

// A piece of a line would spoil the line that is appended next.
Status append_lines(const Disk& disk, int at, const char* name, std::string_view lines) {
  const Fd file = open_append(disk, at, name);
  struct stat before {};
  if (!file || ::fstat(file.get(), &before) != 0) return io_error(name, errno);
  if (write_all(disk, file.get(), lines) == lines.size()) return Done{};
  const int error = errno;
  if (::ftruncate(file.get(), before.st_size) != 0) return io_error(name, errno);
  return io_error(name, error);
}

}  // namespace bdsh::run
