// The list of runs, for people and for scripts (docs/runs.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bdsh::report {

struct RunLine {
  // ended: it was not closed, its program was killed. served: live, on a terminal; detached: live
  // without one; live: it cannot be asked (a batch run).
  enum class Kind { live, served, detached, kept, ended } kind = Kind::kept;
  std::string name;
  std::string directory;
  std::optional<std::string> command;  // nothing: shells
  std::vector<std::string> hosts;
  std::chrono::system_clock::time_point started;
  std::optional<std::chrono::system_clock::time_point> finished;
  std::optional<std::size_t> agree;  // nothing: too large to compare for a list
  std::size_t of = 0;
  std::vector<std::string> waiting;  // hosts that wait for input
  std::vector<std::string> asking;   // hosts that ask the user something
  std::uint64_t bytes = 0;           // of all logs
};

using Now = std::chrono::system_clock::time_point;
std::string run_list(const std::vector<RunLine>& runs, Now now);
std::string run_list_json(const std::vector<RunLine>& runs, Now now);
std::string age_text(std::chrono::system_clock::duration age);  // "12 s", "3 min", "5 h", "9 d"

}  // namespace bdsh::report
