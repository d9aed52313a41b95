#include "app/batch_report.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "app/event_log.hpp"
#include "app/run_report.hpp"
#include "app/setup.hpp"
#include "report/host_verdict.hpp"
#include "report/json_report.hpp"
#include "report/ping_report.hpp"
#include "report/round_report.hpp"

namespace bdsh::app {
namespace {

bool put_stdout(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

bool write_stdout(std::string_view text) {
  const bool written = put_stdout(text);
  return std::fflush(stdout) == 0 && written;
}

report::TextOptions text_options(const report::Filters& filters) {
  report::TextOptions options;
  options.color = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  options.filters = filters;
  return options;
}

bool print_run(RunState& state, const std::vector<HostSpec>& specs, const RunLogs& logs,
               const report::Filters& filters, bool json) {
  const report::RunResult result = result_of(state, specs, logs);
  const bool taken = json ? report::write_json_report(result, filters, put_stdout)
                          : report::write_text_report(result, text_options(filters), put_stdout);
  return std::fflush(stdout) == 0 && taken;
}

std::string state_change(const HostStatus& before, const HostStatus& now) {
  const auto word = [](const HostStatus& status) {
    const std::string reason = short_reason(status);
    return reason.empty() ? std::string(report::to_string(report::verdict(status))) : reason;
  };
  return word(before) == word(now) ? "" : word(before) + " → " + word(now);
}

std::string text_of(const report::RoundChange& change) {
  std::string text = change.state;
  for (const consensus::DiffRow& row : change.rows)
    text += "\n-" + (row.left ? row.left->text : "") + "\n+" + (row.right ? row.right->text : "");
  return text;
}

void add(report::RoundChange change, report::RoundResult& result) {
  for (report::RoundChange& other : result.changes)
    if (text_of(other) == text_of(change)) {
      other.hosts |= change.hosts;
      return;
    }
  result.changes.push_back(std::move(change));
}

}  // namespace

Result<report::Filters> filters_of(const config::Settings& settings) {
  report::Filters filters;
  if (settings.grep) {
    auto pattern = consensus::LinePattern::compile(*settings.grep);
    if (!pattern) return pattern.error().about("--grep");
    filters.grep = std::move(*pattern);
  }
  using Only = report::Filters::Only;
  if (settings.only)
    filters.only =
        *settings.only == config::SaveHosts::Which::failed ? Only::failed : Only::divergent;
  filters.head = settings.head;
  filters.tail = settings.tail;
  return filters;
}

int print_report(RunState& state, const std::vector<HostSpec>& specs, const RunLogs& logs,
                 const report::Filters& filters, bool json) {
  if (!print_run(state, specs, logs, filters, json))
    return report_error({ErrorKind::io, "standard output: cannot be written"});
  return static_cast<int>(report::exit_code(state.statuses()));
}

int print_ping(RunState& state, const StepTimes& times, bool json) {
  std::vector<report::PingLine> lines;
  for (std::size_t i = 0; i < state.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    const HostStatus& status = state.status(id);
    report::PingLine& line = lines.emplace_back();
    line.name = state.info(id).name;
    line.status = status;
    line.seconds = times.of(id);
    if (status.exit) {
      line.total = 0;
      for (const auto& seconds : line.seconds) *line.total += seconds.value_or(0);
    }
  }
  if (!write_stdout(json ? report::ping_json(lines) : report::ping_report(lines)))
    return report_error({ErrorKind::io, "standard output: cannot be written"});
  return static_cast<int>(report::exit_code(state.statuses()));
}

void RoundPrinter::print() {
  const std::vector<HostStatus> now = state_.statuses();
  const bool whole = settings_.json || before_.empty();
  // Their logs are still being written.
  ok_ = ok_ && (whole ? print_run(state_, settings_.hosts, {}, filters_, settings_.json)
                      : write_stdout(changes(now)));
  before_ = now;
  round_ = state_.comparison().round();
}

std::vector<std::string> RoundPrinter::names() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < state_.host_count(); ++i)
    out.push_back(state_.info(HostId{static_cast<std::uint32_t>(i)}).name);
  return out;
}

std::string RoundPrinter::changes(const std::vector<HostStatus>& now) {
  report::RoundResult result;
  result.number = state_.comparison().round();
  result.time = local_time(std::chrono::system_clock::now());
  result.of = now.size();
  for (std::size_t i = 0; i < now.size(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    report::RoundChange change;
    change.hosts.add(id);
    change.state = state_change(before_[i], now[i]);
    const consensus::Diff& diff = state_.comparison().diff({round_, id}, {result.number, id});
    for (const consensus::DiffHunk& hunk : diff.hunks)
      change.rows.insert(change.rows.end(), hunk.rows.begin(), hunk.rows.end());
    if (!change.state.empty() || !change.rows.empty()) add(std::move(change), result);
  }
  return report::round_report(result, names(), text_options(filters_));
}

}  // namespace bdsh::app
