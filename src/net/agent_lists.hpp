// What agents said lately of the keys they hold, so that a fleet's login does not ask each agent
// once per host. Pure.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace bdsh::net {

class AgentLists {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A key added to the agent (ssh-add) counts for hosts that ask after this.
  static constexpr std::chrono::seconds kFresh{5};

  // `agent`: the path of its socket. `answer`: its identities answer.
  void note(const std::string& agent, std::string answer, Time now) {
    lists_[agent] = {std::move(answer), now};
  }
  // Null when it was not asked lately. Valid until the next note().
  const std::string* recent(const std::string& agent, Time now) const {
    const auto list = lists_.find(agent);
    return list == lists_.end() || now - list->second.at > kFresh ? nullptr : &list->second.answer;
  }

 private:
  struct List {
    std::string answer;
    Time at;
  };
  std::map<std::string, List> lists_;
};

}  // namespace bdsh::net
