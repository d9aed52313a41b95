#include "tui/tty_modes.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace bdsh::tui {
namespace {

Error tty_error() {
  return {ErrorKind::io, std::string("terminal modes: ") + std::strerror(errno)};
}

}  // namespace

void TtyRescue::set_leave(std::string_view bytes) {
  leave_size = std::min(bytes.size(), leave.size());
  std::copy_n(bytes.begin(), leave_size, leave.begin());
}

void rescue_terminal(const TtyRescue& rescue) noexcept {
  if (rescue.fd < 0) return;
  const int kept = errno;
  // First: the end of the process would be taken for one that left the terminal as it was.
  if (rescue.tell >= 0) {
    [[maybe_unused]] const auto told = ::write(rescue.tell, kRestored.data(), kRestored.size());
  }
  // One attempt: a terminal that takes no bytes must not hold a dying program.
  [[maybe_unused]] const auto sent = ::write(rescue.fd, rescue.leave.data(), rescue.leave_size);
  ::tcsetattr(rescue.fd, TCSANOW, &rescue.saved);
  errno = kept;
}

Result<TtyModes> TtyModes::raw(int fd) {
  termios saved{};
  if (::tcgetattr(fd, &saved) != 0) return tty_error();
  TtyModes modes(fd, saved);
  if (const Status status = modes.make_raw(); !status) return status.error();
  return modes;
}

TtyModes::TtyModes(TtyModes&& other) noexcept
    : fd_(other.fd_), saved_(other.saved_), raw_(std::exchange(other.raw_, false)) {}

void TtyModes::restore() noexcept {
  if (!std::exchange(raw_, false)) return;
  ::tcsetattr(fd_, TCSADRAIN, &saved_);
}

Status TtyModes::make_raw() {
  termios modes = saved_;
  ::cfmakeraw(&modes);
  modes.c_cc[VMIN] = 1;
  modes.c_cc[VTIME] = 0;
  if (::tcsetattr(fd_, TCSADRAIN, &modes) != 0) return tty_error();
  raw_ = true;
  return Done{};
}

TtyRescue TtyModes::rescue() const {
  TtyRescue rescue;
  rescue.fd = fd_;
  rescue.saved = saved_;
  return rescue;
}

}  // namespace bdsh::tui
