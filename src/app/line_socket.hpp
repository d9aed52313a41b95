// One end of a Unix stream socket on the loop: lines in, with a descriptor that came along; lines
// out, never blocking. Whoever gets a call may destroy the socket in it.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/launch.hpp"

namespace bdsh::app {

class LineSocket {
 public:
  struct Handlers {
    // Without the line end; `passed` came with this line or before it, and is close-on-exec.
    std::function<void(const std::string& line, net::Fd passed)> line;
    std::function<void()> closed;   // by the other end, or it sends no lines
    std::function<void()> drained;  // everything that send() could not hand over at once is out
  };

  LineSocket(boost::asio::io_context& loop, net::Fd socket);
  void start(Handlers handlers);
  // Another owner takes over, also while a line is being handled.
  void set_handlers(Handlers handlers) { handlers_ = std::move(handlers); }
  void send(std::string_view text);
  std::size_t queued() const { return out_.size(); }
  // The last words: waits for as long as `patience` (ms) for the other end to take what is queued.
  void finish(std::string_view text, int patience);
  void stop();   // hears nothing more; finish() is still to come
  void close();  // no call comes afterwards
  int fd() { return socket_.native_handle(); }

 private:
  void await_input();
  bool receive();  // false: the other end is gone
  void deliver();
  void await_room();
  bool flush();  // false: the other end is gone

  boost::asio::posix::stream_descriptor socket_;
  Handlers handlers_;
  std::array<char, 16384> buffer_{};
  std::string in_;
  std::string out_;
  net::Fd passed_;
  bool waits_for_room_ = false;
  std::shared_ptr<bool> life_ = std::make_shared<bool>(true);  // handlers of a dead socket see it
};

// Sends a line, and with it a descriptor (-1: none), blocking. For the client's side.
bool send_line(int socket, std::string_view line, int passed = -1);

}  // namespace bdsh::app
