#include "config/ssh_config.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "config/ssh_config_parser.hpp"
#include "config/ssh_tokens.hpp"
#include "config/wildcard.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

bool is_yes(const std::string& word) {
  return lower(word) == "yes" || lower(word) == "true";
}

Error about_line(const SshLine& line, const Error& error) {
  return {
      ErrorKind::config,
      sanitised(line.place + ": " + std::string(line.keyword->name) + ": " + error.message, 1000)};
}

// Whether "KEY a|b" asks for what happens anyway.
bool is_off(const SshLine& line) {
  std::string_view choices = line.keyword->off;
  std::string value;
  for (const std::string& word : line.arguments) value += (value.empty() ? "" : " ") + lower(word);
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.size(), choices.find('|'));
    if (choices.substr(0, bar) == value) return true;
    choices.remove_prefix(std::min(choices.size(), bar + 1));
  }
  return false;
}

// The values that apply to one host: the first of each keyword, and all of those that add up.
struct Values {
  std::array<const SshLine*, kSshKeys> first{};
  std::vector<const SshLine*> identity_files;
  std::vector<const SshLine*> certificate_files;
  std::vector<std::string> send_env;
  std::vector<const SshLine*> unsupported;
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;

  const SshLine* operator[](SshKey key) const { return first[static_cast<std::size_t>(key)]; }
  std::string text(SshKey key) const {
    const SshLine* line = (*this)[key];
    return line == nullptr ? "" : line->arguments[0];
  }
  bool yes(SshKey key, bool otherwise) const {
    const SshLine* line = (*this)[key];
    return line == nullptr ? otherwise : is_yes(line->arguments[0]);
  }

  void take(const SshLine& line) {
    const SshKey key = line.keyword->key;
    if (line.keyword->support == SshSupport::missing && !is_off(line)) unsupported.push_back(&line);
    if (key == SshKey::other) return;
    if (key == SshKey::identity_file)
      add_once(identity_files, line);
    else if (key == SshKey::certificate_file)
      add_once(certificate_files, line);
    else if (key == SshKey::send_env)
      add_send_env(line.arguments);
    else if (key == SshKey::user)
      user = user ? *user : line.arguments[0];
    else if (key == SshKey::port)
      port = port ? *port : static_cast<std::uint16_t>(*parse_number(line.arguments[0], 1, 65535));
    else if (const SshLine*& slot = first[static_cast<std::size_t>(key)]; slot == nullptr)
      slot = &line;
  }

 private:
  static void add_once(std::vector<const SshLine*>& into, const SshLine& line) {
    if (std::none_of(into.begin(), into.end(),
                     [&](const SshLine* l) { return l->arguments == line.arguments; }))
      into.push_back(&line);
  }
  // "-NAME" takes back what was asked for before.
  void add_send_env(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      if (word[0] != '-')
        send_env.push_back(word);
      else
        std::erase_if(send_env,
                      [&](const std::string& s) { return wildcard_match(word.substr(1), s); });
    }
  }
};

}  // namespace

struct SshConfig::Impl {
  Environment environment;
  std::vector<SshLine> options;
  std::vector<SshFile> files;
  std::map<std::string, bool> exec_results;  // of Match exec, by expanded command

  bool run(const std::string& command) {
    if (!environment.run) return false;
    const auto known = exec_results.find(command);
    if (known != exec_results.end()) return known->second;
    return exec_results[command] = environment.run(command);
  }
};

namespace {

// One host's way through the files.
class Evaluation {
 public:
  using Run = std::function<bool(const std::string&)>;
  Evaluation(const Environment& environment, const SshQuery& query, Run run)
      : environment_(environment), query_(query), run_(std::move(run)) {
    values_.user = query.user;
    values_.port = query.port;
  }

  void options(const std::vector<SshLine>& lines) {
    for (const SshLine& line : lines) values_.take(line);
    if (!values_.user) values_.user = query_.configured_user;
    if (!values_.port) values_.port = query_.configured_port;
  }

  Status files(const std::vector<SshFile>& files) {
    if (const auto ok = pass(files); !ok) return ok;
    const std::string canonical = lower(values_.text(SshKey::canonicalize_hostname));
    if (!wants_final_ && (canonical.empty() || canonical == "no" || canonical == "false"))
      return Done{};
    const auto host = current_host();
    if (!host) return host.error();
    final_host_ = lower(*host);
    return pass(files);
  }

