// From operands to one transfer per host: what SRC, DEST and {host} in them mean.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.hpp"
#include "core/error.hpp"
#include "transfer/host_transfer.hpp"
#include "transfer/local.hpp"

namespace bdsh::app {

struct TransferPlans {
  // By HostId; null for a host that has a problem of its own.
  std::vector<std::unique_ptr<transfer::HostTransfer>> transfers;
  std::vector<std::pair<HostId, Error>> problems;
  // What the transfers work with; outlives them.
  std::unique_ptr<transfer::OpenSource> open;
  std::vector<std::unique_ptr<transfer::LocalTree>> trees;
  std::size_t descriptors = 0;  // that they may have open at a time
};

// `job`: upload or download. `skip` hosts get none. An error when no host can have one: what is
// to be uploaded is not there, DESTDIR cannot be made.
Result<TransferPlans> plan_transfers(const config::Settings& settings, const HostSet& skip);

std::string with_host(const std::string& path, const HostSpec& host);  // {host} is its name

}  // namespace bdsh::app
