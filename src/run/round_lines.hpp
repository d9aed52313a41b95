// rounds.log: a line per round that began and per session that was started again, with how much of
// each host's log came before (docs/run-directory.md). Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bdsh::run {

// A place in a host's out.log.
struct LogPlace {
  std::string folder;
  std::uint64_t offset = 0;
  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

struct RoundLine {
  std::chrono::microseconds at{0};     // since the run's start
  int round = 0;                       // 0: no round; sessions were started again
  std::vector<LogPlace> participants;  // or the hosts whose sessions were started again
  std::vector<LogPlace> others;        // those that have printed something; none when round is 0
  friend bool operator==(const RoundLine&, const RoundLine&) = default;
};

std::string to_text(const RoundLine& line);  // with its end
// One line without its end; nothing when it is not of the format. Folders are as they were written.
std::optional<RoundLine> parse_round_line(std::string_view line);

}  // namespace bdsh::run
