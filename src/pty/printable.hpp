// The scan that every byte of a host goes through first.
#pragma once

#include <cstddef>
#include <string_view>

namespace bdsh::pty {

// How many bytes at the front are U+0020…U+007E.
std::size_t printable_run(std::string_view input);

}  // namespace bdsh::pty
