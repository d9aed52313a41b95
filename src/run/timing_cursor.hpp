// out.timing, read along with out.log: at what time each byte of the log came. Lines are
// `<seconds>.<fraction> <bytes>`, the classic format of script(1) and scriptreplay(1).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bdsh::run {

struct TimingEntry {
  std::chrono::microseconds delay{0};
  std::uint64_t bytes = 0;
};

// One line without its end; nothing when it is not of the format.
std::optional<TimingEntry> parse_timing(std::string_view line);

// The position in both files. The caller feeds what it has read of out.timing from
// `next_offset()` on and asks for stretches of the log in ascending order.
class TimingCursor {
 public:
  struct Stretch {
    std::uint64_t end = 0;  // offset in the log
    std::chrono::microseconds at{0};
  };
  // The stretch of the log that `offset` lies in, at most to `limit`; consumes lines of `text`
  // (what remains of the file from next_offset() on) as far as needed. Bytes beyond what the
  // timing says have the last known time.
  Stretch stretch(std::uint64_t offset, std::uint64_t limit, std::string_view& text);

  std::uint64_t next_offset() const { return next_offset_; }
  bool damaged() const { return damaged_; }  // a line was not of the format; the rest is ignored

 private:
  bool take_line(std::string_view& text);

  std::uint64_t next_offset_ = 0;
  std::uint64_t end_ = 0;  // of the current entry, in the log
  std::chrono::microseconds at_{0};
  bool damaged_ = false;
};

}  // namespace bdsh::run
