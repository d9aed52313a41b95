// A shared library that is preloaded into the program under test: a disk on which one call fails.
//
//   DISK_ROOT=DIR            calls on DIR and what is below it count; all others go through
//   DISK_CALLS=FILE          gets a line per call: "OPERATION PATH", "." being DIR itself
//   DISK_FAIL="OPERATION PATH NUMBER ERRNO once|on"
//                            the NUMBERth such call fails with ERRNO; with "on" so does every call
//                            that changes anything from then on, whatever it is about
//
// What failed is in DISK_CALLS too, with "failed" behind it. A write that fails "short" writes half
// of its bytes first, as a disk that fills up does.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>

namespace {

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Fault {
  std::string operation;
  std::string path;
  int number = 0;
  int error = 0;
  bool goes_on = false;
};

std::optional<Fault> wanted_fault() {
  std::istringstream words(variable("DISK_FAIL"));
  Fault fault;
  std::string how;
  if (!(words >> fault.operation >> fault.path >> fault.number >> fault.error >> how)) return {};
  fault.goes_on = how == "on";
  return fault;
}

class Disk {
 public:
  // The errno with which this call is to fail; 0: it goes through.
  int call(const std::string& operation, const std::string& path) {
    const auto name = below_root(path);
    if (!name) return 0;
    const std::lock_guard lock(mutex_);
    const int count = ++counts_[operation + " " + *name];
    const bool here = fault_ && operation == fault_->operation && *name == fault_->path &&
                      count == fault_->number;
    failing_ = failing_ || (here && fault_->goes_on);
    const bool fails = here || (failing_ && operation != "stat" && operation != "read");
    note(operation + " " + *name + (fails ? " failed\n" : "\n"));
    return fails ? fault_->error : 0;
  }

 private:
  std::optional<std::string> below_root(const std::string& path) const {
    if (root_.empty() || !path.starts_with(root_)) return {};
    if (path.size() == root_.size()) return ".";
    if (path[root_.size()] != '/') return {};
    return path.substr(root_.size() + 1);
  }
  // Opened each time: a program that goes into the background closes what it does not know.
  void note(const std::string& line) const {
    static auto* const open = real<int(const char*, int, ...)>("open");
    static auto* const write = real<ssize_t(int, const void*, size_t)>("write");
    static auto* const close = real<int(int)>("close");
    const int calls = open(calls_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (calls < 0 || write(calls, line.data(), line.size()) < 0) std::abort();
    close(calls);
  }

  const std::string root_ = variable("DISK_ROOT");
  const std::optional<Fault> fault_ = wanted_fault();
  const std::string calls_ = variable("DISK_CALLS");
  std::mutex mutex_;
  std::map<std::string, int> counts_;
  bool failing_ = false;
};

// Never destroyed: threads write to the end.
Disk& disk() {
  static auto* const one = new Disk;
  return *one;
}

std::string path_of(int fd) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return {path, static_cast<std::size_t>(size < 0 ? 0 : size)};
}

std::string path_at(int at, const char* name) {
  if (name[0] == '/') return name;
  const std::string folder = path_of(at);
  return std::string(name) == "." ? folder : folder + "/" + name;
}

// True when the call is to fail; errno is set then.
bool fails(const char* operation, const std::string& path) {
  const int before = errno;
  const int error = disk().call(operation, path);
  errno = error == 0 ? before : error;
  return error != 0;
}

const char* kind_of_open(int flags) {
  if ((flags & O_CREAT) != 0) return "create";
  return (flags & O_DIRECTORY) != 0 ? "opendir" : "open";
}

}  // namespace

extern "C" {

int openat(int at, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (fails(kind_of_open(flags), path_at(at, name))) return -1;
  return real<int(int, const char*, int, ...)>("openat")(at, name, flags, mode);
}

int mkdirat(int at, const char* name, mode_t mode) {
  if (fails("mkdir", path_at(at, name))) return -1;
  return real<int(int, const char*, mode_t)>("mkdirat")(at, name, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const write = real<ssize_t(int, const void*, size_t)>("write");
  const std::string path = path_of(fd);
  if (size > 1 && fails("short", path)) return write(fd, bytes, size / 2);
  if (fails("write", path)) return -1;
  return write(fd, bytes, size);
}

ssize_t pread(int fd, void* bytes, size_t size, off_t offset) {
  if (fails("read", path_of(fd))) return -1;
  return real<ssize_t(int, void*, size_t, off_t)>("pread")(fd, bytes, size, offset);
}

int fchmod(int fd, mode_t mode) {
  if (fails("chmod", path_of(fd))) return -1;
  return real<int(int, mode_t)>("fchmod")(fd, mode);
}

int fstat(int fd, struct stat* info) {
  if (fails("stat", path_of(fd))) return -1;
  return real<int(int, struct stat*)>("fstat")(fd, info);
}

int fstatat(int at, const char* name, struct stat* info, int flags) {
  if (fails("stat", path_at(at, name))) return -1;
  return real<int(int, const char*, struct stat*, int)>("fstatat")(at, name, info, flags);
}

int renameat(int from_at, const char* from, int to_at, const char* to) {
  if (fails("rename", path_at(to_at, to))) return -1;
  return real<int(int, const char*, int, const char*)>("renameat")(from_at, from, to_at, to);
}

int unlinkat(int at, const char* name, int flags) {
  if (fails((flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", path_at(at, name))) return -1;
  return real<int(int, const char*, int)>("unlinkat")(at, name, flags);
}

int ftruncate(int fd, off_t size) {
  if (fails("truncate", path_of(fd))) return -1;
  return real<int(int, off_t)>("ftruncate")(fd, size);
}

int futimens(int fd, const struct timespec times[2]) {
  if (fails("touch", path_of(fd))) return -1;
  return real<int(int, const struct timespec*)>("futimens")(fd, times);
}

int fsync(int fd) {
  if (fails("sync", path_of(fd))) return -1;
  return real<int(int)>("fsync")(fd);
}

int syncfs(int fd) {
  if (fails("sync", path_of(fd))) return -1;
  return real<int(int)>("syncfs")(fd);
}

int flock(int fd, int operation) {
  if (fails("lock", path_of(fd))) return -1;
  return real<int(int, int)>("flock")(fd, operation);
}

// As on a network file system: what was written is told to be lost when the file is closed.
int close(int fd) {
  const bool failed = fails("close", path_of(fd));
  const int error = errno;
  const int closed = real<int(int)>("close")(fd);
  if (failed) errno = error;
  return failed ? -1 : closed;
}

}  // extern "C"
