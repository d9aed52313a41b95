// A run directory as a source: what is there, then what is added while it grows. Works from the
// files alone. Damage (a truncated last record, a missing file) is a warning, never an error.
// Symbolic links inside are not followed. Texts are sanitised; LoggedBytes are as they came.
//
// Single-threaded; poll() reads regular files and is meant to be called some ten times a second.
// Without anything new it costs a few system calls, however many hosts the run has.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "run/run_writer.hpp"
#include "run/timing_cursor.hpp"

namespace bdsh::run {

// One alternative per kind of record; use std::get_if or a visitor with a default.
struct LoggedBytes {
  HostId host;
  std::string bytes;
  std::chrono::microseconds since_start{0};  // from out.timing; the last known when it is behind
  TapePlace behind{};                        // from a tape (run_tape.hpp): where it goes on
};
struct LoggedStatus {
  HostId host;
  HostStatus status;
  std::optional<WallTime> start;  // when the host last began to connect
  std::optional<WallTime> end;    // when it ended
};
struct LoggedEvent {
  std::string line;  // "web03: text", or the text alone when it is about the run; sanitised
  std::optional<WallTime> at;
  std::string host;  // may be empty
  std::string text;
};
// The host's terminal had this size for the bytes that follow.
struct LoggedSize {
  HostId host;
  Size size;
};
struct KeepChanged {
  bool keep;
};
// A round began. Of every host, all bytes that it printed before have been delivered, and none that
// it printed after.
struct LoggedRound {
  int number = 0;
  HostSet participants;
  std::chrono::microseconds since_start{0};
};
// The host's session was started again, at this place among its bytes.
struct LoggedRestart {
  HostId host;
};
using Record = std::variant<LoggedBytes, LoggedStatus, LoggedEvent, KeepChanged, LoggedSize,
                            LoggedRound, LoggedRestart>;

class RunReader {
 public:
  // `only`: the hosts that are read, by name; the others are as if they had not been in the run.
  static Result<std::unique_ptr<RunReader>> open(const std::filesystem::path& directory,
                                                 const std::set<std::string>& only = {});
  ~RunReader();

  const RunDescription& description() const;
  bool keep() const;
  // The run has ended (closed, killed or deleted) and all of it was delivered. Hosts that had not
  // ended by then were reported as disconnected.
  bool finished() const;
  std::vector<std::string> warnings() const;  // what is missing or damaged, one line each
  // What is new since the last call, at most about `max_bytes`; empty when nothing is. Each host's
  // records are in order: bytes before the status that they led to. With `max_bytes` reached,
  // call again at once.
  std::vector<Record> poll(std::size_t max_bytes = 1U << 20U);

 private:
  class Impl;
  explicit RunReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::run
