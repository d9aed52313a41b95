#include "config/host_names.hpp"

#include <set>
#include <unordered_map>

#include "core/text.hpp"

namespace bdsh::config {
namespace {

std::string with_port(const std::string& name, std::uint16_t port) {
  const bool numeric6 = name.find(':') != std::string::npos;
  return (numeric6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

// Gives hosts of the same name longer ones, as far as `differ` (port or user) tells them apart.
template <typename Differ, typename Longer>
void distinguish(std::vector<HostSpec>& hosts, Differ&& differ, Longer&& longer) {
  std::unordered_map<std::string, std::set<std::string>> kinds;
  for (const HostSpec& host : hosts) kinds[host.name].insert(differ(host));
  for (HostSpec& host : hosts)
    if (kinds[host.name].size() > 1) host.name = longer(host);
}

}  // namespace

std::string safe_name(const std::string& name) {
  constexpr std::size_t kLongest = 128;
  std::string out = sanitised(name, kLongest);
  for (char& c : out)
    if (c == '/' || c == ' ' || c == '\\') c = '_';
  if (out.empty() || out[0] == '.' || out[0] == '-') out.insert(out.begin(), '_');
  return out;
}

void make_names_unique(std::vector<HostSpec>& hosts) {
  distinguish(
      hosts, [](const HostSpec& h) { return std::to_string(h.port); },
      [](const HostSpec& h) { return with_port(h.name, h.port); });
  distinguish(
      hosts, [](const HostSpec& h) { return h.user; },
      [](const HostSpec& h) { return safe_name(h.user) + "@" + h.name; });
  std::set<std::string> taken;
  std::unordered_map<std::string, int> last;
  for (HostSpec& host : hosts) {
    const std::string base = host.name;
    while (!taken.insert(host.name).second)
      host.name = base + "#" + std::to_string(++last[base] + 1);
  }
}

}  // namespace bdsh::config
