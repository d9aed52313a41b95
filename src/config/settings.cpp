#include "config/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "config/host_choice.hpp"
#include "config/host_merger.hpp"
#include "config/host_names.hpp"
#include "config/run_commands.hpp"
#include "config/ssh_config.hpp"
#include "config/ssh_tokens.hpp"
#include "config/usage_text.hpp"
#include "core/fold.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

Result<ConfigFile> config_of(const Options& options, const Environment& environment) {
  if (options.config) {
    const auto path = expand_ssh_tilde(*options.config, environment);
    return path ? read_config(*path, environment) : Result<ConfigFile>(path.error());
  }
  const std::string path = default_config_path(environment);
  return access(path.c_str(), F_OK) == 0 ? read_config(path, environment) : ConfigFile{};
}

// -F, or what the configuration says in its place.
Result<std::optional<std::string>> ssh_file_of(const Options& options,
                                               const Environment& environment,
                                               const ConfigFile& file) {
  const auto& path = options.ssh_config ? options.ssh_config : file.ssh_config_file;
  if (!path) return std::optional<std::string>();
  const auto expanded = expand_ssh_tilde(*path, environment);
  if (!expanded) return Error{ErrorKind::usage, "-F: " + expanded.error().message};
  return std::optional(*expanded);
}

Status add_look(const Options& options, const Environment& environment, const ConfigFile& file,
                Settings& out) {
  const std::string* no_color = environment.find("NO_COLOR");
  if (no_color != nullptr && !no_color->empty()) out.theme = "mono";
  if (options.theme || file.theme) out.theme = options.theme ? *options.theme : *file.theme;
  out.copy_command = file.copy_command;
  out.host_clipboard = file.host_clipboard;
  if (options.leave_key) {
    out.leave_key = *options.leave_key;
  } else if (file.leave_key) {
    const auto key = parse_leave_key(*file.leave_key);
    if (!key) return file.error_at(0, "leave_key", key.error().message);
    out.leave_key = *key;
  }
  if (options.on_hangup) {
    out.on_hangup = *options.on_hangup;
  } else if (file.on_hangup) {
    const auto what = parse_on_hangup(*file.on_hangup);
    if (!what) return file.error_at(0, "on_hangup", what.error().message);
    out.on_hangup = *what;
  }
  out.masks = !options.no_masks && file.masks_on.value_or(true);
  out.mask_settings = file.masks;
  out.buffer = options.buffer.value_or(file.buffer.value_or(out.buffer));
  out.scrollback = options.scrollback.value_or(file.scrollback.value_or(out.scrollback));
  return Done{};
}

void add_plain(const Options& options, const ConfigFile& file, Settings& out) {
  out.command = options.command;
  out.parallel = options.parallel.value_or(file.parallel.value_or(out.parallel));
  out.jump_parallel = options.jump_parallel.value_or(out.jump_parallel);
  out.password_file = options.password_file;
  out.askpass = options.askpass.value_or("");
  out.keyring = options.keyring.value_or(file.keyring.value_or(false));
  out.reconnect = options.reconnect;
  out.keep = options.keep.value_or(file.keep.value_or(false));
  out.output = options.output;
  out.save_hosts = options.save_hosts;
  out.audit = options.audit.value_or(file.audit.value_or(AuditTarget{}));
  out.transfer = options.transfer;
  out.batch = options.batch;
  out.json = options.json;
  out.tty = options.tty;
  out.names = options.names;
  out.detached = options.detached;
  out.read_only = options.read_only;
  out.dry_run = options.dry_run;
  out.serial = options.serial;
  out.rolling = options.rolling;
  out.max_fail = options.max_fail;
  out.fail_fast = options.fail_fast;
  out.rerun = options.rerun;
  out.every = options.every;
  out.grep = options.grep;
  out.only = options.only;
  out.head = options.head;
  out.tail = options.tail;
  out.replay = options.replay;
  out.cached = options.cached;
  out.older_than = options.older_than;
  out.keep_runs = options.keep_runs;
  out.host_format = options.host_format;
  out.report_format = options.report_format;
  out.operands = options.operands;
}

Status add_hosts(const std::vector<ChosenHost>& chosen, const HostFilter& excluded,
                 HostMerger& merger, Settings& out) {
  for (const ChosenHost& host : chosen) {
    auto spec = merger.merge(host, excluded);
    if (!spec) return spec.error();
    if (*spec) out.hosts.push_back(std::move(**spec));
  }
  if (out.hosts.empty()) return Error{ErrorKind::usage, "no hosts are left after -x"};
  make_names_unique(out.hosts);
  out.tty = out.tty || merger.wants_tty();
  for (std::size_t i = 0; i < out.hosts.size(); ++i)
    if (const auto& problem = merger.problems()[i])
      out.unusable.push_back(
          {HostId{static_cast<std::uint32_t>(i)}, problem->about(out.hosts[i].name)});
  for (Note& note : merger.take_notes()) out.notes.push_back(std::move(note));
  return Done{};
}

// In the order of the configuration, then as they were chosen.
void add_groups(const ConfigFile& file, const std::vector<ChosenHost>& chosen, Settings& out) {
  std::set<std::string> used;
  for (const HostSpec& host : out.hosts)
    if (!host.group.empty()) used.insert(host.group);
  const auto add = [&](const Cluster& cluster) {
    if (used.erase(cluster.name) != 0)
      out.groups.push_back({cluster.name, cluster.confirm, cluster.color});
  };
  for (const Cluster& cluster : file.clusters) add(cluster);
  for (const ChosenHost& host : chosen)
    if (host.cluster != nullptr) add(*host.cluster);
}

