// A control sequence taken apart: ESC [ leader parameters intermediate final (ECMA-48 §5.4).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bdsh::pty {

struct Csi {
  static constexpr std::size_t kMaxParams = 32;  // further ones are left out
  static constexpr int kMaxValue = 65'535;       // larger values are cut to it
  static constexpr int kMissing = -1;

  struct Param {
    int value = kMissing;
    bool sub = false;  // joined to the one before it by a colon
  };

  char leader = 0;        // one of < = > ? or 0
  char intermediate = 0;  // a byte 0x20…0x2F or 0
  char final = 0;         // 0: malformed, to be ignored
  std::size_t count = 0;
  std::array<Param, kMaxParams> params;

  // The value of parameter `index`, or `otherwise` when it is missing.
  int value(std::size_t index, int otherwise) const {
    return index < count && params[index].value != kMissing ? params[index].value : otherwise;
  }
  // As a repeat count or a position: missing and 0 mean 1.
  int at_least_one(std::size_t index) const {
    const int n = value(index, 1);
    return n == 0 ? 1 : n;
  }
};

// `text`: the bytes after ESC [, with the final byte.
Csi parse_csi(std::string_view text);

}  // namespace bdsh::pty
