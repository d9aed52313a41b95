// Colours as people write them, in themes and in the configuration.
#pragma once

#include <optional>
#include <string_view>

#include "core/cell.hpp"

namespace bdsh {

// 0…255, "#rrggbb", a name (black, red … white, bright-red …), or "default".
std::optional<Color> parse_color(std::string_view text);

}  // namespace bdsh
