#include <utility>
// Boost 1.74's coroutine headers lack <utility>.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "app/live_source.hpp"

#include <algorithm>
#include <random>

#include "core/text.hpp"

namespace bdsh::app {
namespace {

constexpr std::chrono::seconds kStopGrace{2};
constexpr std::chrono::milliseconds kDiskCheck{20};

auto wall_now() {
  return std::chrono::system_clock::now();
}

std::string status_text(const HostStatus& status) {
  if (status.error) return status.error->message;
  if (status.exit) return status.exit->success() ? "ended" : "ended: " + short_reason(status);
  return to_string(status.step);
}

}  // namespace

LiveSource::LiveSource(boost::asio::io_context& loop, std::vector<HostSpec> hosts,
                       std::vector<std::pair<HostId, Error>> unusable,
                       const net::PoolOptions& options, RunState& state, run::RunWriter& log,
                       EventLog& events, std::function<void()> changed)
    : state_(state),
      log_(log),
      events_(events),
      changed_(std::move(changed)),
      disk_timer_(loop),
      turn_timer_(loop),
      unusable_(std::move(unusable)),
      round_timer_(loop),
      reconnector_(std::random_device()()),
      reconnect_timer_(loop),
      pool_(loop, std::move(hosts), options, *this) {}

HostSet LiveSource::usable() const {
  HostSet hosts = HostSet::first(state_.host_count());
  for (const auto& [host, error] : unusable_) hosts.remove(host);
  return hosts;
}

void LiveSource::start() {
  for (const auto& [host, error] : unusable_) {
    HostStatus status;
    status.state = HostState::failed;
    status.error = error;
    on_status(host, status);
  }
  begin_hosts();
}

void LiveSource::begin_hosts() {
  round_start_ = Clock::now();
  if (rules_.any()) {
    rollout_.emplace(rules_, usable());
    return start_next();
  }
  if (unusable_.empty()) return pool_.start();
  usable().for_each([this](HostId host) { pool_.start(host); });
}

void LiveSource::start_next() {
  rollout_->next().for_each([this](HostId host) { pool_.start(host); });
}

void LiveSource::follow_rollout(HostId host, const HostStatus& status) {
  if (!rollout_ || !status.ended()) return;
  rollout_->ended(host, status.exit && status.exit->success());
  const std::string reason = rollout_->reason();
  rollout_->take_left().for_each([&](HostId left) { not_started(left, reason); });
  // The pool is in the middle of telling us this.
  boost::asio::post(round_timer_.get_executor(), [this] {
    if (rollout_) start_next();
  });
}

void LiveSource::not_started(HostId host, const std::string& reason) {
  HostStatus status;
  status.state = HostState::failed;
  status.error = Error{ErrorKind::cancelled, reason};
  on_status(host, status);
}

// What looks at the ended round is posted; the next one begins behind that.
void LiveSource::follow_rounds() {
  if (!repeat_ || round_due_ || !state_.all_ended()) return;
  round_due_ = true;
  constexpr std::chrono::milliseconds kLook{20};
  round_timer_.expires_at(std::max(round_start_ + *repeat_, Clock::now() + kLook));
  round_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) next_round();
  });
}

void LiveSource::next_round() {
  round_due_ = false;
  const HostSet all = HostSet::first(state_.host_count()) - state_.excluded();
  state_.repeat_round(all, wall_now());
  log_.round(state_.comparison().round(), all, wall_now());
  const HostSet hosts = usable();
  state_.restart(hosts);
  hosts.for_each([&](HostId id) { log_.restarted(id, wall_now()); });
  // Statuses of the round before would end this one at once.
  hosts.for_each([&](HostId id) { state_.set_status(id, HostStatus{}, Clock::now()); });
  begin_hosts();
  changed_();
}

void LiveSource::stop(std::function<void()> done) {
  disk_timer_.cancel();
  turn_timer_.cancel();
  reconnect_ = false;
  reconnect_timer_.cancel();
  round_timer_.cancel();
  repeat_.reset();
  rollout_.reset();
  pool_.stop(kStopGrace, std::move(done));
}

void LiveSource::restart(const HostSet& hosts) {
  hosts.for_each([this](HostId id) { reconnector_.leave(id); });
  restart_ended(hosts);
}

void LiveSource::restart_ended(const HostSet& hosts) {
  HostSet ended;
  hosts.for_each([&](HostId id) {
    const bool unusable = std::any_of(unusable_.begin(), unusable_.end(),
                                      [id](const auto& entry) { return entry.first == id; });
    if (state_.status(id).ended() && !unusable) ended.add(id);
  });
  state_.restart(ended);
  ended.for_each([&](HostId id) {
    log_.restarted(id, wall_now());
    restarted_.add(id);
    pool_.start(id);
  });
  changed_();
}

void LiveSource::round_began(int number, const HostSet& participants) {
  log_.round(number, participants, wall_now());
}

void LiveSource::resize(Size size) {
  pool_.resize(size);
  log_.resized(size, wall_now());
}

