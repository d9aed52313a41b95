// A search over the hosts' output that keeps up with it: each line is looked at once when it is
// complete, the ones that may still change again whenever their host printed. Case is ignored unless
// the text has an upper-case letter (ASCII).
#pragma once

#include <cstdint>
#include <vector>

#include "app/run_state.hpp"
#include "tui/model.hpp"

namespace bdsh::app {

class OutputSearch {
 public:
  // At most this many hits are kept; further ones are counted.
  static constexpr std::size_t kMaxHits = 10'000;

  OutputSearch(const RunState& state, tui::SearchAsk ask);
  const tui::SearchAsk& ask() const { return ask_; }
  // `printed`: the hosts whose output may have changed since the last call.
  void update(const HostSet& printed);
  const tui::SearchFound& found() const { return found_; }

 private:
  struct Searched {  // of one host
    std::uint64_t next = 0;     // the first line that may still change
    std::size_t complete = 0;   // matching lines before it
    std::size_t changing = 0;   // and from it on
  };
  void search(HostId host);
  std::size_t take_lines(HostId host, std::uint64_t from, std::uint64_t end);
  std::size_t forget(HostId host, std::uint64_t from, std::uint64_t end);
  bool matches(const std::string& line) const;
  void search_round();

  const RunState* state_;
  tui::SearchAsk ask_;
  bool fold_case_;
  tui::SearchFound found_;
  std::vector<Searched> searched_;  // by HostId
};

}  // namespace bdsh::app
