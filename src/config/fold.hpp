// Host names folded into ranges: web01 web02 web07 db1 → "web[01-02,07],db1".
#pragma once

#include <span>
#include <string>
#include <vector>

namespace bdsh::config {

// expand_hosts() of the result gives the same set (for names without ':', which are not folded).
// Names keep the order of their first appearance; ranges are ascending. Time is linear in the
// names but for one sort, also when they are irregular.
std::string fold(std::span<const std::string> names);

}  // namespace bdsh::config
