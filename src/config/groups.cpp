#include "config/groups.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "config/clustershell.hpp"
#include "config/group_files.hpp"
#include "config/host_file.hpp"
#include "config/wildcard.hpp"
#include "config/words.hpp"
#include "config/yaml_tree.hpp"

namespace bdsh::config {
namespace {

Error usage(const std::string& what) {
  return {ErrorKind::usage, what};
}

std::string key_of(const Target& t) {
  return t.user + '@' + t.host + ':' + std::to_string(t.port.value_or(0));
}

Target plain(const std::string& name) {
  return {"", name, {}};
}

std::unique_ptr<GroupSource> source_of(const SourceSetting& setting, const Environment& environment) {
  using Kind = SourceSetting::Kind;
  const std::string& file = setting.file;
  if (setting.kind == Kind::commands) return command_source(setting, environment);
  if (setting.kind == Kind::ansible)
    return file_source([file, home = environment.home()] { return read_ansible(file, home); });
  if (setting.kind == Kind::genders) return file_source([file] { return read_genders(file); });
  return file_source([file] { return read_dsh_folders({file}); });
}

// Whether an expression has a term "@GROUP"; "user@host" is none.
bool names_groups(const std::string& expression) {
  for (std::size_t at = expression.find('@'); at != std::string::npos; at = expression.find('@', at + 1))
    if (at == 0 || std::string_view(", \t\r\n!&^-").find(expression[at - 1]) != std::string_view::npos)
      return true;
  return false;
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string out;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    out += (i > 0 ? ", " : "") + names[i];
  return names.size() > kShown ? out + ", …" : out;
}

}  // namespace

Groups::Groups(const ConfigFile& file, const Environment& environment)
    : file_(file), environment_(environment) {}

// -- sources

void Groups::add(const std::string& name, std::unique_ptr<GroupSource> groups, bool implicit) {
  const bool taken = std::any_of(sources_.begin(), sources_.end(),
                                 [&](const auto& one) { return one->name == name; });
  if (!taken) sources_.push_back(std::make_unique<Source>(Source{name, std::move(groups), implicit}));
}

Status Groups::add_clustershell(const std::string& path, bool implicit) {
  auto read = read_clustershell(path);
  if (!read) return read.error();
  const auto by_default = [&](const std::string& name) {
    return implicit && read->default_source == name;
  };
  for (auto& [name, groups] : read->files)
    add(name, file_source([groups = std::move(groups)]() -> Result<std::vector<Cluster>> { return groups; }),
        by_default(name));
  for (const SourceSetting& setting : read->commands)
    add(setting.name, command_source(setting, environment_), by_default(setting.name));
  return Done{};
}

Status Groups::add_configured() {
  if (std::exchange(configured_added_, true)) return Done{};
  for (const SourceSetting& setting : file_.sources) {
    const bool files = setting.kind != SourceSetting::Kind::commands;
    if (setting.kind == SourceSetting::Kind::clustershell) {
      if (const auto ok = add_clustershell(setting.file, true); !ok) return ok;
    } else {
      add(setting.name, source_of(setting, environment_), files);
    }
  }
  return Done{};
}

// What other tools have in their usual places.
Status Groups::add_usual() {
  if (const auto ok = add_configured(); !ok) return ok;
  if (std::exchange(usual_added_, true)) return Done{};
  if (const auto path = clustershell_file(environment_))
    if (const auto ok = add_clustershell(*path, true); !ok) return ok;
  const std::string& etc = environment_.system_directory;
  const std::vector<std::string> folders{environment_.home() + "/.dsh/group", etc + "/dsh/group"};
  add("dsh", file_source([folders] { return read_dsh_folders(folders); }), true);
  if (const std::string genders = etc + "/genders"; access(genders.c_str(), F_OK) == 0)
    add("genders", file_source([genders] { return read_genders(genders); }), true);
  return Done{};
}

Result<Groups::Source*> Groups::source(const std::string& name) {
  const auto look = [&]() -> Source* {
    for (const auto& one : sources_)
      if (one->name == name) return one.get();
    return nullptr;
  };
  if (const auto ok = add_configured(); !ok) return ok.error();
  if (Source* found = look()) return found;
  if (const auto ok = add_usual(); !ok) return ok.error();
  return look();
}

Result<Groups::Source*> Groups::default_source() {
  if (file_.default_source) {
    auto found = source(*file_.default_source);
    if (found && *found == nullptr)
      return file_.error_at(0, "default_source", "there is no source '" + *file_.default_source + "'");
    return found;
  }
  if (!file_.clusters.empty()) return nullptr;
  if (const auto ok = add_usual(); !ok) return ok.error();
  for (const auto& one : sources_) {
    if (!one->implicit) continue;
    const auto all = one->groups->all();
    if (!all) return all.error();
    if (*all != nullptr && !(*all)->nodes.empty()) return one.get();
  }
  return nullptr;
}

// -- names

Result<Groups::Found> Groups::find(const std::string& name) {
  if (const Cluster* cluster = file_.find(name)) return Found{cluster, nullptr};
  const std::size_t colon = name.find(':');
  if (colon != std::string::npos) {
    const auto in = source(name.substr(0, colon));
    if (!in) return in.error();
    if (*in != nullptr) {
      const auto cluster = (*in)->groups->find(name.substr(colon + 1));
      return cluster ? Result<Found>(Found{*cluster, *in}) : cluster.error();
    }
  }
  return find_plain(name);
}

Result<Groups::Found> Groups::find_plain(const std::string& name) {
  if (file_.default_source) {
    const auto in = default_source();
    if (!in) return in.error();
    const auto cluster = (*in)->groups->find(name);
    if (!cluster) return cluster.error();
    if (*cluster != nullptr) return Found{*cluster, *in};
  }
  if (const auto ok = add_usual(); !ok) return ok.error();
  for (const auto& one : sources_) {
    if (!one->implicit) continue;
    const auto cluster = one->groups->find(name);
    if (!cluster) return cluster.error();
    if (*cluster != nullptr) return Found{*cluster, one.get()};
  }
  return Found{};
}

Error Groups::unknown(const std::string& name) {
  const std::size_t colon = name.find(':');
  if (const auto in = source(name.substr(0, colon)); colon != std::string::npos && in) {
    if (*in != nullptr)
      return usage("unknown group '" + name.substr(colon + 1) + "' of source '" + (*in)->name + "'");
    std::vector<std::string> names;
    for (const auto& one : sources_) names.push_back(one->name);
    return usage("unknown source '" + name.substr(0, colon) + "' (sources: " + joined(names) + ")");
  }
  std::vector<std::string> names;
  if (const auto listed = list())
    for (const Listed& one : *listed)
      names.push_back(one.needs_source ? one.source + ":" + one.name : one.name);
  if (names.empty() && file_.path.empty())
    return usage("unknown group '" + name + "': there is no configuration file");
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::string hint = did_you_mean(name, views);
  if (hint.empty() && !names.empty()) hint = " (groups: " + joined(names) + ")";
  return usage("unknown group '" + name + "'" + hint);
}

bool Groups::known(const std::string& name) {
  const auto found = find(name);
  return found && found->cluster != nullptr;
}

Result<std::vector<Groups::Listed>> Groups::list(const std::string& of) {
  std::vector<Listed> out;
  if (of.empty())
    for (const Cluster& cluster : file_.clusters) out.push_back({"", cluster.name, false});
  std::set<std::string> taken;
  for (const Listed& one : out) taken.insert(one.name);
  if (const auto ok = add_usual(); !ok) return ok.error();
  for (const auto& one : sources_) {
    const bool wanted = of.empty() ? !one->groups->runs_commands() || one->implicit ||
                                         one->name == file_.default_source
                                   : one->name == of;
    if (!wanted) continue;
    auto names = one->groups->list();
    if (!names) return names.error();
    const bool plain_names = one->implicit || one->name == file_.default_source;
    for (std::string& name : *names) {
      // A name that an earlier source has, too, means that one.
      const bool means_this = plain_names && taken.insert(name).second;
      out.push_back({one->name, std::move(name), !means_this});
    }
  }
  return out;
}

// -- hosts

Groups::Hosts Groups::hosts(const std::string& name) {
  if (name == "*") return all();
  const std::size_t colon = name.find(':');
  const std::string group = colon == std::string::npos ? name : name.substr(colon + 1);
  if (has_wildcard(group) && file_.find(name) == nullptr)
    return matching(colon == std::string::npos ? "" : name.substr(0, colon), group);
  const auto found = find(name);
  if (!found) return found.error();
  return found->cluster != nullptr ? expand(*found) : unknown(name);
}

Groups::Hosts Groups::matching(const std::string& of, const std::string& pattern) {
  if (!of.empty()) {
    const auto in = source(of);
    if (!in) return in.error();
    if (*in == nullptr) return unknown(of + ":" + pattern);
    if (pattern == "*") return all_of(**in);
  }
  const auto names = list(of);
  if (!names) return names.error();
  std::vector<ChosenHost> out;
  bool any = false;
  for (const Listed& one : *names) {
    if (!wildcard_match(pattern, one.name)) continue;
    any = true;
    auto some = hosts(one.source.empty() ? one.name : one.source + ":" + one.name);
    if (!some) return some;
    out.insert(out.end(), some->begin(), some->end());
  }
  return any ? Hosts(std::move(out)) : usage("no group matches '" + pattern + "'");
}

Groups::Hosts Groups::all_of(Source& source) {
  const auto cluster = source.groups->all();
  if (!cluster) return cluster.error();
  return *cluster == nullptr ? Hosts(std::vector<ChosenHost>()) : expand({*cluster, &source});
}

Groups::Hosts Groups::all() {
  const auto in = default_source();
  if (!in) return in.error();
  if (*in != nullptr) return all_of(**in);
  std::vector<ChosenHost> out;
  for (const Cluster& cluster : file_.clusters) {
    auto some = expand({&cluster, nullptr});
    if (!some) return some;
    out.insert(out.end(), some->begin(), some->end());
  }
  return out;
}

Groups::Hosts Groups::expand(const Found& found) {
  const Cluster& cluster = *found.cluster;
  if (std::find(open_.begin(), open_.end(), &cluster) != open_.end())
    return error_in(cluster.path.empty() ? file_.path : cluster.path, cluster.line,
                    "the group '" + cluster.name + "' is in a circle");
  open_.push_back(&cluster);
  std::vector<ChosenHost> out;
  std::optional<Error> failed;
  for (std::size_t i = 0; i < cluster.nodes.size() && !failed; ++i) {
    auto some = expand_node(cluster, i, found.source);
    if (!some)
      failed = some.error();
    else if (out.size() + some->size() > kMaxHosts)
      failed = file_.error_at(cluster.line, cluster.name, "the group has more than 100,000 hosts");
    else
      out.insert(out.end(), some->begin(), some->end());
  }
  open_.pop_back();
  if (failed) return *failed;
  for (const ChosenHost& host : out) learn(host);
  return out;
}

Groups::Hosts Groups::expand_node(const Cluster& cluster, std::size_t index, Source* source) {
  const Node& node = cluster.nodes[index];
  const auto fail = [&](const std::string& what) {
    if (!cluster.path.empty()) return error_in(cluster.path, node.line, what);
    const std::string key = cluster.name + ".nodes[" + std::to_string(index) + "]";
    return file_.error_at(node.line, key, what);
  };
  const bool names_others = names_groups(node.hosts);
  auto targets = expand_hosts(node.hosts, names_others ? lookup_in(source) : HostLookup());
  if (!targets) return fail(targets.error().message);
  if (node.name && targets->size() != 1)
    return fail("a name is for one host, not for " + std::to_string(targets->size()));
  // What another tool only lists may be a host that the configuration knows how to enter.
  const bool listed = source != nullptr && !node.name && !node.settings.ssh_key && !node.settings.jump_host;
  if (listed)
    if (const auto ok = learn_written(); !ok) return ok.error();
  std::vector<ChosenHost> out;
  for (Target& target : *targets) {
    const ChosenHost* other = names_others || listed ? learnt(target) : nullptr;
    if (other != nullptr && listed && other->cluster->path.empty()) {
      out.push_back(*other);
      continue;
    }
    if (other != nullptr && names_others) {
      // A host of another group: what is said of it there, then what this group says.
      out.push_back({other->target, other->name, &cluster, other->node, false});
      continue;
    }
    const std::string name = node.name.value_or(target.host);
    out.push_back({std::move(target), name, &cluster, &node, false});
  }
  return out;
}

// -- host expressions

// Within a source, a name without a source is one of its own groups.
HostLookup Groups::lookup_in(Source* source) {
  HostLookup lookup;
  lookup.group = [this, source](const std::string& name) -> Result<std::vector<Target>> {
    if (source == nullptr || name.find(':') != std::string::npos) return targets(hosts(name));
    if (name == "*") return targets(all_of(*source));
    const auto cluster = source->groups->find(name);
    if (!cluster) return cluster.error();
    if (*cluster == nullptr) return usage("unknown group '" + name + "' of source '" + source->name + "'");
    return targets(expand({*cluster, source}));
  };
  return lookup;
}

HostLookup Groups::lookup() {
  HostLookup lookup = lookup_in(nullptr);
  lookup.known = [this] { return targets(all()); };
  lookup.file = [this](const std::string& path) { return of_file(path); };
  return lookup;
}

Result<std::vector<Target>> Groups::of_file(const std::string& path) {
  const bool tilde = path.starts_with("~/");
  const auto file = read_host_file(tilde ? environment_.home() + path.substr(1) : path);
  if (!file) return file.error();
  HostLookup lookup = lookup_in(nullptr);  // a file names no further files
  lookup.known = [this] { return targets(all()); };
  return file->hosts(lookup);
}

// Hosts that have a name of their own go by that name, where it means just them.
Result<std::vector<Target>> Groups::targets(Hosts hosts) {
  if (!hosts) return hosts.error();
  std::vector<Target> out;
  for (ChosenHost& host : *hosts) {
    const ChosenHost* by_name = host.name == host.target.host ? nullptr : learnt(plain(host.name));
    out.push_back(by_name != nullptr && by_name->node == host.node ? plain(host.name)
                                                                   : std::move(host.target));
  }
  return out;
}

void Groups::learn(const ChosenHost& host) {
  places_.emplace(key_of(host.target), hosts_.size());
  places_.emplace(key_of(plain(host.name)), hosts_.size());
  places_.emplace(key_of(plain(host.target.host)), hosts_.size());
  hosts_.push_back(host);
}

const ChosenHost* Groups::learnt(const Target& target) const {
  const auto found = places_.find(key_of(target));
  return found == places_.end() ? nullptr : &hosts_[found->second];
}

// The hosts that the configuration itself names, without those of the groups it names.
Status Groups::learn_written() {
  if (std::exchange(written_learnt_, true)) return Done{};
  for (const Cluster& cluster : file_.clusters)
    for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
      if (names_groups(cluster.nodes[i].hosts)) continue;
      const auto hosts = expand_node(cluster, i, nullptr);
      if (!hosts) return hosts.error();
      for (const ChosenHost& host : *hosts) learn(host);
    }
  return Done{};
}

Status Groups::learn_configured() {
  if (std::exchange(configured_learnt_, true)) return Done{};
  for (const Cluster& cluster : file_.clusters)
    if (const auto hosts = expand({&cluster, nullptr}); !hosts) return hosts.error();
  return Done{};
}

Result<ChosenHost> Groups::choose(const Target& typed) {
  if (const auto ok = learn_configured(); !ok) return ok.error();
  const ChosenHost* known = learnt(typed);
  return known != nullptr ? *known : ChosenHost{typed, typed.host, nullptr, nullptr, true};
}

}  // namespace bdsh::config
