// A user's terminal: keys in, frames out, never blocking. It is handed over by the process that the
// user started (app/terminal_client.hpp), which owns its modes: this one knows only its descriptor,
// an open description of its own, and the painter.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "app/frame_scheduler.hpp"
#include "core/error.hpp"
#include "net/launch.hpp"
#include "tui/key_decoder.hpp"
#include "tui/painter.hpp"

namespace bdsh::app {

class UserTerminal {
 public:
  struct Handlers {
    std::function<void(const Key&)> key;
    std::function<void()> ready;  // the frame that was late is out
    std::function<void()> lost;   // the terminal is gone (hangup)
  };

  // Nothing is written yet. Errors: unknown TERM.
  static Result<std::unique_ptr<UserTerminal>> open(boost::asio::io_context& loop, net::Fd tty,
                                                    const tui::PainterOptions& options);
  UserTerminal(const UserTerminal&) = delete;
  UserTerminal& operator=(const UserTerminal&) = delete;

  // It is raw now: takes it, again after leave().
  void enter(Handlers handlers);
  // Takes no keys and no frames any more. Returns the bytes that make the terminal whole: what is
  // left of a frame comes first, or it would cut a sequence in two.
  std::string leave();
  // Waits for nothing any more, so that the loop may end; leave() is still to come.
  void stop();
  // As leave(), for good: nothing but the destructor may follow. The painter is gone at once.
  std::string close();
  std::string leave_bytes() const { return painter_->leave_bytes(); }
  bool active() const { return active_; }
  // Bytes that the terminal has not taken yet.
  std::size_t late_bytes() const { return output_.size(); }

  Size size() const;
  void update_size() { painter_->resize(size()); }
  // Sends one frame, or refuses it while the previous one is not out yet (nothing was done).
  Frame present(const tui::Surface& surface);
  void ring() { ring_ = true; }  // with the next frame
  void redraw() { painter_->redraw(); }
  void set_clipboard(std::string_view text);  // OSC 52
  void set_mouse(bool on);                    // off: its reports are left to the terminal
  int fd() { return tty_.native_handle(); }

 private:
  UserTerminal(boost::asio::io_context& loop, net::Fd tty, std::unique_ptr<tui::Painter> painter);
  void await_keys();
  void deliver(const std::vector<Key>& keys);
  void await_escape();
  void write();
  void send(std::string_view bytes);  // behind the frame that is on its way

  boost::asio::posix::stream_descriptor tty_;
  boost::asio::steady_timer escape_timer_;
  std::unique_ptr<tui::Painter> painter_;
  tui::KeyDecoder decoder_;
  Handlers handlers_;
  std::array<char, 16384> input_{};
  std::string output_;
  std::string clipboard_;  // a sequence that comes behind the output
  bool active_ = false;
  bool late_ = false;  // waits for the terminal to take more
  bool ring_ = false;
  // A new one with each enter() and none after leave(): handlers of an earlier time see it.
  std::shared_ptr<int> time_;
};

}  // namespace bdsh::app
