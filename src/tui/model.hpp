// What the dashboard is drawn from: a snapshot of the run, made by app, valid for one call.
// The callbacks are answered at once from memory; they exist so that only visible hosts cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "consensus/comparison.hpp"
#include "consensus/diff.hpp"
#include "consensus/history.hpp"
#include "consensus/line_spread.hpp"
#include "consensus/outcome.hpp"
#include "consensus/screens.hpp"
#include "core/directory.hpp"
#include "core/host_status.hpp"
#include "core/screen.hpp"

namespace bdsh::tui {

struct HostView {
  std::string name;
  std::string group;
  Color color;           // of its group
  std::string progress;  // of its transfer, while one runs
  HostStatus status;  // with `waiting`/`done` already decided for live shells
  bool alternate = false;  // runs a full-screen program
  bool bell = false;       // rang since it was last focused
  bool held = false;       // its input is not draining
  bool confirm = false;    // its group asks before broadcasting
  std::string title;
};

struct EventLine {
  std::string time;  // "12:03:04", local time
  std::string host;  // may be empty
  std::string text;
};

// What is searched for, and where.
struct SearchAsk {
  std::string text;
  int round = 0;               // 0: in the live output; else in an earlier round
  std::optional<HostId> host;  // nothing: in that of all hosts
  friend bool operator==(const SearchAsk&, const SearchAsk&) = default;
};

struct SearchHit {
  HostId host;
  std::uint64_t line = 0;
  std::string text;
};

struct SearchFound {
  std::vector<SearchHit> hits;  // by host, then by line; bounded
  std::size_t matches = 0;      // lines that match, those beyond the bound as well
  HostSet hosts;                // that have any
};

struct MaskView {
  std::string name;
  bool on = true;
};

// What hosts show in place of one line: its columns that are numbers on most of them.
struct LineNumbers {
  HostId host;         // the first of the hosts
  std::string sample;  // its line, as it was printed
  std::vector<consensus::Distribution> columns;
};

// A run that is played again: where it stands.
struct ReplayView {
  std::chrono::microseconds at{0};  // since the run's start
  std::chrono::microseconds end{0};
  double speed = 1;
  bool playing = false;
  std::string busy;  // what one waits for, if anything: "reading 43 %"
};

// Two runs that are compared, by their names: round 1 is the one, round 2 the other.
struct ComparedRuns {
  std::string before;
  std::string after;
};

// A directory that the user looks at.
struct FilesView {
  std::string path;       // as it was asked for; empty: where the hosts' servers start
  HostSet hosts;          // that were asked
  HostSet waiting;        // and have not answered
  MergedDirectory found;  // seen from one of them
};

struct Model {
  std::string run_name;
  std::string command;  // empty: shells
  int round = 1;       // the one that is shown
  int live_round = 1;  // the newest
  consensus::RoundTimes round_times;
  bool keep = false;
  bool watching = false;  // a run directory, not a live run: nothing can be typed
  bool ended = false;     // watching: the run has ended
  std::optional<ReplayView> replay;  // watching a run that is played again
  std::optional<ComparedRuns> compared;  // the outcome is of the hosts' changes then
  bool masks = true;
  int parallel = 0;       // connections in progress at a time, at most; 0: not known (watching)
  bool asks_user = true;  // hosts' questions are the user's; else a program answers them
  Size host_size;         // the uniform size of the hosts' terminals
  const std::vector<HostView>* hosts = nullptr;  // by HostId
  const HostSet* excluded = nullptr;  // not shown, not counted, never a target
  std::optional<HostId> pinned;       // the host whose variant was made the reference
  const consensus::Outcome* outcome = nullptr;
  const std::vector<consensus::RoundRecord>* history = nullptr;  // finished rounds, oldest first
  std::size_t forgotten_rounds = 0;  // older than these
  // Set while most live hosts run full-screen programs: the consensus pane shows it instead.
  const consensus::ScreenConsensus* screens = nullptr;
  const std::vector<EventLine>* events = nullptr;  // oldest first

  // Made when a view asks for it, then kept until the comparison changes.
  std::function<const consensus::MergedView*()> merged;
  std::function<ScreenSnapshot(HostId, int scroll_back, Rect part)> screen;
  std::function<ScreenPlace(HostId)> screen_place;  // set with `screen`
  std::function<int(HostId)> scrollback_rows;
  std::function<std::uint64_t(HostId)> rows_scrolled;  // off the top of its screen, ever
  std::function<bool(HostId)> wants_mouse;
  std::function<std::vector<consensus::Spread>(const consensus::LinePlace&)> spreads;
  std::function<std::vector<MaskView>()> mask_list;
  // Never null; valid until the next call.
  std::function<const LineNumbers*(const consensus::LinePlace&)> numbers;
  // The reference holds until the next call.
  std::function<const consensus::Diff&(const consensus::TextRef&, const consensus::TextRef&)> diff;
  std::function<std::vector<consensus::TextLine>(const consensus::TextRef&, std::size_t begin,
                                                 std::size_t end)>
      lines;
  // What was last asked for with ListFiles, seen from that host; null: nothing. Holds until the next
  // call.
  std::function<const FilesView*(HostId leader)> files;
  std::function<std::vector<EntryVariant>(const std::string& name)> file_variants;
  // Over all output that is held; of an earlier round (else 0) over what is kept of it. Bounded.
  // Kept up to date as long as the same is asked.
  std::function<const SearchFound&(const SearchAsk&)> search;
};

}  // namespace bdsh::tui
