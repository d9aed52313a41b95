// Questions of a batch run, asked on the controlling terminal one at a time (stdin and stdout may
// be pipes). Without a terminal every question is refused.
#pragma once

#include <termios.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <optional>
#include <string>

#include "core/host_status.hpp"
#include "core/secret.hpp"

namespace bdsh::app {

class TtyPrompt {
 public:
  explicit TtyPrompt(boost::asio::io_context& loop);
  ~TtyPrompt() { cancel(); }

  bool available() const { return tty_.is_open(); }
  bool busy() const { return static_cast<bool>(answer_); }
  // `answer` gets the line typed, or nothing when it was cancelled (Ctrl-D, no terminal).
  void ask(const Prompt& prompt, std::function<void(std::optional<Secret>)> answer);
  void cancel();  // takes the question back and restores the terminal; `answer` is not called

 private:
  void read();
  void finish(std::optional<Secret> text);
  void set_echo(bool on);

  boost::asio::posix::stream_descriptor tty_;
  std::function<void(std::optional<Secret>)> answer_;
  Secret typed_;
  char byte_ = 0;
  termios saved_{};
  bool echo_off_ = false;
};

}  // namespace bdsh::app
