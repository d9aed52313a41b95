// What a connection carries beside its own program: each tunnel joins a channel of its transport to
// one end of a socket pair, on whose other end somebody works: the session of a host behind this
// one, or whoever talks with a subsystem.
//
// Back-pressure goes through: a socket that is full leaves bytes in the channel, whose window then
// closes; a closed window, or a transport that cannot send, leaves bytes in the socket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.hpp"
#include "net/launch.hpp"
#include "net/transport.hpp"

namespace bdsh::net {

class Tunnels {
 public:
  using Opened = std::function<void(Result<Fd> stream)>;
  using NewChannel = std::function<std::unique_ptr<Channel>(std::function<void()> stirred)>;

  // `loop` and `transport` outlive this object. `wrote`: the transport has something to send.
  Tunnels(asio::io_context& loop, Transport& transport, std::function<void()> wrote);
  ~Tunnels();  // whoever waits for a tunnel is told, the others see the end of their stream

  // What `channel` makes is a channel of the transport.
  void open(const NewChannel& channel, Opened opened);
  // After each call of the transport: moves what it brought.
  void serve();
  std::size_t count() const { return tunnels_.size(); }

 private:
  class Tunnel;
  using TunnelPtr = std::shared_ptr<Tunnel>;
  bool may_send() const;
  void sent(std::size_t bytes);
  void turn(const TunnelPtr& tunnel);
  void ask_about_openings();
  void drop(const TunnelPtr& tunnel);

  asio::io_context& loop_;
  Transport& transport_;
  std::function<void()> wrote_;
  std::vector<TunnelPtr> tunnels_;
  std::vector<TunnelPtr> opening_;
  std::vector<TunnelPtr> stirred_;    // the transport has something for them
  std::vector<TunnelPtr> congested_;  // wait until the transport has sent what it holds
  std::size_t unsent_ = 0;            // bytes given to the transport since it had sent all
};

}  // namespace bdsh::net
