// Questions of a batch run, asked on the controlling terminal one at a time (stdin and stdout may
// be pipes). Without a terminal every question is refused.
#pragma once

#include <termios.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include "app/prompter.hpp"

namespace bdsh::app {

class TtyPrompt final : public Prompter {
 public:
  explicit TtyPrompt(boost::asio::io_context& loop);
  ~TtyPrompt() override { cancel(); }

  bool available() const { return tty_.is_open(); }
  bool busy() const override { return static_cast<bool>(answer_); }
  // Nothing is answered by Ctrl-D, or where there is no terminal.
  void ask(const Question& question, Heard heard) override;
  void cancel() override;  // also restores the terminal

 private:
  void read();
  void finish(std::optional<Secret> text);
  void set_echo(bool on);

  boost::asio::posix::stream_descriptor tty_;
  Heard answer_;
  Secret typed_;
  char byte_ = 0;
  termios saved_{};
  bool echo_off_ = false;
};

}  // namespace bdsh::app
