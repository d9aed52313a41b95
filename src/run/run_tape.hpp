// A run directory in the order of time, for playing it again: what every host printed, and how it
// fared, up to a moment. A run that goes on is played as it was when it was opened.
//
// Bytes are timed by out.timing, rounds and new sessions by rounds.log. Of a host's states the
// directory keeps the last: when it began to connect, was entered (its first byte) and ended.
// Damage is a warning, as in RunReader. Single-threaded.
#pragma once

#include <filesystem>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "run/host_tape.hpp"
#include "run/round_lines.hpp"
#include "run/run_yaml.hpp"

namespace bdsh::run {

// A round began, or hosts' sessions were started again (round 0).
struct TapeMark {
  int round = 0;
  Micros at{0};
  HostSet hosts;                       // the participants, or the hosts
  std::vector<std::uint64_t> offsets;  // by host, for a round; of `hosts` in order, for restarts
};

class RunTape {
 public:
  static Result<std::unique_ptr<RunTape>> open(const std::filesystem::path& directory);

  const RunDescription& description() const { return run_.description; }
  std::size_t host_count() const { return hosts_.size(); }
  std::uint64_t bytes() const;                 // of all logs
  Micros end() const { return end_; }          // of the last thing that happened
  const std::vector<TapeMark>& marks() const { return marks_; }  // in order
  const std::vector<Resize>& resizes() const { return resizes_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  bool timed() const;  // false: no host has any timing
  // Of the files that are played: changes with their sizes and times.
  std::uint64_t fingerprint() const { return fingerprint_; }
  int directory() const { return directory_.get(); }

  void rewind();
  // When the next thing happens; nothing at the end.
  std::optional<Micros> next();
  // Appends what happened up to `to`. Bytes of hosts that lie between two marks are in no order
  // between hosts. At most about `max_bytes`: false when there is more to come before `to`.
  bool play(Micros to, std::size_t max_bytes, std::vector<Record>& out);

  void set_piece(std::size_t bytes);  // see HostTape::play
  const std::vector<LoggedEvent>& events() const { return events_; }

  // Jumping: each host is put somewhere, then the tape goes on behind the marks before `mark`
  // (an index into marks()), with all events and states up to `at` passed over.
  void place(HostId host, const TapePlace& place) { host_at(host).go_to(place, resizes_); }
  void go_on(std::size_t mark, Micros at);
  // Of one host alone, without marks and states: up to the moment and the offset.
  std::optional<Micros> next_byte(HostId host) { return host_at(host).next(directory()); }
  void play_host(HostId host, Micros to, std::uint64_t limit, std::vector<Record>& out);
  const HostTape& host(HostId host) const { return hosts_[host.value]; }
  Size size_at(Micros at) const;
  HostStatus status_at(HostId host, Micros at) const;

 private:
  struct StatusChange {
    Micros at{0};
    HostStatus status;
  };
  // What is next of a host, earliest first.
  struct Due {
    Micros at{0};
    std::uint32_t host = 0;
    friend bool operator>(const Due& a, const Due& b) {
      return a.at != b.at ? a.at > b.at : a.host > b.host;
    }
  };
  explicit RunTape(Fd directory) : directory_(std::move(directory)) {}

  Status read_run(const std::string& where);
  void read_marks();
  void read_resizes();
  void read_events();
  void read_states();
  std::vector<StatusChange> states_of(HostId host, const HostMeta& meta);
  void find_end();
  void take_fingerprint();
  Micros since_start(WallTime at) const;

  HostTape& host_at(HostId host) { return hosts_[host.value]; }
  void queue_all();
  void queue(std::uint32_t host);
  std::optional<Micros> next_of(std::uint32_t host);
  void find_limits();
  bool play_hosts(Micros to, std::size_t max_bytes, std::vector<Record>& out);
  std::size_t play_one(std::uint32_t host, Micros to, std::vector<Record>& out);
  void pass_mark(std::vector<Record>& out);
  void play_events(Micros to, std::vector<Record>& out);

  Fd directory_;
  RunRecord run_;
  std::vector<HostTape> hosts_;
  std::vector<TapeMark> marks_;
  std::vector<Resize> resizes_;
  std::vector<LoggedEvent> events_;
  std::vector<std::vector<StatusChange>> states_;  // by host, ascending
  std::vector<std::string> warnings_;
  Micros end_{0};
  std::uint64_t fingerprint_ = 0;

  std::size_t mark_ = 0;  // the next
  std::size_t event_ = 0;
  std::vector<std::size_t> state_;     // the next, by host
  std::vector<std::uint64_t> limits_;  // of the logs: where the next mark stands
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace bdsh::run
