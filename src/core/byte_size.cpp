#include "core/byte_size.hpp"

namespace bdsh {

std::string byte_size(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  constexpr std::uint64_t kNext = 1024;
  if (bytes < kNext) return std::to_string(bytes) + kUnits[0];
  std::size_t unit = 1;
  for (; bytes >= kNext * kNext; bytes /= kNext) ++unit;
  const std::uint64_t tenths = bytes * 10 / kNext;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + kUnits[unit];
}

}  // namespace bdsh
