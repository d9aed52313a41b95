#include "config/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "config/host_choice.hpp"
#include "config/ssh_config.hpp"
#include "config/ssh_tokens.hpp"
#include "config/jumps.hpp"
#include "config/words.hpp"
#include "config/ssh_words.hpp"
#include "config/usage_text.hpp"
#include "core/fold.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

using std::chrono::milliseconds;

bool readable(const std::string& path) {
  return access(path.c_str(), R_OK) == 0;
}

// A name for the screen and for folders: no control characters, blanks or slashes.
std::string safe_name(const std::string& name) {
  constexpr std::size_t kLongest = 128;
  std::string out = sanitised(name, kLongest);
  for (char& c : out)
    if (c == '/' || c == ' ' || c == '\\') c = '_';
  if (out.empty() || out[0] == '.' || out[0] == '-') out.insert(out.begin(), '_');
  return out;
}

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

// Makes names unique: by the port, then by the user, then by a number.
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

// A private key, or a public one that stands for a key of the agent.
bool looks_like_key(const std::string& path) {
  constexpr std::size_t kLargest = 1U << 20U;
  const auto text = read_text_file(path, kLargest);
  if (!text) return false;
  const auto begins = [&text](std::string_view word) { return text->find(word) == 0; };
  return text->find("-----BEGIN ") != std::string::npos || begins("ssh-") || begins("ecdsa-") ||
         begins("sk-");
}

// Key files, looked at once each.
class KeyFiles {
 public:
  bool usable(const std::string& path) {
    const auto [found, fresh] = usable_.emplace(path, false);
    // A public key alone stands for a private key in the agent.
    if (fresh) found->second = readable(path) || readable(path + ".pub");
    return found->second;
  }
  bool has_certificate(const std::string& path) {
    const std::string certificate = path + "-cert.pub";
    const auto [found, fresh] = usable_.emplace(certificate, false);
    if (fresh) found->second = readable(certificate);
    return found->second;
  }

 private:
  std::unordered_map<std::string, bool> usable_;
};

// Turns chosen hosts into HostSpecs.
class Merger {
 public:
  // `ssh_file`: where `ssh` was read from, when that was said.
  Merger(const Options& options, const Environment& environment, const ConfigFile& file,
         Groups& groups, SshConfig ssh, std::optional<std::string> ssh_file)
      : options_(options),
        environment_(environment),
        file_(file),
        groups_(groups),
        ssh_(std::move(ssh)),
        ssh_file_(std::move(ssh_file)) {
    const std::string home = environment.passwd_home + "/.ssh/";
    for (const char* name : {"id_rsa", "id_ecdsa", "id_ed25519"})
      if (readable(home + name)) default_keys_.push_back(home + name);
  }

  // -i must be there: a typing mistake is to be found before 1,000 logins fail.
  Status check_keys() {
    for (const std::string& key : options_.identities) {
      const auto path = expand_ssh_tilde(key, environment_);
      if (!path) return Error{ErrorKind::usage, "-i: " + path.error().message};
      if (!readable(*path))
        return Error{ErrorKind::usage, "-i: the key " + sanitised(*path) + " cannot be read"};
      if (!looks_like_key(*path))
        return Error{ErrorKind::usage, "-i: " + sanitised(*path) + " is no private key (OpenSSH or PEM)"};
      typed_keys_.push_back(*path);
    }
    return Done{};
  }

  // Nothing: the host is a duplicate, or -x names its address.
  Result<std::optional<HostSpec>> merge(const ChosenHost& chosen, const HostFilter& excluded) {
    SshQuery query = query_of(chosen);
    auto ssh = ssh_.resolve(query);
    if (!ssh) return ssh.error();
    if (excluded.matches(ssh->user, ssh->address, ssh->port)) return std::optional<HostSpec>();
    const std::string identity = ssh->user + '@' + query.host + ':' + std::to_string(ssh->port);
    if (const auto [first, fresh] = seen_.emplace(identity, chosen.name); !fresh) {
      note(first->second + " is named more than once; it is connected to once");
      return std::optional<HostSpec>();
    }
    HostSpec spec = spec_of(*ssh, chosen);
    if (const auto ok = add_keys(*ssh, chosen, typed_keys_, spec); !ok) return ok.error();
    note_session(*ssh);
    if (const auto ok = add_transport(chosen, query, *ssh, spec); !ok) return ok.error();
    auto problem = problem_of(*ssh);
    if (spec.transport == HostSpec::Transport::libssh) {  // others have their own ways and means
      for (const std::string& text : ssh->notes) note(text);
      if (!problem) problem = ssh->unusable;
      if (!problem)
        if (const auto ok = add_way(*ssh, chosen, spec); !ok) problem = ok.error();
    }
    problems_.push_back(std::move(problem));
    return std::optional<HostSpec>(std::move(spec));
  }

