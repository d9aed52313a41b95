// One terminal that was handed over to this program, with the client that keeps it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/line_socket.hpp"
#include "app/user_terminal.hpp"
#include "control/messages.hpp"

namespace bdsh::app {

class Attachment {
 public:
  struct Handlers {
    std::function<void(const Key&)> key;
    std::function<void()> ready;  // it takes frames: the first, or again after one was late
    std::function<void()> resized;
    std::function<void()> lost;  // the terminal or its client is gone, or hung up
    std::function<void()> end;   // the client was told to end
  };

  // `request` came with the descriptor. What speaks against drawing there.
  static Status check(const control::Request& request, const net::Fd& tty);
  // When the check was passed. There can be one that types at a time (see tui::Painter).
  static Result<std::unique_ptr<Attachment>> make(boost::asio::io_context& loop,
                                                  std::unique_ptr<LineSocket>& line,
                                                  const control::Request& request, net::Fd tty);
  // Asks the client to make it raw; ready() follows.
  void start(Handlers handlers);
  UserTerminal& terminal() { return *terminal_; }
  bool read_only() const { return read_only_; }
  // Leaves the terminal to the user's shell; ready() follows when he comes back.
  void suspend();
  // Nothing comes any more; finish() is still to come.
  void stop();
  // The last words; the terminal is the client's again. `patience`: ms to wait for it to listen.
  void finish(control::Notice notice, int patience);

 private:
  Attachment(std::unique_ptr<LineSocket> line, std::unique_ptr<UserTerminal> terminal,
             const control::Request& request)
      : line_(std::move(line)),
        terminal_(std::move(terminal)),
        modes_(request.modes),
        read_only_(request.read_only) {}
  void on_line(const std::string& line);
  void enter();
  void on_closed();
  template <typename Handler, typename... Values>
  void tell(const Handler& handler, const Values&... values);

  std::unique_ptr<LineSocket> line_;
  std::unique_ptr<UserTerminal> terminal_;
  std::string modes_;
  bool read_only_;
  Handlers handlers_;
};

}  // namespace bdsh::app
