#include "app/dashboard_run.hpp"

#include <langinfo.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "app/askpass.hpp"
#include "app/dashboard_app.hpp"
#include "app/live_source.hpp"
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

// What both kinds of dashboard need before the terminal is taken.
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

}  // namespace

int run_dashboard(const Invocation& invocation) {
  const config::Settings& settings = invocation.settings;
  auto front = prepare(settings);
  if (!front.ok()) return report_error(front.error());
  if (const Status fits = net::raise_descriptor_limit(settings.hosts); !fits.ok())
    return report_error(fits.error());
  boost::asio::io_context loop(1);
  // The log before the terminal: a directory that cannot be written must not flash a dashboard.
  const Size guess = tui::uniform_host_size(terminal_size());
  auto password = read_password(settings);
  if (!password.ok()) return report_error(password.error());
  auto log = open_log(invocation, true, guess);
  if (!log.ok()) return report_error(log.error());
  auto terminal = UserTerminal::open(loop);
  if (!terminal.ok()) {
    (void)(*log)->remove_unless_kept();
    return report_error(terminal.error());
  }

  CellTables tables;
  RunState state(tables, run_hosts(settings),
                 {settings.run_name, settings.command, true, guess, settings.scrollback, front->compare,
                  std::chrono::system_clock::now()});
  EventLog events;
  note_settings(settings, events, **log);
  std::function<void()> changed = [] {};
  LiveSource source(loop, settings.hosts, unusable_hosts(settings),
                    pool_options(settings, true, guess), state, **log, events,
                    [&changed] { changed(); });
  if (*password) source.preset_password(std::move(**password));
  source.set_reconnect(settings.reconnect);
  DashboardApp app(loop, tables, front->theme, dashboard_options(settings), **terminal, state,
                   source, events);
  if (const std::string program = askpass_program(settings.askpass, true); !program.empty())
    app.answer_with(program);
  changed = [&app] { app.changed(); };
  app.run();

  (*log)->close(std::chrono::system_clock::now());
  (*terminal)->leave();
  report_log_error(**log);
  if (!app.hung_up()) print_summary(settings.run_name, app.end().statuses, **log);
  const Status saved = write_lists(settings.save_hosts, state, app.end());
  const Status removed = (*log)->remove_unless_kept();
  if (!saved) return report_error(saved.error());
  return removed.ok() ? exit_code_of(app.end().statuses) : report_error(removed.error());
}

int watch_dashboard(const Invocation& invocation) {
  const config::Settings& settings = invocation.settings;
  auto front = prepare(settings);
  if (!front.ok()) return report_error(front.error());
  auto reader = run::RunReader::open(settings.operands.front());
  if (!reader.ok()) return report_error(reader.error());
  boost::asio::io_context loop(1);
  auto terminal = UserTerminal::open(loop);
  if (!terminal.ok()) return report_error(terminal.error());

  const run::RunDescription& run = (*reader)->description();
  CellTables tables;
  RunState state(tables, run_hosts(run),
                 {run.name, run.command, run.pty, run.size, settings.scrollback, front->compare, run.started});
  EventLog events;
  for (const std::string& warning : (*reader)->warnings())
    events.add(std::chrono::system_clock::now(), "", sanitised(warning));
  std::function<void()> changed = [] {};
  WatchSource source(loop, **reader, state, events, [&changed] { changed(); });
  DashboardApp app(loop, tables, front->theme, dashboard_options(settings), **terminal, state,
                   source, events);
  changed = [&app] { app.changed(); };
  app.run();
  (*terminal)->leave();
  const Status saved = write_lists(settings.save_hosts, state, app.end());
  return saved ? kExitOk : report_error(saved.error());
}

}  // namespace bdsh::app