  const std::vector<std::optional<Error>>& problems() const { return problems_; }
  // Of `transport: command`, by position in the run; their fields are not filled in yet.
  const std::vector<std::string>& transport_lines() const { return lines_; }
  // Whether RequestTTY of all hosts makes a batch run one with terminals.
  bool wants_tty() {
    if (!every_host_wants_tty_ && !tty_note_.empty()) note(tty_note_);
    return every_host_wants_tty_;
  }
  std::vector<Note> take_notes() { return std::move(notes_); }

 private:
  SshQuery query_of(const ChosenHost& chosen) const {
    const Target& target = chosen.target;
    SshQuery query;
    query.host = target.host;
    query.user = options_.user;
    query.port = options_.port;
    auto& user = chosen.typed ? query.user : query.configured_user;
    auto& port = chosen.typed ? query.port : query.configured_port;
    if (!target.user.empty()) user = target.user;
    if (target.port) port = target.port;
    configure(chosen, query);
    return query;
  }

  static void configure(const ChosenHost& chosen, SshQuery& query) {
    for (const NodeSettings* settings : settings_of(chosen)) {
      if (!query.configured_user) query.configured_user = settings->user;
      if (!query.configured_port) query.configured_port = settings->port;
    }
  }

  // The node's, then its cluster's.
  static std::vector<const NodeSettings*> settings_of(const ChosenHost& chosen) {
    if (chosen.node == nullptr) return {};
    return {&chosen.node->settings, &chosen.cluster->settings};
  }

  HostSpec spec_of(const SshSettings& ssh, const ChosenHost& chosen) const {
    HostSpec spec;
    spec.name = safe_name(chosen.name);
    spec.original = chosen.target.host;
    spec.expression = expression_for(chosen);
    spec.address = ssh.address;
    spec.port = ssh.port;
    spec.user = ssh.user;
    if (chosen.cluster != nullptr) spec.group = chosen.cluster->name;
    copy_plain(ssh, spec);
    if (options_.forward_agent && spec.forward_agent.empty()) spec.forward_agent = "yes";
    spec.host_key_policy =
        options_.host_key_policy.value_or(ssh.host_key_policy.value_or(HostKeyPolicy::accept_new));
    if (!ssh_.option_given("UserKnownHostsFile"))
      for (const NodeSettings* settings : settings_of(chosen))
        if (settings->known_hosts) {
          spec.user_known_hosts = {*settings->known_hosts};
          break;
        }
    add_times(ssh, spec);
    return spec;
  }

  // By its name in the configuration where -H takes that for one host, else as it was written.
  static std::string expression_for(const ChosenHost& chosen) {
    if (chosen.node == nullptr || !chosen.node->name) return expression_of(chosen.target);
    const auto named = expand_hosts(chosen.name);
    const bool one_host = named && named->size() == 1 && named->front() == Target{"", chosen.name, {}};
    return one_host ? chosen.name : expression_of(chosen.target);
  }

  static void copy_plain(const SshSettings& ssh, HostSpec& spec) {
    spec.certificate_files = ssh.certificate_files;
    spec.identities_only = ssh.identities_only;
    spec.identity_agent = ssh.identity_agent;
    spec.user_known_hosts = ssh.user_known_hosts;
    spec.global_known_hosts = ssh.global_known_hosts;
    spec.host_key_alias = ssh.host_key_alias;
    spec.hash_known_hosts = ssh.hash_known_hosts;
    spec.kex_algorithms = ssh.kex_algorithms;
    spec.host_key_algorithms = ssh.host_key_algorithms;
    spec.ciphers = ssh.ciphers;
    spec.macs = ssh.macs;
    spec.pubkey_algorithms = ssh.pubkey_algorithms;
    spec.preferred_authentications = ssh.preferred_authentications;
    spec.gssapi_authentication = ssh.gssapi_authentication;
    spec.password_prompts = ssh.password_prompts;
    spec.batch_mode = ssh.batch_mode;
    spec.forward_agent = ssh.forward_agent;
    spec.compression = ssh.compression;
    spec.family = ssh.family;
    spec.bind_address = ssh.bind_address;
    spec.environment = ssh.environment;
    spec.remote_command = ssh.remote_command;
  }

