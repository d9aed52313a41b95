// The lines of a stream that is no terminal's (kind `plain`): tabs kept, CR LF counts as LF, other
// controls and escape sequences taken out. A line longer than kMaxLine bytes is cut into several.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "pty/scrollback.hpp"
#include "pty/sequencer.hpp"

namespace bdsh::pty {

class ByteLines {
 public:
  explicit ByteLines(std::uint64_t first_line = 0) : first_(first_line), seen_(first_line) {}
  static constexpr std::size_t kMaxLine = 65'536;

  void add(const Unit& unit);
  void trim(const ScrollbackLimits& limits);  // complete lines kept

  std::size_t bytes() const { return bytes_ + open_.size(); }  // of text

  std::uint64_t open_line() const { return first_ + lines_.size(); }
  std::uint64_t first_kept_line() const { return first_; }
  std::uint64_t line_end() const { return open_line() + (open_.empty() ? 0 : 1); }
  std::string line(std::uint64_t index) const;
  std::optional<std::uint64_t> take_changed_from();

 private:
  void append(std::string_view text);
  void end_line();

  std::deque<std::string> lines_;
  std::string open_;
  std::size_t bytes_ = 0;  // of lines_
  std::uint64_t first_ = 0;
  std::uint64_t seen_ = 0;  // lines before it have been reported as they are
  std::size_t seen_open_bytes_ = 0;
};

}  // namespace bdsh::pty
