// ProxyJump, -J and jump_host: a list of hosts on the way, as ssh(1) writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/host_expression.hpp"
#include "core/error.hpp"

namespace bdsh::config {

// "[ssh://][USER@]HOST[:PORT][,…]", the one next to us first; none for "none". The error names what
// is no host.
Result<std::vector<Target>> parse_jumps(std::string_view text);

}  // namespace bdsh::config
