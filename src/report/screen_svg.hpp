// A picture of a terminal's screen: SVG, in the colours of xterm's palette, with the text as text.
#pragma once

#include <string>

#include "core/screen.hpp"

namespace bdsh::report {

std::string screen_svg(const ScreenSnapshot& screen, const CellTables& tables,
                       const std::string& title);

}  // namespace bdsh::report
