#include "transfer/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "transfer/names.hpp"

namespace bdsh::transfer {
namespace {

constexpr int kDeepest = 64;
constexpr mode_t kModeBits = 0777;

Error system_error(int code) { return {ErrorKind::io, std::strerror(code)}; }

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t got = 0;
  while (got < count) {
    const ssize_t more = ::pread(fd, bytes.data() + got, count - got, static_cast<off_t>(offset + got));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return system_error(errno);
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  bytes.resize(got);
  return bytes;
}

Status write_at(int fd, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::size_t>(wrote);
  }
  return Done{};
}

class DiskSource : public LocalSource {
 public:
  explicit DiskSource(Fd fd) : fd_(std::move(fd)) {}
  Result<std::string> read(std::uint64_t offset, std::size_t count) override {
    return read_at(fd_.get(), offset, count);
  }

 private:
  Fd fd_;
};

// ---- what is uploaded

// Walks what was given; the plan grows, and the first error ends it.
class Walk {
 public:
  explicit Walk(bool recursive) : recursive_(recursive) {}

  Status add_root(const std::string& given) {
    const std::string path = without_trailing_slashes(given);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return system_error(errno).about(path);
    if (S_ISDIR(info.st_mode) && !recursive_)
      return Error{ErrorKind::usage, path + ": it is a directory (-r takes it along)"};
    if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
      return Error{ErrorKind::usage, path + ": neither a file nor a directory"};
    const std::string name = name_of(path);
    if (!names_.insert(name).second)
      return Error{ErrorKind::usage, path + ": another '" + name + "' is uploaded too"};
    plan_.roots.push_back(name);
    return add(path, "", info, 0);
  }
  UploadPlan take() { return std::move(plan_); }

 private:
  // "." and ".." are called what they are.
  static std::string name_of(const std::string& path) {
    const std::string name = base_name(path);
    if (name != "." && name != ".." && name != "/" && !name.empty()) return name;
    char* const real = ::realpath(path.c_str(), nullptr);
    const std::string found = real == nullptr ? "" : base_name(real);
    std::free(real);
    return found.empty() ? "root" : found;
  }

  Status add(const std::string& path, const std::string& below, const struct stat& info, int depth) {
    UploadItem item;
    item.directory = S_ISDIR(info.st_mode);
    item.root = plan_.roots.size() - 1;
    item.below = below;
    item.source = path;
    item.size = static_cast<std::uint64_t>(info.st_size);
    item.mode = info.st_mode & kModeBits;
    item.times = {static_cast<std::uint32_t>(info.st_atim.tv_sec),
                  static_cast<std::uint32_t>(info.st_mtim.tv_sec)};
    plan_.items.push_back(item);
    return item.directory ? add_entries(path, below, depth + 1) : Status(Done{});
  }

  Status add_entries(const std::string& path, const std::string& below, int depth) {
    if (depth > kDeepest) return Error{ErrorKind::io, path + ": too deep"};
    auto names = names_in(path);
    if (!names) return names.error();
    for (const std::string& name : *names)
      if (const Status added = add_entry(joined_path(path, name), joined_path(below, name), depth); !added)
        return added;
    return Done{};
  }

  Status add_entry(const std::string& path, const std::string& below, int depth) {
    struct stat own {};
    struct stat info {};
    if (::lstat(path.c_str(), &own) != 0) return system_error(errno).about(path);
    const bool link = S_ISLNK(own.st_mode);
    if (link && ::stat(path.c_str(), &info) != 0) return skip(path, "a link that leads nowhere");
    if (!link) info = own;
    if (link && S_ISDIR(info.st_mode)) return skip(path, "a link to a directory");
    if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
      return skip(path, "neither a file nor a directory");
    return add(path, below, info, depth);
  }

  Status skip(const std::string& path, const char* what) {
    plan_.skipped.push_back({path, what});
    return Done{};
  }

  static Result<std::vector<std::string>> names_in(const std::string& path) {
    DIR* const directory = ::opendir(path.c_str());
    if (directory == nullptr) return system_error(errno).about(path);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory))
      if (const std::string_view name = entry->d_name; name != "." && name != "..")
        names.emplace_back(name);
    ::closedir(directory);
    std::sort(names.begin(), names.end());
    return names;
  }

  const bool recursive_;
  UploadPlan plan_;
  std::set<std::string> names_;
};