  void add_times(const SshSettings& ssh, HostSpec& spec) const {
    std::optional<milliseconds> connect = options_.connect_timeout;
    const bool by_option = ssh_.option_given("ConnectTimeout");
    if (!connect && by_option) connect = ssh.connect_timeout;
    if (!connect) connect = file_.connect_timeout;
    if (!connect) connect = ssh.connect_timeout;
    // ssh(1) reads 0 as "no limit of our own"; here the default is that limit.
    if (connect && connect->count() > 0) spec.connect_timeout = *connect;
    if (const auto limit =
            options_.command_timeout ? options_.command_timeout : file_.command_timeout)
      spec.command_timeout = *limit;
    if (ssh.alive_interval) spec.keepalive_interval = *ssh.alive_interval;
    if (ssh.alive_count_max) spec.keepalive_count_max = *ssh.alive_count_max;
    spec.max_retries = file_.max_retries.value_or(0);
  }

  // All hosts of a run have the same kind of session, so what one of them asks for otherwise is told.
  void note_session(const SshSettings& ssh) {
    if (!ssh.remote_command.empty() && (options_.command || options_.script || !options_.operands.empty()))
      note("RemoteCommand has no effect: the run has a command of its own");
    const bool wanted = ssh.request_tty == "yes" || ssh.request_tty == "force";
    every_host_wants_tty_ = every_host_wants_tty_ && wanted;
    if (wanted && !options_.tty) tty_note_ = "RequestTTY has no effect in a batch run, as not every host asks for it (-t does)";
    if (ssh.request_tty == "no") note("RequestTTY no has no effect: the hosts of a dashboard have a terminal");
  }

  // -J, -o, the node's, its cluster's, ssh_config's: the first that says anything.
  std::optional<std::string> told_jump(const ChosenHost& chosen) const {
    if (options_.jump) return options_.jump;
    if (ssh_.option_given("ProxyJump") || ssh_.option_given("ProxyCommand")) return {};
    for (const NodeSettings* settings : settings_of(chosen))
      if (settings->jump_host) return settings->jump_host;
    return {};
  }

  Status add_way(const SshSettings& ssh, const ChosenHost& chosen, HostSpec& spec) {
    const auto told = told_jump(chosen);
    if (!told && ssh.proxy_jump.empty()) {
      spec.proxy_command = ssh.proxy_command;
      return Done{};
    }
    const bool by_cluster = told && !options_.jump;
    auto jumps = jumps_of(told ? *told : ssh.proxy_jump, by_cluster ? &chosen : nullptr, 0);
    if (!jumps) return jumps.error();
    for (const HostSpec& jump : *jumps)
      if (jump.address == spec.address && jump.port == spec.port && jump.user == spec.user)
        return Error{ErrorKind::config, "the way to it leads through itself (jump host " + jump.name + ")"};
    spec.jumps = std::move(*jumps);
    return Done{};
  }

  // As for ssh(1): the first jump host may have a way of its own, and -l, -p, -i and -o are not
  // for jump hosts. Those that the configuration names for a cluster may use its key.
  Result<std::vector<HostSpec>> jumps_of(const std::string& text, const ChosenHost* whose,
                                         int depth) {
    constexpr int kDeepest = 8;
    if (depth > kDeepest) return Error{ErrorKind::config, "jump host loop via " + text};
    const std::string key = text + '\n' + (whose != nullptr ? whose->cluster->name : "");
    if (const auto known = jumps_.find(key); known != jumps_.end()) return known->second;
    const auto targets = parse_jumps(text);
    if (!targets) return targets.error();
    std::vector<HostSpec> chain;
    for (const Target& target : *targets) {
      auto jump = jump_of(target, whose, depth, chain);
      if (!jump) return jump.error();
      chain.push_back(std::move(*jump));
    }
    return jumps_[key] = chain;
  }

