// A run directory as a source: what is there, then what is added while it grows. Works from the
// files alone. A truncated last record is no error. Symbolic links inside are not followed.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "run/run_writer.hpp"

namespace bdsh::run {

struct LoggedBytes {
  HostId host;
  std::string bytes;
  std::chrono::microseconds since_start{0};  // from out.timing; 0 when unknown
};
struct LoggedStatus {
  HostId host;
  HostStatus status;
};
struct LoggedEvent {
  std::string line;
};
struct KeepChanged {
  bool keep;
};
using Record = std::variant<LoggedBytes, LoggedStatus, LoggedEvent, KeepChanged>;

class RunReader {
 public:
  static Result<std::unique_ptr<RunReader>> open(const std::filesystem::path& directory);
  ~RunReader();

  const RunDescription& description() const;
  bool keep() const;
  bool finished() const;  // the run has ended; nothing more will come
  std::vector<std::string> warnings() const;  // what is missing or damaged, one line each
  // What is new since the last call, at most about `max_bytes`; empty when nothing is. Each host's
  // records are in order. With `max_bytes` reached, call again at once.
  std::vector<Record> poll(std::size_t max_bytes = 1U << 20U);

 private:
  class Impl;
  explicit RunReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::run
