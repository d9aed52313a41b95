// The part of the pool that is about jump hosts: who goes which way, whose question and whose
// failure it is, and when a way is no longer needed.
#include <algorithm>

#include "core/fold.hpp"
#include "core/text.hpp"
#include "net/jump_route.hpp"
#include "net/pool_impl.hpp"

namespace bdsh::net {
namespace {

// How long a connection to a jump host is kept, at most, when no host needs it.
constexpr std::chrono::seconds kIdleWay{15};

}  // namespace

std::shared_ptr<Route> Pool::Impl::new_route(HostId host) {
  const HostSpec& target = spec(host);
  if (const auto way = jumps_.way_to(host))
    return make_jump_route(sessions_[way->value], spec(*way), target);
  if (target.proxy_command.empty()) return make_tcp_route(loop_, resolver_, target);
  return make_command_route(loop_, children_, target,
                            [this, host](const std::string& line) { on_event(host, line); });
}

// A host that waits for a way learns at once what others who wait for it know.
void Pool::Impl::prepare_way(HostId gateway, HostId host) {
  Session& way = *sessions_[gateway.value];
  if (!way.active() && !stopped_) {
    if (keyring_) keyring_->started(gateway);
    way.start();
  }
  if (way.status().asking && !(keyring_ && keyring_->withholds(gateway)))
    sessions_[host.value]->way_asks(question_of(gateway));
}

void Pool::Impl::on_bytes(HostId host, Stream stream, std::string_view bytes) {
  if (!jumps_.is_gateway(host)) sink_.on_bytes(host, stream, bytes);
}

void Pool::Impl::on_event(std::optional<HostId> host, const std::string& text) {
  if (!host || !jumps_.is_gateway(*host)) return sink_.on_event(host, text);
  sink_.on_event(std::nullopt, "jump host " + spec(*host).name + ": " + text);
}

void Pool::Impl::on_login(HostId host, const Login& login) {
  if (!jumps_.is_gateway(host)) sink_.on_login(host, login);
}

void Pool::Impl::tell_status(HostId host, const HostStatus& status) {
  if (jumps_.is_gateway(host)) return way_changed(host, status);
  if (status.ended() && jumps_.way_to(host)) watch_idle_ways();
  sink_.on_status(host, status);
}

void Pool::Impl::way_changed(HostId gateway, const HostStatus& status) {
  pacing_.open_lane(jumps_.number(gateway), status.live());
  if (status.live()) grant_soon();
  if (status.ended())
    return way_failed(gateway, status.error.value_or(Error{ErrorKind::lost, "closed"}));
  for (const HostId id : jumps_.behind(gateway)) {
    if (status.asking)
      sessions_[id.value]->way_asks(question_of(gateway));
    else
      sessions_[id.value]->way_answered();
  }
}

// As the hosts behind it ask it: it says whose question it is.
Prompt Pool::Impl::question_of(HostId gateway) const {
  const Session& way = *sessions_[gateway.value];
  Prompt prompt = *way.status().asking;
  if (!way.relays_question()) prompt.text = "jump host " + spec(gateway).name + ": " + prompt.text;
  return prompt;
}

// Told once, with all the hosts it takes along; each of those only changes its state.
void Pool::Impl::way_failed(HostId gateway, const Error& error) {
  if (stopped_) return;
  const Error told = jump_error(spec(gateway), error);
  if (error.kind != ErrorKind::jump) {
    std::vector<std::string> names;
    jumps_.hosts_behind(gateway).for_each([&](HostId id) {
      if (sessions_[id.value]->active()) names.push_back(hosts_[id.value].name);
    });
    if (!names.empty())
      sink_.on_event(std::nullopt,
                     sanitised(told.message + "; with it " + fold_names(names), 2000));
  }
  for (const HostId id : jumps_.behind(gateway)) sessions_[id.value]->way_failed(told);
}

// Hosts that are run one after the other share their way, so it is not ended with each.
void Pool::Impl::watch_idle_ways() {
  if (stopped_ || std::exchange(idle_watched_, true)) return;
  idle_timer_.expires_after(kIdleWay);
  idle_timer_.async_wait([this, alive = std::weak_ptr(alive_)](ErrorCode failed) {
    if (!failed && !alive.expired()) end_idle_ways();
  });
}

void Pool::Impl::end_idle_ways() {
  idle_watched_ = false;
  const auto needed = [this](HostId id) { return sessions_[id.value]->active(); };
  for (std::size_t number = jumps_.gateways().size(); number-- > 0;) {
    const HostId gateway = jumps_.id(number);
    if (std::ranges::none_of(jumps_.behind(gateway), needed)) sessions_[gateway.value]->stop();
  }
}

}  // namespace bdsh::net
