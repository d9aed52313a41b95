#include "pty/byte_lines.hpp"

#include <algorithm>
#include <utility>

#include "core/cell.hpp"

namespace bdsh::pty {

void ByteLines::add(const Unit& unit) {
  if (unit.kind == Unit::Kind::ascii) append(unit.text);
  if (unit.kind == Unit::Kind::glyph) {
    std::string glyph;
    append_utf8(unit.code, glyph);
    append(glyph);
  }
  if (unit.kind != Unit::Kind::control) return;
  if (unit.code == U'\t') append("\t");
  if (unit.code == U'\n') end_line();
}

// One code point or ASCII, so that a cut never falls inside a character.
void ByteLines::append(std::string_view text) {
  while (open_.size() + text.size() > kMaxLine) {
    const std::size_t fits = text.size() == 1 || static_cast<unsigned char>(text[0]) < 0x80
                                 ? kMaxLine - open_.size()
                                 : 0;
    open_ += text.substr(0, fits);
    text.remove_prefix(fits);
    end_line();
  }
  open_ += text;
}

void ByteLines::end_line() {
  open_.shrink_to_fit();
  bytes_ += open_.size();
  lines_.push_back(std::exchange(open_, {}));
}

void ByteLines::trim(const ScrollbackLimits& limits) {
  while (lines_.size() > limits.lines || bytes_ > limits.bytes) {
    bytes_ -= lines_.front().size();
    lines_.pop_front();
    ++first_;
  }
}

std::string ByteLines::line(std::uint64_t index) const {
  if (index < first_ || index > open_line()) return {};
  return index == open_line() ? open_ : lines_[static_cast<std::size_t>(index - first_)];
}

std::optional<std::uint64_t> ByteLines::take_changed_from() {
  // Lines are only ever added to: what was open may have grown or ended.
  const bool grew = open_line() != seen_ || open_.size() != seen_open_bytes_;
  const std::uint64_t from = std::max(seen_, first_);
  seen_ = open_line();
  seen_open_bytes_ = open_.size();
  if (!grew) return std::nullopt;
  return from;
}

}  // namespace bdsh::pty
