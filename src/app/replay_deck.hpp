// Plays a recorded run into a RunState: on in time, and to any moment at once. With an index a jump
// reads of each host only what its screen needs; the comparison is the moment's all the same, since
// the index knows the hashes of what was not read.
//
// The state's clock is the run's: now() of the moment, never the wall's.
#pragma once

#include <optional>
#include <vector>

#include "app/event_log.hpp"
#include "app/run_state.hpp"
#include "run/replay_index.hpp"
#include "run/run_tape.hpp"

namespace bdsh::app {

using run::Micros;

class ReplayDeck {
 public:
  // Runs up to this size are always played from their beginning: everything about them is exact,
  // scrollback and earlier rounds included.
  static constexpr std::uint64_t kWhole = 4U << 20U;
  // Of time in which bytes of one host are fed at once.
  static constexpr Micros kStep{20'000};

  // All references outlive the deck; `events` may be null. Moments before which at most `whole`
  // bytes were printed are played to from the run's beginning.
  ReplayDeck(run::RunTape& tape, RunState& state, EventLog* events, std::uint64_t whole = kWhole);
  void set_index(const run::ReplayIndex* index) { index_ = index; }  // outlives the deck, or null

  Micros at() const { return at_; }
  bool ended() const { return at_ >= tape_.end(); }
  // On to `to`; stops after about `max_bytes` (false), where the next call goes on.
  bool play(Micros to, std::size_t max_bytes);
  // The next moment at which something happens, after at().
  std::optional<Micros> next() { return tape_.next(); }
  // Whether jump() is quick: else it reads everything up to the moment, as play() does.
  bool can_jump() const { return index_ != nullptr || tape_.bytes() <= whole_; }
  void jump(Micros to);
  // After a jump: reads the whole transcripts of hosts that stand for a variant, or are in `wanted`,
  // until about `max_bytes` were read; returns how many bytes that was. 0: nothing is missing.
  std::size_t fill(const HostSet& wanted, std::size_t max_bytes);
  Clock::time_point now() const { return time_of(at_); }
  // The round that is played at the moment: an index into the tape's marks; nothing in the first.
  std::optional<std::size_t> round_mark(Micros at) const;

 private:
  Clock::time_point time_of(Micros at) const { return start_ + at; }
  WallTime wall_time(Micros at) const { return tape_.description().started + at; }
  void apply(const run::Record& record);
  void apply_all(std::vector<run::Record>& records);
  void play_from_start(Micros to);
  std::uint64_t bytes_before(Micros to) const;
  void show_statuses(Micros at);
  void bring(HostId host, Micros to, std::uint64_t limit);
  bool resume_near(HostId host, Micros to, std::uint64_t limit);
  void read_round(HostId host, Micros to, std::uint64_t limit);
  void feed_on(HostId host, Micros to, std::uint64_t limit);
  std::uint64_t limit_after(Micros at, HostId host) const;
  std::uint64_t round_begin(HostId host) const;
  void set_events(Micros to);

  run::RunTape& tape_;
  RunState& state_;
  EventLog* events_;
  const run::ReplayIndex* index_ = nullptr;
  std::uint64_t whole_;
  Clock::time_point start_;
  Micros at_{0};
  std::optional<std::size_t> mark_;  // of the round that was jumped to
  std::vector<run::Record> records_;
};

}  // namespace bdsh::app