  // `chain`: what comes before it; its own way is put there when that is empty.
  Result<HostSpec> jump_of(const Target& target, const ChosenHost* whose, int depth,
                           std::vector<HostSpec>& chain) {
    auto chosen = groups_.choose(target);
    if (!chosen) return chosen.error();
    if (chosen->cluster == nullptr && whose != nullptr) {
      chosen->cluster = whose->cluster;
      chosen->node = whose->node;
    }
    SshQuery query;
    query.host = chosen->target.host;
    query.with_options = false;
    if (!target.user.empty()) query.user = target.user;
    query.port = target.port;
    if (chosen->cluster != nullptr && chosen->cluster != (whose != nullptr ? whose->cluster : nullptr))
      configure(*chosen, query);
    const auto ssh = ssh_.resolve(query);
    if (!ssh) return ssh.error();
    if (const auto problem = problem_of(*ssh)) return problem->about("jump host " + target.host);
    if (ssh->unusable) return ssh->unusable->about("jump host " + target.host);
    HostSpec spec = spec_of(*ssh, *chosen);
    spec.name = safe_name(target.host);
    spec.group.clear();
    spec.command_timeout = milliseconds(0);
    spec.environment.clear();
    spec.remote_command.clear();
    if (const auto ok = add_keys(*ssh, *chosen, {}, spec); !ok) return ok.error();
    if (!chain.empty()) return spec;
    if (ssh->proxy_jump.empty()) {
      spec.proxy_command = ssh->proxy_command;
      return spec;
    }
    auto before = jumps_of(ssh->proxy_jump, nullptr, depth + 1);
    if (!before) return before.error();
    chain = std::move(*before);
    return spec;
  }

  Status add_transport(const ChosenHost& chosen, const SshQuery& query, const SshSettings& ssh,
                       HostSpec& spec) {
    TransportChoice choice;
    if (chosen.cluster != nullptr && chosen.cluster->transport) choice = *chosen.cluster->transport;
    if (options_.transport) choice = *options_.transport;
    spec.transport = choice.kind;
    lines_.push_back(choice.kind == HostSpec::Transport::command ? choice.line : "");
    if (choice.kind == HostSpec::Transport::openssh) {
      spec.ssh_words = ssh_words(address_of(chosen, query, ssh, spec));
    }
    return Done{};
  }

  SshAddress address_of(const ChosenHost& chosen, const SshQuery& query, const SshSettings& ssh,
                        const HostSpec& spec) const {
    SshAddress address{options_, query, ssh, ssh_file_, typed_keys_, {}, told_jump(chosen), spec};
    for (const NodeSettings* settings : settings_of(chosen)) {
      if (!address.known_hosts && !ssh_.option_given("UserKnownHostsFile"))
        address.known_hosts = settings->known_hosts;
      if (settings->ssh_key && address.keys.size() == typed_keys_.size())
        address.keys.push_back(*settings->ssh_key);
    }
    return address;
  }

  Status add_keys(const SshSettings& ssh, const ChosenHost& chosen,
                  const std::vector<std::string>& typed, HostSpec& spec) {
    std::vector<std::string>& keys = spec.identity_files;
    const auto add = [&](const std::string& key) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    };
    for (const std::string& key : typed) add(key);
    for (const NodeSettings* settings : settings_of(chosen)) {
      if (!settings->ssh_key) continue;
      if (!files_.usable(*settings->ssh_key))
        return file_.error_at(chosen.node->line, chosen.cluster->name + ": ssh_key",
                              "the key " + *settings->ssh_key + " cannot be read");
      add(*settings->ssh_key);
      break;
    }
    if (ssh.identity_files) {
      for (const std::string& key : *ssh.identity_files)
        if (files_.usable(key))
          add(key);
        else
          note("the IdentityFile " + key + " cannot be read and is left out");
    } else if (keys.empty()) {
      keys = default_keys_;
    }
    for (const std::string& key : keys)
      if (files_.has_certificate(key)) spec.certificate_files.push_back(key + "-cert.pub");
    return Done{};
  }

  // What HostName and User say comes from files; ssh(1) refuses such values too.
  static std::optional<Error> problem_of(const SshSettings& ssh) {
    const auto broken = [](const std::string& word) {
      return word.empty() || word[0] == '-' ||
             word.find_first_of(" \t\r\n/") != std::string::npos || sanitised(word) != word;
    };
    if (broken(ssh.address))
      return Error{ErrorKind::config, "'" + sanitised(ssh.address) + "' is no host name"};
    if (broken(ssh.user))
      return Error{ErrorKind::config, "'" + sanitised(ssh.user) + "' is no user name"};
    return {};
  }

  void note(const std::string& text) {
    if (noted_.insert(text).second) notes_.push_back({"", sanitised(text, 1000)});
  }

  const Options& options_;
  const Environment& environment_;
  const ConfigFile& file_;
  Groups& groups_;
  SshConfig ssh_;
  std::optional<std::string> ssh_file_;
  std::map<std::string, std::vector<HostSpec>> jumps_;  // by their text and whose they are
  KeyFiles files_;
  std::vector<std::string> typed_keys_;
  std::vector<std::string> default_keys_;
  std::unordered_map<std::string, std::string> seen_;
  bool every_host_wants_tty_ = true;
  std::string tty_note_;
  std::set<std::string> noted_;
  std::vector<Note> notes_;
  std::vector<std::optional<Error>> problems_;  // by position in the run
  std::vector<std::string> lines_;              // the same
};

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

