#include "config/output_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace bdsh::config {
namespace {

std::string folder_of(const Environment& environment) {
  const std::string* xdg = environment.find("XDG_CACHE_HOME");
  const bool usable = xdg != nullptr && !xdg->empty() && xdg->front() == '/';
  return (usable ? *xdg : environment.home() + "/.cache") + "/bdsh/sources";
}

// The words are the key: the file's first line repeats them, as two keys may share a name.
std::string key_of(const CommandCall& call) {
  std::string key = call.directory;
  for (const std::string& word : call.words) key += '\x1f' + word;
  for (char& c : key)
    if (c == '\n') c = '\x1e';
  return key;
}

std::string path_of(const std::string& folder, const std::string& key) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::array<char, 20> name{};
  std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(hash));
  return folder + "/" + name.data();
}

// Not what somebody else could have put there.
bool fresh(const std::string& path, std::chrono::seconds age, const Environment& environment) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  if (info.st_uid != geteuid() || (info.st_mode & 077U) != 0) return false;
  const auto written = std::chrono::system_clock::from_time_t(info.st_mtime);
  return written <= environment.now && environment.now - written < age;
}

std::optional<std::string> remembered(const std::string& path, const std::string& key) {
  const auto text = read_text_file(path);
  if (!text || !text->starts_with(key + "\n")) return std::nullopt;
  return text->substr(key.size() + 1);
}

void remember(const std::string& folder, const std::string& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), ignored);
  mkdir(folder.c_str(), 0700);
  const std::string fresh = path + "." + std::to_string(getpid());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(fd) != 0 || !written || rename(fresh.c_str(), path.c_str()) != 0) unlink(fresh.c_str());
}

}  // namespace

Result<std::string> cached_output(const CommandCall& call, std::chrono::seconds age,
                                  const Environment& environment) {
  if (age.count() == 0) return environment.output(call);
  const std::string folder = folder_of(environment);
  const std::string key = key_of(call);
  const std::string path = path_of(folder, key);
  if (fresh(path, age, environment))
    if (auto text = remembered(path, key)) return std::move(*text);
  auto text = environment.output(call);
  if (text) remember(folder, path, key + "\n" + *text);
  return text;
}

}  // namespace bdsh::config
