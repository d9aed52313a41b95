// The words that masks, scanners and own words share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bdsh::consensus {

// The built-in masks, in the order of builtin_masks().
enum class Mask : std::uint8_t {
  host,
  address,
  time,
  duration,
  pid,
  port,
  tmp,
  uuid,
  hash,
  percent,
  spinner,
  mac,
  load,
  rate,
  usage,
};
constexpr std::size_t kBuiltinMasks = 15;

// Around a mask's name in a masked form. No logical line holds them: a terminal shows no controls.
constexpr char kOpenMask = '\x01';
constexpr char kCloseMask = '\x02';

// A masked stretch of a line; hits are ascending and disjoint.
struct MaskHit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint16_t mask = 0;  // < kBuiltinMasks: a Mask; else kBuiltinMasks + index of the user's mask
};

// What a scanner found: text[begin, end), and nothing when end is 0.
struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  Mask mask = Mask::host;
  explicit operator bool() const { return end != 0; }
};

}  // namespace bdsh::consensus
