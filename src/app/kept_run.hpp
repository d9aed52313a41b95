// A run directory read as it stands, without a loop or a screen: all of it, or `only` the hosts of
// these names.
#pragma once

#include <filesystem>
#include <memory>
#include <set>

#include "app/event_log.hpp"
#include "app/log_text.hpp"
#include "app/run_state.hpp"
#include "report/run_result.hpp"
#include "run/run_reader.hpp"

namespace bdsh::app {

class KeptRun {
 public:
  static Result<std::unique_ptr<KeptRun>> open(const std::filesystem::path& directory,
                                               const consensus::Options& compare,
                                               std::size_t scrollback_lines,
                                               const std::set<std::string>& only = {});
  const run::RunDescription& description() const { return reader_->description(); }
  RunState& state() { return state_; }
  const CellTables& tables() const { return tables_; }
  std::vector<std::string> warnings() const { return reader_->warnings(); }
  report::RunResult result();
  RunLogs logs() const;
  // What its `command` file says that the host got; nothing when that cannot be told.
  std::optional<std::string> command_of(HostId host) const;
  std::string expression_of(HostId host) const { return state_.info(host).expression; }
  // In the run, by its name; usage.
  Result<HostId> find_host(const std::string& name) const;

 private:
  KeptRun(std::filesystem::path directory, std::unique_ptr<run::RunReader> reader,
          const consensus::Options& compare, std::size_t scrollback_lines);
  std::filesystem::path directory_;
  std::unique_ptr<run::RunReader> reader_;
  CellTables tables_;
  RunState state_;
};

}  // namespace bdsh::app