  Result<SshSettings> settings() const;

 private:
  Status pass(const std::vector<SshFile>& files) {
    for (const SshFile& file : files) {
      bool active = true;
      if (const auto ok = apply(file, active, false); !ok) return ok;
    }
    return Done{};
  }

  // `never`: the file is included from a block that does not apply, so no block of it does.
  Status apply(const SshFile& file, bool& active, bool never) {
    for (const SshItem& item : file.items) {
      if (const auto* line = std::get_if<SshLine>(&item)) {
        if (active) values_.take(*line);
      } else if (const auto* host = std::get_if<SshHostBlock>(&item)) {
        active = !never && match_patterns(host->patterns, query_.host) == 1;
      } else if (const auto* match = std::get_if<SshMatchBlock>(&item)) {
        const auto matched = matches(*match, never);
        if (!matched) return matched.error().about(match->place);
        active = *matched;
      } else if (const auto* include = std::get_if<SshInclude>(&item)) {
        for (const SshFile& included : include->files) {
          bool inner = active;
          if (const auto ok = apply(included, inner, never || !active); !ok) return ok;
        }
      }
    }
    return Done{};
  }

  // All criteria are looked at, since "final" asks for a second pass wherever it stands; commands
  // run only while everything before them matched.
  Result<bool> matches(const SshMatchBlock& block, bool never) {
    bool result = !never;
    for (const SshCriterion& criterion : block.criteria) {
      wants_final_ = wants_final_ || criterion.kind == SshCriterion::Kind::final_pass;
      if (!result) continue;
      const auto matched = matches(criterion);
      if (!matched) return matched;
      result = *matched != criterion.negated;
    }
    return result;
  }

  Result<bool> matches(const SshCriterion& criterion) {
    switch (criterion.kind) {
      case SshCriterion::Kind::all:
        return true;
      case SshCriterion::Kind::final_pass:
        return final_host_.has_value();
      case SshCriterion::Kind::original_host:
        return match_patterns(criterion.patterns, lower(query_.host)) == 1;
      case SshCriterion::Kind::user:
        return match_patterns(criterion.patterns, user()) == 1;
      case SshCriterion::Kind::local_user:
        return match_patterns(criterion.patterns, environment_.user) == 1;
      case SshCriterion::Kind::host: {
        const auto host = current_host();
        if (!host) return host.error();
        return match_patterns(criterion.patterns, lower(*host)) == 1;
      }
      case SshCriterion::Kind::exec:
        break;
    }
    const auto host = current_host();
    if (!host) return host.error();
    const auto command = expand_ssh_tokens(criterion.command, tokens(*host));
    if (!command) return command.error();
    return run_(*command);
  }

  std::string user() const { return values_.user.value_or(environment_.user); }

  // The name to connect to, as far as the files have said; %h in HostName is the original name.
  Result<std::string> current_host() const {
    if (final_host_) return *final_host_;
    const SshLine* line = values_[SshKey::host_name];
    if (line == nullptr) return query_.host;
    std::string out;
    const std::string& text = line->arguments[0];
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%')
        out += text[i];
      else if (i + 1 < text.size() && text[i + 1] == 'h')
        out += query_.host, ++i;
      else if (i + 1 < text.size() && text[i + 1] == '%')
        out += '%', ++i;
      else
        return about_line(*line, {ErrorKind::config, "only %h and %% are possible"});
    }
    return out;
  }

  SshTokens tokens(const std::string& host) const {
    return {&environment_, query_.host,
            host,          values_.text(SshKey::host_key_alias),
            user(),        std::to_string(values_.port.value_or(22))};
  }

  Result<std::vector<std::string>> expanded(const std::vector<const SshLine*>& lines,
                                            const SshTokens& t) const;
  Status add_files(const SshTokens& t, SshSettings& out) const;
  Status add_agent(const SshTokens& t, SshSettings& out) const;
  Status add_forwarding(const SshTokens& t, SshSettings& out) const;
  void add_algorithms(SshSettings& out) const;
  void add_connection(SshSettings& out) const;
  void add_environment(SshSettings& out) const;
  void add_authentications(SshSettings& out) const;
  void add_proxy(const SshTokens& t, SshSettings& out) const;
  Status add_session(const SshTokens& t, SshSettings& out) const;
  void add_notes(SshSettings& out) const;

