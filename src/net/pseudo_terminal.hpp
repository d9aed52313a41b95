// A pseudo-terminal for a child process, with modes that do not depend on the user's own terminal.
#pragma once

#include <string>

#include "core/geometry.hpp"
#include "net/launch.hpp"

namespace bdsh::net {

struct PseudoTerminal {
  Fd ours;           // does not block; reading gives EIO once nobody has the other end open
  std::string path;  // of the other end
};

Result<PseudoTerminal> open_pseudo_terminal(Size size);
// The programs on the terminal are told (SIGWINCH).
void set_terminal_size(int ours, Size size);

}  // namespace bdsh::net