// ":NAME ARG" as it was typed: what the run is called.
std::string shown_words(const std::vector<std::string>& words, const std::vector<std::string>& more) {
  std::string out;
  for (const auto* list : {&words, &more})
    for (const std::string& word : *list) out += (out.empty() ? "" : " ") + word;
  return out;
}

Status add_template(const Options& options, const ConfigFile& file, Settings& out) {
  const std::string name = options.operands.front().substr(1);
  const CommandTemplate* command = file.command(name);
  if (command == nullptr) {
    std::vector<std::string_view> names;
    for (const CommandTemplate& one : file.commands) names.push_back(one.name);
    return Error{ErrorKind::usage, "there is no command '" + sanitised(name, 100) +
                                       "' in the configuration" + did_you_mean(name, names)};
  }
  std::vector<std::string> arguments(options.operands.begin() + 1, options.operands.end());
  arguments.insert(arguments.end(), options.words.begin(), options.words.end());
  if (const auto ok = check_arguments(*command, arguments); !ok) return ok;
  for (std::size_t i = 0; i < out.hosts.size(); ++i)
    out.commands.push_back(
        fill_template(*command, arguments, {out.hosts[i].name, out.hosts[i].user, i + 1}));
  out.command = shown_words(options.operands, options.words);
  out.confirm = command->confirm && !options.yes;
  return Done{};
}

Status add_script(const Options& options, Settings& out) {
  const auto text = read_text_file(*options.script);
  if (!text) return Error{ErrorKind::usage, "--script: " + text.error().message};
  const std::string name = options.script->substr(options.script->rfind('/') + 1);
  const auto command = script_command(name, *text, options.words);
  if (!command) return command.error();
  out.commands.assign(out.hosts.size(), *command);
  out.script = true;
  out.command = shown_words({name}, options.words);
  return Done{};
}

// What each host is to run, once its name is settled.
Status add_commands(const Options& options, const ConfigFile& file,
                    const std::vector<std::string>& lines, Settings& out) {
  if (!options.operands.empty() && options.job == Job::run)
    if (const auto ok = add_template(options, file, out); !ok) return ok;
  if (options.script)
    if (const auto ok = add_script(options, out); !ok) return ok;
  for (std::size_t i = 0; i < out.hosts.size(); ++i) {
    if (lines[i].empty()) continue;
    const auto command = out.commands.empty() ? out.command : std::optional(out.commands[i]);
    auto line = fill_command(lines[i], out.hosts[i], command);
    if (!line) return line.error();
    out.hosts[i].terminal_command = std::move(*line);
  }
  return Done{};
}

Status add_hosts(const std::vector<ChosenHost>& chosen, const HostFilter& excluded, Merger& merger,
                 Settings& out) {
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
    if (used.erase(cluster.name) != 0) out.groups.push_back({cluster.name, cluster.confirm});
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
  Merger merger(options, environment, file, groups, std::move(*ssh), *ssh_file);
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

Status take_again(const Again& again, Options& options) {
  options.hosts = again.hosts;
  options.rerun.reset();
  if (options.command || options.script || !options.operands.empty()) return Done{};
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

Result<Settings> load(const std::vector<std::string>& arguments, const Environment& environment,
                      const std::string& version, const std::optional<Again>& again) {
  auto options = parse_options(arguments, environment);
  if (!options) return options.error();
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
  return out;
}

}  // namespace bdsh::config
