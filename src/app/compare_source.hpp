// Two kept runs as a source for the dashboard: what each host printed in the one is round 1, in the
// other round 2. All of it is there from the start. What the hosts have in common is told of their
// changes, not of their output: hosts that changed alike are a variant, and those that did not
// change are the reference, if there are any.
#pragma once

#include <string>
#include <vector>

#include "app/run_compare.hpp"
#include "app/run_state.hpp"
#include "app/untyped_source.hpp"

namespace bdsh::app {

class CompareSource final : public RecordedSource {
 public:
  // `state` and `hosts` outlive the source; the state's hosts are `hosts`, in order.
  CompareSource(RunState& state, const std::vector<ComparedHost>& hosts, tui::ComparedRuns names);

  void start() override;
  void stop(std::function<void()> done) override { done(); }
  bool ended() const override { return true; }
  Status set_keep(bool) override;
  bool keep() const override { return true; }
  consensus::Comparison* overview() override { return &changes_; }
  std::optional<tui::ComparedRuns> compared_runs() const override { return names_; }

 private:
  void show(bool after);

  RunState& state_;
  const std::vector<ComparedHost>& hosts_;
  tui::ComparedRuns names_;
  consensus::Comparison changes_;
};

}  // namespace bdsh::app
