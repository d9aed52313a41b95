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

// What the remote shell got, of such a script of a host with a command; nothing when it cannot be
// told.
std::optional<std::string> command_in_script(std::string_view script);

}  // namespace bdsh::run
