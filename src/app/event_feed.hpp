// What happens in a run, as lines of JSON for whoever asked to hear it (docs/control.md). Looks at
// the state from time to time: a host that changes several times in between is told of once. No
// secret is in it: of questions it has the words, never an answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/event_log.hpp"
#include "app/run_state.hpp"

namespace bdsh::app {

class EventFeed {
 public:
  EventFeed(RunState& state, const EventLog& log) : state_(state), log_(log) {}
  // What changed since the last call; the first says how everything stands.
  std::vector<std::string> news();
  // Somebody listens from now on: the next news() says how everything stands.
  void begin();

 private:
  void tell_round(std::vector<std::string>& lines);
  void tell_hosts(std::vector<std::string>& lines);
  void tell_agreement(std::vector<std::string>& lines);
  void tell_log(std::vector<std::string>& lines);

  RunState& state_;
  const EventLog& log_;
  std::uint64_t generation_ = 0;
  int round_ = 0;
  std::vector<HostStatus> told_;
  std::pair<std::size_t, std::size_t> agreed_{};
  bool began_ = false;
  std::uint64_t logged_ = 0;  // lines of the log that were told, or came before
};

// A host as the answers and events show it: name, state, exit status, error, question.
std::string host_json(RunState& state, HostId host);
std::string question_json(const Prompt& prompt);
std::string event_json(const std::string& kind, const std::string& text);

}  // namespace bdsh::app
