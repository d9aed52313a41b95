// rounds.log, read along with the hosts' logs: how far each host may be read until all have come to
// the next round. Looks no further ahead than that round.
//
// The writer puts a line there after all bytes that came before it and before any that came after.
// So, for a host: see the size of its log, then poll() here, then read at most up to limit().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "run/line_follower.hpp"
#include "run/round_lines.hpp"

namespace bdsh::run {

class RoundFollower {
 public:
  explicit RoundFollower(const std::vector<std::string>& folders);

  void poll(int directory, std::vector<std::string>& warnings);
  // Whether hosts have to wait for each other now.
  bool waiting() const { return round_ > 0; }
  // Offset in the host's log: nothing behind it belongs before the next mark.
  std::uint64_t limit(HostId host) const;
  // Of the round ahead.
  std::uint64_t round_offset(HostId host) const { return offsets_[host.value]; }
  // Whether a restart of the host is due when it has been read up to `offset`.
  bool restart_due(HostId host, std::uint64_t offset) const;
  // The same, but true once for each.
  bool take_restart(HostId host, std::uint64_t offset);

  struct Passed {
    int number = 0;
    HostSet participants;
    std::chrono::microseconds at{0};  // since the run's start
  };
  // All hosts have come to the round: it is over with waiting.
  Passed pass();

 private:
  void take_line(const RoundLine& line);

  std::map<std::string, HostId> hosts_;  // by folder
  LineFollower file_;
  std::deque<std::string> lines_;  // read, not yet looked at
  int round_ = 0;                  // the one ahead; 0: none that is known of
  HostSet participants_;
  std::chrono::microseconds at_{0};
  std::vector<std::uint64_t> offsets_;  // by host
  std::map<HostId, std::deque<std::uint64_t>> restarts_;
  bool warned_ = false;
};

}  // namespace bdsh::run
