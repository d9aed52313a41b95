#include "app/dashboard_run.hpp"

#include <langinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "app/compare_source.hpp"
#include "app/dashboard_app.hpp"
#include "app/export_app.hpp"
#include "app/live_runs.hpp"
#include "app/live_source.hpp"
#include "app/replay_source.hpp"
#include "app/terminal_client.hpp"
#include "app/watch_source.hpp"
#include "core/text.hpp"
#include "report/host_verdict.hpp"
#include "tui/layout.hpp"

namespace bdsh::app {
namespace {

// NO_COLOR (no-color.org): any value that is not empty.
Result<tui::Theme> choose_theme(const config::Settings& settings) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = no_color != nullptr && *no_color != '\0' && settings.theme == "default";
  return tui::Theme::named(plain ? "mono" : settings.theme);
}

DashboardAppOptions dashboard_options(const config::Settings& settings) {
  DashboardAppOptions options;
  options.dashboard.utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  options.dashboard.leave_key = settings.leave_key;
  options.copy_command = settings.copy_command;
  options.on_hangup = settings.on_hangup;
  options.askpass = settings.askpass;
  return options;
}

// As the screen said when the user left: a session that was open then is no failure of its host.
int exit_code_of(std::vector<HostStatus> statuses) {
  for (HostStatus& status : statuses)
    if (status.live()) status.exit = ExitResult{0, {}};
  return static_cast<int>(report::exit_code(statuses));
}

void print_summary(const std::string& name, const std::vector<HostStatus>& statuses,
                   const run::RunWriter& log) {
  std::string line = sanitised(name) + ": " + std::to_string(statuses.size()) +
                     (statuses.size() == 1 ? " host" : " hosts");
  for (const HostState state : {HostState::done, HostState::running, HostState::waiting, HostState::failed,
                                HostState::disconnected, HostState::connecting, HostState::queued}) {
    const auto count = std::count_if(statuses.begin(), statuses.end(), [state](const HostStatus& status) {
      return status.state == state;
    });
    if (count > 0)
      line += ", " + std::to_string(count) + " " + (state == HostState::done ? "ok" : to_string(state));
  }
  std::printf("%s\n", line.c_str());
  if (log.keep()) std::printf("logs kept in %s\n", log.directory().c_str());
}

std::uint64_t new_seed() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32U | device();
}

// What all kinds of dashboard need before the terminal is taken.
struct Front {
  tui::Theme theme;
  consensus::Options compare;
};

Result<Front> prepare(const config::Settings& settings) {
  auto theme = choose_theme(settings);
  if (!theme.ok()) return theme.error();
  auto compare = compare_options(settings);
  if (!compare.ok()) return compare.error();
  if (const Status lists = check_lists(settings.save_hosts); !lists) return lists.error();
  compare->defer_alignments = true;
  return Front{std::move(*theme), std::move(*compare)};
}

// What --password-file names, when that is an open descriptor beyond the standard ones.
int password_descriptor(const config::Settings& settings) {
  const std::string& text = settings.password_file ? *settings.password_file : std::string();
  const bool number = !text.empty() && text.size() < 8 && text.find_first_not_of("0123456789") == text.npos;
  return number ? std::atoi(text.c_str()) : -1;
}

// From here on others find the run. One that nobody could take up must not be left behind.
Status name_run(Serving& serving, const std::filesystem::path& directory, DashboardAppOptions& options) {
  const Status opened = serving.server().open(directory);
  if (opened) options.run = std::filesystem::absolute(directory).lexically_normal().filename();
  else options.bound = opened.error().message;
  return opened || !serving.detached() ? Status(Done{}) : opened;
}

