#include "run/host_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace bdsh::run {

void HostLog::add(std::string_view bytes, std::span<const Chunk> chunks) {
  bytes_.append(bytes);
  chunks_.insert(chunks_.end(), chunks.begin(), chunks.end());
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

// What was written is let go of at once, its memory too: there are a thousand of these.
Status HostLog::write(const Disk& disk, int log, int timing) {
  const std::size_t logged = write_all(disk, log, bytes_);
  const int log_error = logged < bytes_.size() ? errno : 0;
  written_ += logged;
  time_written(logged);
  bytes_ = log_error == 0 ? std::string() : bytes_.substr(logged);
  const std::size_t timed = write_all(disk, timing, timing_);
  const int timing_error = timed < timing_.size() ? errno : 0;
  timing_ = timing_error == 0 ? std::string() : timing_.substr(timed);
  if (log_error != 0) return io_error("out.log", log_error);
  return timing_error == 0 ? Status(Done{}) : io_error("out.timing", timing_error);
}

}  // namespace bdsh::run
