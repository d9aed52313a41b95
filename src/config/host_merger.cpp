#include "config/host_merger.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "config/host_names.hpp"
#include "config/jumps.hpp"
#include "config/ssh_tokens.hpp"
#include "config/ssh_words.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

using std::chrono::milliseconds;

bool readable(const std::string& path) {
  return access(path.c_str(), R_OK) == 0;
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

}  // namespace

class HostMerger::Impl {
 public:
  Impl(const Options& options, const Environment& environment, const ConfigFile& file,
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

  Status check_keys() {
    for (const std::string& key : options_.identities) {
      const auto path = expand_ssh_tilde(key, environment_);
      if (!path) return Error{ErrorKind::usage, "-i: " + path.error().message};
      if (!readable(*path))
        return Error{ErrorKind::usage, "-i: the key " + sanitised(*path) + " cannot be read"};
      if (!looks_like_key(*path))
        return Error{ErrorKind::usage,
                     "-i: " + sanitised(*path) + " is no private key (OpenSSH or PEM)"};
      typed_keys_.push_back(*path);
    }
    return Done{};
  }

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
  const std::vector<std::string>& transport_lines() const { return lines_; }
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
    const bool one_host =
        named && named->size() == 1 && named->front() == Target{"", chosen.name, {}};
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

  // All hosts of a run have the same kind of session, so what one of them asks for otherwise is
  // told.
  void note_session(const SshSettings& ssh) {
    if (!ssh.remote_command.empty() &&
        (options_.command || options_.script || !options_.operands.empty()))
      note("RemoteCommand has no effect: the run has a command of its own");
    const bool wanted = ssh.request_tty == "yes" || ssh.request_tty == "force";
    every_host_wants_tty_ = every_host_wants_tty_ && wanted;
    if (wanted && !options_.tty)
      tty_note_ =
          "RequestTTY has no effect in a batch run, as not every host asks for it (-t does)";
    if (ssh.request_tty == "no")
      note("RequestTTY no has no effect: the hosts of a dashboard have a terminal");
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
        return Error{ErrorKind::config,
                     "the way to it leads through itself (jump host " + jump.name + ")"};
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
    if (chosen->cluster != nullptr &&
        chosen->cluster != (whose != nullptr ? whose->cluster : nullptr))
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

HostMerger::HostMerger(const Options& options, const Environment& environment,
                       const ConfigFile& file, Groups& groups, SshConfig ssh,
                       std::optional<std::string> ssh_file)
    : impl_(std::make_unique<Impl>(options, environment, file, groups, std::move(ssh),
                                   std::move(ssh_file))) {}
HostMerger::~HostMerger() = default;

Status HostMerger::check_keys() {
  return impl_->check_keys();
}
Result<std::optional<HostSpec>> HostMerger::merge(const ChosenHost& chosen,
                                                  const HostFilter& excluded) {
  return impl_->merge(chosen, excluded);
}
const std::vector<std::optional<Error>>& HostMerger::problems() const {
  return impl_->problems();
}
const std::vector<std::string>& HostMerger::transport_lines() const {
  return impl_->transport_lines();
}
bool HostMerger::wants_tty() {
  return impl_->wants_tty();
}
std::vector<Note> HostMerger::take_notes() {
  return impl_->take_notes();
}

}  // namespace bdsh::config
