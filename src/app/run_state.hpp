// Everything a run is, above its source and below its picture: per host the status, the terminal
// and the transcript of the round; over all hosts the comparison. Fed by a source (a live pool or
// a run directory), read by the dashboard's model, the batch report and the executor.
//
// No I/O and no clock. Not thread-safe; lives on the loop's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/round_clock.hpp"
#include "app/shell_watch.hpp"
#include "consensus/comparison.hpp"
#include "consensus/learned_names.hpp"
#include "consensus/screens.hpp"
#include "core/cell.hpp"
#include "core/host_status.hpp"
#include "core/ids.hpp"
#include "pty/host_terminal.hpp"

namespace bdsh::app {

struct RunHost {
  std::string name;
  std::string group;
  bool confirm = false;  // its group asks before broadcasting
  std::vector<std::string> own_words;
  std::string expression;  // what names it again to -H
  Color color{};           // of its group
};

struct RunOptions {
  std::string name;
  std::optional<std::string> command;
  bool pty = true;
  Size size{Rows{24}, Cols{80}};
  std::size_t scrollback_lines = 10'000;
  consensus::Options compare;
  std::optional<WallTime> started = std::nullopt;  // of the run: its first round's beginning
  bool keep_clipboard = false;  // hosts' wishes for the clipboard: take_clipboards()
  std::size_t scrollback_bytes = pty::TerminalOptions().scrollback_bytes;
};

// Where a host's recorded output is gone on with: what came before is known by its hashes alone.
struct Resume {
  std::uint64_t line = 0;        // the logical line that it goes on with
  std::uint64_t round_line = 0;  // the first of the round
  consensus::Chain chain;        // of the lines between them
  Size size{Rows{24}, Cols{80}};
};

class RunState {
 public:
  // `tables` outlives the run.
  RunState(CellTables& tables, std::vector<RunHost> hosts, RunOptions options);

  // The source's side. feed() returns what the host's terminal replies. `at`: when it was printed,
  // which for a watched run is not now.
  std::string feed(HostId host, std::string_view bytes, Clock::time_point now,
                   std::optional<WallTime> at = std::nullopt);
  void set_status(HostId host, const HostStatus& status, Clock::time_point now);

  // The user's side: what this key is for this host; marks typed text and prompts.
  std::string encode(HostId host, const Key& key);
  // Enter was broadcast: what the targets print from their next line on is the next round.
  void begin_round(const HostSet& targets, std::optional<WallTime> at = std::nullopt);
  // The run's command runs again on the hosts: the next round, of the same command.
  void repeat_round(const HostSet& targets, std::optional<WallTime> at = std::nullopt);
  // The hosts are started again: their transcripts of this round begin anew.
  void restart(const HostSet& hosts);
  // For who jumps in a recorded run. All output and statuses are forgotten; what the user has set
  // stays: masks, reference, hosts left out; and what hosts call themselves.
  void start_over();
  // This is the round now, beginning below what the hosts show; earlier rounds are forgotten.
  void jump_to_round(int round, const HostSet& targets, std::optional<WallTime> at);
  void resume(HostId host, const Resume& from);
  // The host's part of the round begins with its next line.
  void begin_round_line(HostId host);
  void know_names(HostId host, const std::vector<std::string>& names);
  std::vector<std::string> names(HostId host) const { return names_.names(host); }
  // The lowest logical line of the host that changed since the last call; nothing when none did.
  std::optional<std::uint64_t> take_lowest_change(HostId host);
  std::uint64_t round_line(HostId host) const { return at(host).round_line; }
  // How many bytes the host had printed when it was last started.
  std::uint64_t session_start(HostId host) const { return at(host).session_start; }
  // Changes when lines are no longer counted from where they were.
  std::uint64_t epoch() const { return epoch_; }

  void resize(Size size);
  void resize(HostId host, Size size);
  void set_masks(bool on);
  void set_mask(const std::string& name, bool on);
  // The host's variant is the reference from now on; nothing: the vote's.
  void set_reference(std::optional<HostId> host);
  // These hosts are neither compared nor counted; rounds that begin meanwhile are without them.
  void set_excluded(HostSet hosts);
  const HostSet& excluded() const { return excluded_; }

  // Lets time pass: quiet shells settle. Returns whether anything changed.
  bool tick(Clock::time_point now);
  std::optional<Clock::time_point> next_tick(Clock::time_point now) const;