// A path that is there is no pattern, whatever is in its name.
std::vector<std::string> expanded(const std::string& source) {
  struct stat info {};
  if (!has_pattern(source) || ::stat(source.c_str(), &info) == 0) return {source};
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(source.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

// ---- what is downloaded

class DiskTarget : public LocalTarget {
 public:
  DiskTarget(Fd directory, Fd file, std::string name, std::string part, std::uint64_t present)
      : directory_(std::move(directory)),
        file_(std::move(file)),
        name_(std::move(name)),
        part_(std::move(part)),
        present_(present) {}
  ~DiskTarget() override {
    if (!settled_) ::unlinkat(directory_.get(), part_.c_str(), 0);
  }
  DiskTarget(const DiskTarget&) = delete;
  DiskTarget& operator=(const DiskTarget&) = delete;

  std::uint64_t present() const override { return present_; }
  Status write(std::uint64_t offset, std::string_view bytes) override {
    return write_at(file_.get(), offset, bytes);
  }
  Result<std::string> read(std::uint64_t offset, std::size_t count) override {
    return read_at(file_.get(), offset, count);
  }
  Status commit(const Attributes& attributes) override;
  void leave() override { settled_ = true; }

 private:
  const Fd directory_;
  const Fd file_;
  const std::string name_;
  const std::string part_;
  const std::uint64_t present_;
  bool settled_ = false;
};

mode_t current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

Status set_all(int fd, const Attributes& attributes) {
  if (attributes.permissions && ::fchmod(fd, *attributes.permissions & kModeBits) != 0)
    return system_error(errno);
  if (!attributes.times) return Done{};
  const timespec times[2] = {{attributes.times->accessed, 0}, {attributes.times->modified, 0}};
  return ::futimens(fd, times) == 0 ? Status(Done{}) : system_error(errno);
}

Status DiskTarget::commit(const Attributes& attributes) {
  Attributes wanted = attributes;
  constexpr mode_t kUsual = 0666;
  if (!attributes.times)
    wanted.permissions = attributes.permissions.value_or(kUsual) & ~current_umask();
  if (const Status set = set_all(file_.get(), wanted); !set) return set;
  if (::renameat(directory_.get(), part_.c_str(), directory_.get(), name_.c_str()) != 0)
    return system_error(errno);
  settled_ = true;
  return Done{};
}

class DiskTree : public LocalTree {
 public:
  explicit DiskTree(Fd root) : root_(std::move(root)) {}
  Status make_directory(const std::string& path) override;
  Result<std::unique_ptr<LocalTarget>> create(const std::string& path, std::uint64_t version,
                                              bool resume) override;
  Status set_directory(const std::string& path, const Attributes& attributes) override;

 private:
  Result<Fd> open_directory(const std::string& path) const;
  const Fd root_;
};

// Part by part, so that no link on the way is followed.
Result<Fd> DiskTree::open_directory(const std::string& path) const {
  Fd at(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
  for (const std::string& part : path_parts(path)) {
    if (part == ".." || part == "/") return Error{ErrorKind::internal, "a path that leads out"};
    Fd next(::openat(at.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return system_error(errno);
    at = std::move(next);
  }
  if (!at) return system_error(errno);
  return at;
}

Status DiskTree::make_directory(const std::string& path) {
  if (path.empty()) return Done{};
  const auto parent = open_directory(directory_of(path));
  if (!parent) return parent.error();
  const std::string name = base_name(path);
  if (::mkdirat(parent->get(), name.c_str(), kModeBits) == 0) return Done{};
  if (errno != EEXIST) return system_error(errno);
  const auto there = open_directory(path);
  return there ? Status(Done{}) : there.error();
}

Result<std::unique_ptr<LocalTarget>> DiskTree::create(const std::string& path, std::uint64_t version,
                                                      bool resume) {
  auto parent = open_directory(directory_of(path));
  if (!parent) return parent.error();
  const std::string name = base_name(path);
  const std::string part = part_name(name, version);
  struct stat info {};
  if (::fstatat(parent->get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode))
    return Error{ErrorKind::io, "a directory has that name here"};
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  if (resume) {
    Fd file(::openat(parent->get(), part.c_str(), kFlags));
    if (file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode))
      return std::unique_ptr<LocalTarget>(std::make_unique<DiskTarget>(
          std::move(*parent), std::move(file), name, part, static_cast<std::uint64_t>(info.st_size)));
  }
  ::unlinkat(parent->get(), part.c_str(), 0);  // what an earlier transfer has left
  Fd file(::openat(parent->get(), part.c_str(), kFlags | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR));
  if (!file) return system_error(errno);
  return std::unique_ptr<LocalTarget>(
      std::make_unique<DiskTarget>(std::move(*parent), std::move(file), name, part, 0));
}

Status DiskTree::set_directory(const std::string& path, const Attributes& attributes) {
  const auto directory = open_directory(path);
  return directory ? set_all(directory->get(), attributes) : directory.error();
}

Status make_path(const std::string& path) {
  if (path.empty() || ::mkdir(path.c_str(), kModeBits) == 0 || errno == EEXIST) return Done{};
  if (errno != ENOENT) return system_error(errno).about(path);
  if (const Status above = make_path(directory_of(path)); !above) return above;
  return ::mkdir(path.c_str(), kModeBits) == 0 ? Status(Done{}) : system_error(errno).about(path);
}

}  // namespace

Result<UploadPlan> plan_upload(const std::vector<std::string>& sources, bool recursive) {
  Walk walk(recursive);
  for (const std::string& source : sources) {
    const auto paths = expanded(source);
    if (paths.empty()) return Error{ErrorKind::usage, source + ": nothing matches"};
    for (const std::string& path : paths)
      if (const Status added = walk.add_root(path); !added) return added.error();
  }
  return walk.take();
}

Result<std::unique_ptr<LocalSource>> open_source(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return system_error(errno).about(path);
  if (!S_ISREG(info.st_mode)) return Error{ErrorKind::io, path + ": it is no file any more"};
  return std::unique_ptr<LocalSource>(std::make_unique<DiskSource>(std::move(fd)));
}

Result<std::unique_ptr<LocalTree>> open_tree(const std::string& path) {
  if (const Status made = make_path(without_trailing_slashes(path)); !made) return made.error();
  Fd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return system_error(errno).about(path);
  return std::unique_ptr<LocalTree>(std::make_unique<DiskTree>(std::move(root)));
}

}  // namespace bdsh::transfer
