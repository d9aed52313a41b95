#include "app/event_log.hpp"

#include <ctime>

namespace bdsh::app {

std::string local_time(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", &parts)};
}

void EventLog::add(std::chrono::system_clock::time_point when, std::string host, std::string text) {
  // A tenth at a time, so that dropping the oldest costs nothing per line.
  if (lines_.size() >= kMaxLines) lines_.erase(lines_.begin(), lines_.begin() + kMaxLines / 10);
  ++added_;
  lines_.push_back({local_time(when), std::move(host), std::move(text)});
}

}  // namespace bdsh::app
