// Whether a quiet connection is still there. Pure: fed with the count of bytes that came in.
#pragma once

#include <chrono>
#include <cstdint>

#include "net/lifecycle.hpp"

namespace bdsh::net {

class Keepalive {
 public:
  enum class Do { nothing, send, dead };

  // A zero interval switches it off. Dead: nothing came for `most` intervals after the first
  // unanswered question.
  Keepalive(std::chrono::seconds interval, int most) : interval_(interval), most_(most) {}

  void begin(Time now, std::uint64_t bytes_in);
  Do tick(Time now, std::uint64_t bytes_in);
  // Bytes are deliberately not read for a while: silence means nothing.
  void pause(Time now) { begin(now, seen_); }
  bool on() const { return interval_.count() > 0; }
  Time due() const { return due_; }
  std::chrono::seconds patience() const { return interval_ * (most_ + 1); }

 private:
  std::chrono::seconds interval_;
  int most_;
  Time due_{};
  std::uint64_t seen_ = 0;
  int unanswered_ = 0;
};

}  // namespace bdsh::net
