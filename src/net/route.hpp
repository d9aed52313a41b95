// How the connection to a host comes about: a TCP connection, a command's pipes, or a channel of
// the connection to a jump host. One object per attempt; letting go of it gives the way up.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "core/host_spec.hpp"
#include "net/asio.hpp"
#include "net/children.hpp"
#include "net/launch.hpp"
#include "net/resolver.hpp"

namespace bdsh::net {

class Route {
 public:
  // How many addresses there are to try. May be called at once.
  using Found = std::function<void(const Result<int>& addresses)>;
  // A connected stream that does not block, owned by the receiver. May be called at once.
  using Connected = std::function<void(Result<Fd> stream)>;

  virtual ~Route() = default;
  virtual void find(Found found) = 0;
  virtual void connect(int address, Connected connected) = 0;
  // Why the way broke, when it knows better than who uses the stream.
  virtual std::optional<Error> trouble() { return {}; }
};

// `spec` and what else is referred to outlive the route.
std::shared_ptr<Route> make_tcp_route(asio::io_context& loop, Resolver& resolver,
                                      const HostSpec& spec);
// `say` gets what the command prints on its standard error, line by line, for the event log.
std::shared_ptr<Route> make_command_route(asio::io_context& loop, Children& children,
                                          const HostSpec& spec,
                                          std::function<void(const std::string&)> say);

}  // namespace bdsh::net
