// The dashboard over one source: keys to commands, changes to frames, signals, and the shutdown
// in its order. Runs the loop until the user leaves.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "app/alignment_runner.hpp"
#include "app/asker.hpp"
#include "app/event_log.hpp"
#include "app/executor.hpp"
#include "app/frame_scheduler.hpp"
#include "app/host_lists.hpp"
#include "app/model_builder.hpp"
#include "app/run_state.hpp"
#include "app/source.hpp"
#include "app/user_terminal.hpp"
#include "net/workers.hpp"
#include "tui/dashboard.hpp"

namespace bdsh::app {

struct DashboardAppOptions {
  tui::DashboardOptions dashboard;
  std::vector<std::string> copy_command;  // argv; empty: none is configured
};

class DashboardApp {
 public:
  // Everything outlives the app. `terminal` is already taken.
  DashboardApp(boost::asio::io_context& loop, CellTables& tables, const tui::Theme& theme,
               const DashboardAppOptions& options, UserTerminal& terminal, RunState& state,
               Source& source, EventLog& events);

  // Hosts' questions go to this program, not to the user.
  void answer_with(const std::string& program);
  void run();      // returns once every flow has ended; the terminal is still taken
  void changed();  // the source's state changed
  bool hung_up() const { return hung_up_; }
  const RunEnd& end() const { return end_; }  // of the run, when the user left

 private:
  void on_key(const Key& key);
  void on_signal(int number);
  void wait_for_signal();
  void follow_terminal_size();
  Frame draw();
  bool echo_came() const;
  bool picture_changed() const;
  void settle();
  void continue_paste(std::chrono::milliseconds pause);
  void look_for_questions();
  void quit();
  void copy(const tui::Copy& copied);
  void notify(std::string text);
  Program program();

  boost::asio::io_context& loop_;
  UserTerminal& terminal_;
  RunState& state_;
  Source& source_;
  const EventLog& events_;
  ModelBuilder model_;
  tui::Dashboard dashboard_;
  tui::Surface surface_;
  std::vector<std::string> copy_command_;
  Executor executor_;
  std::unique_ptr<Prompter> prompter_;
  std::unique_ptr<Asker> asker_;
  FrameScheduler frames_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer settle_timer_;
  boost::asio::steady_timer paste_timer_;
  bool paste_waits_ = false;  // for its timer
  std::optional<Clock::time_point> settle_at_;
  Clock::time_point typed_at_{};
  net::Workers workers_;  // for alignments
  AlignmentRunner alignments_;
  std::uint64_t drawn_generation_ = 0;
  std::size_t drawn_events_ = 0;
  bool quitting_ = false;
  bool hung_up_ = false;
  bool look_posted_ = false;
  RunEnd end_;
};

}  // namespace bdsh::app
