#include "run/line_follower.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "run/files.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;

}  // namespace

std::vector<std::string> LineFollower::poll(int directory) {
  std::vector<std::string> lines;
  struct stat info {};
  if (::fstatat(directory, name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return lines;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size == seen_ && !more_) return lines;
  const Fd file = open_regular(directory, name_.c_str());
  if (!file) return lines;
  seen_ = size;
  std::size_t wanted = std::min(kReadBytes, longest_);
  std::string text = read_range(file.get(), offset_, wanted);
  while (text.size() == wanted && wanted < longest_ && text.find('\n') == std::string::npos) {
    wanted = std::min(wanted * 4, longest_);
    text = read_range(file.get(), offset_, wanted);
  }
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  if (begin == 0 && text.size() == longest_) {
    lines.push_back(text);
    begin = text.size();
  }
  offset_ += begin;
  more_ = text.size() == wanted;
  return lines;
}

}  // namespace bdsh::run
