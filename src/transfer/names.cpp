#include "transfer/names.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::transfer {
namespace {

constexpr std::size_t kLongestName = 255;  // of Linux' file systems

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7F && code < 0xA0); }

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

}  // namespace

std::optional<std::string> local_name(std::string_view far) {
  if (far.empty() || far == "." || far == ".." || far.size() > kLongestName ||
      far.find('/') != far.npos || far.find('\0') != far.npos)
    return {};
  std::string out;
  for (std::size_t at = 0; at < far.size();) {
    const std::size_t begin = at;
    // Bytes that are no UTF-8 are kept: whoever named the file so had a reason.
    if (is_control(decode_utf8(far, at)))
      out += '_';
    else
      out.append(far, begin, at - begin);
  }
  return out;
}

std::string joined_path(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  if (name.empty()) return std::string(directory);
  return std::string(directory) + (directory.back() == '/' ? "" : "/") + std::string(name);
}

std::string without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return std::string(path);
}

std::string directory_of(std::string_view path) {
  const std::string trimmed = without_trailing_slashes(path);
  const std::size_t slash = trimmed.rfind('/');
  if (slash == std::string::npos) return {};
  return without_trailing_slashes(std::string_view(trimmed).substr(0, slash + 1));
}

std::string base_name(std::string_view path) {
  const std::string trimmed = without_trailing_slashes(path);
  return trimmed.substr(trimmed.rfind('/') + 1);
}

std::string far_path(std::string_view typed) {
  if (typed == "~" || typed == "~/") return ".";
  if (!typed.starts_with("~/")) return std::string(typed);
  typed.remove_prefix(2);
  while (!typed.empty() && typed.front() == '/') typed.remove_prefix(1);
  return typed.empty() ? "." : std::string(typed);
}

std::string part_name(std::string_view name, std::uint64_t version) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr int kShown = 32;  // bits of the version
  std::string tail = ".";
  for (int shift = kShown - 4; shift >= 0; shift -= 4)
    tail += kDigits[version >> static_cast<unsigned>(shift) & 0xFU];
  tail += ".part";
  return "." + std::string(name.substr(0, kLongestName - 1 - tail.size())) + tail;
}

std::uint64_t version_of(std::string_view who, std::uint64_t size, std::uint32_t modified) {
  const std::string facts = std::to_string(size) + ' ' + std::to_string(modified) + ' ';
  std::uint64_t hash = fnv1a(fnv1a(0xCBF29CE484222325ULL, facts), who);
  return hash ^ hash >> 32U;
}

bool has_pattern(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\') ++i;
    else if (path[i] == '*' || path[i] == '?' || path[i] == '[') return true;
  }
  return false;
}

bool matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

std::string unescaped(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '\\' && i + 1 < part.size()) ++i;
    out += part[i];
  }
  return out;
}

std::vector<std::string> path_parts(std::string_view path) {
  std::vector<std::string> parts;
  if (path.starts_with('/')) parts.emplace_back("/");
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

}  // namespace bdsh::transfer
