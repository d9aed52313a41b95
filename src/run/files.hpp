// Files below a directory descriptor: nothing here follows a symbolic link in the last component,
// and callers pass names without slashes, so that nothing leaves the directory.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.hpp"

namespace bdsh::run {

// An owned file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();
  // errno, or 0. On network file systems it is only now that a write may turn out to have failed.
  int close();

 private:
  int fd_ = -1;
};

// write(2), or what stands in for it in a test: a full disk, a slow one, one that hangs.
using WriteCall = std::function<ssize_t(int fd, const void* bytes, std::size_t size)>;
WriteCall system_write();

// What a thread at the disk has got done, for one that waits for it: a slow disk is not one that hangs.
using DiskSteps = std::shared_ptr<std::atomic<std::uint64_t>>;

// How files are made and filled.
struct Disk {
  WriteCall write = system_write();
  // The umask may take bits of the owner's: every new file's mode is set by hand. False once it is
  // known that it does not.
  bool fix_modes = true;
  DiskSteps steps{};  // counts files made and writes; may be null

  void step() const {
    if (steps) ++*steps;
  }
};

// "what: No such file or directory" for the given errno value.
Error io_error(const std::string& what, int error_number);

Fd open_directory(int at, const char* name);  // invalid with errno set on failure
// For reading; invalid with errno set when it is missing, a link or no regular file.
Fd open_regular(int at, const char* name);
Fd open_append(const Disk& disk, int at, const char* name);  // creates with mode 0600

// How many bytes were written: all of them, or fewer with errno set. What was written is always
// the beginning of `bytes`.
std::size_t write_all(const Disk& disk, int fd, std::string_view bytes);
// The whole file; an error when it is missing, no regular file or larger than `max_bytes`.
Result<std::string> read_file(int at, const char* name, std::size_t max_bytes);
// Up to `count` bytes from `offset` on; fewer at the end of the file or on an error.
std::string read_range(int fd, std::size_t offset, std::size_t count);

// A new file; an error when the name is taken.
Status create_file(const Disk& disk, int at, const char* name, std::string_view content);
// The file's content changes at once or not at all: a temporary file, then a rename.
Status replace_file(const Disk& disk, int at, const char* name, std::string_view content);
// Appends whole lines or nothing.
Status append_lines(const Disk& disk, int at, const char* name, std::string_view lines);

}  // namespace bdsh::run