int run_served(const Invocation& invocation, Front& front, Size size, Serving& serving) {
  const config::Settings& settings = invocation.settings;
  // The log before the terminal: a directory that cannot be written must not flash a dashboard.
  auto password = read_password(settings);
  serving.close_input();
  if (!password.ok()) return report_error(password.error());
  auto sink = open_audit(settings.audit);
  if (!sink) return report_error(sink.error());
  auto log = open_log(invocation, true, size);
  if (!log.ok()) return report_error(log.error());

  CellTables tables;
  RunState state(tables, run_hosts(settings),
                 {settings.run_name, settings.command, true, size, settings.scrollback,
                  front.compare, std::chrono::system_clock::now(), settings.host_clipboard,
                  settings.buffer});
  EventLog events;
  note_settings(settings, events, **log);
  DashboardAppOptions options = dashboard_options(settings);
  if (const Status named = name_run(serving, (*log)->directory(), options); !named)
    return report_error(named.error());
  const auto keyring = open_keyring(settings);
  net::PoolOptions pool = pool_options(settings, true, size);
  if (keyring) pool.secrets = *keyring;
  std::function<void()> changed = [] {};
  LiveSource source(serving.loop(), settings.hosts, unusable_hosts(settings), pool, state, **log,
                    events, [&changed] { changed(); });
  if (*password) source.preset_password(std::move(**password));
  std::function<void(std::string)> say = [](const std::string&) {};
  const auto complain = [&](const Error& error) {
    events.add(std::chrono::system_clock::now(), "", error.message);
    say(error.message);
  };
  Audit audit(serving.loop(), std::move(*sink), complain);
  AuditTrail trail(audit, audit_job(settings, **log), settings.hosts,
                   std::chrono::system_clock::now());
  source.record(trail);
  source.set_reconnect(settings.reconnect);
  source.follow(rollout_rules(settings));
  if (settings.every) source.repeat(*settings.every);
  DashboardApp app(serving, tables, front.theme, options, state, source, events);
  DashboardTransfers transfers(serving.loop(), settings, events, audit, **log,
                               [&app](std::string text) { app.notify(std::move(text)); });
  transfers.keep_secrets_in(pool.secrets);
  app.transfer_with(transfers);
  FileBrowser files(serving.loop(), settings, source, audit, **log, [&app] { app.redraw(); });
  files.keep_secrets_in(pool.secrets);
  transfers.when_ended([&files] { files.refresh(); });
  app.browse_with(files);
  changed = [&app] { app.changed(); };
  say = [&app](std::string text) { app.notify(std::move(text)); };
  if (!keyring) complain(keyring.error());
  app.run();

  const auto now = std::chrono::system_clock::now();
  trail.end(now);
  audit.close();
  (*log)->close(now);
  report_log_error(**log);
  if (!app.hung_up()) print_summary(settings.run_name, app.end().statuses, **log);
  const Status saved = write_lists(settings.save_hosts, state, app.end());
  const Status removed = (*log)->remove_unless_kept();
  if (!saved) return report_error(saved.error());
  return removed.ok() ? exit_code_of(app.end().statuses) : report_error(removed.error());
}

int watch_served(const Invocation& invocation, Front& front, Serving& serving) {
  const config::Settings& settings = invocation.settings;
  serving.close_input();
  auto reader = run::RunReader::open(settings.operands.front());
  if (!reader.ok()) return report_error(reader.error());
  const run::RunDescription& run = (*reader)->description();
  CellTables tables;
  RunState state(tables, run_hosts(run),
                 {run.name, run.command, run.pty, run.size, settings.scrollback, front.compare,
                  run.started, false, settings.buffer});
  EventLog events;
  for (const std::string& warning : (*reader)->warnings())
    events.add(std::chrono::system_clock::now(), "", sanitised(warning));
  std::function<void()> changed = [] {};
  WatchSource source(serving.loop(), **reader, state, events, [&changed] { changed(); });
  DashboardAppOptions options = dashboard_options(settings);
  options.bound = "a run that is watched ends with its terminal";
  DashboardApp app(serving, tables, front.theme, options, state, source, events);
  changed = [&app] { app.changed(); };
  app.run();
  const Status saved = write_lists(settings.save_hosts, state, app.end());
  return saved ? kExitOk : report_error(saved.error());
}

