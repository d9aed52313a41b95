#include "run/names.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/text.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kLongest = 80;
constexpr std::string_view kAllowed = "._-@+";

// The run directory's own files, and device names that other systems' file systems reserve.
constexpr std::array kReserved = {"run.yaml", "events.log", "resize.log", "rounds.log", "replay", "replay.index",
                                  "con",      "prn",        "aux",        "nul"};

bool ascii_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// "COM1.txt" is a device too: what counts is the part before the first dot.
bool reserved(const std::string& name) {
  const std::string folded = lower(name);
  const std::string stem = folded.substr(0, folded.find('.'));
  const bool port = stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
                    stem[3] >= '0' && stem[3] <= '9';
  return port || std::any_of(kReserved.begin(), kReserved.end(),
                             [&](const char* taken) { return folded == taken || stem == taken; });
}

class Names {
 public:
  bool take(const std::string& name) {
    return !reserved(name) && taken_.insert(lower(name)).second;
  }
  std::string take_similar(const std::string& wanted) {
    const std::string name = reserved(wanted) ? "_" + wanted : wanted;
    if (take(name)) return name;
    for (int number = 2;; ++number)
      if (std::string next = name + "-" + std::to_string(number); take(next)) return next;
  }

 private:
  std::set<std::string> taken_;
};

}  // namespace

std::string safe_name(std::string_view name) {
  std::string out(name.substr(0, kLongest));
  for (char& c : out)
    if (!ascii_alnum(c) && kAllowed.find(c) == std::string_view::npos) c = '_';
  if (out.empty()) return "_";
  if (out.front() == '.' || out.front() == '-') out.front() = '_';
  if (out.back() == '.') out.back() = '_';
  return out;
}

std::vector<std::string> folder_names(const std::vector<std::string>& hosts) {
  std::vector<std::string> folders(hosts.size());
  Names names;
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (safe_name(hosts[i]) == hosts[i] && names.take(hosts[i])) folders[i] = hosts[i];
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (folders[i].empty()) folders[i] = names.take_similar(safe_name(hosts[i]));
  return folders;
}

bool plain_folder(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

}  // namespace bdsh::run
