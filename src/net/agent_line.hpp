// Who may ask an SSH agent now: a few at a time for each agent, first come, first served. A thousand
// connections at once would overflow its queue, and a hardware key signs one after the other. Pure.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ids.hpp"

namespace bdsh::net {

class AgentLine {
 public:
  explicit AgentLine(std::size_t most) : most_(most) {}

  void ask(HostId host, const std::string& agent);  // `agent`: the path of its socket
  void leave(HostId host);                          // it is done, or waits no longer
  std::optional<HostId> grant();                    // the next; it holds a seat from now on
  // It did not answer in time. Returns who waits for it; nobody waits for it any more.
  std::vector<HostId> silent(const std::string& agent);
  bool is_silent(const std::string& agent) const { return silent_.contains(agent); }
  void forget_silence() { silent_.clear(); }

 private:
  struct Agent {
    std::deque<HostId> line;
    std::set<HostId> seats;
  };
  const std::size_t most_;
  std::map<std::string, Agent> agents_;
  std::set<std::string> silent_;
};

}  // namespace bdsh::net
