// Algorithm lists as ssh_config(5) spells them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bdsh::net {

// `wanted` is "a,b" (that list), "+a,b" (behind the usual ones), "-a*,b" (without those, wildcards
// allowed), "^a,b" (ahead of the usual ones), or empty (the usual ones). May come out empty.
std::string algorithm_list(std::string_view wanted, std::string_view usual);

}  // namespace bdsh::net
