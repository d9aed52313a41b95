#include "net/write_queue.hpp"

#include <algorithm>

namespace bdsh::net {

bool WriteQueue::push(std::string_view bytes) {
  if (ended_ || size() + bytes.size() > bound_) return false;
  // Moving the rest down once half of it is gone keeps the cost linear in what is written.
  if (start_ > text_.size() / 2) {
    text_.erase(0, start_);
    start_ = 0;
  }
  text_ += bytes;
  return true;
}

std::string_view WriteQueue::front(std::size_t most) const {
  if (!urgent_.empty()) return std::string_view(urgent_).substr(0, most);
  return std::string_view(text_).substr(start_, most);
}

void WriteQueue::pop(std::size_t count) {
  if (!urgent_.empty()) {
    urgent_.erase(0, count);
    return;
  }
  start_ += std::min(count, size());
  if (start_ < text_.size()) return;
  std::string().swap(text_);
  start_ = 0;
}

void WriteQueue::clear() {
  *this = WriteQueue(bound_);
}

}  // namespace bdsh::net
