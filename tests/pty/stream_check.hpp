// Feeds one stream to three terminals (as it comes; byte by byte; without the express lane) and
// says what is wrong: where they differ, or where one breaks a promise of its header.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/geometry.hpp"

namespace bdsh::pty {

using Step = std::variant<std::string, Size>;  // bytes to feed, or a resize

// Empty when all is well.
std::string check_stream(Size size, const std::vector<Step>& steps);

// A step as a line that a person can read and C++ can take: feed("\x1b[2J").
std::string to_string(const Step& step);

}  // namespace bdsh::pty
