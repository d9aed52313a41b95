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

  RunState& state_;
  const Source& source_;
  std::vector<tui::HostView> hosts_;
  tui::Model model_;
  std::uint64_t generation_ = 0;
};

}  // namespace bdsh::app
