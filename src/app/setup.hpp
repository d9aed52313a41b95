// From settings to the parts of a run: the pieces that the dashboard, the batch run and the
// watched run are put together from.
#pragma once

#include <filesystem>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/audit_trail.hpp"
#include "app/event_log.hpp"
#include "app/rollout.hpp"
#include "app/run_state.hpp"
#include "config/settings.hpp"
#include "core/secret.hpp"
#include "net/pool.hpp"
#include "net/secret_store.hpp"
#include "run/run_reader.hpp"
#include "run/run_writer.hpp"

namespace bdsh::app {

// Exit codes of the program itself; those of a run's outcome are report::ExitCode.
constexpr int kExitOk = 0;
constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

// What main was started with.
struct Invocation {
  config::Settings settings;
  std::vector<std::string> arguments;  // without the program's name
  std::string version;
};

std::filesystem::path state_home();  // $XDG_STATE_HOME, else ~/.local/state
std::filesystem::path runs_directory();  // where run directories are made
int report_error(const Error& error);  // one line on stderr; returns the exit code it means

Result<consensus::Options> compare_options(const config::Settings& settings);
std::vector<RunHost> run_hosts(const config::Settings& settings);
std::vector<RunHost> run_hosts(const run::RunDescription& description);
RolloutRules rollout_rules(const config::Settings& settings);
net::PoolOptions pool_options(const config::Settings& settings, bool pty, Size size);
// What --password-file names; nothing when it is not given. ErrorKind::usage.
Result<std::optional<Secret>> read_password(const config::Settings& settings);
// Null when none is wanted. Not before the server of a dashboard has been forked.
Result<std::shared_ptr<net::SecretStore>> open_keyring(const config::Settings& settings);
std::vector<std::pair<HostId, Error>> unusable_hosts(const config::Settings& settings);
Result<std::unique_ptr<run::RunWriter>> open_log(const Invocation& invocation, bool pty, Size size);
// What cannot be honoured of the settings, once per run.
void note_settings(const config::Settings& settings, EventLog& events, run::RunWriter& log);
AuditJob audit_job(const config::Settings& settings, const run::RunWriter& log);
// On stderr, if the log has one; the run itself went on.
void report_log_error(run::RunWriter& log);
std::string endpoint(const HostSpec& host);  // "127.0.0.7:2200", "[::1]:22"

}  // namespace bdsh::app
