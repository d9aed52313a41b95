// Answers from a program, as ssh(1) takes them from $SSH_ASKPASS: it is run with the question as its
// argument and prints the answer in one line; another exit status than 0 means no answer.
#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <string>

#include "app/prompter.hpp"

namespace bdsh::app {

class Askpass final : public Prompter {
 public:
  // `complain` gets a line when the program cannot be started.
  Askpass(boost::asio::io_context& loop, std::string program,
          std::function<void(const std::string&)> complain);
  ~Askpass() override { cancel(); }

  bool busy() const override { return static_cast<bool>(heard_); }
  void ask(const Question& question, Heard heard) override;
  void cancel() override;

 private:
  Status start(const std::string& question, bool confirm);
  void read();
  void reap();
  void finish(bool answered);

  const std::string program_;
  std::function<void(const std::string&)> complain_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::signal_set child_;
  Heard heard_;
  pid_t pid_ = -1;
  bool closed_ = false;  // its output has ended
  Secret line_;
  std::array<char, 256> buffer_{};
};

// The user's choice (--askpass), else $SSH_ASKPASS as ssh(1) would use it: when there is no terminal
// to ask on, or $SSH_ASKPASS_REQUIRE says so. Empty: none.
std::string askpass_program(const std::string& chosen, bool have_terminal);

}  // namespace bdsh::app
