// The forwarded agent: the part of Session that connects the channels which programs on the host
// open with the user's agent.
#include "net/session.hpp"

namespace bdsh::net {

void Session::relay_agent(std::vector<AgentTraffic> traffic) {
  for (AgentTraffic& each : traffic) {
    if (!transport_) return;
    if (each.kind == AgentTraffic::Kind::opened) open_relay(each.channel);
    const auto relay = relays_.find(each.channel);
    if (relay == relays_.end()) continue;
    if (each.kind == AgentTraffic::Kind::asked) relay->second->ask(each.bytes);
    if (each.kind == AgentTraffic::Kind::closed) close_relay(each.channel);
  }
  wait_ready();
}

void Session::open_relay(int channel) {
  if (!std::exchange(agent_used_, true))
    services_.sink.on_event(id_, "a program on the host uses your SSH agent");
  AgentRelay::Hooks hooks;
  hooks.came = guarded([](Session& self) { self.flush(); });
  hooks.ended = guarded([channel](Session& self) { self.close_relay(channel); });
  auto relay = AgentRelay::open(services_.loop, forwarded_agent(spec_), std::move(hooks));
  if (relay.ok()) {
    relays_[channel] = std::move(*relay);
    return;
  }
  services_.sink.on_event(id_, "the SSH agent cannot be forwarded: " + relay.error().message);
  transport_->close_agent(channel, services_.scratch);
}

// What the channel's window takes; the rest waits for the next packet in.
void Session::answer_relays() {
  if (!transport_) return;
  for (const auto& [channel, relay] : relays_) {
    std::string& answers = relay->answers();
    if (!answers.empty())
      answers.erase(0, transport_->answer_agent(channel, answers, services_.scratch));
  }
}

void Session::close_relay(int channel) {
  const auto relay = relays_.find(channel);
  if (relay == relays_.end()) return;
  relay->second->close();
  relays_.erase(relay);
  if (transport_) transport_->close_agent(channel, services_.scratch);
}

}  // namespace bdsh::net
