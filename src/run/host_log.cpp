#include "run/host_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace bdsh::run {

void HostLog::add(const Piece& piece) {
  bytes_.append(piece.bytes);
  chunks_.insert(chunks_.end(), piece.chunks.begin(), piece.chunks.end());
}

// A chunk gets its line once all of it is in the log.
void HostLog::time_written(std::size_t count) {
  std::array<char, 64> line{};
  begun_ += count;
  std::size_t done = 0;
  for (; done < chunks_.size() && chunks_[done].size <= begun_; ++done) {
    const Chunk& chunk = chunks_[done];
    begun_ -= chunk.size;
    const std::int64_t delay = std::max<std::int64_t>(0, chunk.micros - last_micros_);
    last_micros_ += delay;
    const int size = std::snprintf(line.data(), line.size(), "%lld.%06lld %zu\n",
                                   static_cast<long long>(delay / 1'000'000),
                                   static_cast<long long>(delay % 1'000'000), chunk.size);
    timing_.append(line.data(), static_cast<std::size_t>(size));
  }
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(done));
}

// How many bytes the log took of those that wait and then of `more`; what it did not take waits.
// What was written is let go of at once, its memory too: there are a thousand of these.
std::size_t HostLog::write_bytes(const Disk& disk, int log, std::string_view more) {
  std::size_t logged = write_all(disk, log, bytes_);
  bytes_ = bytes_.substr(logged);
  if (bytes_.empty()) {
    const std::size_t taken = write_all(disk, log, more);
    more.remove_prefix(taken);
    logged += taken;
  }
  bytes_.append(more);
  return logged;
}

Status HostLog::write(const Disk& disk, int log, int timing, const Piece& piece) {
  chunks_.insert(chunks_.end(), piece.chunks.begin(), piece.chunks.end());
  const std::size_t logged = write_bytes(disk, log, piece.bytes);
  const int log_error = bytes_.empty() ? 0 : errno;
  written_ += logged;
  time_written(logged);
  const std::size_t timed = write_all(disk, timing, timing_);
  const int timing_error = timed < timing_.size() ? errno : 0;
  timing_ = timing_error == 0 ? std::string() : timing_.substr(timed);
  if (log_error != 0) return io_error("out.log", log_error);
  return timing_error == 0 ? Status(Done{}) : io_error("out.timing", timing_error);
}

}  // namespace bdsh::run
