#include "net/driven_session.hpp"

#include "core/text.hpp"
#include "net/agent_proxy.hpp"

namespace bdsh::net {

Limits DrivenSession::limits_of(HostId id, const HostSpec& spec, bool has_command) {
  Limits limits;
  limits.connect_timeout = spec.connect_timeout;
  limits.command_timeout = has_command ? spec.command_timeout : Millis{0};
  limits.max_retries = spec.max_retries;
  limits.jitter_seed = id.value;
  limits.forwards_agent =
      !forwarded_agent(spec).empty() && spec.transport != HostSpec::Transport::command;
  return limits;
}

DrivenSession::DrivenSession(HostId id, const HostSpec& spec, Services& services,
                             SessionOwner& owner, const Limits& limits)
    : id_(id),
      spec_(spec),
      services_(services),
      owner_(owner),
      life_(limits),
      queue_(services.options.write_queue_bytes),
      timer_(services.loop) {}

void DrivenSession::feed(const Event& event) {
  const auto keep = shared_from_this();
  const HostStatus before = life_.status();
  const bool had_turn = life_.holds_turn();
  const Do what = life_.next(event, Clock::now());
  const bool over = what == Do::finish || what == Do::disconnect;
  if (over) let_go();
  if (over || (had_turn && !life_.holds_turn())) owner_.turn_returned(id_);
  arm_timer();
  report(before);
  if (!over) perform(what);
}

void DrivenSession::report(const HostStatus& before) {
  const std::string note = life_.note();
  if (!note.empty()) services_.sink.on_event(id_, sanitised(note));
  if (const HostStatus now = life_.status(); now != before) services_.sink.on_status(id_, now);
}

void DrivenSession::arm_timer() {
  const auto at = life_.deadline();
  if (at == timer_at_) return;
  timer_at_ = at;
  if (!at) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(*at);
  timer_.async_wait([weak = weak_from_this()](ErrorCode failed) {
    const auto self = weak.lock();
    if (failed || !self) return;
    self->timer_at_.reset();
    self->deadline_passed();
  });
}

bool DrivenSession::write(std::string_view bytes) {
  if (!life_.status().live() || !queue_.push(bytes)) return false;
  want_flush();
  return true;
}

void DrivenSession::want_flush() {
  if (!std::exchange(flush_asked_, true)) owner_.output_waits(id_);
}

}  // namespace bdsh::net
