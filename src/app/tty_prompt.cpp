#include "app/tty_prompt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/read.hpp>

namespace bdsh::app {

TtyPrompt::TtyPrompt(boost::asio::io_context& loop) : tty_(loop) {
  const int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) tty_.assign(fd);
}

void TtyPrompt::ask(const Question& question, Heard heard) {
  if (!available()) return heard(std::nullopt);
  answer_ = std::move(heard);
  std::string text;
  for (const std::string& line : question.lines) text += line + "\n";
  text += question.text + " ";
  (void)!write(tty_.native_handle(), text.data(), text.size());
  set_echo(question.prompt.echo || question.prompt.kind == Prompt::Kind::host_key);
  read();
}

// A byte at a time, so that no other copy of a secret stays in a buffer.
void TtyPrompt::read() {
  tty_.async_read_some(boost::asio::buffer(&byte_, 1), [this](const boost::system::error_code& error,
                                                              std::size_t) {
    if (!answer_ || error == boost::asio::error::operation_aborted) return;
    if (error) return finish(std::nullopt);
    if (byte_ == '\n') return finish(std::move(typed_));
    typed_.append({&byte_, 1});
    byte_ = 0;
    read();
  });
}

void TtyPrompt::finish(std::optional<Secret> text) {
  if (echo_off_) (void)!write(tty_.native_handle(), "\n", 1);
  set_echo(true);
  typed_.wipe();
  std::exchange(answer_, nullptr)(std::move(text));
}

void TtyPrompt::cancel() {
  answer_ = nullptr;
  set_echo(true);
  typed_.wipe();
  if (tty_.is_open()) tty_.cancel();
}

void TtyPrompt::set_echo(bool on) {
  if (!tty_.is_open() || on == !echo_off_) return;
  if (on) {
    tcsetattr(tty_.native_handle(), TCSANOW, &saved_);
  } else {
    if (tcgetattr(tty_.native_handle(), &saved_) != 0) return;
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(tty_.native_handle(), TCSAFLUSH, &quiet);
  }
  echo_off_ = !on;
}

}  // namespace bdsh::app
