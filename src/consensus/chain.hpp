// A hash chained over the lines of a transcript: two transcripts are equal when their chains are.
#pragma once

#include <cstdint>

#include "consensus/hash.hpp"

namespace bdsh::consensus {

// A value for the raw and for the masked form.
struct Chain {
  std::uint64_t raw = 0;
  std::uint64_t masked = 0;
  std::uint64_t of(bool use_masked) const { return use_masked ? masked : raw; }
  Chain then(const Chain& line) const { return {mix(raw, line.raw), mix(masked, line.masked)}; }
  friend bool operator==(const Chain&, const Chain&) = default;
};

}  // namespace bdsh::consensus
