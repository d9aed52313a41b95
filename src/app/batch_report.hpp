// What a run without a dashboard prints on stdout: the report, a ping's lines, a round's changes.
#pragma once

#include <string>
#include <vector>

#include "app/log_text.hpp"
#include "app/run_state.hpp"
#include "app/step_times.hpp"
#include "config/settings.hpp"
#include "report/filters.hpp"
#include "report/text_report.hpp"

namespace bdsh::app {

Result<report::Filters> filters_of(const config::Settings& settings);

// The exit code that the run means; 1 when standard output cannot be written.
int print_report(RunState& state, const std::vector<HostSpec>& specs, const RunLogs& logs,
                 const report::Filters& filters, bool json);
int print_ping(RunState& state, const StepTimes& times, bool json);

// What --every prints: the first round whole, then what is not as in the round before.
class RoundPrinter {
 public:
  // All references outlive it.
  RoundPrinter(RunState& state, const config::Settings& settings, const report::Filters& filters)
      : state_(state), settings_(settings), filters_(filters) {}

  void print();
  bool ok() const { return ok_; }  // somebody reads
  bool any() const { return !before_.empty(); }

 private:
  std::vector<std::string> names() const;
  std::string changes(const std::vector<HostStatus>& now);

  RunState& state_;
  const config::Settings& settings_;
  const report::Filters& filters_;
  std::vector<HostStatus> before_;
  int round_ = 0;
  bool ok_ = true;
};

}  // namespace bdsh::app
