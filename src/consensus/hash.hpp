// 64-bit hashing of texts and of sequences of texts. Folded 128-bit multiplication, as in wyhash
// (Wang Yi, public domain). Keyed: what a host prints cannot aim for a collision, since the seed
// is drawn anew by each Comparison; results never depend on it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace bdsh::consensus {

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product =
      static_cast<Wide>(a ^ 0x9E37'79B9'7F4A'7C15ULL) * (b ^ 0xD6E8'FEB8'6659'FD93ULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = mix(seed, text.size());
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    hash = mix(hash, word ^ seed);
  }
  std::uint64_t rest = 0;
  if (at < text.size()) std::memcpy(&rest, text.data() + at, text.size() - at);
  return mix(hash, rest ^ seed);
}

}  // namespace bdsh::consensus
