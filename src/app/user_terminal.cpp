#include "app/user_terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/copy_out.hpp"
#include "app/terminal_keeper.hpp"

namespace bdsh::app {

using Descriptor = boost::asio::posix::stream_descriptor;

Result<std::unique_ptr<UserTerminal>> UserTerminal::open(boost::asio::io_context& loop, net::Fd tty,
                                                         const tui::PainterOptions& options) {
  auto painter = tui::Painter::open(options, terminal_size(tty.get()));
  if (!painter.ok()) return painter.error();
  return std::unique_ptr<UserTerminal>(new UserTerminal(loop, std::move(tty), std::move(*painter)));
}

UserTerminal::UserTerminal(boost::asio::io_context& loop, net::Fd tty, std::unique_ptr<tui::Painter> painter)
    : tty_(loop), escape_timer_(loop), painter_(std::move(painter)) {
  net::set_nonblocking(tty.get());
  tty_.assign(tty.release());
}

void UserTerminal::enter(Handlers handlers) {
  const bool reading = active_;  // somebody stopped and continued the client behind our back
  handlers_ = std::move(handlers);
  if (!reading) time_ = std::make_shared<int>();
  active_ = true;
  update_size();
  send(painter_->enter());
  if (!reading) await_keys();
}

void UserTerminal::stop() {
  time_.reset();
  escape_timer_.cancel();
  tty_.cancel();
  late_ = false;
}

std::string UserTerminal::leave() {
  if (!std::exchange(active_, false)) return {};
  clipboard_.clear();
  stop();
  return std::exchange(output_, {}) + painter_->leave();
}

std::string UserTerminal::close() {
  std::string bytes = leave();
  stop();
  painter_.reset();
  return bytes;
}

Size UserTerminal::size() const { return terminal_size(const_cast<UserTerminal*>(this)->tty_.native_handle()); }

// Waits, and reads in the handler: no byte is lost when the wait is taken back.
void UserTerminal::await_keys() {
  tty_.async_wait(Descriptor::wait_read, [this, time = std::weak_ptr(time_)](auto error) {
    if (time.expired() || error) return;
    const ssize_t count = ::read(tty_.native_handle(), input_.data(), input_.size());
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return handlers_.lost();
    if (count > 0) deliver(decoder_.feed({input_.data(), static_cast<std::size_t>(count)}));
    if (!time.expired()) await_keys();
  });
}

// Any of the keys may make an end of this terminal.
void UserTerminal::deliver(const std::vector<Key>& keys) {
  const std::weak_ptr time(time_);
  for (const Key& key : keys) {
    handlers_.key(key);
    if (time.expired()) return;
  }
  await_escape();
}

void UserTerminal::await_escape() {
  escape_timer_.cancel();
  if (!decoder_.pending()) return;
  escape_timer_.expires_after(tui::KeyDecoder::kEscapeDelay);
  escape_timer_.async_wait([this, time = std::weak_ptr(time_)](auto error) {
    if (!error && !time.expired()) deliver(decoder_.timeout());
  });
}

Frame UserTerminal::present(const tui::Surface& surface) {
  if (!active_) return Frame::unchanged;
  if (!output_.empty()) return Frame::refused;
  output_ = painter_->paint(surface);
  if (std::exchange(ring_, false)) output_ += '\a';
  if (output_.empty()) return Frame::unchanged;
  write();
  return Frame::sent;
}

void UserTerminal::send(std::string_view bytes) {
  if (!active_) return;
  output_ += bytes;
  if (!late_) write();
}

// While the terminal takes nothing the newest waits, however often a host sets it.
void UserTerminal::set_clipboard(std::string_view text) {
  if (!active_) return;
  clipboard_ = clipboard_sequence(text);
  if (!late_) write();
}

void UserTerminal::set_mouse(bool on) { send(painter_->set_mouse(on)); }

// What the terminal does not take at once waits; of a dead one the reader hears.
void UserTerminal::write() {
  for (;;) {
    if (output_.empty()) output_ = std::exchange(clipboard_, {});
    if (output_.empty()) return;
    const ssize_t count = ::write(tty_.native_handle(), output_.data(), output_.size());
    if (count > 0) output_.erase(0, static_cast<std::size_t>(count));
    else if (count < 0 && errno == EAGAIN) break;
    else if (count == 0 || errno != EINTR) output_.clear();
  }
  late_ = true;
  tty_.async_wait(Descriptor::wait_write, [this, time = std::weak_ptr(time_)](auto error) {
    if (time.expired() || error) return;
    late_ = false;
    write();
    if (!late_) handlers_.ready();
  });
}

}  // namespace bdsh::app
