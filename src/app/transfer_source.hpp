// Transfers as a source: sessions that run the hosts' SFTP servers, each joined to its
// transfer::HostTransfer. A host's status is its transfer's: done when all files are there.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/audit_trail.hpp"
#include "app/run_state.hpp"
#include "app/untyped_source.hpp"
#include "net/pool.hpp"
#include "transfer/host_transfer.hpp"

namespace bdsh::app {

class TransferSource final : public UntypedSource, private net::Sink {
 public:
  using Transfers = std::vector<std::unique_ptr<transfer::HostTransfer>>;
  struct Reports {
    std::function<void(std::optional<HostId>, const std::string&)> event;
    std::function<void(HostId, const HostStatus&)> status;
    std::function<void()> changed;  // `state` is another
    AuditTrail* trail = nullptr;    // outlives the source
  };
  // `state` outlives the source. `transfers` by HostId, null for `unusable` hosts, which are shown
  // as failed with their reason and never started.
  TransferSource(boost::asio::io_context& loop, std::vector<HostSpec> hosts,
                 std::vector<std::pair<HostId, Error>> unusable, const net::PoolOptions& options,
                 Transfers transfers, RunState& state, Reports reports);

  void start() override;
  // Transfers that are under way take back what is unfinished, for at most two seconds.
  void stop(std::function<void()> done) override;
  bool watching() const override { return false; }
  bool ended() const override { return false; }
  void answer(const HostSet& hosts, std::optional<Secret> answer, bool later) override;
  void set_parallel(int parallel) override { pool_.set_parallel(parallel); }
  int parallel() const override { return pool_.parallel(); }
  std::size_t queued_bytes(HostId host) const override { return pool_.queued_bytes(host); }
  void preset_password(Secret password) { pool_.preset_password(std::move(password)); }

  Status set_keep(bool) override { return Done{}; }
  bool keep() const override { return false; }

  const transfer::HostTransfer* transfer(HostId host) const { return transfers_[host.value].get(); }

 private:
  void on_bytes(HostId host, net::Stream stream, std::string_view bytes) override;
  void on_status(HostId host, const HostStatus& status) override;
  void on_event(std::optional<HostId> host, const std::string& text) override;
  void on_login(HostId host, const net::Login& login) override;
  void send(HostId host);
  void transfer_ended(HostId host);
  void settle(HostId host, HostStatus status);
  void record(HostId host, const HostStatus& status);
  void session_ended(HostId host, HostStatus status);
  void end_sessions();

  RunState& state_;
  Reports reports_;
  std::vector<std::pair<HostId, Error>> unusable_;
  Transfers transfers_;
  HostSet begun_;
  HostSet settled_;  // their status is final
  std::function<void()> stopped_;
  boost::asio::steady_timer stop_timer_;
  net::Pool pool_;  // last: its sessions report here until it is gone
};

// What a transfer's host is shown as at its end: a success, or the first thing that went wrong.
HostStatus outcome_of(const transfer::HostTransfer& transfer);

}  // namespace bdsh::app
