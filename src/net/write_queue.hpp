// What waits to be written to one host: bounded, in order, with a lane that goes ahead (^C).
// A pure value; memory is given back when it runs empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace bdsh::net {

class WriteQueue {
 public:
  explicit WriteQueue(std::size_t bound) : bound_(bound) {}

  // False, and nothing taken, when the bytes do not fit or the input has ended.
  bool push(std::string_view bytes);
  // Goes ahead of everything queued, and fits always.
  void push_urgent(std::string_view bytes) { urgent_ += bytes; }
  // No more input; end_due() once everything before it is gone.
  void end() { ended_ = true; }

  // The next bytes to hand over, at most `most`. Valid until the next call.
  std::string_view front(std::size_t most) const;
  void pop(std::size_t count);

  bool empty() const { return urgent_.empty() && size() == 0; }
  std::size_t bytes() const { return urgent_.size() + size(); }
  bool end_due() const { return ended_ && !end_sent_ && empty(); }
  void end_sent() { end_sent_ = true; }
  void clear();  // for a new session

 private:
  std::size_t size() const { return text_.size() - start_; }

  std::size_t bound_;
  std::string urgent_;
  std::string text_;
  std::size_t start_ = 0;  // text_ before it was handed over
  bool ended_ = false;
  bool end_sent_ = false;
};

}  // namespace bdsh::net