int replay_served(const Invocation& invocation, Front& front, Serving& serving) {
  const config::Settings& settings = invocation.settings;
  serving.close_input();
  auto tape = run::RunTape::open(settings.operands.front());
  if (!tape.ok()) return report_error(tape.error());
  const run::RunDescription& run = (*tape)->description();
  const std::vector<RunHost> hosts = run_hosts(run);
  auto index = run::read_replay_index((*tape)->directory(), (*tape)->fingerprint(),
                                      options_fingerprint(front.compare, hosts), hosts.size());
  front.compare.seed = index ? index->seed : new_seed();
  CellTables tables;
  const RunOptions of_run{run.name,      run.command, run.pty,        run.size, settings.scrollback,
                          front.compare, run.started, false, settings.buffer};
  RunState state(tables, hosts, of_run);
  EventLog events;
  std::function<void()> changed = [] {};
  std::function<void(std::string)> say = [](const std::string&) {};
  ReplaySource source(
      serving.loop(), **tape, state, events, std::move(index),
      {settings.operands.front(), hosts, of_run}, [&changed] { changed(); },
      [&say](std::string text) { say(std::move(text)); });
  DashboardAppOptions options = dashboard_options(settings);
  options.bound = "a run that is played again ends with its terminal";
  DashboardApp app(serving, tables, front.theme, options, state, source, events);
  changed = [&app] { app.changed(); };
  say = [&app](std::string text) { app.notify(std::move(text)); };
  for (const std::string& warning : (*tape)->warnings()) say(sanitised(warning));
  app.run();
  const Status saved = write_lists(settings.save_hosts, state, app.end());
  return saved ? kExitOk : report_error(saved.error());
}

std::vector<RunHost> compared_hosts(const std::vector<ComparedHost>& compared) {
  std::vector<RunHost> hosts;
  for (const ComparedHost& host : compared)
    hosts.push_back({host.name, {}, false, host.own_words, host.name});
  return hosts;
}

// The first that changed, if one did.
HostId first_changed(const std::vector<ComparedHost>& hosts) {
  const auto changed = std::find_if(hosts.begin(), hosts.end(),
                                    [](const ComparedHost& host) { return host.changed(); });
  const bool none = changed == hosts.end();
  return HostId{none ? 0U : static_cast<std::uint32_t>(changed - hosts.begin())};
}

int compare_served(const Invocation& invocation, Front& front, const RunComparison& both,
                   Serving& serving) {
  const config::Settings& settings = invocation.settings;
  serving.close_input();
  const tui::ComparedRuns names{both.diff.before, both.diff.after};
  CellTables tables;
  RunState state(tables, compared_hosts(both.hosts),
                 {names.before + " - " + names.after, "", false, Size{Rows{24}, Cols{80}},
                  settings.scrollback, front.compare, std::chrono::system_clock::now()});
  EventLog events;
  CompareSource source(state, both.hosts, names);
  DashboardAppOptions options = dashboard_options(settings);
  options.bound = "a comparison ends with its terminal";
  options.diff_of = first_changed(both.hosts);
  DashboardApp app(serving, tables, front.theme, options, state, source, events);
  app.run();
  return kExitOk;
}

}  // namespace

int run_dashboard(const Invocation& invocation) {
  const config::Settings& settings = invocation.settings;
  auto front = prepare(settings);
  if (!front.ok()) return report_error(front.error());
  if (const Status fits = net::raise_descriptor_limit(settings.hosts); !fits.ok())
    return report_error(fits.error());
  const Size size = tui::uniform_host_size(terminal_size(STDOUT_FILENO));
  return serve({settings.detached, password_descriptor(settings)}, [&](Serving& serving) {
    return run_served(invocation, *front, size, serving);
  });
}

int watch_dashboard(const Invocation& invocation) {
  auto front = prepare(invocation.settings);
  if (!front.ok()) return report_error(front.error());
  const auto served = invocation.settings.replay ? replay_served : watch_served;
  return serve({}, [&](Serving& serving) { return served(invocation, *front, serving); });
}

int diff_dashboard(const Invocation& invocation) {
  auto front = prepare(invocation.settings);
  if (!front.ok()) return report_error(front.error()), kTrouble;
  const auto both = compared(invocation.settings, true);
  if (!both) return report_error(both.error()), kTrouble;
  const int shown = serve({}, [&](Serving& serving) {
    return compare_served(invocation, *front, *both, serving);
  });
  return shown == kExitOk ? (both->diff.same() ? 0 : 1) : kTrouble;
}

int attach_dashboard(const Invocation& invocation) {
  const config::Settings& settings = invocation.settings;
  const auto run = find_live_run(settings.operands.empty() ? "" : settings.operands.front());
  if (!run) return report_error(run.error());
  auto socket = connect_to(*run);
  if (!socket) return report_error(socket.error());
  return TerminalClient(std::move(*socket), {}).attach(settings.read_only);
}

}  // namespace bdsh::app
