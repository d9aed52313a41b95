// What of one host's output is on its way to its log. Bytes that the disk does not take are kept,
// in order, until it does: a log is always the beginning of what the host sent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "run/files.hpp"

namespace bdsh::run {

// Bytes of one host that arrived together.
struct Chunk {
  std::int64_t micros = 0;  // since the run's start
  std::size_t size = 0;
};

// Bytes of one host in chunks; every byte belongs to one.
struct Piece {
  std::string_view bytes;
  std::span<const Chunk> chunks;
};

class HostLog {
 public:
  // To wait behind all that was added before.
  void add(const Piece& piece);
  // These bytes, and all that would come behind them, are not kept.
  void drop(std::size_t bytes) { dropped_ += bytes; }
  // What waits, and `piece` behind it, of which only what the disk does not take is copied. Log
  // first, then its timing, so that the timing never speaks of bytes that are not there.
  Status write(const Disk& disk, int log, int timing, const Piece& piece);

  bool dropped() const { return dropped_ > 0; }
  bool waiting() const { return !bytes_.empty() || !timing_.empty(); }
  std::size_t size() const { return bytes_.size() + timing_.size(); }  // in memory
  // Where in out.log the next byte goes, once those that wait are written.
  std::uint64_t place() const { return written_ + bytes_.size(); }
  std::uint64_t total() const { return place() + dropped_; }  // that the host sent
  std::uint64_t missing() const { return total() - written_; }

 private:
  std::size_t write_bytes(const Disk& disk, int log, std::string_view more);
  void time_written(std::size_t count);

  std::string bytes_;          // not yet in out.log
  std::vector<Chunk> chunks_;  // not yet in timing_; the first may have begun
  std::size_t begun_ = 0;      // how much of the first chunk is in out.log
  std::string timing_;         // lines for out.timing, perhaps without the first one's beginning
  std::uint64_t written_ = 0;  // bytes in out.log
  std::uint64_t dropped_ = 0;
  std::int64_t last_micros_ = 0;  // the time that the timing has come to
};

}  // namespace bdsh::run
