#include "net/pseudo_terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bdsh::net {
namespace {

// The kernel's defaults are sane but for these: ^S and ^Q belong to the programs, text is UTF-8.
void set_modes(int terminal) {
  termios modes{};
  if (::tcgetattr(terminal, &modes) != 0) return;
  modes.c_iflag = (modes.c_iflag & ~static_cast<tcflag_t>(IXON | IXOFF)) | ICRNL | IUTF8;
  ::tcsetattr(terminal, TCSANOW, &modes);
}

}  // namespace

Result<PseudoTerminal> open_pseudo_terminal(Size size) {
  Fd ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, 64> path{};
  if (!ours || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0 ||
      ::ptsname_r(ours.get(), path.data(), path.size()) != 0)
    return Error{ErrorKind::internal, std::string("no pseudo-terminal: ") + std::strerror(errno)};
  set_modes(ours.get());
  set_terminal_size(ours.get(), size);
  return PseudoTerminal{std::move(ours), path.data()};
}

void set_terminal_size(int ours, Size size) {
  winsize window{};
  window.ws_row = static_cast<unsigned short>(size.rows.value);
  window.ws_col = static_cast<unsigned short>(size.cols.value);
  ::ioctl(ours, TIOCSWINSZ, &window);
}

}  // namespace bdsh::net
