// What an audit says of one run, ping or transfer: a record when it begins, one for each host and
// time that something ended there, and one at the end. Never what was typed or printed.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/audit.hpp"
#include "core/host_spec.hpp"
#include "core/host_status.hpp"
#include "core/ids.hpp"
#include "net/login.hpp"

namespace bdsh::app {

struct AuditJob {
  std::string what;                    // "run", "ping", "upload", "download"
  std::string run;                     // the run directory's name
  std::optional<std::string> command;  // or the transfer's words; nothing: login shells
  std::vector<std::string> commands;   // of each host, where they differ
};

class AuditTrail {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  // `audit` outlives it. Writes the first record.
  AuditTrail(Audit& audit, AuditJob job, const std::vector<HostSpec>& hosts, WallTime now);

  void login(HostId host, const net::Login& login) { at(host).login = login; }
  void received(HostId host, std::size_t bytes) { at(host).received += bytes; }
  void sent(HostId host, std::size_t bytes) { at(host).sent += bytes; }
  void moved(HostId host, std::uint64_t bytes);  // of files, in the job's direction
  void status(HostId host, const HostStatus& status, WallTime now);
  // Hosts that something still runs on are left there: it was not seen to end.
  void end(WallTime now);

 private:
  enum class Fate { none, ok, failed, stopped };
  struct Host {
    HostSpec spec;
    net::Login login{};
    std::uint64_t received = 0;  // since it was last started
    std::uint64_t sent = 0;
    std::optional<WallTime> started{};
    bool ended = false;
    Fate fate = Fate::none;
  };

  Host& at(HostId host) { return hosts_[host.value]; }
  void start_again(Host& host, WallTime now);
  void add_command(run::AuditRecord& record, std::size_t host) const;
  run::AuditRecord record_of(HostId id, const HostStatus& status, WallTime now);
  std::int64_t count(Fate fate) const;

  Audit& audit_;
  const AuditJob job_;
  const WallTime began_;
  std::vector<Host> hosts_;
};

}  // namespace bdsh::app
