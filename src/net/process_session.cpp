#include "net/process_session.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

using Phase = Lifecycle::Phase;
using Kind = Event::Kind;
using Wait = asio::posix::stream_descriptor::wait_type;

constexpr int kReadsPerWake = 4;
constexpr std::size_t kPiece = 16 * 1024;
constexpr std::size_t kHandOver = 4 * 1024;  // a terminal's input buffer holds as much
constexpr int kMostMessages = 20;            // of ssh, in the event log, for one connection
constexpr std::chrono::milliseconds kSettled{500};

bool in_progress(Phase phase) { return phase != Phase::live && phase != Phase::draining; }

}  // namespace

Limits ProcessSession::limits(HostId id, const HostSpec& spec, const Services& services) {
  Limits limits = limits_of(id, spec, services.options.runs_something());
  limits.login_only = services.options.login_only;
  return limits;
}

ProcessSession::ProcessSession(HostId id, const HostSpec& spec, Services& services,
                               Children& children, SessionOwner& owner)
    : DrivenSession(id, spec, services, owner, limits(id, spec, services)),
      children_(children),
      pty_(services.options.pty),
      size_(services.options.size),
      settle_timer_(services.loop),
      inputs_{Input(services.loop), Input(services.loop), Input(services.loop)},
      stdin_(services.loop) {}

// ---- the machine and its driver

void ProcessSession::perform(Do what) {
  switch (what) {
    case Do::wait_for_turn:
      if (!child_) queue_.clear();
      return owner_.turn_wanted(id_);
    case Do::resolve: return feed(Event::resolved(1));
    case Do::connect: return start_child();
    // How far ssh is its log says; of another program nothing is known.
    case Do::handshake: return by_ssh() ? void() : feed(Kind::handshaken);
    case Do::check_key: return by_ssh() ? void() : feed(Kind::key_accepted);
    case Do::authenticate: return by_ssh() ? void() : feed(Kind::authenticated);
    case Do::open: return by_ssh() ? void() : settle();
    case Do::converse: return flush();
    case Do::resume:
    case Do::nothing:
    case Do::disconnect:
    case Do::finish: break;
  }
}

void ProcessSession::let_go() {
  ++generation_;
  ErrorCode ignored;
  for (Input& input : inputs_) {
    if (input.fd.is_open()) input.fd.close(ignored);
    input.armed = input.ended = false;
  }
  if (stdin_.is_open()) stdin_.close(ignored);
  terminal_kept_.reset();
  if (messages_) messages_->close();
  messages_.reset();
  child_.reset();
  settle_timer_.cancel();
  result_.reset();
  question_.clear();
  log_ = {};
  terminal_lines_ = {};
  messages_told_ = 0;
  write_armed_ = false;
}

// ---- the child

std::vector<std::string> ProcessSession::child_words() const {
  if (!by_ssh()) return {"/bin/sh", "-c", "exec " + spec_.terminal_command};
  std::vector<std::string> words = {"ssh", pty_ ? "-tt" : "-T", "-e", "none", "-o", "LogLevel=DEBUG2"};
  // Without a terminal for the remote program its errors and ssh's would share one pipe.
  if (!pty_) words.insert(words.end(), {"-E", "/dev/tty"});
  if (!services_.options.subsystem.empty())
    words.insert(words.end(), {"-s", "-o", "RemoteCommand=none"});
  words.insert(words.end(), spec_.ssh_words.begin(), spec_.ssh_words.end());
  if (!services_.options.subsystem.empty())
    words.push_back(services_.options.subsystem);
  else if (const auto command = services_.options.command_of(id_))
    words.push_back(*command);
  return words;
}

Status ProcessSession::run(const Launch& launch) {
  auto child = children_.start(launch, guarded([](ProcessSession& self, const ExitResult& result) {
    self.child_ended(result);
  }));
  if (!child) return child.error();
  child_ = std::move(*child);
  return Done{};
}

Status ProcessSession::open_pipes(Launch& launch) {
  auto to = make_pipe_to();
  auto from = make_pipe_from();
  auto errors = make_pipe_from();
  for (const auto* pair : {&to, &from, &errors})
    if (!*pair) return pair->error();
  stdin_.assign(to->ours.release());
  inputs_[out].fd.assign(from->ours.release());
  inputs_[err].fd.assign(errors->ours.release());
  launch.in = to->theirs.get();
  launch.out = from->theirs.get();
  launch.err = errors->theirs.get();
  return run(launch);
}

