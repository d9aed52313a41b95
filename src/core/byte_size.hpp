// Sizes as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace bdsh {

// "999 B", "1.0 KiB", "38.2 GiB".
std::string byte_size(std::uint64_t bytes);

}  // namespace bdsh
