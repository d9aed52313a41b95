// The dashboard's model of a run: a view of RunState, brought up to date when asked for.
#pragma once

#include <deque>
#include <functional>

#include "app/event_log.hpp"
#include "app/output_search.hpp"
#include "app/run_state.hpp"
#include "app/source.hpp"
#include "tui/model.hpp"

namespace bdsh::app {

class ModelBuilder {
 public:
  // All references outlive the builder and the models it gives out.
  ModelBuilder(RunState& state, Source& source, const EventLog& events);
  // Valid until the next change of the run.
  const tui::Model& model();
  void set_asks_user(bool asks) { model_.asks_user = asks; }
  // What is said of a host's transfer; empty: none runs there.
  void set_progress(std::function<std::string(HostId)> progress) {
    progress_ = std::move(progress);
  }
  void show_files(std::function<const tui::FilesView*(HostId)> files,
                  std::function<std::vector<EntryVariant>(const std::string&)> variants) {
    model_.files = std::move(files);
    model_.file_variants = std::move(variants);
  }

 private:
  void refresh_hosts();
  void set_callbacks();
  const tui::SearchFound& search(const tui::SearchAsk& ask);
  const tui::LineNumbers& numbers(const consensus::LinePlace& at);

  RunState& state_;
  Source& source_;
  std::function<std::string(HostId)> progress_;
  std::vector<tui::HostView> hosts_;
  tui::Model model_;
  std::uint64_t generation_ = 0;
  // What was asked last, newest first: the entry line's and the host list's.
  struct Search {
    OutputSearch search;
    HostSet printed;  // since its last update
  };
  std::deque<Search> searches_;
  std::uint64_t epoch_ = 0;  // of the lines that they looked at
  // The last line asked for: it is asked for again with every frame.
  tui::LineNumbers numbers_;
  consensus::LinePlace numbers_at_;
  std::uint64_t numbers_of_ = 0;  // the comparison's generation
};

}  // namespace bdsh::app
