// Live SSH sessions as a source: bytes go to the log first, then to the host's terminal, and the
// terminal's replies back to that host alone.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "app/audit_trail.hpp"
#include "app/event_log.hpp"
#include "app/feed_turn.hpp"
#include "app/reconnector.hpp"
#include "app/rollout.hpp"
#include "app/run_state.hpp"
#include "app/source.hpp"
#include "app/step_times.hpp"
#include "net/pool.hpp"
#include "run/run_writer.hpp"

namespace bdsh::app {

class LiveSource final : public Source, private net::Sink {
 public:
  // All references outlive the source; `changed` is called after each change of `state`.
  // `unusable` hosts are shown as failed with their reason and never started.
  LiveSource(boost::asio::io_context& loop, std::vector<HostSpec> hosts,
             std::vector<std::pair<HostId, Error>> unusable, const net::PoolOptions& options,
             RunState& state, run::RunWriter& log, EventLog& events,
             std::function<void()> changed);

  void start() override;
  void stop(std::function<void()> done) override;
  bool watching() const override { return false; }
  bool ended() const override { return false; }
  bool write(HostId host, std::string_view bytes) override;
  void end_input(HostId host) override { pool_.end_input(host); }
  void interrupt(HostId host) override { pool_.interrupt(host); }
  void restart(const HostSet& hosts) override;
  void round_began(int number, const HostSet& participants) override;
  void resize(Size size) override;
  void resize(HostId host, Size size) override { pool_.resize(host, size); }
  void answer(const HostSet& hosts, std::optional<Secret> answer, bool later) override;
  void set_parallel(int parallel) override { pool_.set_parallel(parallel); }
  int parallel() const override { return pool_.parallel(); }
  // Lost shells are connected to again by themselves. Commands are never run twice unasked.
  void set_reconnect(bool on) { reconnect_ = on && !state_.options().command; }
  // Hosts begin as it says; before start().
  void follow(RolloutRules rules) { rules_ = rules; }
  // Once all hosts have ended, and not sooner than `pause` after the round's beginning, all run again
  // as a round of its own; before start().
  void repeat(std::chrono::milliseconds pause) { repeat_ = pause; }
  void time_steps(StepTimes& times) { times_ = &times; }  // outlives the source
  void record(AuditTrail& trail) { trail_ = &trail; }     // the same
  // See net::Pool::preset_password; before start().
  void preset_password(Secret password) { pool_.preset_password(std::move(password)); }
  std::size_t queued_bytes(HostId host) const override { return pool_.queued_bytes(host); }
  void open_subsystem(HostId host, const std::string& name,
                      std::function<void(Result<net::Fd>)> opened) override {
    pool_.open_subsystem(host, name, std::move(opened));
  }
  Status set_keep(bool keep) override { return log_.set_keep(keep); }
  bool keep() const override { return log_.keep(); }

 private:
  void on_bytes(HostId host, net::Stream stream, std::string_view bytes) override;
  void on_status(HostId host, const HostStatus& status) override;
  void on_event(std::optional<HostId> host, const std::string& text) override;
  void on_login(HostId host, const net::Login& login) override;
  void note(std::optional<HostId> host, const std::string& text);
  void check_log();
  HostSet usable() const;
  void begin_hosts();
  void start_next();
  void follow_rollout(HostId host, const HostStatus& status);
  void not_started(HostId host, const std::string& reason);
  void follow_rounds();
  void next_round();
  void restart_ended(const HostSet& hosts);
  void follow_losses(HostId host, const HostStatus& status);
  void wait_to_reconnect();
  void hold_for_disk(HostId host);
  void hold_for_fairness(HostId host);
  void next_turn();
  void release_one(const boost::system::error_code& error);
  void wait_for_disk();

  RunState& state_;
  run::RunWriter& log_;
  EventLog& events_;
  std::function<void()> changed_;
  boost::asio::steady_timer disk_timer_;
  boost::asio::steady_timer turn_timer_;
  FeedTurn turn_;
  std::deque<HostId> waiting_;  // held for fairness, longest first
  HostSet held_for_turn_;       // the same hosts
  HostSet held_;  // not read from until the disk has caught up
  std::vector<std::pair<HostId, Error>> unusable_;
  bool reconnect_ = false;
  RolloutRules rules_;
  std::optional<Rollout> rollout_;  // of this round, when there are rules
  std::optional<std::chrono::milliseconds> repeat_;
  Clock::time_point round_start_;
  bool round_due_ = false;
  boost::asio::steady_timer round_timer_;
  StepTimes* times_ = nullptr;
  AuditTrail* trail_ = nullptr;
  Reconnector reconnector_;
  HostSet restarted_;  // said once they are live again
  boost::asio::steady_timer reconnect_timer_;
  net::Pool pool_;  // last: its sessions report here until it is gone
};

}  // namespace bdsh::app
