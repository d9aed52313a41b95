// Character sets G0…G3 and which of them is in use (ISO 2022, as far as terminals are sent it):
// ASCII, DEC special graphics (line drawing) and the British one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bdsh::pty {

class Charsets {
 public:
  // The final byte of ESC ( X and its likes; unknown sets count as ASCII.
  void designate(std::size_t slot, char final) {
    sets_[slot] = final == '0' ? Set::graphics : final == 'A' ? Set::british : Set::ascii;
  }
  void invoke(std::size_t slot) { active_ = slot; }
  bool plain() const { return sets_[active_] == Set::ascii; }

  // What the printable ASCII character `c` shows.
  char32_t map(char c) const {
    if (sets_[active_] == Set::british) return c == '#' ? U'£' : static_cast<unsigned char>(c);
    if (sets_[active_] == Set::ascii || c < '`' || c > '~') return static_cast<unsigned char>(c);
    return U"◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"[c - '`'];
  }

 private:
  enum class Set : std::uint8_t { ascii, graphics, british };
  std::array<Set, 4> sets_{};
  std::size_t active_ = 0;
};

}  // namespace bdsh::pty
