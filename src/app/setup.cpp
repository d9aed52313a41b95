#include "app/setup.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "app/password_file.hpp"
#include "config/host_expression.hpp"
#include "core/text.hpp"

namespace bdsh::app {
namespace {

// A setting that only switches a mask must name one that there is.
Status check_mask(const config::MaskSetting& mask, const consensus::Options& options) {
  if (mask.pattern) return consensus::check_masks(options.user_masks);
  const auto& known = consensus::builtin_masks();
  const bool own = std::any_of(options.user_masks.begin(), options.user_masks.end(),
                               [&](const auto& user) { return user.name == mask.name; });
  if (own || std::find(known.begin(), known.end(), mask.name) != known.end()) return Done{};
  return Error{ErrorKind::config, "there is no mask '" + sanitised(mask.name) + "'"};
}

// Runs of old versions do not say: address, port and user name the host too.
std::string expression_of(const HostSpec& spec) {
  if (!spec.expression.empty()) return spec.expression;
  return config::expression_of({spec.user, spec.original, spec.port});
}

}  // namespace

// XDG Base Directory Specification: a relative value counts as unset.
std::filesystem::path state_home() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return state;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/") / ".local" / "state";
}

std::filesystem::path runs_directory() {
  return state_home() / "bdsh" / "runs";
}

int report_error(const Error& error) {
  std::fprintf(stderr, "bdsh-tui: %s\n", sanitised(error.message).c_str());
  return error.kind == ErrorKind::usage || error.kind == ErrorKind::config ? kExitUsage
                                                                           : kExitError;
}

Result<consensus::Options> compare_options(const config::Settings& settings) {
  consensus::Options options;
  options.masks = settings.masks;
  for (const config::MaskSetting& mask : settings.mask_settings) {
    if (mask.pattern && mask.enabled)
      options.user_masks.push_back({mask.name, *mask.pattern});
    else if (!mask.enabled)
      options.disabled_masks.push_back(mask.name);
    // Each is checked as it comes, so that the error names its line.
    if (const Status checked = check_mask(mask, options); !checked.ok())
      return checked.error().about(mask.where);
  }
  return options;
}

std::vector<RunHost> run_hosts(const config::Settings& settings) {
  std::vector<RunHost> hosts;
  for (const HostSpec& spec : settings.hosts)
    hosts.push_back({spec.name, spec.group, settings.confirms(spec), spec.own_words(),
                     expression_of(spec), settings.color_of(spec)});
  return hosts;
}

std::vector<RunHost> run_hosts(const run::RunDescription& description) {
  std::vector<RunHost> hosts;
  for (const HostSpec& spec : description.hosts)
    hosts.push_back({spec.name, spec.group, false, spec.own_words(), expression_of(spec)});
  return hosts;
}

RolloutRules rollout_rules(const config::Settings& settings) {
  return {settings.serial, settings.rolling, settings.max_fail, settings.fail_fast};
}

net::PoolOptions pool_options(const config::Settings& settings, bool pty, Size size) {
  net::PoolOptions options;
  options.parallel = settings.parallel;
  options.jump_parallel = settings.jump_parallel;
  options.command = settings.command;
  options.commands = settings.commands;
  options.login_only = settings.job == config::Job::ping;
  options.pty = pty;
  options.size = size;
  options.name_keys = settings.audit.kind != config::AuditTarget::Kind::none;
  return options;
}

Result<std::optional<Secret>> read_password(const config::Settings& settings) {
  if (!settings.password_file) return std::optional<Secret>();
  auto password = read_password_file(*settings.password_file);
  if (!password.ok())
    return Error{ErrorKind::usage, "--password-file: " + sanitised(password.error().message)};
  return std::optional<Secret>(std::move(*password));
}

Result<std::shared_ptr<net::SecretStore>> open_keyring(const config::Settings& settings) {
  if (!settings.keyring) return std::shared_ptr<net::SecretStore>();
  auto store = net::open_secret_service();
  return store ? std::move(store) : store.error().about("no keyring");
}

std::vector<std::pair<HostId, Error>> unusable_hosts(const config::Settings& settings) {
  std::vector<std::pair<HostId, Error>> hosts;
  for (const config::UnusableHost& host : settings.unusable)
    hosts.emplace_back(host.host, host.error);
  return hosts;
}

Result<std::unique_ptr<run::RunWriter>> open_log(const Invocation& invocation, bool pty,
                                                 Size size) {
  const config::Settings& settings = invocation.settings;
  run::RunDescription description;
  description.name = settings.run_name;
  description.command = settings.command;
  description.commands = settings.commands;
  description.pty = pty;
  description.size = size;
  description.started = std::chrono::system_clock::now();
  description.version = invocation.version;
  description.arguments = invocation.arguments;
  description.hosts = settings.hosts;
  std::optional<std::filesystem::path> directory;
  if (settings.output) directory = *settings.output;
  auto log = run::RunWriter::create(description, directory, state_home());
  if (!log.ok() || !(settings.keep || settings.cached)) return log;
  if (const Status kept = (*log)->set_keep(true); !kept.ok()) {
    (void)(*log)->set_keep(false);
    (void)(*log)->remove_unless_kept();
    return kept.error();
  }
  return log;
}

void note_settings(const config::Settings& settings, EventLog& events, run::RunWriter& log) {
  const auto now = std::chrono::system_clock::now();
  for (const config::Note& note : settings.notes) {
    log.event(note.host.empty() ? note.text : note.host + ": " + note.text, now);
    events.add(now, note.host, sanitised(note.text));
  }
}

// A script is known by its name, as everywhere; a template by what it became on each host.
AuditJob audit_job(const config::Settings& settings, const run::RunWriter& log) {
  AuditJob job;
  job.what = settings.job == config::Job::run ? "run" : config::command_of(settings.job).name;
  job.run = std::filesystem::absolute(log.directory()).lexically_normal().filename();
  job.command = settings.command;
  if (!settings.script) job.commands = settings.commands;
  return job;
}

void report_log_error(run::RunWriter& log) {
  constexpr std::size_t kMost = 10;
  const std::vector<Error> lost = log.losses();
  for (std::size_t i = 0; i < std::min(lost.size(), kMost); ++i)
    (void)report_error(lost[i].about("logs"));
  if (lost.size() > kMost)
    std::fprintf(stderr, "bdsh-tui: logs: and %zu more\n", lost.size() - kMost);
}

std::string endpoint(const HostSpec& host) {
  const bool ipv6 = host.address.find(':') != std::string::npos;
  return (ipv6 ? "[" + host.address + "]" : host.address) + ":" + std::to_string(host.port);
}

}  // namespace bdsh::app
