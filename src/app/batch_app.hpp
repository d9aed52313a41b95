// A run without a dashboard: the command on all hosts, progress on stderr, the folded report or
// the JSON document on stdout, and the exit code that scripts read.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/asker.hpp"
#include "app/askpass.hpp"
#include "app/event_log.hpp"
#include "app/live_source.hpp"
#include "app/run_state.hpp"
#include "app/setup.hpp"
#include "app/stdin_fan.hpp"
#include "app/tty_prompt.hpp"
#include "report/run_result.hpp"

namespace bdsh::app {

int run_batch(const Invocation& invocation);
// The report of a run directory as it stands.
int report_watched(const std::string& directory, const config::Settings& settings);

class BatchApp {
 public:
  // All references outlive the app.
  BatchApp(boost::asio::io_context& loop, const Invocation& invocation, RunState& state);

  // `source` reports here; returns once every host has ended or the user gave up.
  void run(Source& source, StdinFan* input);
  // Rounds follow each other until the user ends it; `done` is called at the end of each.
  void repeat(std::function<void()> done) { round_done_ = std::move(done); }
  void give_up() { finish(); }
  void end_with_first_failure() { fail_fast_ = true; }
  void changed();
  void say(const Error& error);  // on stderr, beside the progress
  // Lines to show in place of the one that counts hosts, for as long as the run goes on.
  void show_instead(std::function<std::vector<std::string>()> lines) { lines_ = std::move(lines); }
  // Somebody, or a program, can be asked for passwords and the like.
  bool may_ask() const { return may_ask_; }
  // The user's, when that is wanted; says why there is none.
  std::shared_ptr<net::SecretStore> keyring(const config::Settings& settings);

 private:
  void look();
  void started_and_ended();
  bool told_anew(HostId id, const std::optional<Error>& error);
  void show_progress();
  void draw_progress();
  void clear_progress();
  std::unique_ptr<Prompter> prompter(const config::Settings& settings);
  void on_signal();
  void look_at_round();
  void finish();

  boost::asio::io_context& loop_;
  RunState& state_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer progress_timer_;
  bool may_ask_ = false;
  std::unique_ptr<Prompter> prompt_;
  Asker asker_;
  Source* source_ = nullptr;
  StdinFan* input_ = nullptr;
  HostSet seen_live_;
  HostSet seen_ended_;
  std::map<HostId, std::string> told_;  // failures
  bool progress_tty_;
  std::size_t progress_rows_ = 0;  // on the screen now
  std::function<std::vector<std::string>()> lines_;
  bool progress_armed_ = false;
  bool look_posted_ = false;
  std::function<void()> round_done_;  // of --every
  int told_round_ = 0;                // the last round that was told as done
  int seen_round_ = 1;
  bool fail_fast_ = false;
  bool failed_ = false;  // and that ends the run
  bool finishing_ = false;
};

}  // namespace bdsh::app
