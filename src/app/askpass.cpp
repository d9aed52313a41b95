#include "app/askpass.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "net/launch.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kLongestAnswer = 4096;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Askpass::Askpass(boost::asio::io_context& loop, std::string program,
                 std::function<void(const std::string&)> complain)
    : program_(std::move(program)), complain_(std::move(complain)), output_(loop), child_(loop, SIGCHLD) {}

void Askpass::ask(const Question& question, Heard heard) {
  std::string text;
  for (const std::string& line : question.lines) text += line + "\n";
  heard_ = std::move(heard);
  const Status started = start(text + question.text + " ", question.prompt.kind == Prompt::Kind::host_key);
  if (started.ok()) return read();
  complain_(program_ + ": " + started.error().message);
  std::exchange(heard_, nullptr)(std::nullopt);
}

Status Askpass::start(const std::string& question, bool confirm) {
  auto pipe = net::make_pipe_from();
  if (!pipe) return pipe.error();
  net::Launch launch;
  launch.words = {program_, question};
  // Tells the program to ask for yes or no, as ssh(1) does.
  launch.environment = {{"SSH_ASKPASS_PROMPT", confirm ? std::optional<std::string>("confirm") : std::nullopt}};
  launch.out = pipe->theirs.get();
  launch.err = STDERR_FILENO;
  launch.own_session = false;  // it may ask on our terminal
  if (const int problem = net::spawn(launch, pid_); problem != 0) {
    pid_ = -1;
    return Error{ErrorKind::io, std::strerror(problem)};
  }
  closed_ = false;
  output_.assign(pipe->ours.release());
  reap();
  return Done{};
}

void Askpass::read() {
  output_.async_read_some(boost::asio::buffer(buffer_), [this](const boost::system::error_code& error,
                                                               std::size_t count) {
    if (error == boost::asio::error::operation_aborted) return;
    if (line_.size() < kLongestAnswer) line_.append({buffer_.data(), count});
    explicit_bzero(buffer_.data(), buffer_.size());
    if (!error) return read();
    closed_ = true;
    reap();
  });
}

// It is over when its output has ended and it has been waited for.
void Askpass::reap() {
  int status = 0;
  if (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return finish(false);
  }
  if (pid_ < 0 && closed_) return finish(true);
  child_.cancel();
  child_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) reap();
  });
}

void Askpass::finish(bool answered) {
  boost::system::error_code ignored;
  child_.cancel(ignored);
  output_.close(ignored);
  const std::string_view text = line_.reveal();
  std::optional<Secret> answer;
  if (answered) answer.emplace(text.substr(0, text.find_first_of("\r\n")));
  line_.wipe();
  if (heard_) std::exchange(heard_, nullptr)(std::move(answer));
}

void Askpass::cancel() {
  heard_ = nullptr;
  boost::system::error_code ignored;
  child_.cancel(ignored);
  if (output_.is_open()) output_.close(ignored);
  line_.wipe();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(std::exchange(pid_, -1), nullptr, WNOHANG);
}

std::string askpass_program(const std::string& chosen, bool have_terminal) {
  if (!chosen.empty()) return chosen;
  const std::string required = variable("SSH_ASKPASS_REQUIRE");
  if (required == "never" || (have_terminal && required != "force" && required != "prefer")) return {};
  return variable("SSH_ASKPASS");
}

}  // namespace bdsh::app
