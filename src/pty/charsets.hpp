// Character sets G0…G3 and which of them is in use (ISO 2022, as far as terminals are sent it):
// ASCII, DEC special graphics (line drawing) and the British one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace bdsh::pty {

class Charsets {
 public:
  // The final byte of ESC ( X and its likes; unknown sets count as ASCII.
  void designate(std::size_t slot, char final) {
    sets_[slot] = final == '0' ? Set::graphics : final == 'A' ? Set::british : Set::ascii;
  }
  void invoke(std::size_t slot) { active_ = slot; }
  void shift_once(std::size_t slot) { once_ = slot; }  // for the next character
  bool plain() const { return sets_[active_] == Set::ascii && !once_; }

  // What the printable ASCII character `c` shows; ends a single shift.
  char32_t map(char c) {
    const Set set = sets_[std::exchange(once_, std::nullopt).value_or(active_)];
    if (set == Set::british) return c == '#' ? U'£' : static_cast<unsigned char>(c);
    if (set == Set::ascii || c < '`' || c > '~') return static_cast<unsigned char>(c);
    return U"◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"[c - '`'];
  }

 private:
  enum class Set : std::uint8_t { ascii, graphics, british };
  std::array<Set, 4> sets_{};
  std::size_t active_ = 0;
  std::optional<std::size_t> once_;
};

}  // namespace bdsh::pty
