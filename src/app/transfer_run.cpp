#include "app/transfer_run.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>

#include "app/batch_app.hpp"
#include "app/host_lists.hpp"
#include "app/transfer_account.hpp"
#include "app/transfer_plans.hpp"
#include "app/transfer_source.hpp"
#include "report/host_verdict.hpp"
#include "report/transfer_report.hpp"

namespace bdsh::app {
namespace {

// What a run of the main job would be that says what this one does.
Invocation described(const Invocation& invocation) {
  Invocation copy = invocation;
  copy.settings.command = transfer_words(invocation.settings);
  return copy;
}

HostSet hosts_of(const std::vector<std::pair<HostId, Error>>& entries) {
  HostSet hosts;
  for (const auto& [host, error] : entries) hosts.add(host);
  return hosts;
}

int print_result(const report::TransferResult& result, RunState& state, bool json) {
  const bool color = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  const std::string text = json ? report::transfer_json(result) : report::transfer_text(result, color);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) != 0 || !written)
    return report_error({ErrorKind::io, "standard output: cannot be written"});
  return static_cast<int>(report::exit_code(state.statuses()));
}

Status save_lists(const config::Settings& settings, RunState& state) {
  if (settings.save_hosts.empty()) return Done{};
  return write_lists(settings.save_hosts, state, {state.statuses(), state.comparison().outcome()});
}

// Says where the logs are, or takes them away.
int end_log(run::RunWriter& log, int code) {
  if (log.keep()) std::fprintf(stderr, "logs kept in %s\n", log.directory().c_str());
  const Status removed = log.remove_unless_kept();
  return removed.ok() ? code : report_error(removed.error());
}

TransferSource::Reports reports_to(run::RunWriter& log, AuditTrail& trail,
                                   std::function<void()> changed) {
  const auto now = [] { return std::chrono::system_clock::now(); };
  return {
      [&log, now](std::optional<HostId> host, const std::string& text) {
        host ? log.event(*host, text, now()) : log.event(text, now());
      },
      [&log, now](HostId host, const HostStatus& status) { log.set_status(host, status, now()); },
      std::move(changed), &trail};
}

int run_planned(const Invocation& invocation, TransferPlans plans,
                std::vector<std::pair<HostId, Error>> unusable, std::optional<Secret> password,
                std::unique_ptr<run::AuditSink> sink, run::RunWriter& log) {
  const config::Settings& settings = invocation.settings;
  boost::asio::io_context loop(1);
  CellTables tables;
  RunState state(tables, run_hosts(settings), {settings.run_name, settings.command, false, kTransferTerminal, 0, {}});
  EventLog events;
  note_settings(settings, events, log);
  BatchApp app(loop, invocation, state);
  net::PoolOptions options = sftp_options(settings);
  options.secrets = app.keyring(settings);
  if (!app.may_ask())
    options.mute = settings.password_file ? "--password-file was given" : "no terminal to ask on";
  Audit audit(loop, std::move(sink), [&app](const Error& error) { app.say(error); });
  AuditTrail trail(audit, audit_job(settings, log), settings.hosts,
                   std::chrono::system_clock::now());
  TransferSource source(loop, settings.hosts, std::move(unusable), options,
                        std::move(plans.transfers), state,
                        reports_to(log, trail, [&app] { app.changed(); }));
  if (password) source.preset_password(std::move(*password));
  TransferAccount account(settings, state, source);
  app.show_instead([&account] { return account.lines(); });
  app.run(source, nullptr);
  const auto now = std::chrono::system_clock::now();
  trail.end(now);
  audit.close();
  log.close(now);
  report_log_error(log);
  const int code = print_result(account.result(true), state, settings.json);
  const Status saved = save_lists(settings, state);
  return saved ? code : report_error(saved.error());
}

}  // namespace

int run_transfer(const Invocation& given) {
  const Invocation invocation = described(given);
  const config::Settings& settings = invocation.settings;
  if (const Status lists = check_lists(settings.save_hosts); !lists) return report_error(lists.error());
  auto unusable = unusable_hosts(settings);
  auto plans = plan_transfers(settings, hosts_of(unusable));
  if (!plans.ok()) return report_error(plans.error());
  unusable.insert(unusable.end(), plans->problems.begin(), plans->problems.end());
  if (const Status fits = net::raise_descriptor_limit(settings.hosts, plans->descriptors); !fits.ok())
    return report_error(fits.error());
  auto password = read_password(settings);
  if (!password.ok()) return report_error(password.error());
  auto sink = open_audit(settings.audit);
  if (!sink) return report_error(sink.error());
  auto log = open_log(invocation, false, kTransferTerminal);
  if (!log.ok()) return report_error(log.error());
  const int code = run_planned(invocation, std::move(*plans), std::move(unusable),
                               std::move(*password), std::move(*sink), **log);
  return end_log(**log, code);
}

}  // namespace bdsh::app
