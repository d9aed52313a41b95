// Bytes to and from a local stream socket on the loop, in order. Destroying it closes the socket.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
// Boost 1.74's coroutine headers lack <utility>.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "net/launch.hpp"

namespace bdsh::app {

class SocketLink : public std::enable_shared_from_this<SocketLink> {
 public:
  struct Reports {
    std::function<void(std::string_view bytes)> came;
    std::function<void()> ended;  // nothing more will come; once
  };
  // Nothing is reported after close() or once the last owner has let go.
  static std::shared_ptr<SocketLink> open(boost::asio::io_context& loop, net::Fd socket,
                                          Reports reports);
  void send(std::string_view bytes);
  void close();

 private:
  SocketLink(boost::asio::io_context& loop, net::Fd socket, Reports reports);
  void read();
  void write();
  void end();

  boost::asio::posix::stream_descriptor socket_;
  Reports reports_;
  std::array<char, 32768> buffer_;
  std::string waiting_;  // to be sent
  std::string sending_;
};

}  // namespace bdsh::app
