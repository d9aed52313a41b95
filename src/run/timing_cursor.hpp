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

// A place in a host's log and its timing, in the middle of what came at one moment as well.
struct TapePlace {
  std::uint64_t log = 0;     // offset in out.log
  std::uint64_t timing = 0;  // in out.timing: of the first line that was not read
  std::uint64_t end = 0;     // how far in out.log the lines before it reach
  std::chrono::microseconds at{0};  // and the time they came to
  friend bool operator==(const TapePlace&, const TapePlace&) = default;
};

// One line without its end; nothing when it is not of the format.
std::optional<TimingEntry> parse_timing(std::string_view line);

// The position in both files. The caller feeds what it has read of out.timing from
// `next_offset()` on and asks for stretches of the log in ascending order.
class TimingCursor {
 public:
  TimingCursor() = default;
  explicit TimingCursor(const TapePlace& place)
      : next_offset_(place.timing), end_(place.end), at_(place.at) {}

  struct Stretch {
    std::uint64_t end = 0;  // offset in the log
    std::chrono::microseconds at{0};
  };
  // The stretch of the log that `offset` lies in, at most to `limit`; consumes lines of `text`
  // (what remains of the file from next_offset() on) as far as needed. Bytes beyond what the
  // timing says have the last known time.
  Stretch stretch(std::uint64_t offset, std::uint64_t limit, std::string_view& text);

  std::uint64_t next_offset() const { return next_offset_; }
  TapePlace place(std::uint64_t offset) const { return {offset, next_offset_, end_, at_}; }
  bool knows(std::uint64_t offset) const { return end_ > offset; }  // no line need be read for it
  bool damaged() const { return damaged_; }  // a line was not of the format; the rest is ignored

 private:
  bool take_line(std::string_view& text);

  std::uint64_t next_offset_ = 0;
  std::uint64_t end_ = 0;  // of the current entry, in the log
  std::chrono::microseconds at_{0};
  bool damaged_ = false;
};

}  // namespace bdsh::run
