// One host's folder as a source: its log with times, its status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/files.hpp"
#include "run/run_reader.hpp"
#include "run/run_yaml.hpp"
#include "run/timing_cursor.hpp"

namespace bdsh::run {

// A line of resize.log.
struct Resize {
  std::chrono::microseconds at{0};
  Size size;
};

class HostSource {
 public:
  HostSource(HostId host, std::string name, std::string folder);

  // Sees what there is; poll() reads no further than that. `directory` is the run's.
  void look(int directory);
  bool log_grew() const { return log_size_ != log_offset_; }  // since it was read
  // Appends what is new to `out`, at most about `max_bytes` of log, and of the log nothing from the
  // offset `limit` on; returns how many bytes of log.
  std::size_t poll(int directory, const std::vector<Resize>& resizes, std::uint64_t limit,
                   std::size_t max_bytes, std::vector<Record>& out,
                   std::vector<std::string>& warnings);
  // Whether the last poll() stopped at `max_bytes`.
  bool more() const { return more_; }
  std::uint64_t offset() const { return log_offset_; }  // of the log, read so far
  // A status that was read before holds for what follows: poll() delivers it again.
  void repeat_status() { meta_to_report_ = meta_read_stamp_ != Stamp(); }
  // The run is over: a host that has not ended is reported as disconnected, a log that is not whole
  // is a warning.
  void end_of_run(std::vector<Record>& out, std::vector<std::string>& warnings);

 private:
  // Enough of a file's stat to see that it was replaced.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  void read_meta(int folder, std::vector<std::string>& warnings);
  void report_status(std::vector<Record>& out);
  std::size_t read_log(int folder, const std::vector<Resize>& resizes, std::uint64_t limit,
                       std::size_t max_bytes, std::vector<Record>& out,
                       std::vector<std::string>& warnings);
  void split(std::string_view bytes, std::string_view timing, const std::vector<Resize>& resizes,
             std::vector<Record>& out);
  void report_sizes(std::chrono::microseconds until, const std::vector<Resize>& resizes,
                    std::vector<Record>& out);

  HostId host_;
  std::string name_;
  std::string folder_;
  std::string log_path_;
  std::string meta_path_;
  std::uint64_t log_size_ = 0;    // as last seen
  std::uint64_t look_size_ = 0;   // as look() saw it
  std::uint64_t log_offset_ = 0;  // delivered so far
  TimingCursor timing_;
  std::size_t next_resize_ = 0;
  Stamp meta_stamp_;       // as last seen
  Stamp meta_read_stamp_;  // as last read
  HostMeta meta_;
  bool meta_to_report_ = false;
  bool more_ = false;
  bool unreadable_ = false;  // the last read of the log failed
  bool shrunk_ = false;
  bool timing_warned_ = false;
};

}  // namespace bdsh::run