  const Environment& environment_;
  const SshQuery& query_;
  Run run_;
  Values values_;
  bool wants_final_ = false;
  std::optional<std::string> final_host_;
};

Result<std::string> expand_file(const SshLine& line, const std::string& path,
                                const SshTokens& tokens) {
  const auto home = expand_ssh_tilde(path, *tokens.environment);
  if (!home) return about_line(line, home.error());
  const auto full = expand_ssh_tokens(*home, tokens);
  return full ? full : Result<std::string>(about_line(line, full.error()));
}

Result<std::vector<std::string>> Evaluation::expanded(const std::vector<const SshLine*>& lines,
                                                      const SshTokens& t) const {
  std::vector<std::string> out;
  for (const SshLine* line : lines)
    for (const std::string& path : line->arguments) {
      if (lower(path) == "none") continue;
      const auto file = expand_file(*line, path, t);
      if (!file) return file.error();
      out.push_back(*file);
    }
  return out;
}

Status Evaluation::add_files(const SshTokens& t, SshSettings& out) const {
  const auto identities = expanded(values_.identity_files, t);
  if (!identities) return identities.error();
  if (!values_.identity_files.empty()) out.identity_files = *identities;
  const auto certificates = expanded(values_.certificate_files, t);
  if (!certificates) return certificates.error();
  out.certificate_files = *certificates;
  const std::string ssh = environment_.passwd_home + "/.ssh/";
  out.user_known_hosts = {ssh + "known_hosts", ssh + "known_hosts2"};
  if (const SshLine* line = values_[SshKey::user_known_hosts]) {
    const auto files = expanded({line}, t);
    if (!files) return files.error();
    out.user_known_hosts = *files;
  }
  const std::string& system = environment_.ssh_system_directory;
  out.global_known_hosts = {system + "/ssh_known_hosts", system + "/ssh_known_hosts2"};
  if (const SshLine* line = values_[SshKey::global_known_hosts]) {
    out.global_known_hosts.clear();
    for (const std::string& path : line->arguments)
      if (lower(path) != "none") {
        const auto home = expand_ssh_tilde(path, environment_);
        if (!home) return about_line(*line, home.error());
        out.global_known_hosts.push_back(*home);
      }
  }
  return Done{};
}

// "SSH_AUTH_SOCK" and "$NAME" name variables; an unset one leaves no agent.
Status Evaluation::add_agent(const SshTokens& t, SshSettings& out) const {
  const SshLine* line = values_[SshKey::identity_agent];
  if (line == nullptr || line->arguments[0] == "SSH_AUTH_SOCK") return Done{};
  const std::string& value = line->arguments[0];
  if (lower(value) == "none") {
    out.identity_agent = "none";
  } else if (value[0] == '$' && value.substr(0, 2) != "${") {
    const std::string* socket = environment_.find(value.substr(1));
    out.identity_agent = socket == nullptr || socket->empty() ? "none" : *socket;
  } else {
    const auto path = expand_file(*line, value, t);
    if (!path) return path.error();
    out.identity_agent = *path;
  }
  return Done{};
}

void Evaluation::add_algorithms(SshSettings& out) const {
  out.host_key_algorithms = values_.text(SshKey::host_key_algorithms);
  out.kex_algorithms = values_.text(SshKey::kex_algorithms);
  out.ciphers = values_.text(SshKey::ciphers);
  out.macs = values_.text(SshKey::macs);
  out.pubkey_algorithms = values_.text(SshKey::pubkey_algorithms);
  out.compression = values_.yes(SshKey::compression, false);
}

HostKeyPolicy policy_of(const std::string& word) {
  if (word == "accept-new") return HostKeyPolicy::accept_new;
  if (word == "ask") return HostKeyPolicy::ask;
  return word == "yes" || word == "true" ? HostKeyPolicy::strict : HostKeyPolicy::off;
}

std::optional<std::chrono::seconds> seconds_of(const SshLine* line) {
  const auto value = line == nullptr ? std::nullopt : parse_ssh_duration(line->arguments[0]);
  return value ? std::optional(std::chrono::seconds(*value)) : std::nullopt;
}

