// The life of one host's session, without I/O: next(event) → what to do. Order of steps, deadlines,
// retries, back-off and the resulting HostStatus are decided here and nowhere else.
//
// The driver performs the returned action and feeds back how it went. After every call it looks at
// status() (to report), deadline() (to arm its one timer) and holds_turn() (for pacing).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "core/host_status.hpp"

namespace bdsh::net {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Millis = std::chrono::milliseconds;

struct Limits {
  Millis connect_timeout{10'000};  // resolve … authenticated; again for opening the session; 0: none
  Millis command_timeout{0};       // how long a program may run; 0: for ever
  int max_retries = 0;             // of connection errors
  std::uint32_t jitter_seed = 0;   // so that a fleet does not retry in step
  bool forwards_agent = false;     // shown while the session is live
  bool login_only = false;         // ends well once authenticated
};

struct Event {
  enum class Kind {
    start,          // the user wants a session
    turn,           // pacing lets this host go on
    resolved,       // `count` addresses
    connected,      // TCP is up
    looked,         // the connection was for a look at the host's certificate: a new one is needed
    handshaken,     // keys are exchanged
    key_accepted,   // the host key is the right one, or was accepted
    authenticated,
    opened,         // the shell or command runs
    ask,            // `prompt` must be answered before the current step can go on
    answered,       // it was
    held,           // the step waits for something that hosts share: its clock stands still
    let_go,         // it goes on
    failed,         // the current step failed with `error`
    turned_away,    // closed before the server said anything, as sshd does beyond MaxStartups
    exited,         // `exit` arrived; output may still follow
    received,       // output arrived (only needed after `exited`)
    closed,         // the channel is closed
    deadline,       // deadline() has passed
    stop,           // the user or the shutdown ends it
  };
  Kind kind;
  int count = 0;
  Error error{};
  ExitResult exit{};
  Prompt prompt{};

  Event(Kind k) : kind(k) {}  // NOLINT: implicit, so that transcripts read well
  static Event resolved(int count) { return with(Kind::resolved, &Event::count, count); }
  static Event failed(Error error) { return with(Kind::failed, &Event::error, std::move(error)); }
  static Event turned_away(Error e) { return with(Kind::turned_away, &Event::error, std::move(e)); }
  static Event exited(ExitResult exit) { return with(Kind::exited, &Event::exit, std::move(exit)); }
  static Event ask(Prompt prompt) { return with(Kind::ask, &Event::prompt, std::move(prompt)); }

 private:
  template <typename Field>
  static Event with(Kind kind, Field Event::*field, Field value) {
    Event event(kind);
    event.*field = std::move(value);
    return event;
  }
};

enum class Do {
  nothing,
  wait_for_turn,  // tell pacing; answer with Event turn
  resolve,
  connect,        // to address number address()
  handshake,
  check_key,
  authenticate,
  resume,         // the step that asked goes on with the answer
  open,           // channel, environment, pty, shell or command
  converse,       // live: bytes both ways
  disconnect,     // let go of the connection, without a farewell to the user: a retry follows
  finish,         // let go of everything: the session has ended
};

class Lifecycle {
 public:
  enum class Phase {
    idle, queued, resolving, connecting, handshaking, checking_key, authenticating, asking,
    opening, live, draining, backing_off, ended,
  };

  explicit Lifecycle(Limits limits) : limits_(limits), jitter_(limits.jitter_seed + 1) {}

  Do next(const Event& event, Time now);

  Phase phase() const { return phase_; }
  const HostStatus& status() const { return status_; }
  // When to feed Event deadline, at the earliest; nothing: no timer is needed.
  std::optional<Time> deadline() const { return deadline_; }
  // Whether this host counts as a connection in progress.
  bool holds_turn() const;
  bool active() const { return phase_ != Phase::idle && phase_ != Phase::ended; }
  int address() const { return address_; }
  // What the last event deserves to say in the event log, or empty.
  const std::string& note() const { return note_; }

 private:
  Do begin(Time now);
  Do take_turn(Time now);
  Do enter(Phase phase, ConnectStep step, Do action);
  Do connect_to(int address, Time now);
  Do authenticated(Time now);
  Do go_live(Time now);
  Do ask(const Prompt& prompt, Time now);
  Do answered();
  Do failed(Error error, bool turned_away, Time now);
  Do back_off(Millis delay, const Error& error, Time now);
  Do deadline_passed(Time now);
  Do drain(const ExitResult& exit, Time now);
  Do received(Time now);
  Do closed();
  Do finish(HostState state, std::optional<Error> error);
  Error timed_out() const;
  Millis jittered(Millis delay);
  bool may_retry(const Error& error) const;
  void start_clock(Time now);
  void stop_clock(Time now);

  Limits limits_;
  std::minstd_rand jitter_;
  Phase phase_ = Phase::idle;
  Phase asked_in_ = Phase::idle;    // the phase that waits for an answer, or idle
  HostStatus status_;
  ExitResult exit_;                 // kept back until all output is delivered
  std::optional<Time> deadline_;
  std::optional<Time> overall_;     // of the whole attempt, while its clock runs
  Millis left_{0};                  // of the attempt, while its clock stands still
  std::optional<Time> drain_until_;
  int address_ = 0;
  int addresses_ = 0;
  int retries_ = 0;
  int turned_away_ = 0;
  bool asked_ = false;              // the user was asked on this connection
  std::string note_;
};

}  // namespace bdsh::net
