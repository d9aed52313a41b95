#include "run/line_follower.hpp"

#include "run/files.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;

}  // namespace

std::vector<std::string> LineFollower::poll(int directory) {
  std::vector<std::string> lines;
  more_ = false;
  const Fd file = open_regular(directory, name_.c_str());
  if (!file) return lines;
  const std::string text = read_range(file.get(), offset_, kReadBytes);
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  if (begin == 0 && text.size() == kReadBytes) {
    lines.push_back(text);
    begin = text.size();
  }
  offset_ += begin;
  more_ = text.size() == kReadBytes;
  return lines;
}

}  // namespace bdsh::run