void LiveSource::answer(const HostSet& hosts, std::optional<Secret> answer, bool later) {
  pool_.answer(hosts, std::move(answer), later);
}

bool LiveSource::write(HostId host, std::string_view bytes) {
  const bool taken = pool_.write(host, bytes);
  if (taken && trail_ != nullptr) trail_->sent(host, bytes.size());
  return taken;
}

void LiveSource::on_login(HostId host, const net::Login& login) {
  if (trail_ != nullptr) trail_->login(host, login);
}

void LiveSource::on_bytes(HostId host, net::Stream, std::string_view bytes) {
  const auto came = wall_now();
  if (trail_ != nullptr) trail_->received(host, bytes.size());
  log_.append(host, bytes, came);
  const auto began = Clock::now();
  const std::string replies = state_.feed(host, bytes, began, came);
  // While others wait for their turn, whoever prints much waits behind them.
  const bool spent = turn_.spent(host, bytes.size(), began, Clock::now());
  if (spent || (!waiting_.empty() && bytes.size() > FeedTurn::kLittle)) hold_for_fairness(host);
  // The queue bound holds for replies too: a host that asks without reading gets no answer.
  if (!replies.empty()) pool_.write(host, replies);
  if (log_.congested()) hold_for_disk(host);
  check_log();
  changed_();
}

// The rest of the turn belongs to keys, frames and the hosts that print little.
void LiveSource::hold_for_fairness(HostId host) {
  if (held_for_turn_.contains(host)) return;
  pool_.hold(host, true);
  held_for_turn_.add(host);
  waiting_.push_back(host);
  if (waiting_.size() == 1) next_turn();
}

// Lets them go on one by one, as many in a turn as fit into it; they are held again when they print
// more than that. Never several at once: keys are served between two of them.
void LiveSource::next_turn() {
  turn_timer_.expires_at(std::max(turn_.end(), Clock::now()));
  turn_timer_.async_wait([this](const boost::system::error_code& error) { release_one(error); });
}

void LiveSource::release_one(const boost::system::error_code& error) {
  if (error) return;
  const HostId host = waiting_.front();
  waiting_.pop_front();
  held_for_turn_.remove(host);
  if (!held_.contains(host)) pool_.hold(host, false);
  if (waiting_.empty()) return;
  turn_timer_.expires_after(turn_.gap());
  turn_timer_.async_wait([this](const boost::system::error_code& failed) { release_one(failed); });
}

// A disk that is slower than the hosts stops their reading, not the loop.
void LiveSource::hold_for_disk(HostId host) {
  const bool waiting = !held_.empty();
  pool_.hold(host, true);
  held_.add(host);
  if (!waiting) wait_for_disk();
}

void LiveSource::wait_for_disk() {
  disk_timer_.expires_after(kDiskCheck);
  disk_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    if (log_.congested()) return wait_for_disk();
    (std::exchange(held_, HostSet()) - held_for_turn_).for_each([&](HostId host) {
      pool_.hold(host, false);
    });
  });
}

void LiveSource::on_status(HostId host, const HostStatus& status) {
  log_.set_status(host, status, wall_now());
  state_.set_status(host, status, Clock::now());
  if (times_ != nullptr) times_->saw(host, status, Clock::now());
  if (trail_ != nullptr) trail_->status(host, status, wall_now());
  // What a jump host takes along is told once, with it.
  const bool told = status.error && status.error->kind == ErrorKind::jump;
  if (status.ended() && !told) note(host, status_text(status));
  follow_losses(host, status);
  check_log();
  changed_();
  follow_rollout(host, status);
  follow_rounds();
}

void LiveSource::follow_losses(HostId host, const HostStatus& status) {
  if (status.live() && restarted_.contains(host)) {
    restarted_.remove(host);
    note(host, state_.options().command ? "connected again: the command runs anew"
                                        : "connected again: a new shell, the old one is gone");
  }
  if (!reconnect_) return;
  const auto delay = reconnector_.changed(host, status, Clock::now());
  if (!delay) return;
  note(host, "reconnecting in " + std::to_string((delay->count() + 999) / 1000) + " s");
  wait_to_reconnect();
}

void LiveSource::wait_to_reconnect() {
  const auto next = reconnector_.next();
  if (!next) return;
  reconnect_timer_.expires_at(*next);
  reconnect_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    restart_ended(reconnector_.take_due(Clock::now()));
    wait_to_reconnect();
  });
}

void LiveSource::on_event(std::optional<HostId> host, const std::string& text) {
  note(host, text);
  changed_();
}

void LiveSource::note(std::optional<HostId> host, const std::string& text) {
  if (host)
    log_.event(*host, text, wall_now());
  else
    log_.event(text, wall_now());
  events_.add(wall_now(), host ? state_.info(*host).name : "", sanitised(text));
}

void LiveSource::check_log() {
  while (const auto error = log_.take_error()) note({}, "logs: " + error->message);
}

}  // namespace bdsh::app
