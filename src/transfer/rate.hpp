// Bytes a second over the last few seconds, and how long the rest takes at that rate. Pure: it is
// told the time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace bdsh::transfer {

class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{5};

  // `done`: bytes so far. Looks closer than a tenth of a second apart are taken for one.
  void look(std::uint64_t done, Time now) {
    if (looks_.empty() || now - looks_.back().first >= std::chrono::milliseconds(100))
      looks_.emplace_back(now, done);
    while (looks_.size() > 2 && now - looks_[1].first >= kWindow) looks_.pop_front();
  }
  double per_second() const {
    if (looks_.size() < 2 || looks_.back().second <= looks_.front().second) return 0;
    const std::chrono::duration<double> time = looks_.back().first - looks_.front().first;
    return static_cast<double>(looks_.back().second - looks_.front().second) / time.count();
  }
  std::optional<double> seconds_for(std::uint64_t bytes) const {
    const double rate = per_second();
    return rate > 0 ? std::optional(static_cast<double>(bytes) / rate) : std::nullopt;
  }

 private:
  std::deque<std::pair<Time, std::uint64_t>> looks_;
};

}  // namespace bdsh::transfer
