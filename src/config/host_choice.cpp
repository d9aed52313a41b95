#include "config/host_choice.hpp"

#include <unistd.h>

#include <algorithm>

#include "config/host_file.hpp"

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

Status append(Result<std::vector<ChosenHost>> some, std::vector<ChosenHost>& out) {
  if (!some) return some.error();
  out.insert(out.end(), some->begin(), some->end());
  return Done{};
}

Status add_groups(const std::vector<std::string>& lists, Groups& groups,
                  std::vector<ChosenHost>& out) {
  for (const std::string& list : lists)
    for (const std::string& name : split(list))
      if (const auto ok = append(groups.hosts(name), out); !ok) return ok;
  return Done{};
}

Result<std::vector<Target>> hosts_of_file(const Result<HostFile>& file, Groups& groups) {
  if (!file) return file.error();
  if (file->lines.empty()) return file->error_at(1, "the file names no host");
  return file->hosts(groups.lookup());
}

// The hosts of an expression, of the file that "@FILE" names, or of standard input ("-").
Result<std::vector<Target>> hosts_of_list(const std::string& list, const Environment& environment,
                                          Groups& groups) {
  if (list == "-") {
    const auto text = environment.input();
    if (!text) return Error{ErrorKind::usage, text.error().message};
    return hosts_of_file(parse_host_file("standard input", *text), groups);
  }
  const auto is_group = [&](const std::string& name) { return groups.known(name); };
  const auto path = host_file_path(list, environment, is_group);
  if (path) return hosts_of_file(read_host_file(*path), groups);
  auto targets = expand_hosts(list, groups.lookup());
  const bool one_name = list.starts_with('@') && list.find_first_of(",:*?") == std::string::npos;
  if (targets || !one_name || is_group(list.substr(1))) return targets;
  return Error{targets.error().kind, targets.error().message + "; there is no such file either"};
}

Status add_expressions(const std::vector<std::string>& lists, const Environment& environment,
                       Groups& groups, std::vector<ChosenHost>& out) {
  for (const std::string& list : lists) {
    const auto targets = hosts_of_list(list, environment, groups);
    if (!targets) return targets.error();
    for (const Target& target : *targets) {
      auto chosen = groups.choose(target);
      if (!chosen) return chosen.error();
      out.push_back(std::move(*chosen));
    }
  }
  return Done{};
}

// What a run without -g, -H and -a is on.
Result<std::vector<std::string>> default_groups(const ConfigFile& file) {
  if (file.find(kBackendAi) != nullptr && !file.default_cluster)
    return std::vector<std::string>{kBackendAi};
  if (file.default_cluster) return std::vector<std::string>{*file.default_cluster};
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(file.clusters.size(), 10); ++i)
    names += (i > 0 ? ", " : " (groups: ") + file.clusters[i].name;
  if (file.clusters.size() > 10) names += ", …";
  return usage("no hosts: name a group with -g or hosts with -H" + (names.empty() ? "" : names + ")"));
}

}  // namespace

Result<HostFilter> exclusions(const Options& options, Groups& groups) {
  std::string all;
  for (const std::string& list : options.excluded) all += (all.empty() ? "" : ",") + list;
  for (const std::string& list : options.excluded_groups)
    for (const std::string& name : split(list)) all += (all.empty() ? "@" : ",@") + name;
  auto filter = HostFilter::parse(all, groups.lookup());
  return filter ? std::move(filter) : Result<HostFilter>(usage("-x: " + filter.error().message));
}

Result<std::vector<ChosenHost>> choose_hosts(const Options& options, const Environment& environment,
                                             const ConfigFile& file, Groups& groups) {
  std::vector<ChosenHost> hosts;
  if (options.all)
    if (const auto ok = append(groups.all(), hosts); !ok) return ok.error();
  std::vector<std::string> names = options.groups;
  if (names.empty() && options.hosts.empty() && !options.all) {
    auto found = default_groups(file);
    if (!found) return found.error();
    names = *found;
  }
  if (const auto ok = add_groups(names, groups, hosts); !ok) return ok.error();
  if (const auto ok = add_expressions(options.hosts, environment, groups, hosts); !ok)
    return ok.error();
  const auto excluded = exclusions(options, groups);
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

}  // namespace bdsh::config