void Evaluation::add_connection(SshSettings& out) const {
  const std::string family = lower(values_.text(SshKey::address_family));
  if (family == "inet") out.family = HostSpec::Family::inet;
  if (family == "inet6") out.family = HostSpec::Family::inet6;
  out.bind_address = values_.text(SshKey::bind_address);
  if (const SshLine* line = values_[SshKey::strict_host_key_checking])
    out.host_key_policy = policy_of(lower(line->arguments[0]));
  out.host_key_alias = values_.text(SshKey::host_key_alias);
  out.hash_known_hosts = values_.yes(SshKey::hash_known_hosts, false);
  out.identities_only = values_.yes(SshKey::identities_only, false);
  out.connect_timeout = seconds_of(values_[SshKey::connect_timeout]);
  out.alive_interval = seconds_of(values_[SshKey::alive_interval]);
  if (const SshLine* line = values_[SshKey::alive_count_max])
    out.alive_count_max = static_cast<int>(*parse_number(line->arguments[0], 0, INT32_MAX));
}

void Evaluation::add_environment(SshSettings& out) const {
  std::vector<std::pair<std::string, std::string>> set;
  if (const SshLine* line = values_[SshKey::set_env])
    for (const std::string& word : line->arguments) {
      const std::size_t equals = word.find('=');
      set.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
  const auto sent = [&](const std::string& name) {
    const auto is_set = [&](const auto& entry) { return entry.first == name; };
    const auto asked = [&](const std::string& pattern) { return wildcard_match(pattern, name); };
    return std::none_of(set.begin(), set.end(), is_set) &&
           std::any_of(values_.send_env.begin(), values_.send_env.end(), asked);
  };
  for (const auto& variable : environment_.variables)
    if (sent(variable.first)) out.environment.emplace_back(variable);
  out.environment.insert(out.environment.end(), set.begin(), set.end());
}

// "SSH_AUTH_SOCK" and "$NAME" name variables, as with IdentityAgent.
Status Evaluation::add_forwarding(const SshTokens& t, SshSettings& out) const {
  const SshLine* line = values_[SshKey::forward_agent];
  if (line == nullptr) return Done{};
  const std::string& value = line->arguments[0];
  const std::string word = lower(value);
  if (word == "no" || word == "false") return Done{};
  if (word == "yes" || word == "true") {
    out.forward_agent = "yes";
  } else if (value[0] == '$' && value.substr(0, 2) != "${") {
    const std::string* socket = environment_.find(value.substr(1));
    out.forward_agent = socket == nullptr ? "" : *socket;
  } else {
    const auto path = expand_file(*line, value, t);
    if (!path) return path.error();
    out.forward_agent = *path;
  }
  return Done{};
}

// Methods that are switched off one by one are taken out of the list of methods.
void Evaluation::add_authentications(SshSettings& out) const {
  out.gssapi_authentication = values_.yes(SshKey::gssapi_authentication, false);
  out.batch_mode = values_.yes(SshKey::batch_mode, false);
  if (const SshLine* line = values_[SshKey::password_prompts])
    out.password_prompts = static_cast<int>(*parse_number(line->arguments[0], 0, INT32_MAX));
  out.preferred_authentications = values_.text(SshKey::preferred_authentications);
  std::vector<std::string> off;
  if (!values_.yes(SshKey::password_authentication, true)) off.emplace_back("password");
  if (!values_.yes(SshKey::kbdint_authentication, true)) off.emplace_back("keyboard-interactive");
  const std::string pubkey = lower(values_.text(SshKey::pubkey_authentication));
  if (pubkey == "no" || pubkey == "false") off.emplace_back("publickey");
  if (off.empty()) return;
  std::string_view rest = out.preferred_authentications;
  if (rest.empty())
    rest = out.gssapi_authentication ? "gssapi-with-mic,publickey,keyboard-interactive,password"
                                     : "publickey,keyboard-interactive,password";
  std::string kept;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.size(), rest.find(','));
    const std::string method(rest.substr(0, comma));
    if (std::find(off.begin(), off.end(), method) == off.end())
      kept += (kept.empty() ? "" : ",") + method;
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  out.preferred_authentications = kept.empty() ? "none" : kept;
}

void Evaluation::add_notes(SshSettings& out) const {
  for (const SshLine* line : values_.unsupported)
    out.notes.push_back(sanitised(line->place + ": " + std::string(line->keyword->name) +
                                      " is not supported and has no effect",
                                  1000));
}

