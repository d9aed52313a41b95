#include "run/user_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/text.hpp"
#include "run/files.hpp"

namespace bdsh::run {
namespace {

struct Place {
  std::string folder;
  std::string name;
};

Place place_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

Error refused(const std::string& path, const std::string& why) {
  return {ErrorKind::io, sanitised(path) + ": " + why};
}

// A link to a folder is usual where the user made it; in a folder that all may write it can be
// anybody's.
bool planted_link(const std::string& folder) {
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return false;
  return info.st_uid != 0 && info.st_uid != ::geteuid();
}

Result<Fd> open_folder(const std::string& path, const std::string& folder) {
  if (planted_link(folder)) return refused(path, "its folder is another user's symbolic link");
  Fd at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at) return io_error(path, errno);
  return at;
}

// Devices and pipes would be replaced by a plain file, links by what they are not.
Status check_name(int at, const std::string& path, const std::string& name) {
  struct stat info {};
  if (name.empty() || name == "." || name == "..") return io_error(path, EISDIR);
  if (::fstatat(at, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Status(Done{}) : Status(io_error(path, errno));
  if (S_ISLNK(info.st_mode)) return refused(path, "is a symbolic link, which is not followed");
  if (!S_ISREG(info.st_mode)) return refused(path, "is no regular file");
  return Done{};
}

}  // namespace

Status check_user_file(const std::string& path) {
  const Place place = place_of(path);
  const auto at = open_folder(path, place.folder);
  if (!at) return at.error();
  if (const Status usable = check_name(at->get(), path, place.name); !usable) return usable;
  return ::faccessat(at->get(), ".", W_OK | X_OK, AT_EACCESS) == 0 ? Status(Done{})
                                                                   : Status(io_error(path, errno));
}

Status write_user_file(const std::string& path, std::string_view text, Existing existing) {
  const Place place = place_of(path);
  const auto at = open_folder(path, place.folder);
  if (!at) return at.error();
  if (const Status usable = check_name(at->get(), path, place.name); !usable) return usable;
  const bool there = ::faccessat(at->get(), place.name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && existing == Existing::kept) return refused(path, "is there already");
  return replace_file({}, at->get(), place.name.c_str(), text);
}

}  // namespace bdsh::run
