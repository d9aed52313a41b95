// Who comes to the socket of a run: terminals that want to be drawn on, and commands. The first
// client, which started this process, comes by a socket of its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "app/line_socket.hpp"
#include "app/live_runs.hpp"
#include "app/seats.hpp"

namespace bdsh::app {

class RunServer {
 public:
  RunServer(boost::asio::io_context& loop, Seats& seats)
      : loop_(loop), seats_(seats), listener_(loop) {}

  void welcome_first(net::Fd client);
  // It may go: the run is on its way without a terminal.
  void release_first(const std::string& out, const std::string& err);
  struct Handlers {
    std::function<void()>
        refused;  // the first client came to nothing: its terminal cannot be drawn on
    std::function<Result<std::string>(const control::Request&)> command;
    // What a new listener gets to hear: each call says what is new since the last.
    std::function<std::function<std::vector<std::string>()>()> listen;
  };
  void start(Handlers handlers) { handlers_ = std::move(handlers); }
  bool heard() const { return !listeners_.empty(); }
  void tell();  // the listeners, what is new
  // Others find this run from now on. Errors: see LiveName.
  Status open(const std::filesystem::path& run_directory);
  bool open() const { return name_.has_value(); }
  void stop();  // nobody else comes
  // The end, to whoever is still there.
  void finish(int code, const std::string& out, const std::string& err);

 private:
  using Visitor = std::unique_ptr<LineSocket>;
  // Of `ctl RUN events`. One that reads too slowly misses something, and is told how much.
  struct Listener {
    LineSocket* line;
    std::function<std::vector<std::string>()> news;
    std::size_t dropped = 0;
  };
  void forget(const LineSocket* line);
  void listen(LineSocket* line, const control::Request& request);
  void tell(Listener& listener);
  static void say_dropped(Listener& listener);
  void accept();
  void lose_first();
  void welcome(net::Fd client);
  void receive(std::list<Visitor>::iterator visitor, const std::string& line, net::Fd passed);
  void attach(std::list<Visitor>::iterator visitor, const control::Request& request, net::Fd tty);

  boost::asio::io_context& loop_;
  Seats& seats_;
  std::optional<LiveName> name_;
  boost::asio::posix::stream_descriptor listener_;
  std::list<Visitor> visitors_;
  Handlers handlers_;
  std::list<Listener> listeners_;
  LineSocket* first_ = nullptr;  // of the client that started this process, until it has attached
};

}  // namespace bdsh::app
