// What a child process says on a pipe, line by line. Text that is shown goes through sanitised()
// on its way here.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/asio.hpp"
#include "net/launch.hpp"

namespace bdsh::net {

// Bytes to lines. A line longer than 4 KiB is cut there; carriage returns are dropped.
class LineCutter {
 public:
  using Line = std::function<void(const std::string& line)>;
  void feed(std::string_view bytes, const Line& line);
  void finish(const Line& line);  // the last one, without its line end
  const std::string& unfinished() const { return rest_; }

 private:
  std::string rest_;
};

// Reads until the other end is closed, or until its last owner lets go.
class LinePipe : public std::enable_shared_from_this<LinePipe> {
 public:
  static std::shared_ptr<LinePipe> open(asio::io_context& loop, Fd fd, LineCutter::Line line);
  // Takes what is there now: the child has ended and its last words count.
  void drain() { (void)read(); }
  void close();

 private:
  LinePipe(asio::io_context& loop, LineCutter::Line line) : fd_(loop), line_(std::move(line)) {}
  void wait();
  bool read();  // false: nothing more will come

  asio::posix::stream_descriptor fd_;
  LineCutter cutter_;
  LineCutter::Line line_;
};

}  // namespace bdsh::net
