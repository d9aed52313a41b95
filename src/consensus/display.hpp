// A line as it is shown: sanitised, tabs expanded, masked parts as ‹name› with their spans.
#pragma once

#include <string_view>
#include <vector>

#include "consensus/masks.hpp"
#include "consensus/outcome.hpp"

namespace bdsh::consensus {

TextLine display_line(std::string_view raw, const std::vector<MaskHit>& hits, const Masks& masks);

}  // namespace bdsh::consensus