// The groups that were asked for, else those of the hosts when all came with one, else the hosts.
std::string run_name_of(const Settings& settings, const Options& options) {
  constexpr std::size_t kLongest = 40;
  std::string name;
  std::vector<std::string> hosts;
  for (const HostSpec& host : settings.hosts) hosts.push_back(host.name);
  if (options.hosts.empty() && !options.groups.empty())
    for (const std::string& group : options.groups) name += (name.empty() ? "" : ",") + group;
  else if (options.hosts.empty())
    for (const GroupInfo& group : settings.groups) name += (name.empty() ? "" : ",") + group.name;
  else
    name = fold_names(hosts);
  if (name.size() <= kLongest) return name;
  const std::string more = "+" + std::to_string(hosts.size() - 1);
  return cut_to_width(hosts.front(), static_cast<int>(kLongest - more.size())) + more;
}

Status add_run(const Options& options, const Environment& environment, ConfigFile& file,
               Settings& out) {
  add_backend_ai(environment, file);
  Groups groups(file, environment);
  const auto chosen = choose_hosts(options, environment, file, groups);
  if (!chosen) return chosen.error();
  const auto excluded = exclusions(options, groups);
  if (!excluded) return excluded.error();
  const auto ssh_file = ssh_file_of(options, environment, file);
  if (!ssh_file) return ssh_file.error();
  auto ssh = SshConfig::load(options.ssh_options, *ssh_file, environment);
  if (!ssh) return ssh.error();
  HostMerger merger(options, environment, file, groups, std::move(*ssh), *ssh_file);
  if (const auto ok = merger.check_keys(); !ok) return ok;
  if (const auto ok = add_hosts(*chosen, *excluded, merger, out); !ok) return ok;
  if (const auto ok = add_commands(options, file, merger.transport_lines(), out); !ok) return ok;
  add_groups(file, *chosen, out);
  out.run_name = run_name_of(out, options);
  return Done{};
}

// Every group with its hosts. One that cannot be read is listed with its error.
Status add_listing(const Environment& environment, ConfigFile& file, Settings& out) {
  add_backend_ai(environment, file);
  Groups groups(file, environment);
  const auto names = groups.list();
  if (!names) return names.error();
  for (const Groups::Listed& one : *names) {
    ListedGroup& group = out.listed.emplace_back();
    group.source = one.source;
    group.name = one.name;
    group.needs_source = one.needs_source;
    const auto hosts = groups.hosts(one.source.empty() ? one.name : one.source + ":" + one.name);
    if (!hosts) {
      group.error = hosts.error();
      continue;
    }
    for (const ChosenHost& host : *hosts) group.hosts.push_back(host.name);
    const Cluster* cluster = one.source.empty() ? file.find(one.name) : nullptr;
    group.confirm = cluster != nullptr && cluster->confirm;
  }
  return Done{};
}

bool has_command(const Options& options) {
  return options.command || options.script || !options.operands.empty();
}

Status take_again(const Again& again, Options& options) {
  options.hosts = again.hosts;
  options.rerun.reset();
  if (has_command(options)) return Done{};
  if (!again.missing.empty()) return Error{ErrorKind::usage, "--rerun: " + again.missing};
  options.command = again.command;
  return Done{};
}

// `list GROUP` is `list -g GROUP`.
Status add_list(Options options, const Environment& environment, ConfigFile& file, Settings& out) {
  options.groups.insert(options.groups.end(), options.operands.begin(), options.operands.end());
  const bool chosen = options.all || !options.groups.empty() || !options.hosts.empty();
  return chosen ? add_run(options, environment, file, out) : add_listing(environment, file, out);
}

}  // namespace

bool Settings::confirms(const HostSpec& host) const {
  return std::any_of(groups.begin(), groups.end(),
                     [&](const GroupInfo& g) { return g.name == host.group && g.confirm; });
}

Color Settings::color_of(const HostSpec& host) const {
  for (const GroupInfo& group : groups)
    if (group.name == host.group) return group.color;
  return {};
}

Result<Settings> load(const std::vector<std::string>& arguments, const Environment& environment,
                      const std::string& version, const std::optional<Again>& again) {
  auto options = parse_options(arguments, environment);
  if (!options) return options.error();
  const bool as_then = again && !again->commands.empty() && !has_command(*options);
  if (again)
    if (const auto ok = take_again(*again, *options); !ok) return ok.error();
  Settings out;
  out.job = options->job;
  if (out.job == Job::help || out.job == Job::version) {
    out.text = out.job == Job::help ? help_text(options->helped) : version_text(version);
    return out;
  }
  auto file = config_of(*options, environment);
  if (!file) return file.error();
  add_plain(*options, *file, out);
  if (const auto ok = add_look(*options, environment, *file, out); !ok) return ok.error();
  if (out.job == Job::list) {
    const auto ok = add_list(*options, environment, *file, out);
    return ok ? Result<Settings>(std::move(out)) : ok.error();
  }
  if (!command_of(out.job).connects || options->rerun) return out;
  if (const auto ok = add_run(*options, environment, *file, out); !ok) return ok.error();
  if (as_then)
    if (const auto ok = add_commands_again(*again, *options, *file, out); !ok) return ok.error();
  return out;
}

}  // namespace bdsh::config
