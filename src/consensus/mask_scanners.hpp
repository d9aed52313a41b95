// The built-in masks' scanners. Each looks at one place of a line and says how far its token goes.
#pragma once

#include <cstddef>
#include <string_view>

#include "consensus/mask_token.hpp"

namespace bdsh::consensus {

// Whether a token may begin at a character like this at all (most may not, and cost one look-up).
bool may_start_token(char c);
// The token that begins at `at`, or that `at` introduces (`pid 12`: begin is past `pid `).
Token scan_token(std::string_view text, std::size_t at);

}  // namespace bdsh::consensus
