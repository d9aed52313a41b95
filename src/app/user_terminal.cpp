#include "app/user_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "app/copy_out.hpp"

namespace bdsh::app {
namespace {

// A new open description of the terminal behind stdout; its flags are ours alone. In a container its
// name may mean nothing, and after `su -c` there is no controlling terminal.
int open_tty() {
  const int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  for (const char* name : {static_cast<const char*>(ttyname(STDOUT_FILENO)), "/proc/self/fd/1", "/dev/tty"}) {
    const int fd = name != nullptr ? ::open(name, flags) : -1;
    if (fd >= 0) return fd;
  }
  return -1;
}

Size size_of(int tty) {
  winsize window{};
  if (ioctl(tty, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0)
    return {Rows{24}, Cols{80}};
  return {Rows{window.ws_row}, Cols{window.ws_col}};
}

tui::PainterOptions painter_options() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  const std::string depth = variable("COLORTERM");
  return {variable("TERM"), depth == "truecolor" || depth == "24bit", true};
}

}  // namespace

Size terminal_size() { return size_of(STDOUT_FILENO); }

Result<std::unique_ptr<UserTerminal>> UserTerminal::open(boost::asio::io_context& loop) {
  const int tty = open_tty();
  if (tty < 0) return Error{ErrorKind::io, std::string("terminal: ") + std::strerror(errno)};
  auto painter = tui::Painter::open(painter_options(), size_of(tty));
  if (!painter.ok()) {
    ::close(tty);
    return painter.error();
  }
  std::unique_ptr<UserTerminal> terminal(new UserTerminal(loop, tty, std::move(*painter)));
  if (const Status entered = terminal->enter(); !entered.ok()) return entered.error();
  return terminal;
}

UserTerminal::UserTerminal(boost::asio::io_context& loop, int tty,
                           std::unique_ptr<tui::Painter> painter)
    : tty_(loop, tty), escape_timer_(loop), painter_(std::move(painter)) {}

UserTerminal::~UserTerminal() { leave(); }

Status UserTerminal::enter() {
  if (!modes_) {
    auto raw = tui::TtyModes::raw(tty_.native_handle());
    if (!raw.ok()) return raw.error();
    modes_.emplace(std::move(*raw));
  } else if (const Status raw = modes_->make_raw(); !raw.ok()) {
    return raw.error();
  }
  tui::TtyRescue rescue = modes_->rescue();
  rescue.set_leave(painter_->leave_bytes());
  crash_guard_.emplace(rescue);
  active_ = true;
  write_blocking(painter_->enter());
  return Done{};
}

void UserTerminal::leave() {
  if (!active_) return;
  active_ = false;
  tty_.cancel();  // a pending write holds on to output_
  // What is left of a frame would be drawn over the user's screen: finish it first.
  write_blocking(std::exchange(output_, {}));
  write_blocking(painter_->leave());
  modes_->restore();
  crash_guard_.reset();
}

void UserTerminal::suspend() {
  leave();
  ::kill(::getpid(), SIGSTOP);
  (void)enter();
  painter_->redraw();
  if (handlers_.key) read_keys();
}

// For the few bytes around a session; a terminal that takes nothing for a while is given up.
void UserTerminal::write_blocking(std::string_view bytes) {
  constexpr int kPatienceMs = 500;
  while (!bytes.empty()) {
    const ssize_t written = ::write(tty_.native_handle(), bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (written < 0 && errno == EINTR) continue;
    pollfd wait{tty_.native_handle(), POLLOUT, 0};
    if (errno != EAGAIN || poll(&wait, 1, kPatienceMs) <= 0) return;
  }
}

Size UserTerminal::size() const { return size_of(const_cast<UserTerminal*>(this)->tty_.native_handle()); }

void UserTerminal::update_size() { painter_->resize(size()); }

void UserTerminal::start(Handlers handlers) {
  handlers_ = std::move(handlers);
  read_keys();
}

void UserTerminal::stop_input() {
  handlers_.key = nullptr;
  escape_timer_.cancel();
  tty_.cancel();
}

void UserTerminal::read_keys() {
  tty_.async_read_some(boost::asio::buffer(input_), [this](const boost::system::error_code& error,
                                                           std::size_t count) {
    if (error == boost::asio::error::operation_aborted || !handlers_.key) return;
    if (error) return handlers_.lost();
    deliver(decoder_.feed({input_.data(), count}));
    if (handlers_.key) read_keys();
  });
}

void UserTerminal::deliver(const std::vector<Key>& keys) {
  for (const Key& key : keys)
    if (handlers_.key) handlers_.key(key);
  escape_timer_.cancel();
  if (!decoder_.pending()) return;
  escape_timer_.expires_after(tui::KeyDecoder::kEscapeDelay);
  escape_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && handlers_.key) deliver(decoder_.timeout());
  });
}

Frame UserTerminal::present(const tui::Surface& surface) {
  if (!active_) return Frame::unchanged;
  if (!output_.empty()) return Frame::refused;
  output_ = painter_->paint(surface);
  if (std::exchange(ring_, false)) output_ += '\a';
  if (output_.empty()) return Frame::unchanged;
  send();
  return Frame::sent;
}

void UserTerminal::send(std::string_view bytes) {
  if (!active_) return;
  const bool idle = output_.empty();
  output_ += bytes;
  if (idle && !output_.empty()) send();
}

void UserTerminal::set_clipboard(std::string_view text) { send(clipboard_sequence(text)); }

void UserTerminal::set_mouse(bool on) { send(painter_->set_mouse(on)); }

void UserTerminal::send() {
  tty_.async_write_some(boost::asio::buffer(output_), [this](const boost::system::error_code& error,
                                                             std::size_t count) {
    // leave() may have taken the rest over; a dead terminal is noticed by the reader.
    output_.erase(0, error ? output_.size() : std::min(count, output_.size()));
    if (!output_.empty()) return send();
    if (!error && handlers_.ready) handlers_.ready();
  });
}

}  // namespace bdsh::app