Status Evaluation::add_session(const SshTokens& t, SshSettings& out) const {
  if (const SshLine* line = values_[SshKey::remote_command];
      line != nullptr && lower(line->arguments[0]) != "none") {
    const auto command = expand_command_tokens(line->arguments[0], t);
    if (!command) return about_line(*line, command.error());
    out.remote_command = *command;
  }
  const std::string tty = lower(values_.text(SshKey::request_tty));
  if (!tty.empty()) out.request_tty = tty == "true" ? "yes" : tty == "false" ? "no" : tty;
  std::string level = lower(values_.text(SshKey::log_level));
  if (level == "debug1") level = "debug";
  if (level == "quiet") level = "silent";  // what ssh(1) calls it
  for (char& c : level)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (!level.empty()) out.log_level = level;
  return Done{};
}

void Evaluation::add_proxy(const SshTokens& t, SshSettings& out) const {
  const SshLine* line = values_[SshKey::proxy];
  out.proxy_set = line != nullptr;
  if (line == nullptr || lower(line->arguments[0]) == "none") return;
  const auto text = expand_proxy_tokens(line->arguments[0], t);
  const bool jump = line->keyword->name == "ProxyJump";
  if (!text) {
    out.unusable = about_line(*line, text.error());
  } else if (jump) {
    out.proxy_jump = *text;
  } else if (values_.yes(SshKey::proxy_use_fdpass, false)) {
    out.unusable = about_line(*line, {ErrorKind::config, "ProxyUseFdpass is not supported (--transport openssh is)"});
  } else {
    out.proxy_command = *text;
  }
}

Result<SshSettings> Evaluation::settings() const {
  SshSettings out;
  const auto host = current_host();
  if (!host) return host.error();
  out.address = lower(*host);
  out.user = user();
  out.port = values_.port.value_or(22);
  const SshTokens t = tokens(out.address);
  if (const auto ok = add_files(t, out); !ok) return ok.error();
  if (const auto ok = add_agent(t, out); !ok) return ok.error();
  if (const auto ok = add_forwarding(t, out); !ok) return ok.error();
  add_algorithms(out);
  add_connection(out);
  add_environment(out);
  add_authentications(out);
  add_proxy(t, out);
  if (const auto ok = add_session(t, out); !ok) return ok.error();
  add_notes(out);
  return out;
}

}  // namespace

SshConfig::SshConfig(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SshConfig::~SshConfig() = default;
SshConfig::SshConfig(SshConfig&&) noexcept = default;
SshConfig& SshConfig::operator=(SshConfig&&) noexcept = default;

Result<SshConfig> SshConfig::load(const std::vector<std::string>& options,
                                  const std::optional<std::string>& file,
                                  const Environment& environment) {
  auto impl = std::make_unique<Impl>();
  impl->environment = environment;
  for (const std::string& option : options) {
    auto line = parse_ssh_option(option);
    if (!line) return Error{ErrorKind::usage, line.error().message};
    impl->options.push_back(std::move(*line));
  }
  struct Source {
    std::string path;
    SshReadOptions how;
  };
  std::vector<Source> sources;
  if (!file) {
    sources = {{environment.passwd_home + "/.ssh/config", {true, false, true}},
               {environment.ssh_system_directory + "/ssh_config", {false, false, false}}};
  } else if (lower(*file) != "none") {
    sources = {{*file, {true, true, false}}};
  }
  for (const Source& source : sources) {
    auto content = read_ssh_file(source.path, source.how, environment);
    if (!content) return content.error();
    impl->files.push_back(std::move(*content));
  }
  return SshConfig(std::move(impl));
}

bool SshConfig::option_given(std::string_view keyword) const {
  const SshKeyword* wanted = find_ssh_keyword(keyword);
  return std::any_of(impl_->options.begin(), impl_->options.end(),
                     [&](const SshLine& line) { return line.keyword == wanted; });
}

Result<SshSettings> SshConfig::resolve(const SshQuery& query) const {
  Impl& impl = *impl_;
  Evaluation evaluation(impl.environment, query,
                        [&impl](const std::string& c) { return impl.run(c); });
  const std::vector<SshLine> none;  // values are kept as pointers into these
  evaluation.options(query.with_options ? impl.options : none);
  if (const auto ok = evaluation.files(impl.files); !ok) return ok.error();
  return evaluation.settings();
}

}  // namespace bdsh::config
