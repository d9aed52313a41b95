#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/batch_app.hpp"
#include "app/ctl_app.hpp"
#include "app/dashboard_run.hpp"
#include "app/dry_run.hpp"
#include "app/export_app.hpp"
#include "app/runs_app.hpp"
#include "app/list_app.hpp"
#include "app/rerun.hpp"
#include "app/setup.hpp"
#include "app/transfer_run.hpp"
#include "run/run_catalog.hpp"

namespace {

using bdsh::app::Invocation;

// Character widths and ncurses follow LC_CTYPE; the C locale would make every host's UTF-8
// unreadable on terminals that nearly all understand it.
void set_locale() {
  std::setlocale(LC_CTYPE, "");
}

int dispatch(const Invocation& invocation) {
  using bdsh::config::Job;
  const bdsh::config::Settings& settings = invocation.settings;
  const bool batch =
      settings.batch || settings.json || settings.cached || (!settings.detached && isatty(STDOUT_FILENO) == 0);
  switch (settings.job) {
    case Job::help: case Job::version:
      std::fputs(settings.text.c_str(), stdout);
      return bdsh::app::kExitOk;
    case Job::list: return bdsh::app::print_list(settings);
    case Job::runs: return bdsh::app::print_runs(settings);
    case Job::show: return bdsh::app::show_run(settings);
    case Job::diff:
      return batch ? bdsh::app::diff_runs(settings) : bdsh::app::diff_dashboard(invocation);
    case Job::export_: return bdsh::app::export_run(settings);
    case Job::rm: return bdsh::app::remove_runs(settings);
    case Job::prune: return bdsh::app::prune_runs(settings);
    case Job::watch:
      return batch ? bdsh::app::report_watched(settings.operands.front(), settings)
                   : bdsh::app::watch_dashboard(invocation);
    case Job::ctl: return bdsh::app::control_run(invocation);
    case Job::attach: return bdsh::app::attach_dashboard(invocation);
    case Job::ping: return bdsh::app::run_batch(invocation);
    case Job::upload: case Job::download: return bdsh::app::run_transfer(invocation);
    case Job::run:
      if (settings.dry_run) return bdsh::app::print_dry_run(settings);
      if (const auto asked = bdsh::app::confirm_command(settings); !asked)
        return bdsh::app::report_error(asked.error());
      return batch ? bdsh::app::run_batch(invocation) : bdsh::app::run_dashboard(invocation);
  }
  return bdsh::app::kExitError;
}

}  // namespace

int main(int argc, char** argv) {
  set_locale();
  std::signal(SIGPIPE, SIG_IGN);
  // ncurses would believe them over the terminal's true size.
  unsetenv("LINES");
  unsetenv("COLUMNS");
  Invocation invocation;
  invocation.arguments.assign(argv + 1, argv + argc);
  invocation.version = BDSH_VERSION;
  auto settings = bdsh::config::load(invocation.arguments, bdsh::config::Environment::current(),
                                     invocation.version);
  if (settings.ok() && settings->rerun) {
    const auto again = bdsh::app::hosts_again(*settings->rerun, *settings);
    if (!again) return bdsh::app::report_error(again.error());
    settings = bdsh::config::load(invocation.arguments, bdsh::config::Environment::current(),
                                  invocation.version, *again);
  }
  if (!settings.ok()) return bdsh::app::report_error(settings.error());
  invocation.settings = std::move(*settings);
  if (invocation.settings.job == bdsh::config::Job::watch) {
    std::string& word = invocation.settings.operands.front();
    const auto path = bdsh::run::find_run(word, bdsh::app::runs_home());
    if (!path) return bdsh::app::report_error(path.error());
    word = path->string();
  }
  return dispatch(invocation);
}
