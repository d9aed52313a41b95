// The dashboard's model of a run: a view of RunState, brought up to date when asked for.
#pragma once

#include "app/event_log.hpp"
#include "app/run_state.hpp"
#include "app/source.hpp"
#include "tui/model.hpp"

namespace bdsh::app {

class ModelBuilder {
 public:
  // All references outlive the builder and the models it gives out.
  ModelBuilder(RunState& state, const Source& source, const EventLog& events);
  // Valid until the next change of the run.
  const tui::Model& model();

 private:
  void refresh_hosts();
  void set_callbacks();
  std::vector<tui::SearchHit> search(const std::string& text) const;
  std::vector<tui::SearchHit> search_round(const std::string& text, int round) const;
  const tui::LineNumbers& numbers(const consensus::LinePlace& at);

  RunState& state_;
  const Source& source_;
  std::vector<tui::HostView> hosts_;
  tui::Model model_;
  std::uint64_t generation_ = 0;
  // The last line asked for: it is asked for again with every frame.
  tui::LineNumbers numbers_;
  consensus::LinePlace numbers_at_;
  std::uint64_t numbers_of_ = 0;  // the comparison's generation
};

}  // namespace bdsh::app
