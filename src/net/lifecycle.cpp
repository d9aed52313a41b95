#include "net/lifecycle.hpp"

#include <algorithm>
#include <utility>

namespace bdsh::net {
namespace {

using Phase = Lifecycle::Phase;

constexpr Millis kFirstRetry{1'000};
constexpr Millis kLongestRetry{30'000};
constexpr Millis kFirstKnock{200};   // after being turned away at the door
constexpr int kMostKnocks = 6;
constexpr Millis kShortestTry{1'000};  // for one of several addresses
// After an exit status the channel normally closes at once; a program left in the background can
// hold it open for ever. So much quiet, or so much time in all, and the session is over.
constexpr Millis kQuietAfterExit{1'000};
constexpr Millis kLongestDrain{5'000};

Millis doubled(Millis first, int times, Millis most) {
  return std::min(most, first * (1 << std::min(times, 10)));
}

bool is_connecting(Phase phase) { return phase >= Phase::resolving && phase <= Phase::authenticating; }

std::string in_seconds(Millis time) {
  const auto tenths = time.count() / 100;
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + " s";
}

const char* doing(ConnectStep step) {
  switch (step) {
    case ConnectStep::resolve: return "looking up the address";
    case ConnectStep::connect: return "connecting";
    case ConnectStep::handshake: return "waiting for its SSH handshake";
    case ConnectStep::host_key: return "checking its host key";
    case ConnectStep::auth: return "logging in";
    case ConnectStep::channel: return "opening the session";
    default: return "waiting";
  }
}

}  // namespace

Do Lifecycle::next(const Event& event, Time now) {
  using Kind = Event::Kind;
  note_.clear();
  if (event.kind == Kind::start) return active() ? Do::nothing : begin(now);
  if (!active()) return Do::nothing;
  switch (event.kind) {
    case Kind::turn: return take_turn(now);
    case Kind::resolved: addresses_ = event.count; return connect_to(0, now);
    case Kind::connected:
      deadline_ = overall_;
      return enter(Phase::handshaking, ConnectStep::handshake, Do::handshake);
    case Kind::looked: return enter(Phase::connecting, ConnectStep::connect, Do::connect);
    case Kind::handshaken: return enter(Phase::checking_key, ConnectStep::host_key, Do::check_key);
    case Kind::key_accepted: return enter(Phase::authenticating, ConnectStep::auth, Do::authenticate);
    case Kind::authenticated: return authenticated(now);
    case Kind::opened: return go_live(now);
    case Kind::ask: return ask(event.prompt, now);
    case Kind::answered: return answered();
    case Kind::held: stop_clock(now); break;
    case Kind::let_go: start_clock(now); break;
    case Kind::failed: return failed(event.error, false, now);
    case Kind::turned_away: return failed(event.error, true, now);
    case Kind::exited: return drain(event.exit, now);
    case Kind::received: return received(now);
    case Kind::closed: return closed();
    case Kind::deadline: return deadline_passed(now);
    case Kind::stop: return finish(HostState::disconnected, Error{ErrorKind::cancelled, "stopped"});
    case Kind::start: break;
  }
  return Do::nothing;
}

bool Lifecycle::holds_turn() const {
  return is_connecting(phase_) || phase_ == Phase::opening;
}

Do Lifecycle::enter(Phase phase, ConnectStep step, Do action) {
  phase_ = phase;
  status_.step = step;
  return action;
}

Do Lifecycle::begin(Time) {
  status_ = {};
  exit_ = {};
  retries_ = turned_away_ = 0;
  asked_ = false;
  asked_in_ = Phase::idle;
  left_ = limits_.connect_timeout;
  overall_ = deadline_ = drain_until_ = std::nullopt;
  return enter(Phase::queued, ConnectStep::none, Do::wait_for_turn);
}

// Waiting for a turn or for the user does not count towards the connect timeout.
void Lifecycle::start_clock(Time now) {
  overall_ = limits_.connect_timeout.count() > 0 ? std::optional(now + left_) : std::nullopt;
  deadline_ = overall_;
}

void Lifecycle::stop_clock(Time now) {
  if (overall_) left_ = std::max(Millis{1}, std::chrono::duration_cast<Millis>(*overall_ - now));
  overall_ = deadline_ = std::nullopt;
}

Do Lifecycle::take_turn(Time now) {
  if (phase_ != Phase::queued) return Do::nothing;
  start_clock(now);
  status_.state = HostState::connecting;
  if (asked_in_ == Phase::queued) asked_in_ = Phase::idle;  // its jump host asked
  if (asked_in_ == Phase::idle) return enter(Phase::resolving, ConnectStep::resolve, Do::resolve);
  phase_ = std::exchange(asked_in_, Phase::idle);
  return Do::resume;
}

Do Lifecycle::connect_to(int address, Time now) {
  address_ = address;
  deadline_ = overall_;
  const int others = addresses_ - address;
  if (overall_ && others > 1) {  // a silent first address must not use up the time of the second
    const auto share = std::chrono::duration_cast<Millis>(*overall_ - now) / others;
    deadline_ = std::min(*overall_, now + std::max(share, kShortestTry));
  }
  return enter(Phase::connecting, ConnectStep::connect, Do::connect);
}

Do Lifecycle::authenticated(Time now) {
  if (limits_.login_only) {
    exit_ = ExitResult{0, {}};
    return finish(HostState::done, std::nullopt);
  }
  left_ = limits_.connect_timeout;
  start_clock(now);
  return enter(Phase::opening, ConnectStep::channel, Do::open);
}

Do Lifecycle::go_live(Time now) {
  deadline_ = overall_ = std::nullopt;
  if (limits_.command_timeout.count() > 0) deadline_ = now + limits_.command_timeout;
  status_.state = HostState::running;
  status_.forwards_agent = limits_.forwards_agent;
  retries_ = 0;
  return enter(Phase::live, ConnectStep::live, Do::converse);
}

Do Lifecycle::ask(const Prompt& prompt, Time now) {
  if (phase_ == Phase::asking) {  // the same question again, in other words
    status_.asking = prompt;
    return Do::nothing;
  }
  stop_clock(now);
  // A local program may ask again while its host still waits for its turn to go on.
  if (phase_ != Phase::queued || asked_in_ == Phase::idle) asked_in_ = phase_;
  asked_ = phase_ != Phase::queued;
  phase_ = Phase::asking;
  status_.state = HostState::waiting;
  status_.asking = prompt;
  return Do::nothing;
}

Do Lifecycle::answered() {
  if (phase_ != Phase::asking) return Do::nothing;
  status_.asking.reset();
  status_.state = HostState::connecting;
  phase_ = Phase::queued;
  return Do::wait_for_turn;
}

bool Lifecycle::may_retry(const Error& error) const {
  const bool of_the_connection = error.kind == ErrorKind::resolve || error.kind == ErrorKind::connect ||
                                 error.kind == ErrorKind::timeout || error.kind == ErrorKind::lost;
  return of_the_connection && is_connecting(phase_) && retries_ < limits_.max_retries;
}

Do Lifecycle::failed(Error error, bool turned_away, Time now) {
  status_.asking.reset();
  if (phase_ == Phase::draining) return finish(HostState::done, std::nullopt);
  if (phase_ == Phase::live) return finish(HostState::disconnected, std::move(error));
  if (phase_ == Phase::connecting && error.kind != ErrorKind::internal && address_ + 1 < addresses_)
    return connect_to(address_ + 1, now);
  // A server drops whoever has not logged in after a while, and people take their time to answer.
  if (asked_ && error.kind != ErrorKind::auth && error.kind != ErrorKind::host_key &&
      error.kind != ErrorKind::timeout) {
    asked_ = false;
    return back_off(Millis{0}, error, now);
  }
  if (turned_away && turned_away_ < kMostKnocks) {
    const Millis delay = jittered(doubled(kFirstKnock, turned_away_, kLongestRetry));
    if (!overall_ || now + delay < *overall_) {
      ++turned_away_;
      return back_off(delay, error, now);
    }
  }
  if (may_retry(error)) {
    const Millis delay = jittered(doubled(kFirstRetry, retries_++, kLongestRetry));
    overall_.reset();
    left_ = limits_.connect_timeout + delay;  // each try has the whole timeout
    turned_away_ = 0;
    return back_off(delay, error, now);
  }
  return finish(HostState::failed, std::move(error));
}

Do Lifecycle::back_off(Millis delay, const Error& error, Time now) {
  stop_clock(now);
  left_ = std::max(Millis{1}, left_ - delay);
  note_ = error.message + "; trying again" + (delay.count() > 0 ? " in " + in_seconds(delay) : "");
  if (retries_ > 0)
    note_ += " (" + std::to_string(retries_) + " of " + std::to_string(limits_.max_retries) + ")";
  deadline_ = now + delay;
  asked_in_ = Phase::idle;
  status_.state = HostState::connecting;
  return enter(Phase::backing_off, ConnectStep::none, Do::disconnect);
}

Millis Lifecycle::jittered(Millis delay) {
  const auto most = std::max<std::minstd_rand::result_type>(
      1, static_cast<std::minstd_rand::result_type>(delay.count() / 2));
  return delay + Millis{jitter_() % most};
}

Do Lifecycle::deadline_passed(Time now) {
  if (!deadline_ || now < *deadline_) return Do::nothing;
  deadline_.reset();
  if (phase_ == Phase::backing_off) return enter(Phase::queued, ConnectStep::none, Do::wait_for_turn);
  if (phase_ == Phase::draining) return closed();
  if (phase_ == Phase::live)
    return finish(HostState::failed, Error{ErrorKind::timeout, "still running after " +
                                           in_seconds(limits_.command_timeout) + ", ended"});
  return failed(timed_out(), false, now);
}

Error Lifecycle::timed_out() const {
  return {ErrorKind::timeout, std::string("no answer while ") + doing(status_.step) + " (" +
                                  in_seconds(limits_.connect_timeout) + " allowed)"};
}

Do Lifecycle::drain(const ExitResult& exit, Time now) {
  if (phase_ != Phase::live && phase_ != Phase::draining) return Do::nothing;
  if (!drain_until_) drain_until_ = now + kLongestDrain;
  phase_ = Phase::draining;
  exit_ = exit;
  return received(now);
}

Do Lifecycle::received(Time now) {
  if (phase_ == Phase::draining) deadline_ = std::min(*drain_until_, now + kQuietAfterExit);
  return Do::nothing;
}

Do Lifecycle::closed() {
  if (phase_ != Phase::live && phase_ != Phase::draining)
    return finish(HostState::failed, Error{ErrorKind::channel, "the session was closed"});
  return finish(HostState::done, std::nullopt);
}

Do Lifecycle::finish(HostState state, std::optional<Error> error) {
  deadline_ = overall_ = std::nullopt;
  phase_ = Phase::ended;
  status_.state = state;
  status_.asking.reset();
  status_.forwards_agent = false;
  status_.error = std::move(error);
  if (!status_.error) {
    status_.exit = exit_;
    status_.state = exit_.success() ? HostState::done : HostState::failed;
  }
  return Do::finish;
}

}  // namespace bdsh::net
