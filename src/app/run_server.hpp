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
  RunServer(boost::asio::io_context& loop, Seats& seats) : loop_(loop), seats_(seats), listener_(loop) {}

  void welcome_first(net::Fd client);
  // It may go: the run is on its way without a terminal.
  void release_first(const std::string& out, const std::string& err);
  // `refused`: the first client came to nothing, its terminal cannot be drawn on.
  void start(std::function<void()> refused) { refused_ = std::move(refused); }
  // Others find this run from now on. Errors: see LiveName.
  Status open(const std::filesystem::path& run_directory);
  bool open() const { return name_.has_value(); }
  void stop();  // nobody else comes
  // The end, to whoever is still there.
  void finish(int code, const std::string& out, const std::string& err);

 private:
  using Visitor = std::unique_ptr<LineSocket>;
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
  std::function<void()> refused_;
  LineSocket* first_ = nullptr;  // of the client that started this process, until it has attached
};

}  // namespace bdsh::app
