#include "config/host_choice.hpp"

#include <unistd.h>

#include <algorithm>
#include <unordered_map>

#include "config/host_file.hpp"
#include "config/words.hpp"

namespace bdsh::config {
namespace {

constexpr const char* kBackendAi = "backendai";

Error usage(const std::string& what) {
  return {ErrorKind::usage, what};
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.size(), list.find(',', begin));
    if (end > begin) out.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string known_groups(const ConfigFile& file) {
  constexpr std::size_t kShown = 10;
  std::string out;
  for (std::size_t i = 0; i < std::min(kShown, file.clusters.size()); ++i)
    out += (i > 0 ? ", " : "") + file.clusters[i].name;
  if (file.clusters.size() > kShown) out += ", …";
  return out;
}

Error unknown_group(const ConfigFile& file, const std::string& name) {
  if (file.path.empty())
    return usage("unknown group '" + name + "': there is no configuration file");
  std::vector<std::string_view> names;
  for (const Cluster& cluster : file.clusters) names.push_back(cluster.name);
  std::string hint = did_you_mean(name, names);
  if (hint.empty() && !names.empty()) hint = " (groups: " + known_groups(file) + ")";
  return usage("unknown group '" + name + "'" + hint);
}

Result<std::vector<ChosenHost>> hosts_of(const ConfigFile& file, const Cluster& cluster) {
  std::vector<ChosenHost> out;
  for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
    const Node& node = cluster.nodes[i];
    const std::string key = cluster.name + ".nodes[" + std::to_string(i) + "]";
    auto targets = expand_hosts(node.hosts);
    if (!targets) return file.error_at(node.line, key, targets.error().message);
    if (node.name && targets->size() != 1)
      return file.error_at(node.line, key,
                           "a name is for one host, not for " + std::to_string(targets->size()));
    if (out.size() + targets->size() > kMaxHosts)
      return file.error_at(node.line, key, "the group has more than 100,000 hosts");
    for (Target& target : *targets) {
      const std::string name = node.name.value_or(target.host);
      out.push_back({std::move(target), name, &cluster, &node, false});
    }
  }
  return out;
}

std::string key_of(const Target& t) {
  return t.user + '@' + t.host + ':' + std::to_string(t.port.value_or(0));
}

// Lets -H name hosts of the configuration: by their name there, or as they are written there.
class KnownHosts {
 public:
  static Result<KnownHosts> of(const ConfigFile& file) {
    KnownHosts known;
    for (const Cluster& cluster : file.clusters) {
      auto hosts = hosts_of(file, cluster);
      if (!hosts) return hosts.error();
      for (ChosenHost& host : *hosts) known.add(std::move(host));
    }
    return known;
  }

  ChosenHost choose(const Target& typed) const {
    const auto found = places_.find(key_of(typed));
    if (found == places_.end()) return {typed, typed.host, nullptr, nullptr, true};
    return hosts_[found->second];
  }

