#include "app/terminal_client.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "app/handed_environment.hpp"
#include "app/line_socket.hpp"
#include "app/setup.hpp"

namespace bdsh::app {
namespace {

constexpr int kSignalled = 128;  // as shells report it

// From here on they come as bytes to read, and none does anything by itself.
net::Fd take_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGINT, SIGQUIT, SIGHUP})
    sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return net::Fd(::signalfd(-1, &set, SFD_CLOEXEC));
}

void print_file(const net::Fd& file, std::FILE* to) {
  std::array<char, 4096> text{};
  off_t at = 0;
  for (ssize_t count; (count = ::pread(file.get(), text.data(), text.size(), at)) > 0; at += count)
    std::fwrite(text.data(), 1, static_cast<std::size_t>(count), to);
}

}  // namespace

int TerminalClient::attach(bool read_only) {
  auto keeper = TerminalKeeper::open();
  if (!keeper) return report_error(keeper.error());
  keeper_ = std::move(*keeper);
  signals_ = take_signals();
  control::Request hello;
  hello.command = "attach";
  hello.environment = handed_environment();
  hello.modes = keeper_->modes();
  hello.read_only = read_only;
  if (!send_line(server_.get(), to_line(hello), keeper_->fd())) return lost_server();
  return loop();
}

int TerminalClient::wait_detached() {
  signals_ = take_signals();
  return loop();
}

int TerminalClient::loop() {
  std::array<pollfd, 2> waits{{{server_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
  while (!code_) {
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return kExitError;
    if ((waits[1].revents & POLLIN) != 0) handle_signal();
    if (!code_ && waits[0].revents != 0 && !read_server()) return lost_server();
  }
  return *code_;
}

bool TerminalClient::read_server() {
  std::array<char, 16384> bytes{};
  const ssize_t count = ::recv(server_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  in_.append(bytes.data(), static_cast<std::size_t>(count));
  for (std::size_t end; !code_ && (end = in_.find('\n')) != std::string::npos;) {
    const std::string line = in_.substr(0, end);
    in_.erase(0, end + 1);
    if (!handle_line(line)) return false;
  }
  return true;
}

bool TerminalClient::handle_line(const std::string& line) {
  if (const auto notice = control::parse_notice(line)) return handle(*notice);
  const auto answer = control::parse_answer(line);
  if (!answer) return false;
  if (answer->ok) return true;
  if (keeper_) keeper_->abandon();
  wait_for_child();
  code_ = report_error({answer->usage ? ErrorKind::usage : ErrorKind::io, answer->error});
  return true;
}

bool TerminalClient::handle(const control::Notice& notice) {
  using Kind = control::Notice::Kind;
  if (notice.kind == Kind::enter) {
    enter(notice.bytes);
    return true;
  }
  if (keeper_) keeper_->leave(notice.bytes);
  if (notice.kind == Kind::suspend) {
    stop();
    return true;
  }
  if (notice.kind == Kind::end) wait_for_child();
  std::fputs(notice.out.c_str(), stdout);
  std::fflush(stdout);
  std::fputs(notice.err.c_str(), stderr);
  code_ = notice.code;
  return true;
}

void TerminalClient::enter(const std::string& leave_bytes) {
  if (!keeper_) return;
  leave_bytes_ = leave_bytes;
  if (const Status entered = keeper_->enter(leave_bytes, server_.get()); !entered) {
    code_ = report_error(entered.error());
    return;
  }
  request("ready");
}

// As a job that the user stopped; the run goes on. SIGCONT comes as a signal to read.
void TerminalClient::stop() {
  ::kill(::getpid(), SIGSTOP);
}

void TerminalClient::handle_signal() {
  signalfd_siginfo signal{};
  if (::read(signals_.get(), &signal, sizeof signal) != static_cast<ssize_t>(sizeof signal)) return;
  switch (static_cast<int>(signal.ssi_signo)) {
    case SIGWINCH:
      return request("resize");
    case SIGTSTP:
      return request("suspend");
    case SIGCONT:
      return leave_bytes_.empty() ? void() : enter(std::string(leave_bytes_));
    default:
      break;
  }
  // A server that does not answer must not hold the user's shell.
  if (std::exchange(asked_to_end_, true))
    code_ = lost_server();
  else
    request(signal.ssi_signo == SIGHUP ? "hangup" : "end");
}

void TerminalClient::request(const char* command) {
  control::Request request;
  request.command = command;
  (void)send_line(server_.get(), to_line(request));  // a dead server is noticed by the reader
}

// It ended without a word, or cannot be waited for: what it printed is all there is to say.
int TerminalClient::lost_server() {
  if (keeper_) keeper_->abandon();
  if (child_.pid < 0) return report_error({ErrorKind::io, "the program of the run has ended"});
  int status = 0;
  if (::waitpid(child_.pid, &status, asked_to_end_ ? WNOHANG : 0) != child_.pid) return kExitError;
  print_file(child_.out, stdout);
  print_file(child_.err, stderr);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int number = WTERMSIG(status);
  (void)report_error(
      {ErrorKind::internal, std::string("the program that serves the run was ended by a signal: ") +
                                ::strsignal(number)});
  return kSignalled + number;
}

// So that nothing of a run is left once the prompt is back.
void TerminalClient::wait_for_child() const {
  constexpr int kPatienceMs = 5000;
  if (child_.pid < 0) return;
  const auto ended = net::watch_end(child_.pid);
  pollfd wait{ended ? ended.value().get() : -1, POLLIN, 0};
  if (ended) (void)::poll(&wait, 1, kPatienceMs);
  (void)::waitpid(child_.pid, nullptr, WNOHANG);  // what it used counts as ours
}

}  // namespace bdsh::app
