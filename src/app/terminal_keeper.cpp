#include "app/terminal_keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bdsh::app {
namespace {

// A new open description: its flags are ours alone, O_NONBLOCK is not shared with the shell. In a
// container the terminal's name may mean nothing, and after `su -c` there is no controlling
// terminal.
net::Fd open_tty() {
  const int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  for (const char* name :
       {static_cast<const char*>(ttyname(STDOUT_FILENO)), "/proc/self/fd/1", "/dev/tty"}) {
    const int fd = name != nullptr ? ::open(name, flags) : -1;
    if (fd >= 0) return net::Fd(fd);
  }
  return {};
}

// A terminal that takes nothing for a while is given up.
void write_patiently(int tty, std::string_view bytes) {
  constexpr int kPatienceMs = 500;
  while (!bytes.empty()) {
    const ssize_t written = ::write(tty, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (written < 0 && errno == EINTR) continue;
    pollfd wait{tty, POLLOUT, 0};
    if (errno != EAGAIN || poll(&wait, 1, kPatienceMs) <= 0) return;
  }
}

// As cfmakeraw() leaves it: no shell's editor goes that far.
bool is_raw(const termios& modes) {
  return (modes.c_lflag & static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN)) == 0 &&
         (modes.c_oflag & static_cast<tcflag_t>(OPOST)) == 0;
}

}  // namespace

Size terminal_size(int tty) {
  winsize window{};
  if (ioctl(tty, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0)
    return {Rows{24}, Cols{80}};
  return {Rows{window.ws_row}, Cols{window.ws_col}};
}

Result<std::unique_ptr<TerminalKeeper>> TerminalKeeper::open() {
  net::Fd tty = open_tty();
  if (!tty) return Error{ErrorKind::io, std::string("terminal: ") + std::strerror(errno)};
  return std::unique_ptr<TerminalKeeper>(new TerminalKeeper(std::move(tty)));
}

std::string TerminalKeeper::modes() const {
  termios modes{};
  if (::tcgetattr(tty_.get(), &modes) != 0) return {};
  return {reinterpret_cast<const char*>(&modes), sizeof modes};
}

Status TerminalKeeper::enter(std::string_view leave_bytes, int server) {
  if (!modes_) {
    auto raw = tui::TtyModes::raw(tty_.get());
    if (!raw.ok()) return raw.error();
    modes_.emplace(std::move(*raw));
  } else if (const Status raw = modes_->make_raw(); !raw.ok()) {
    return raw.error();
  }
  leave_bytes_ = leave_bytes;
  tui::TtyRescue rescue = modes_->rescue();
  rescue.set_leave(leave_bytes);
  rescue.tell = server;
  guard_.emplace(rescue);
  return Done{};
}

void TerminalKeeper::leave(std::string_view bytes) {
  if (!entered()) return;
  write_patiently(tty_.get(), bytes);
  modes_->restore();
  guard_.reset();
}

void rescue_left_terminal(int tty, std::string_view modes, std::string_view bytes) {
  termios now{};
  termios found{};
  [[maybe_unused]] const auto sent = ::write(tty, bytes.data(), bytes.size());
  if (modes.size() != sizeof found || ::tcgetattr(tty, &now) != 0 || !is_raw(now)) return;
  std::memcpy(&found, modes.data(), sizeof found);
  ::tcsetattr(tty, TCSANOW, &found);
}

}  // namespace bdsh::app
