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

#include "core/host_spec.hpp"
#include "net/children.hpp"
#include "net/host_session.hpp"
#include "net/lifecycle.hpp"
#include "net/line_pipe.hpp"
#include "net/pseudo_terminal.hpp"
#include "net/session.hpp"
#include "net/ssh_log.hpp"
#include "net/write_queue.hpp"

namespace bdsh::net {

class ProcessSession : public HostSession, public std::enable_shared_from_this<ProcessSession> {
 public:
  // All references outlive the session.
  ProcessSession(HostId id, const HostSpec& spec, Services& services, Children& children,
                 SessionOwner& owner);
  ~ProcessSession() override { let_go(); }

  void start() override { feed(Event::Kind::start); }
  void turn() override { feed(Event::Kind::turn); }
  void stop() override { feed(Event::Kind::stop); }
  bool active() const override { return life_.active(); }
  const HostStatus& status() const override { return life_.status(); }
  bool write(std::string_view bytes) override;
  void interrupt() override;
  void end_input() override;
  void resize(Size size) override;
  void hold(bool held) override;
  void flush() override;
  std::size_t queued_bytes() const override { return queue_.bytes(); }
  // To ssh's question; nothing: the user refuses to answer.
  void answer(const std::optional<Secret>& answer);

 private:
  using Descriptor = asio::posix::stream_descriptor;
  struct Input {  // what is read from the child
    explicit Input(asio::io_context& loop) : fd(loop) {}
    Descriptor fd;
    bool armed = false;
    bool ended = false;
  };
  enum Source { terminal, out, err };

  bool by_ssh() const { return spec_.transport == HostSpec::Transport::openssh; }
  void feed(const Event& event);
  void perform(Do what);
  void report(const HostStatus& before);
  void arm_timer();
  void let_go();

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

  const HostId id_;
  const HostSpec& spec_;
  Services& services_;
  Children& children_;
  SessionOwner& owner_;
  const bool pty_;  // for the remote program
  Size size_;

  Lifecycle life_;
  WriteQueue queue_;
  asio::steady_timer timer_;
  std::optional<Time> timer_at_;
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
  std::uint64_t generation_ = 0;
  bool write_armed_ = false;
  bool held_ = false;
  bool flush_asked_ = false;
};

}  // namespace bdsh::net
