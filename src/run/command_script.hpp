// The `command` file of a host's folder: a POSIX sh script that repeats the host's part of the run
// with ssh(1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/host_spec.hpp"

namespace bdsh::run {

// The whole script. `command` is what the remote shell gets, unchanged; nothing: a login shell.
std::string command_script(const HostSpec& host, const std::optional<std::string>& command,
                           bool pty);

}  // namespace bdsh::run
