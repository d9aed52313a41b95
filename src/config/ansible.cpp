#include "config/ansible.hpp"

#include <algorithm>
#include <climits>

#include "config/group_source.hpp"
#include "config/host_expression.hpp"
#include "config/jumps.hpp"
#include "config/words.hpp"
#include "config/yaml_tree.hpp"

namespace bdsh::config {
namespace {

const std::string kAll = "all";

struct AnsibleRange {
  std::string before, first, last, after;
  std::int64_t step = 1;
};

// "www[01:50:2].x": the first bracket that holds a ':' range.
std::optional<AnsibleRange> range_in(const std::string& pattern) {
  const std::size_t open = pattern.find('[');
  const std::size_t close = pattern.find(']', open);
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  const std::string inside = pattern.substr(open + 1, close - open - 1);
  const std::size_t colon = inside.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::size_t second = std::min(inside.size(), inside.find(':', colon + 1));
  AnsibleRange range{pattern.substr(0, open), inside.substr(0, colon),
                     inside.substr(colon + 1, second - colon - 1), pattern.substr(close + 1)};
  if (second < inside.size()) {
    const auto step = parse_number(inside.substr(second + 1), 1, 1'000'000);
    if (!step) return std::nullopt;
    range.step = *step;
  }
  return range;
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// The texts of a range; nothing when it is none.
std::optional<std::vector<std::string>> values_of(const AnsibleRange& range) {
  std::vector<std::string> out;
  const bool letters = range.first.size() == 1 && range.last.size() == 1 &&
                       std::isalpha(static_cast<unsigned char>(range.first[0])) != 0;
  if (letters) {
    for (int c = range.first[0]; c <= range.last[0]; c += static_cast<int>(std::min<std::int64_t>(range.step, 255)))
      out.emplace_back(1, static_cast<char>(c));
    return out;
  }
  const auto first = parse_number(range.first.empty() ? "0" : range.first, 0, INT32_MAX);
  const auto last = parse_number(range.last, 0, INT32_MAX);
  if (!first || !last || *last < *first) return std::nullopt;
  if ((*last - *first) / range.step >= static_cast<std::int64_t>(kMaxHosts)) return std::nullopt;
  const std::size_t width = range.first.size() > 1 && range.first[0] == '0' ? range.first.size() : 1;
  for (std::int64_t value = *first; value <= *last; value += range.step)
    out.push_back(padded(value, width));
  return out;
}

// Every name a pattern stands for; false: it is none, or too many.
bool expand_pattern(const std::string& pattern, std::vector<std::string>& names) {
  const auto range = range_in(pattern);
  if (!range) {
    names.push_back(pattern);
    return names.size() <= kMaxHosts;
  }
  const auto values = values_of(*range);
  if (!values) return false;
  for (const std::string& value : *values)
    if (!expand_pattern(range->before + value + range->after, names)) return false;
  return true;
}

const std::string* find(const AnsibleVariables& variables, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = variables.find(name); found != variables.end() && !found->second.empty())
      return &found->second;
  return nullptr;
}

// "-o ProxyJump=bastion" or "-J bastion" in the arguments for ssh; other arguments are not read.
std::optional<std::string> jump_in(const std::string& arguments) {
  for (const std::string sign : {"ProxyJump=", "-J "}) {
    const std::size_t at = arguments.find(sign);
    if (at == std::string::npos) continue;
    const std::size_t begin = arguments.find_first_not_of(" \"'", at + sign.size());
    if (begin == std::string::npos) return std::nullopt;
    return arguments.substr(begin, arguments.find_first_of(" \"'", begin) - begin);
  }
  return std::nullopt;
}

}  // namespace

Inventory::Group& Inventory::group_of(const std::string& name, int line) {
  const auto [place, fresh] = groups_.try_emplace(name);
  if (fresh) {
    order_.push_back(name);
    place->second.line = line;
  }
  return place->second;
}

Status Inventory::add_host(const std::string& group, const std::string& pattern,
                           const AnsibleVariables& variables, int line) {
  std::vector<std::string> names;
  if (!expand_pattern(pattern, names))
    return error_in(path_, line, "'" + pattern + "' is no host, or stands for too many");
  Group& into = group_of(group, line);
  for (const std::string& name : names) {
    const auto plain = expand_hosts(name);
    if (!plain || plain->size() != 1)
      return error_in(path_, line, plain ? "'" + name + "' is no host" : plain.error().message);
    Host& host = hosts_[name];
    if (host.line == 0) host.line = line;
    for (const auto& [key, value] : variables) host.variables[key] = value;
    if (into.members.insert(name).second) into.hosts.push_back(name);
  }
  return Done{};
}

void Inventory::add_child(const std::string& parent, const std::string& child, int line) {
  (void)group_of(child, line);
  group_of(parent, line).children.push_back(child);
}

Result<int> Inventory::depth_of(const std::string& group) {
  const auto [known, fresh] = depths_.emplace(group, -1);
  const Group& one = groups_.at(group);
  if (!fresh && known->second < 0)
    return error_in(path_, one.line, "the group '" + group + "' is in a circle");
  if (!fresh) return known->second;
  int depth = 0;
  for (const std::string& child : one.children) {
    const auto below = depth_of(child);
    if (!below) return below;
    depth = std::max(depth, *below + 1);
  }
  return depths_[group] = depth;
}

void Inventory::collect(const std::string& group, std::vector<std::string>& hosts,
                        std::set<std::string>& seen, std::set<std::string>& visited) const {
  if (!visited.insert(group).second) return;
  const Group& one = groups_.at(group);
  for (const std::string& host : one.hosts)
    if (seen.insert(host).second) hosts.push_back(host);
  for (const std::string& child : one.children) collect(child, hosts, seen, visited);
}

std::vector<std::string> Inventory::members_of(const std::string& group) const {
  std::vector<std::string> hosts;
  std::set<std::string> seen;
  std::set<std::string> visited;
  collect(group, hosts, seen, visited);
  if (group == kAll)
    for (const std::string& other : order_) collect(other, hosts, seen, visited);
  return hosts;
}

// Groups that hold no groups are the innermost: they speak first.
void Inventory::inherit() {
  std::vector<std::pair<int, std::string>> by_depth;
  for (const std::string& name : order_)
    by_depth.emplace_back(name == kAll ? INT_MAX : *depth_of(name), name);
  std::stable_sort(by_depth.begin(), by_depth.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [depth, name] : by_depth) {
    for (const std::string& member : members_of(name))
      for (const auto& [key, value] : groups_.at(name).variables)
        hosts_.at(member).variables.emplace(key, value);
  }
}

Node Inventory::node_of(const std::string& name) const {
  const Host& host = hosts_.at(name);
  const AnsibleVariables& variables = host.variables;
  Node node;
  node.line = host.line;
  auto written = expand_hosts(name);  // "name:port" is possible
  Target target = written->front();
  if (const std::string* address = find(variables, {"ansible_host", "ansible_ssh_host"})) {
    node.name = target.host;
    target.host = *address;
  }
  if (const std::string* port = find(variables, {"ansible_port", "ansible_ssh_port"}))
    if (const auto number = parse_number(*port, 1, 65535))
      target.port = static_cast<std::uint16_t>(*number);
  if (const std::string* user = find(variables, {"ansible_user", "ansible_ssh_user"}))
    target.user = *user;
  node.hosts = expression_of(target);
  if (const std::string* key = find(variables, {"ansible_ssh_private_key_file", "ansible_private_key_file"}))
    node.settings.ssh_key = key->starts_with("~/") ? home_ + key->substr(1) : *key;
  for (const char* arguments : {"ansible_ssh_common_args", "ansible_ssh_extra_args"})
    if (const std::string* text = find(variables, {arguments}); text != nullptr && !node.settings.jump_host)
      if (auto jump = jump_in(*text); jump && parse_jumps(*jump)) node.settings.jump_host = jump;
  return node;
}

Result<std::vector<Cluster>> Inventory::clusters() {
  (void)group_of(kAll, 0);
  for (const std::string& name : order_)
    if (const auto depth = depth_of(name); !depth) return depth.error();
  inherit();
  std::vector<Cluster> out;
  for (const std::string& name : order_) {
    Cluster cluster = make_group(name, path_, groups_.at(name).line);
    for (const std::string& member : members_of(name)) cluster.nodes.push_back(node_of(member));
    out.push_back(std::move(cluster));
  }
  return out;
}

}  // namespace bdsh::config
