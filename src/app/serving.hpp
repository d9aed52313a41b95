// Every dashboard is two processes from its first moment: the client, which the user's shell waits
// for and which keeps his terminal, and the server, which has the run and draws. So a run survives
// the loss of its terminal at any time, and there is one way to be on a terminal.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

#include "app/run_server.hpp"
#include "app/seats.hpp"
#include "net/launch.hpp"

namespace bdsh::app {

// The server's side. What it prints to stdout and stderr is kept, and printed by the client once
// the terminal is whole again.
class Serving {
 public:
  // `client` has not spoken yet.
  Serving(net::Fd client, bool detached);

  boost::asio::io_context& loop() { return loop_; }
  Seats& seats() { return seats_; }
  RunServer& server() { return server_; }
  bool detached() const { return detached_; }  // started without a terminal
  void close_input();  // of this process: what was to be read from it has been
  // The client that waits for a detached run to be there is let go.
  void say_detached(const std::string& name);
  // Everybody is told the end.
  void finish(int code);

 private:
  boost::asio::io_context loop_;
  Seats seats_;
  RunServer server_;
  const bool detached_;
};

struct ServeOptions {
  bool detached = false;
  int keep = -1;  // a descriptor that the server reads from, beside 0, 1 and 2
};
// Runs `serve` in a process of its own, in a session of its own; returns in both, with what main is
// to return. No thread may run yet.
int serve(const ServeOptions& options, const std::function<int(Serving&)>& serve);

}  // namespace bdsh::app
