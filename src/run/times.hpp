// Times as the run directory spells them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bdsh::run {

using WallTime = std::chrono::system_clock::time_point;

std::string iso_time(WallTime time);        // UTC: "2026-03-01T12:03:04.000250Z"
std::string directory_time(WallTime time);  // local: "20260301-130304"
std::optional<WallTime> parse_iso_time(std::string_view text);

}  // namespace bdsh::run
