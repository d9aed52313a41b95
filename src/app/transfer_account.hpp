// What there is to say of a transfer's hosts: for the progress while it runs, for the report then.
#pragma once

#include <string>
#include <vector>

#include "app/run_state.hpp"
#include "app/transfer_source.hpp"
#include "config/settings.hpp"
#include "net/pool.hpp"
#include "report/transfer_report.hpp"
#include "transfer/rate.hpp"

namespace bdsh::app {

constexpr Size kTransferTerminal{Rows{24}, Cols{80}};  // that nobody looks at

// Sessions that run the hosts' SFTP servers.
net::PoolOptions sftp_options(const config::Settings& settings);

std::string transfer_words(const config::Settings& settings);  // "upload a b /tmp"

class TransferAccount {
 public:
  // All references outlive it. `settings`: of the transfer, whose hosts are those of `state`.
  TransferAccount(const config::Settings& settings, const RunState& state, const TransferSource& source)
      : settings_(settings), state_(state), source_(source), rates_(settings.hosts.size()) {}

  report::TransferResult result(bool with_problems) const;
  // The whole, then the hosts that have the most before them; to be asked for regularly, since
  // rates are measured between the calls.
  std::vector<std::string> lines();
  std::vector<std::string> notes() const;  // of each host that is under way, by the same rates

 private:
  report::TransferHost host(HostId id, Clock::time_point now, bool with_problems) const;
  report::TransferProgress look(const report::TransferResult& result);

  const config::Settings& settings_;
  const RunState& state_;
  const TransferSource& source_;
  transfer::Rate rate_;
  std::vector<transfer::Rate> rates_;
};

}  // namespace bdsh::app
