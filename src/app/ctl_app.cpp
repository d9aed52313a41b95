#include "app/ctl_app.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "app/line_socket.hpp"
#include "app/live_runs.hpp"
#include "app/password_file.hpp"
#include "control/messages.hpp"

namespace bdsh::app {
namespace {

// Lines of the socket, blocking; nothing at its end.
class Lines {
 public:
  explicit Lines(int socket) : socket_(socket) {}
  std::optional<std::string> next() {
    for (std::size_t end; (end = text_.find('\n')) == std::string::npos;)
      if (!more()) return {};
    const std::size_t end = text_.find('\n');
    std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
  }

 private:
  bool more() {
    std::array<char, 65536> bytes{};
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) return true;
    if (count > 0) text_.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0;
  }
  int socket_;
  std::string text_;
};

bool print_line(const std::string& line) {
  return std::printf("%s\n", line.c_str()) >= 0 && std::fflush(stdout) == 0;
}

// Until the run ends, or nobody reads.
int print_events(Lines& lines) {
  for (auto line = lines.next(); line; line = lines.next())
    if (!print_line(*line)) return kExitError;
  return kExitOk;
}

// Never from the command line, which others can read.
Status read_answer(control::Request& request) {
  if (request.arguments.size() != 1)
    return Error{ErrorKind::usage,
                 "answer: name the host (or all); the answer comes on standard input"};
  if (::isatty(STDIN_FILENO) != 0)
    return Error{ErrorKind::usage, "answer: it comes on standard input, which is a terminal here"};
  const auto answer = read_password_file("0");
  if (!answer) return answer.error();
  request.arguments.emplace_back(answer.value().reveal());
  return Done{};
}

}  // namespace

int control_run(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.settings.operands;
  const auto run = find_live_run(words[0]);
  if (!run) return report_error(run.error());
  const auto socket = connect_to(*run);
  if (!socket) return report_error(socket.error());
  control::Request request;
  request.command = words[1];
  request.arguments.assign(words.begin() + 2, words.end());
  if (invocation.settings.command) request.arguments.push_back(*invocation.settings.command);
  if (request.command == "answer")
    if (const Status read = read_answer(request); !read) return report_error(read.error());
  Lines lines(socket.value().get());
  const bool sent = send_line(socket.value().get(), to_line(request));
  const auto line = sent ? lines.next() : std::nullopt;
  if (!line) return report_error({ErrorKind::io, "the run's program has ended"});
  const auto answer = control::parse_answer(*line);
  if (!answer) return report_error(answer.error());
  if (!answer.value().ok)
    return report_error(
        {answer.value().usage ? ErrorKind::usage : ErrorKind::io, answer.value().error});
  if (request.command == "events") return print_events(lines);
  return answer.value().result.empty() || print_line(answer.value().result) ? kExitOk : kExitError;
}

}  // namespace bdsh::app
