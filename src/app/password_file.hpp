// A password that is given before anybody asks for one (--password-file).
#pragma once

#include <string>

#include "core/error.hpp"
#include "core/secret.hpp"

namespace bdsh::app {

// The first line of FILE, or of the open descriptor whose number `source` is; what follows that line
// stays unread. A regular file must belong to the user (or root) and be closed to everybody else.
Result<Secret> read_password_file(const std::string& source);

}  // namespace bdsh::app
