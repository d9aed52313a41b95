#include "app/handed_environment.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <set>
#include <string_view>
#include <vector>

namespace bdsh::app {
namespace {

constexpr const char* kNames[] = {
    // the terminal
    "TERM", "COLORTERM", "TERMINFO", "TERMINFO_DIRS", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY",
    // agents and askpass programs
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_CONNECTION",
    "KRB5CCNAME", "GPG_TTY",
    // displays that they ask on
    "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"};
constexpr std::size_t kCount = std::size(kNames);

// Room for every name; a reader in another thread sees a whole array at any time.
std::vector<char*>& room() {
  static std::vector<char*> entries;
  return entries;
}

// A reader may hold on to an entry for as long as it likes: they live on, each once.
char* lasting(const std::string& entry) {
  static std::set<std::string> entries;
  return const_cast<char*>(entries.insert(entry).first->c_str());
}

char** find(const char* name) {
  const std::size_t length = std::strlen(name);
  char** entry = environ;
  while (*entry != nullptr && !(std::strncmp(*entry, name, length) == 0 && (*entry)[length] == '='))
    ++entry;
  return entry;
}

void unset(const char* name) {
  char** entry = find(name);
  for (; *entry != nullptr; ++entry) *entry = entry[1];
}

}  // namespace

std::map<std::string, std::string> handed_environment() {
  std::map<std::string, std::string> found;
  for (const char* name : kNames)
    if (const char* value = std::getenv(name); value != nullptr) found[name] = value;
  return found;
}

void prepare_environment() {
  std::vector<char*>& entries = room();
  for (char** entry = environ; *entry != nullptr; ++entry) entries.push_back(*entry);
  entries.resize(entries.size() + kCount + 1, nullptr);
  environ = entries.data();
}

void adopt_environment(const std::map<std::string, std::string>& from) {
  for (const char* name : kNames) {
    const auto value = from.find(name);
    if (value == from.end())
      unset(name);
    else
      *find(name) = lasting(std::string(name) + "=" + value->second);
  }
}

}  // namespace bdsh::app
