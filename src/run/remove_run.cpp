#include "run/remove_run.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "run/files.hpp"

namespace bdsh::run {
namespace {

constexpr int kDeepest = 64;  // a run directory has two levels; a user may have put more there

std::vector<std::string> entries(int directory) {
  std::vector<std::string> names;
  // A descriptor of its own: closedir closes it, and the reading position is not shared.
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return names;
  DIR* stream = ::fdopendir(copy);
  if (stream == nullptr) {
    ::close(copy);
    return names;
  }
  while (const dirent* entry = ::readdir(stream)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  ::closedir(stream);
  return names;
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

class Emptier {
 public:
  Emptier(dev_t device, DiskSteps steps) : device_(device), steps_(std::move(steps)) {}

  // The errno of the first failure, 0 when the directory is empty afterwards.
  int empty(int directory, int depth) const {
    int first = 0;
    for (const std::string& name : entries(directory)) {
      const int failed = remove(directory, name, depth);
      if (failed != 0 && first == 0) first = failed;
      if (steps_) ++*steps_;
    }
    return first;
  }

 private:
  int remove(int directory, const std::string& name, int depth) const {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR && errno != EPERM) return errno;
    if (depth >= kDeepest) return ELOOP;
    const Fd below = open_directory(directory, name.c_str());
    struct stat info {};
    if (!below || ::fstat(below.get(), &info) != 0) return errno;
    if (info.st_dev != device_) return EXDEV;
    if (const int failed = empty(below.get(), depth + 1); failed != 0) return failed;
    return ::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0 ? 0 : errno;
  }

  dev_t device_;
  DiskSteps steps_;
};

}  // namespace

Status remove_directory(int directory, int parent, const std::string& name, const std::string& path,
                        const DiskSteps& steps) {
  struct stat ours {};
  struct stat named {};
  if (::fstat(directory, &ours) != 0) return io_error(path, errno);
  if (const int failed = Emptier(ours.st_dev, steps).empty(directory, 0); failed != 0)
    return io_error(path, failed);
  // Moved or removed by somebody else meanwhile: what stands under the name now is not ours.
  if (::fstatat(parent, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 || !same_file(ours, named))
    return Done{};
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0) return io_error(path, errno);
  return Done{};
}

Status remove_run(const std::filesystem::path& path) {
  const std::string text = path.string();
  const std::filesystem::path parent_path = path.has_parent_path() ? path.parent_path() : ".";
  const std::string name = path.filename().string();
  const Fd parent(::open(parent_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return io_error(text, errno);
  const Fd directory = open_directory(parent.get(), name.c_str());
  if (!directory) return io_error(text, errno);
  const Result<std::string> run = read_file(directory.get(), "run.yaml", 256U << 20U);
  if (!run || !run->starts_with("format: "))
    return Error{ErrorKind::io, "not a run directory"}.about(text);
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return Error{ErrorKind::io, "the run is still live"}.about(text);
  return remove_directory(directory.get(), parent.get(), name, text);
}

}  // namespace bdsh::run
