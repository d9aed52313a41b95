// What became of an upload or a download on each host, for people and for scripts (docs/transfer.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/host_status.hpp"

namespace bdsh::report {

struct TransferHost {
  std::string name;
  HostStatus status;
  std::optional<double> seconds{};
  std::uint64_t files = 0;  // known of
  std::uint64_t files_done = 0;
  std::uint64_t bytes = 0;  // known of
  std::uint64_t bytes_done = 0;
  bool complete = false;    // all files are known of
  std::vector<std::pair<std::string, std::string>> problems{};  // path and reason, the first ones
  std::size_t problem_count = 0;
  std::vector<std::pair<std::string, std::string>> skipped{};   // path and reason
};

struct TransferResult {
  bool upload = true;
  std::vector<TransferHost> hosts;  // by HostId
  double seconds = 0;               // from the first connecting to the last end
};

// Hosts with the same outcome in one line, folded; below it what was not transferred.
std::string transfer_text(const TransferResult& result, bool color);
std::string transfer_json(const TransferResult& result);

// One host's outcome in a line: "3 files, 1.2 GiB", "2 of 3 files, 800.0 MiB".
std::string transferred_words(const TransferHost& host);

struct TransferProgress {
  double rate = 0;  // bytes a second, of late
  std::optional<double> seconds_left{};
};

// "uploading 45 %  4.5 of 10.0 GiB  213.0 MiB/s  0:26 left  7/10 done, 1 failed, 2 running".
std::string transfer_line(const TransferResult& so_far, const TransferProgress& progress);
// The line of one host: "web03  62 %  635.2 MiB of 1.0 GiB  21.3 MiB/s  0:18 left".
std::string host_line(const TransferHost& host, const TransferProgress& progress);
// The same in few columns, what matters most first: "62 % 0:18 21.3 MiB/s".
std::string host_note(const TransferHost& host, const TransferProgress& progress);
std::string clock_time(double seconds);  // "0:07", "12:34", "1:02:03"

}  // namespace bdsh::report
