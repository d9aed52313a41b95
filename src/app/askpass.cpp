#include "app/askpass.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace bdsh::app {
namespace {

constexpr std::size_t kLongestAnswer = 4096;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// SSH_ASKPASS_PROMPT=confirm tells the program to ask for yes or no, as ssh(1) does.
std::vector<std::string> environment(bool confirm) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, "SSH_ASKPASS_PROMPT=", 19) != 0) variables.emplace_back(*entry);
  if (confirm) variables.emplace_back("SSH_ASKPASS_PROMPT=confirm");
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// Its standard output goes to `output`; what the loop holds open stays closed to it (CLOEXEC), and
// signals are as a program expects them.
pid_t spawn(const std::string& program, const std::string& question, int output, bool confirm) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words{program, question};
  std::vector<std::string> variables = environment(confirm);
  pid_t pid = -1;
  errno = posix_spawn(&pid, program.c_str(), &actions, &attributes, pointers(words).data(),
                      pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return errno == 0 ? pid : -1;
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
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{ErrorKind::io, std::strerror(errno)};
  pid_ = spawn(program_, question, ends[1], confirm);
  const int problem = errno;
  ::close(ends[1]);
  if (pid_ < 0) {
    ::close(ends[0]);
    return Error{ErrorKind::io, std::strerror(problem)};
  }
  closed_ = false;
  output_.assign(ends[0]);
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
