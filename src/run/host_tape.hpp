// One host's log in the order of time: what it printed up to a moment, from any place that a
// TapePlace names. Reads ahead a little; keeps no file open.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/host_source.hpp"
#include "run/run_reader.hpp"
#include "run/timing_cursor.hpp"

namespace bdsh::run {

using Micros = std::chrono::microseconds;

class HostTape {
 public:
  // As long as the log is now: a run that goes on is played up to here.
  HostTape(HostId host, std::string folder, int directory);

  void go_to(const TapePlace& place, const std::vector<Resize>& resizes);
  std::uint64_t offset() const { return offset_; }
  std::uint64_t size() const { return size_; }
  // When the next byte came; nothing at the end. `directory` is the run's, as below.
  std::optional<Micros> next(int directory);
  // What came up to `to`, but nothing from the offset `limit` on, in pieces of at most
  // set_piece(), with the sizes that the terminal had; returns the number of bytes.
  std::size_t play(int directory, Micros to, std::uint64_t limit,
                   const std::vector<Resize>& resizes, std::vector<Record>& out);
  void pass_moment(int directory);  // over what came with the next byte, unread
  void set_piece(std::size_t bytes) { piece_ = bytes; }
  bool timed() const { return timed_; }  // there is an out.timing

 private:
  TimingCursor::Stretch next_stretch(int directory, std::uint64_t limit);
  void refill_timing(int directory);
  std::string read_log(int directory, std::uint64_t end);

  HostId host_;
  std::string folder_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
  TimingCursor timing_;
  std::string lines_;  // of the timing, from lines_from_ on
  std::uint64_t lines_from_ = 0;
  bool lines_end_ = false;  // the file goes no further
  std::string bytes_;       // of the log, from bytes_from_ on
  std::uint64_t bytes_from_ = 0;
  std::size_t ahead_;  // how much of the log is read at once
  std::size_t next_resize_ = 0;
  std::size_t piece_ = 64U << 10U;
  bool timed_ = false;
};

}  // namespace bdsh::run