  std::size_t host_count() const { return hosts_.size(); }
  const RunHost& info(HostId host) const { return at(host).info; }
  // With `done` and `waiting` decided for live shells and programs.
  const HostStatus& status(HostId host) const { return at(host).shown; }
  std::vector<HostStatus> statuses() const;  // of all hosts
  const pty::HostTerminal& terminal(HostId host) const { return at(host).terminal; }
  double seconds(HostId host, Clock::time_point now) const;  // from its start to its end or now
  // What each host last wanted on the clipboard since the last call: base64 as it came.
  struct Clipboard {
    HostId host;
    std::string base64;
  };
  std::vector<Clipboard> take_clipboards() { return std::exchange(clipboards_, {}); }
  bool bell(HostId host) const { return at(host).bell; }
  void clear_bell(HostId host);
  HostSet live() const;
  bool all_ended() const;
  const RunOptions& options() const { return options_; }
  std::string round_command() const;
  consensus::RoundTimes round_times();  // of the current round
  consensus::Comparison& comparison() { return comparison_; }
  const consensus::Comparison& comparison() const { return comparison_; }
  // The majority screen while most live hosts run full-screen programs, else nothing.
  const consensus::ScreenConsensus* screens();
  // Grows with every change that a picture of statuses or of the comparison would show.
  std::uint64_t generation() const { return generation_ + comparison_.generation(); }
  // Hosts whose live screen changed since the last clear_damaged().
  const HostSet& damaged() const { return damaged_; }
  void clear_damaged() { damaged_.clear(); }
  // Hosts that printed since the last call.
  HostSet take_printed() { return std::exchange(printed_, HostSet()); }

 private:
  struct Host {
    RunHost info;
    pty::HostTerminal terminal;
    HostStatus reported{};  // by the source
    HostStatus shown{};
    ShellWatch watch{};
    consensus::Progress progress{};
    std::uint64_t bytes = 0;  // printed, ever
    std::uint64_t session_start = 0;
    std::uint64_t round_line = 0;   // the first logical line of this round
    bool round_line_ahead = false;  // Enter was sent, the new line has not come yet
    // Busy with an earlier command when Enter was sent: the round begins where its shell comes to
    // read the new one. Lines before this one were looked at.
    std::optional<std::uint64_t> late{};
    std::optional<std::uint64_t> lowest_change{};
    bool printed = false;  // since it was last started
    bool bell = false;
    bool screen_dirty = false;
    // Since when its picture is held (synchronized output).
    std::optional<Clock::time_point> held_since{};
    std::optional<Clock::time_point> started{};
    std::optional<Clock::time_point> ended{};
  };

  static pty::TerminalOptions terminal_options(const RunOptions& options, std::size_t hosts);
  void begin_again(HostId id, const pty::TerminalOptions& options);
  HostSet participants_of(const HostSet& targets) const;
  void begin_round_lines();
  Host& at(HostId host) { return hosts_[host.value]; }
  const Host& at(HostId host) const { return hosts_[host.value]; }
  std::string open_text(const Host& host) const;
  void read_lines(HostId id, Host& host);
  void show_screen(HostId id, Host& host);
  void keep_clipboard(HostId id, std::string base64);
  void release_held(HostId id, Host& host, Clock::time_point now);
  void place_round_line(Host& host) const;
  void find_late_round(HostId id, Host& host, bool at_prompt);
  void read_lines_from(HostId id, Host& host, std::uint64_t changed);
  void learn_names();
  bool update(HostId id, Host& host, Clock::time_point now);
  HostStatus shown_status(const Host& host, ShellState shell) const;
  consensus::Progress progress_of(const Host& host, ShellState shell) const;
  void place_round_line_ahead(HostId id);
  void settle_at_prompts(const HostSet& targets);
  void settle_at_prompt(HostId id, bool target);
  bool round_at_rest() const;
  void vote_screens();
  const Cell* row_cells(HostId host, int row);

  CellTables& tables_;
  RunOptions options_;
  std::vector<Host> hosts_;
  consensus::Comparison comparison_;
  RoundClock round_clock_;
  consensus::LearnedNames names_;
  consensus::ScreenVote vote_;
  consensus::ScreenConsensus screens_;
  std::vector<std::optional<ScreenSnapshot>> screen_cache_;
  HostSet unsettled_;  // quiet or not is not decided yet
  HostSet damaged_;
  HostSet printed_;
  HostSet excluded_;
  bool repeats_ = false;  // rounds are the run's command again and again
  std::vector<Clipboard> clipboards_;
  std::uint64_t generation_ = 1;
  std::uint64_t epoch_ = 1;
  std::vector<std::string> lines_;  // reused
};

}  // namespace bdsh::app
