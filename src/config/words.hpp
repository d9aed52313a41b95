// Small readers of words that people write: numbers, durations, and near misses.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/text.hpp"

namespace bdsh::config {

// A whole decimal number without sign, within [least, most].
std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t least,
                                         std::int64_t most);
// A number of bytes, or with K, M or G (KiB, MiB, GiB; also written so): "65536", "4M", "1GiB".
std::optional<std::uint64_t> parse_bytes(std::string_view text);
// Seconds with an optional fraction: "10", "0.25"; up to a year.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text);
// " (did you mean 'port'?)" when one of `known` is close to `word`, else empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace bdsh::config
