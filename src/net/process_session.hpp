// A session that a local program opens: ssh(1), or any command that opens a terminal. It has a
// pseudo-terminal, or, without one for the remote program, pipes, and then a terminal beside them
// on which ssh(1) asks its questions and keeps its log.
//
// Order, retries and deadlines are the same Lifecycle's as of any session: ssh's log says how far it
// is; of another command nothing is known, so it is taken to be in at its first output, or after
// half a second.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "net/children.hpp"
#include "net/driven_session.hpp"
#include "net/line_pipe.hpp"
#include "net/pseudo_terminal.hpp"
#include "net/ssh_log.hpp"

namespace bdsh::net {

class ProcessSession : public DrivenSession {
 public:
  // All references outlive the session.
  ProcessSession(HostId id, const HostSpec& spec, Services& services, Children& children,
                 SessionOwner& owner);
  ~ProcessSession() override { let_go(); }

  void start() override { feed(Event::Kind::start); }
  void interrupt() override;
  void end_input() override;
  void resize(Size size) override;
  void hold(bool held) override;
  void flush() override;
  void open_subsystem(const std::string&, Opened opened) override {
    opened(Error{ErrorKind::connect, "another program has its connection"});
  }
  // To ssh's question; nothing: the user refuses to answer.
  void answer(const std::optional<Secret>& answer);

 private:
  static Limits limits(HostId id, const HostSpec& spec, const Services& services);
  using Descriptor = asio::posix::stream_descriptor;
  struct Input {  // what is read from the child
    explicit Input(asio::io_context& loop) : fd(loop) {}
    Descriptor fd;
    bool armed = false;
    bool ended = false;
  };
  enum Source { terminal, out, err };

  bool by_ssh() const { return spec_.transport == HostSpec::Transport::openssh; }
  void perform(Do what) override;
  void let_go() override;
  template <typename F>
  auto guarded(F callback) {
    return guard<ProcessSession>(std::move(callback));
  }

  void start_child();
  Status open_streams(Launch& launch);
  Status open_pipes(Launch& launch);
  Status run(const Launch& launch);
  std::vector<std::string> child_words() const;
  void child_ended(const ExitResult& result);
  void settle();

  void wait_for_input();
  void arm(Source source);
  void readable(Source source);
  bool read_once(Source source);
  void drain();
  bool all_read() const;
  void arrived(Source source, std::string_view bytes);
  void asked(std::string_view bytes);
  void logged(const std::string& line);
  void reached(SshLog::Step step);

  bool write_some();
  Descriptor& input() { return pty_ ? inputs_[terminal].fd : stdin_; }
  void input_failed();

  Children& children_;
  const bool pty_;  // for the remote program
  Size size_;

  asio::steady_timer settle_timer_;

  std::shared_ptr<Child> child_;
  std::array<Input, 3> inputs_;
  Descriptor stdin_;
  Fd terminal_kept_;  // the child's end of a terminal beside pipes: it may close it and come back
  std::shared_ptr<LinePipe> messages_;  // ssh's log when its remote program has the terminal
  LineCutter terminal_lines_;
  SshLog log_;
  std::optional<ExitResult> result_;
  std::string question_;
  int messages_told_ = 0;
  bool write_armed_ = false;
  bool held_ = false;
};

}  // namespace bdsh::net
