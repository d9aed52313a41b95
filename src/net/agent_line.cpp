#include "net/agent_line.hpp"

#include <algorithm>

namespace bdsh::net {

void AgentLine::ask(HostId host, const std::string& agent) {
  Agent& asked = agents_[agent];
  const bool there = asked.seats.contains(host) ||
                     std::find(asked.line.begin(), asked.line.end(), host) != asked.line.end();
  if (!there) asked.line.push_back(host);
}

void AgentLine::leave(HostId host) {
  for (auto& [path, agent] : agents_) {
    agent.seats.erase(host);
    std::erase(agent.line, host);
  }
}

std::optional<HostId> AgentLine::grant() {
  for (auto& [path, agent] : agents_) {
    if (agent.line.empty() || agent.seats.size() >= most_) continue;
    const HostId host = agent.line.front();
    agent.line.pop_front();
    agent.seats.insert(host);
    return host;
  }
  return {};
}

std::vector<HostId> AgentLine::silent(const std::string& agent) {
  silent_.insert(agent);
  Agent& asked = agents_[agent];
  std::vector<HostId> waiting(asked.line.begin(), asked.line.end());
  asked.line.clear();
  return waiting;
}

}  // namespace bdsh::net
