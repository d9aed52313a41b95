#include "pty/printable.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bdsh::pty {
namespace {

// Of as many bytes as a block has: which one is the first that is not printable; kBlock when all
// are.
#ifdef __SSE2__

constexpr std::size_t kBlock = 16;

std::size_t first_other(const char* bytes) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  // Compared as signed numbers, bytes from 0x80 on are below a space as well.
  const __m128i below = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
  const __m128i deleted = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F));
  const int others = _mm_movemask_epi8(_mm_or_si128(below, deleted));
  return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(others) | 1U << kBlock));
}

#else

constexpr std::size_t kBlock = 8;

std::size_t first_other(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t kHigh = 0x8080'8080'8080'8080ULL;
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101ULL;
  const std::uint64_t below_space = (word - kOnes * 0x20) & ~word;
  const std::uint64_t from_delete = word + kOnes;  // 0x7F becomes 0x80; no carry without a high bit
  if (((word | below_space | from_delete) & kHigh) == 0) return kBlock;
  std::size_t at = 0;
  while (bytes[at] >= 0x20 && bytes[at] < 0x7F) ++at;
  return at;
}

#endif

}  // namespace

std::size_t printable_run(std::string_view input) {
  std::size_t at = 0;
  for (; at + kBlock <= input.size(); at += kBlock)
    if (const std::size_t other = first_other(input.data() + at); other < kBlock) return at + other;
  while (at < input.size() && input[at] >= 0x20 && input[at] < 0x7F) ++at;
  return at;
}

}  // namespace bdsh::pty
