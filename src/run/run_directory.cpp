#include "run/run_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "core/text.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 10'000;  // runs of one name in one second; then something is wrong

Error refused(const fs::path& path, const char* why) {
  return Error{ErrorKind::io, why}.about(sanitised(path.string()));
}

// mkdir -p, with 0700 for what is made.
Status make_parents(const fs::path& path) {
  fs::path so_far;
  for (const fs::path& part : path) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) == 0 || errno == EEXIST) continue;
    struct stat info {};
    const int error = errno;  // EROFS or EACCES may also be said of what exists
    if (::stat(so_far.c_str(), &info) != 0) return io_error(so_far.string(), error);
  }
  return Done{};
}

// 0, ENOTEMPTY or why it cannot be told.
int look_for_entries(int directory) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
  if (stream == nullptr) return errno;
  int count = 0;
  while (::readdir(stream) != nullptr) ++count;
  ::closedir(stream);
  return count <= 2 ? 0 : ENOTEMPTY;  // . and ..
}

Status open_parent(const fs::path& path, RunDirectory& run) {
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (Status made = make_parents(parent); !made) return made;
  run.path = path;
  run.name = path.filename().string();
  run.parent = Fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!run.parent) return io_error(parent.string(), errno);
  return Done{};
}

// The mode is set by hand when the umask took bits of it, or when the directory was there before.
Status take_over(RunDirectory& run) {
  struct stat info {};
  run.fd = open_directory(run.parent.get(), run.name.c_str());
  if (!run.fd && errno == EACCES && ::fchmodat(run.parent.get(), run.name.c_str(), 0700, 0) == 0)
    run.fd = open_directory(run.parent.get(), run.name.c_str());
  if (!run.fd || ::fstat(run.fd.get(), &info) != 0) return io_error(run.path.string(), errno);
  if (info.st_uid != ::geteuid()) return refused(run.path, "belongs to another user");
  if ((info.st_mode & 0777U) != 0700 && ::fchmod(run.fd.get(), 0700) != 0)
    return io_error(run.path.string(), errno);
  if (::flock(run.fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return refused(run.path, "in use by another run");
  return Done{};
}

// Of a directory that was made and cannot be used nothing is left.
Error not_taken(const RunDirectory& run, const Status& why) {
  ::unlinkat(run.parent.get(), run.name.c_str(), AT_REMOVEDIR);
  return why.error();
}

}  // namespace

Result<RunDirectory> make_run_directory(const fs::path& wanted) {
  fs::path path = wanted.has_filename() ? wanted : wanted.parent_path();
  std::error_code ignored;
  if (path.filename() == "." || path.filename() == "..") path = fs::canonical(path, ignored);
  if (!path.has_filename()) return refused(wanted, "no directory to write to");
  RunDirectory run;
  if (Status opened = open_parent(path, run); !opened) return opened.error();
  const bool made = ::mkdirat(run.parent.get(), run.name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return io_error(path.string(), errno);
  if (Status taken = take_over(run); !taken) return made ? not_taken(run, taken) : taken.error();
  const int found = look_for_entries(run.fd.get());
  if (found == ENOTEMPTY) return refused(path, "exists and is not empty");
  if (found == 0) return run;
  return made ? not_taken(run, io_error(path.string(), found)) : io_error(path.string(), found);
}

Result<RunDirectory> make_run_directory(const fs::path& parent, const std::string& name) {
  RunDirectory run;
  if (Status opened = open_parent(parent / name, run); !opened) return opened.error();
  for (int number = 2; ::mkdirat(run.parent.get(), run.name.c_str(), 0700) != 0; ++number) {
    if (errno != EEXIST || number > kMostNames)
      return io_error((parent / run.name).string(), errno);
    run.name = name + "-" + std::to_string(number);
  }
  run.path = parent / run.name;
  if (Status taken = take_over(run); !taken) return not_taken(run, taken);
  return run;
}

}  // namespace bdsh::run
