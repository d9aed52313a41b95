// Host names folded for people: web01 web02 web03 web07 → web[01-03,07].
#pragma once

#include <string>
#include <vector>

namespace bdsh {

// One line that names every given host once, in the order of first appearance: numbers that vary
// become ranges (rack[1-2]-node[01-04]), zero padding kept, so that a host expression of the same
// text expands to the same names. Names that themselves hold one of "[],", or look like an IPv6
// address, stay as they are. Costs a hash and a sort per number position, whatever the names.
std::string fold_names(const std::vector<std::string>& names);

}  // namespace bdsh
