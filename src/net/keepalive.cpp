#include "net/keepalive.hpp"

namespace bdsh::net {

void Keepalive::begin(Time now, std::uint64_t bytes_in) {
  due_ = now + interval_;
  seen_ = bytes_in;
  unanswered_ = 0;
}

Keepalive::Do Keepalive::tick(Time now, std::uint64_t bytes_in) {
  if (!on() || now < due_) return Do::nothing;
  if (bytes_in != seen_) {
    begin(now, bytes_in);
    return Do::nothing;
  }
  if (unanswered_ >= most_) return Do::dead;
  ++unanswered_;
  due_ = now + interval_;
  return Do::send;
}

}  // namespace bdsh::net
