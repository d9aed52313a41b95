// What happened, for the event view: newest last, bounded. The run directory has all of it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tui/model.hpp"

namespace bdsh::app {

std::string local_time(std::chrono::system_clock::time_point when);  // "12:03:04"

class EventLog {
 public:
  static constexpr std::size_t kMaxLines = 10'000;
  void add(std::chrono::system_clock::time_point when, std::string host, std::string text);
  void clear() { lines_.clear(); }
  std::uint64_t added() const { return added_; }  // lines, ever
  const std::vector<tui::EventLine>& lines() const { return lines_; }

 private:
  std::vector<tui::EventLine> lines_;
  std::uint64_t added_ = 0;
};

}  // namespace bdsh::app
