// Paths as users type them in the dashboard.
#pragma once

#include <string>

namespace bdsh::app {

std::string home_path(const std::string& path);  // "~/" is the user's home

}  // namespace bdsh::app