Status ProcessSession::open_streams(Launch& launch) {
  auto pty = open_pseudo_terminal(size_);
  if (!pty) return pty.error();
  launch.terminal = pty->path;
  inputs_[terminal].fd.assign(pty->ours.release());
  if (!pty_) {
    terminal_kept_.reset(::open(pty->path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    return open_pipes(launch);
  }
  Fd theirs;
  if (by_ssh()) {
    auto errors = make_pipe_from();
    if (!errors) return errors.error();
    theirs = std::move(errors->theirs);
    launch.err = theirs.get();
    messages_ = LinePipe::open(services_.loop, std::move(errors->ours),
                               guarded([](ProcessSession& self, const std::string& line) {
                                 self.logged(line);
                               }));
  }
  return run(launch);
}

void ProcessSession::start_child() {
  let_go();
  if (!by_ssh() && !services_.options.subsystem.empty())
    return feed(Event::failed({ErrorKind::channel, "its transport is a terminal, which carries no files"}));
  if (!by_ssh() && services_.options.login_only)
    return feed(
        Event::failed({ErrorKind::channel,
                       "its transport is a command, which does not say whether it is let in"}));
  Launch launch;
  launch.words = child_words();
  launch.environment = {{"TERM", services_.options.term}};
  if (const Status opened = open_streams(launch); !opened)
    return feed(Event::failed(opened.error()));
  wait_for_input();
  if (!by_ssh()) feed(Kind::connected);
}

void ProcessSession::settle() {
  settle_timer_.expires_after(kSettled);
  settle_timer_.async_wait(guarded([](ProcessSession& self, ErrorCode failed) {
    if (!failed && self.life_.phase() == Phase::opening) self.feed(Kind::opened);
  }));
}

// What it has written comes before its end; ssh's last words are the reason for it.
void ProcessSession::child_ended(const ExitResult& result) {
  const auto mine = generation_;
  drain();
  if (generation_ != mine) return;
  result_ = result;
  constexpr int kSshFailed = 255;
  if (by_ssh() && (result.status == kSshFailed || !result.signal.empty()) && !log_.host_sent_status()) {
    if (log_.host_sent_signal() && life_.phase() == Phase::live) {
      result_ = ExitResult{std::nullopt, "?"};  // which one ssh does not tell
    } else {
      Error reason = log_.reason();
      if (log_.turned_away() && in_progress(life_.phase())) return feed(Event::turned_away(reason));
      if (life_.phase() == Phase::live) reason.kind = ErrorKind::lost;
      return feed(Event::failed(std::move(reason)));
    }
  }
  if (in_progress(life_.phase())) feed(Kind::opened);
  if (generation_ == mine) feed(Event::exited(*result_));
  // A program left in the background may still hold the other end.
  if (generation_ == mine && all_read()) feed(Kind::closed);
}

// ---- what it writes

void ProcessSession::wait_for_input() {
  for (const Source source : {terminal, out, err}) arm(source);
}

void ProcessSession::arm(Source source) {
  Input& input = inputs_[source];
  // Only the program's output is held back, not ssh's questions and log.
  const bool held = held_ && life_.phase() == Phase::live && (pty_ || source != terminal);
  if (!input.fd.is_open() || input.ended || held || std::exchange(input.armed, true)) return;
  input.fd.async_wait(Wait::wait_read, guarded([source](ProcessSession& self, ErrorCode failed) {
    if (failed) return;
    self.inputs_[source].armed = false;
    self.readable(source);
  }));
}

void ProcessSession::readable(Source source) {
  const auto keep = shared_from_this();
  const auto mine = generation_;
  // What ssh has told before its remote program wrote says what these bytes are.
  if (messages_) messages_->drain();
  if (!pty_ && source != terminal && in_progress(life_.phase()))
    while (generation_ == mine && read_once(terminal)) continue;
  for (int i = 0; i < kReadsPerWake && generation_ == mine && read_once(source); ++i) continue;
  if (generation_ != mine) return;
  if (result_) return all_read() ? feed(Kind::closed) : arm(source);
  arm(source);
}

// False: nothing more now.
bool ProcessSession::read_once(Source source) {
  Input& input = inputs_[source];
  if (!input.fd.is_open() || input.ended) return false;
  std::array<char, kPiece> bytes;
  const ssize_t got = ::read(input.fd.native_handle(), bytes.data(), bytes.size());
  if (got > 0) {
    arrived(source, {bytes.data(), static_cast<std::size_t>(got)});
    return true;
  }
  // A terminal that nobody has open any more says EIO.
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) input.ended = true;
  return false;
}

void ProcessSession::drain() {
  const auto mine = generation_;
  if (messages_) messages_->drain();
  for (const Source source : {terminal, out, err})
    while (generation_ == mine && read_once(source)) continue;
}

bool ProcessSession::all_read() const {
  const auto finished = [](const Input& input) { return !input.fd.is_open() || input.ended; };
  return pty_ ? finished(inputs_[terminal]) : finished(inputs_[out]) && finished(inputs_[err]);
}

void ProcessSession::arrived(Source source, std::string_view bytes) {
  const bool remote = pty_ ? !(by_ssh() && in_progress(life_.phase())) : source != terminal;
  if (!remote) return by_ssh() ? asked(bytes) : void();
  if (in_progress(life_.phase())) feed(Kind::opened);
  services_.sink.on_bytes(id_, source == err ? Stream::err : Stream::out, bytes);
  if (life_.phase() == Phase::draining) feed(Kind::received);
}

// Lines are ssh's log, or the end of a question; what has no line end is a question.
void ProcessSession::asked(std::string_view bytes) {
  const auto mine = generation_;
  terminal_lines_.feed(bytes, [this, mine](const std::string& line) {
    if (generation_ != mine) return;
    // What leads to a question is written on the terminal, the log elsewhere when that is the host's.
    return pty_ ? void(log_.hear(line)) : logged(line);
  });
  if (generation_ != mine || !in_progress(life_.phase())) return;
  const std::string text = sanitised(terminal_lines_.unfinished(), 512);
  if (text.empty() || text == question_ || text.starts_with("debug")) return;
  question_ = text;
  const bool about_key = text.find("(yes/no") != std::string::npos;
  Prompt prompt;
  prompt.kind = about_key ? Prompt::Kind::host_key : Prompt::Kind::challenge;
  prompt.subject = about_key ? log_.shown_key() : spec_.user;
  prompt.text = about_key ? "accept the host key of " + spec_.original + "? " + log_.shown_key() : text;
  prompt.echo = about_key;
  feed(Event::ask(prompt));
}

void ProcessSession::answer(const std::optional<Secret>& answer) {
  if (!life_.status().asking) return;
  if (!answer) return feed(Event::failed({ErrorKind::auth, "the question was not answered: " + question_}));
  queue_.push_urgent(std::string(answer->reveal()) + "\n");
  terminal_lines_ = {};
  question_.clear();
  const std::string_view line = queue_.front(kHandOver);
  const ssize_t sent = ::write(inputs_[terminal].fd.native_handle(), line.data(), line.size());
  queue_.pop(line.size());
  if (sent < 0) return feed(Event::failed({ErrorKind::auth, "ssh takes no answer"}));
  feed(Kind::answered);
}

void ProcessSession::logged(const std::string& line) {
  const SshLog::Step step = log_.hear(line);
  if (SshLog::is_message(line) && ++messages_told_ <= kMostMessages)
    services_.sink.on_event(id_, "ssh: " + line);
  if (in_progress(life_.phase())) reached(step);
}

void ProcessSession::reached(SshLog::Step step) {
  using Step = SshLog::Step;
  // After a question the host waits for its turn, while ssh goes on.
  if (step != Step::opened && (life_.phase() == Phase::asking || life_.phase() == Phase::queued)) return;
  switch (step) {
    case Step::none: return;
    case Step::connected: return feed(Kind::connected);
    case Step::handshaken: return feed(Kind::handshaken);
    case Step::key_accepted: return feed(Kind::key_accepted);
    case Step::authenticated: return feed(Kind::authenticated);
    case Step::opened: break;
  }
  feed(Kind::opened);
  owner_.turn_returned(id_);  // it may have got in while it waited for its turn after a question
}

// ---- what the user does

void ProcessSession::interrupt() {
  if (life_.phase() != Phase::live) return;
  if (!pty_) return child_->signal(SIGINT);
  queue_.push_urgent("\x03");
  flush();
}

void ProcessSession::end_input() {
  if (pty_ && life_.phase() == Phase::live) (void)queue_.push("\x04");  // what ^D means to a terminal
  queue_.end();
  want_flush();
}

void ProcessSession::flush() {
  flush_asked_ = false;
  if (life_.phase() != Phase::live || !input().is_open()) return;
  while (!queue_.empty() && write_some()) continue;
  if (queue_.end_due() && !pty_) {
    queue_.end_sent();
    stdin_.close();
  }
}

// False: not now.
bool ProcessSession::write_some() {
  const std::string_view bytes = queue_.front(kHandOver);
  const ssize_t sent = ::write(input().native_handle(), bytes.data(), bytes.size());
  if (sent >= 0) {
    queue_.pop(static_cast<std::size_t>(sent));
    return true;
  }
  if (errno != EAGAIN && errno != EINTR) {
    queue_.clear();  // it reads no more; its end is told by its exit
    return false;
  }
  if (std::exchange(write_armed_, true)) return false;
  input().async_wait(Wait::wait_write, guarded([](ProcessSession& self, ErrorCode failed) {
    if (failed) return;
    self.write_armed_ = false;
    self.flush();
  }));
  return false;
}

void ProcessSession::resize(Size size) {
  if (std::exchange(size_, size) == size) return;
  if (inputs_[terminal].fd.is_open()) set_terminal_size(inputs_[terminal].fd.native_handle(), size);
}

void ProcessSession::hold(bool held) {
  if (std::exchange(held_, held) == held || held) return;
  wait_for_input();
}

}  // namespace bdsh::net
