// What --help and the man pages say, from the tables of subcommands and options.
#pragma once

#include <string>

#include "config/commands.hpp"

namespace bdsh::config {

std::string help_text(Job job);     // what `bdsh-tui CMD --help` prints
std::string options_mdoc(Job job);  // the OPTIONS of its man page, as mdoc(7) items
std::string commands_mdoc();        // the subcommands, as mdoc(7) items
std::string version_text(const std::string& version);

}  // namespace bdsh::config