 private:
  void add(ChosenHost host) {
    places_.emplace(key_of(host.target), hosts_.size());
    places_.emplace(key_of({"", host.name, {}}), hosts_.size());
    places_.emplace(key_of({"", host.target.host, {}}), hosts_.size());
    hosts_.push_back(std::move(host));
  }
  std::vector<ChosenHost> hosts_;
  std::unordered_map<std::string, std::size_t> places_;
};

GroupLookup lookup_in(const ConfigFile& file) {
  return [&file](const std::string& name) -> Result<std::vector<Target>> {
    const Cluster* cluster = file.find(name);
    if (cluster == nullptr) return unknown_group(file, name);
    auto hosts = hosts_of(file, *cluster);
    if (!hosts) return hosts.error();
    std::vector<Target> out;
    for (ChosenHost& host : *hosts) out.push_back(std::move(host.target));
    return out;
  };
}

Status add_groups(const std::vector<std::string>& lists, const ConfigFile& file,
                  std::vector<ChosenHost>& out) {
  for (const std::string& list : lists)
    for (const std::string& name : split(list)) {
      const Cluster* cluster = file.find(name);
      if (cluster == nullptr) return unknown_group(file, name);
      auto hosts = hosts_of(file, *cluster);
      if (!hosts) return hosts.error();
      out.insert(out.end(), hosts->begin(), hosts->end());
    }
  return Done{};
}

// The hosts of an expression, or of the file that "@FILE" names.
Result<std::vector<Target>> hosts_of_list(const std::string& list, const Environment& environment,
                                          const ConfigFile& file) {
  const auto is_group = [&](const std::string& name) { return file.find(name) != nullptr; };
  const auto path = host_file_path(list, environment, is_group);
  if (!path) {
    auto targets = expand_hosts(list, lookup_in(file));
    const bool one_name = list.starts_with('@') && list.find(',') == std::string::npos;
    if (targets || !one_name || is_group(list.substr(1))) return targets;
    return Error{targets.error().kind, targets.error().message + "; there is no such file either"};
  }
  const auto from = read_host_file(*path);
  if (!from) return from.error();
  if (from->lines.empty()) return from->error_at(1, "the file names no host");
  return from->hosts(lookup_in(file));
}

Status add_expressions(const std::vector<std::string>& lists, const Environment& environment,
                       const ConfigFile& file, std::vector<ChosenHost>& out) {
  if (lists.empty()) return Done{};
  const auto known = KnownHosts::of(file);
  if (!known) return known.error();
  for (const std::string& list : lists) {
    const auto targets = hosts_of_list(list, environment, file);
    if (!targets) return targets.error();
    for (const Target& target : *targets) out.push_back(known->choose(target));
  }
  return Done{};
}

// The variables that Backend.AI sets in the containers of a cluster session. A sub host speaks to
// the other sub hosts; 2200 and the key are where its containers have them.
void add_backend_ai(const Environment& environment, ConfigFile& file) {
  constexpr const char* kKey = "/home/config/ssh/id_cluster";
  const std::string* hosts = environment.find("BACKENDAI_CLUSTER_HOSTS");
  if (hosts == nullptr || file.find(kBackendAi) != nullptr) return;
  Cluster cluster;
  cluster.name = kBackendAi;
  for (const std::string& host : split(*hosts)) cluster.nodes.push_back({host, {}, {}, 0});
  const std::string* role = environment.find("BACKENDAI_CLUSTER_ROLE");
  if (role != nullptr && *role == "sub" && !cluster.nodes.empty())
    cluster.nodes.erase(cluster.nodes.begin());
  if (cluster.nodes.empty()) return;
  cluster.settings.port = 2200;
  if (access(kKey, R_OK) == 0) cluster.settings.ssh_key = kKey;
  file.clusters.push_back(std::move(cluster));
}

Result<std::vector<std::string>> default_groups(const ConfigFile& file) {
  if (file.find(kBackendAi) != nullptr && !file.default_cluster)
    return std::vector<std::string>{kBackendAi};
  if (file.default_cluster) return std::vector<std::string>{*file.default_cluster};
  std::string hint = "no hosts: name a group with -g or hosts with -H";
  if (!file.clusters.empty()) hint += " (groups: " + known_groups(file) + ")";
  return usage(hint);
}

}  // namespace

Result<ChosenHost> choose_named(const ConfigFile& file, const Target& target) {
  const auto known = KnownHosts::of(file);
  if (!known) return known.error();
  return known->choose(target);
}

Result<HostFilter> exclusions(const Options& options, const ConfigFile& file) {
  std::string all;
  for (const std::string& list : options.excluded) all += (all.empty() ? "" : ",") + list;
  auto filter = HostFilter::parse(all, lookup_in(file));
  return filter ? std::move(filter) : Result<HostFilter>(usage("-x: " + filter.error().message));
}

Result<std::vector<ChosenHost>> choose_hosts(const Options& options, const Environment& environment,
                                             ConfigFile& file) {
  add_backend_ai(environment, file);
  std::vector<std::string> groups = options.groups;
  if (groups.empty() && options.hosts.empty()) {
    auto found = default_groups(file);
    if (!found) return found.error();
    groups = *found;
  }
  std::vector<ChosenHost> hosts;
  if (const auto ok = add_groups(groups, file, hosts); !ok) return ok.error();
  if (const auto ok = add_expressions(options.hosts, environment, file, hosts); !ok) return ok.error();
  const auto excluded = exclusions(options, file);
  if (!excluded) return excluded.error();
  const bool any = !hosts.empty();
  std::erase_if(hosts, [&](const ChosenHost& host) {
    const Target& t = host.target;
    return excluded->matches(t) || excluded->matches(t.user, host.name, t.port);
  });
  if (hosts.empty())
    return usage(any ? "no hosts are left after -x" : "no hosts: the list is empty");
  if (hosts.size() > kMaxHosts) return usage("more than 100,000 hosts");
  return hosts;
}

}  // namespace bdsh::config
