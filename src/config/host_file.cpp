#include "config/host_file.hpp"

#include <unistd.h>

#include <string_view>

#include "core/text.hpp"

namespace bdsh::config {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

// No host holds a "#", so that a comment may stand behind one too.
std::string_view without_comment(std::string_view line) {
  return trimmed(line.substr(0, line.find('#')));
}

}  // namespace

Error HostFile::error_at(std::size_t number, const std::string& what) const {
  return {ErrorKind::usage, sanitised(path, 1000) + ":" + std::to_string(number) + ": " + what};
}

Result<std::vector<Target>> HostFile::hosts(const HostLookup& lookup) const {
  std::vector<Target> all;
  for (const Line& line : lines) {
    auto targets = expand_hosts(line.expression, lookup);
    if (!targets) return error_at(line.number, targets.error().message);
    if (all.size() + targets->size() > kMaxHosts)
      return error_at(line.number, "the file names more than 100,000 hosts");
    for (Target& target : *targets) all.push_back(std::move(target));
  }
  return all;
}

std::optional<std::string> host_file_path(const std::string& list, const Environment& environment,
                                          const std::function<bool(const std::string&)>& is_group) {
  if (list.size() < 2 || list[0] != '@') return std::nullopt;
  std::string path = list.substr(1);
  if (path.starts_with("~/")) return environment.home() + path.substr(1);
  if (path.find('/') != std::string::npos) return path;
  if (is_group(path) || access(path.c_str(), F_OK) != 0) return std::nullopt;
  return path;
}

Result<HostFile> read_host_file(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return Error{ErrorKind::usage, text.error().message};
  return parse_host_file(path, *text);
}

Result<HostFile> parse_host_file(const std::string& path, const std::string& text) {
  HostFile file{path, {}};
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = without_comment(std::string_view(text).substr(at, end - at));
    ++number;
    if (line.find('\0') != std::string_view::npos)
      return file.error_at(number, "this is no text file");
    if (!line.empty()) file.lines.push_back({number, std::string(line)});
    at = end + 1;
  }
  return file;
}

}  // namespace bdsh::config
