// The dashboard over one source: keys to commands, changes to frames, signals, terminals that come and
// go, and the shutdown in its order. Runs the loop until the run is over.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "app/alignment_runner.hpp"
#include "app/asker.hpp"
#include "app/control_desk.hpp"
#include "app/dashboard_transfers.hpp"
#include "app/event_log.hpp"
#include "app/executor.hpp"
#include "app/file_browser.hpp"
#include "app/frame_scheduler.hpp"
#include "app/host_lists.hpp"
#include "app/model_builder.hpp"
#include "app/run_state.hpp"
#include "app/serving.hpp"
#include "app/source.hpp"
#include "net/workers.hpp"
#include "tui/dashboard.hpp"

namespace bdsh::app {

struct DashboardAppOptions {
  tui::DashboardOptions dashboard;
  std::vector<std::string> copy_command;  // argv; empty: none is configured
  // The name to attach to; empty: the run cannot go on without a terminal, and why.
  std::string run;
  std::string bound;
  config::OnHangup on_hangup;
  std::string askpass;  // the user's choice
  std::optional<HostId> diff_of;  // begins with the diff view of this host
};

class DashboardApp {
 public:
  // Everything outlives the app.
  DashboardApp(Serving& serving, CellTables& tables, const tui::Theme& theme,
               const DashboardAppOptions& options, RunState& state, Source& source, EventLog& events);

  // Without it nothing can be transferred. Outlives the app.
  void transfer_with(DashboardTransfers& transfers);
  void browse_with(FileBrowser& files);  // the same of hosts' files
  void notify(std::string text);  // a line at the bottom
  void redraw() { frames_.mark(); }  // something on the screen is other
  void run();      // returns once every flow has ended; the terminals are still taken
  void changed();  // the source's state changed
  bool hung_up() const { return hung_up_; }
  const RunEnd& end() const { return end_; }  // of the run, when the user left

 private:
  void on_key(const Key& key);
  void on_signal(int number);
  void wait_for_signal();
  void follow_terminal_size();
  void begin();
  void arrive();
  void choose_prompter();
  void open_desk();
  void tell_soon();
  void detach();
  void lose_terminal();
  void watch_idle();
  bool idle() const;
  Frame draw();
  bool echo_came() const;
  bool picture_changed() const;
  void settle();
  void continue_paste(std::chrono::milliseconds pause);
  void look_for_questions();
  void quit();
  void copy(const tui::Copy& copied);
  void set_clipboard(const RunState::Clipboard& wanted);
  Program program();

  boost::asio::io_context& loop_;
  Serving& serving_;
  Seats& seats_;
  RunState& state_;
  Source& source_;
  EventLog& events_;
  ModelBuilder model_;
  tui::Dashboard dashboard_;
  tui::Surface surface_;
  const DashboardAppOptions options_;
  Executor executor_;
  DashboardTransfers* transfers_ = nullptr;
  FileBrowser* files_ = nullptr;
  std::string askpass_;  // the program in use; empty: the user answers on the dashboard
  std::unique_ptr<Prompter> prompter_;
  std::unique_ptr<Asker> asker_;
  std::unique_ptr<ControlDesk> desk_;
  FrameScheduler frames_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer settle_timer_;
  boost::asio::steady_timer paste_timer_;
  boost::asio::steady_timer tell_timer_;  // for listeners
  bool telling_ = false;
  boost::asio::steady_timer idle_timer_;  // since the terminal was lost
  Clock::time_point busy_at_{};           // then: when something last ran
  bool paste_waits_ = false;  // for its timer
  std::optional<Clock::time_point> settle_at_;
  Clock::time_point typed_at_{};
  net::Workers workers_;  // for alignments
  AlignmentRunner alignments_;
  std::uint64_t drawn_generation_ = 0;
  std::size_t drawn_events_ = 0;
  bool begun_ = false;
  std::uint64_t drawn_pictures_ = 0;
  bool quitting_ = false;
  bool hung_up_ = false;
  bool look_posted_ = false;
  RunEnd end_;
};

}  // namespace bdsh::app
