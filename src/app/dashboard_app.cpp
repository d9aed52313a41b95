#include "app/dashboard_app.hpp"

#include <langinfo.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstring>

#include "app/askpass.hpp"
#include "app/event_feed.hpp"
#include "app/run_report.hpp"
#include "app/copy_out.hpp"
#include "app/user_path.hpp"
#include "core/text.hpp"
#include "report/json_report.hpp"
#include "run/user_file.hpp"
#include "tui/layout.hpp"

namespace bdsh::app {
namespace {

// Between two turns of a large paste: while hosts take it, and while none does.
constexpr std::chrono::milliseconds kPasteTurn{10};
constexpr std::chrono::milliseconds kStuckPasteTurn{100};

bool is_utf8_locale() { return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

}  // namespace

DashboardApp::DashboardApp(Serving& serving, CellTables& tables, const tui::Theme& theme,
                           const DashboardAppOptions& options, RunState& state, Source& source,
                           EventLog& events)
    : loop_(serving.loop()),
      serving_(serving),
      seats_(serving.seats()),
      state_(state),
      source_(source),
      events_(events),
      model_(state, source, events),
      dashboard_(tables, theme, options.dashboard),
      surface_(tables, seats_.size()),
      options_(options),
      executor_(state, source, program()),
      frames_(loop_, [this] { return draw(); }),
      signals_(loop_, SIGTERM, SIGHUP, SIGINT),
      settle_timer_(loop_),
      paste_timer_(loop_),
      tell_timer_(loop_),
      idle_timer_(loop_),
      workers_(loop_, 1),
      alignments_(
          state.comparison(),
          [this](auto job, auto done) { workers_.run(std::move(job), std::move(done)); },
          [this] { changed(); }) {
  signals_.add(SIGQUIT);
}

Program DashboardApp::program() {
  return {[this] { quit(); },
          [this] { seats_.suspend(); },
          [this] { detach(); },
          [this] {
            seats_.redraw();
            frames_.mark();
          },
          [this](const tui::Copy& text) { copy(text); },
          [this](bool on) { seats_.set_mouse(on); },
          [this](std::string text) { notify(std::move(text)); },
          [this](const tui::Transfer& wanted) {
            if (transfers_ != nullptr) transfers_->start(wanted);
          },
          [this] {
            if (transfers_ != nullptr) transfers_->stop();
          },
          [this](const tui::ListFiles& wanted) {
            if (files_ != nullptr) files_->list(wanted);
          },
          [this] {
            if (files_ != nullptr) files_->leave();
          }};
}

void DashboardApp::transfer_with(DashboardTransfers& transfers) {
  transfers_ = &transfers;
  model_.set_progress([&transfers](HostId host) { return transfers.progress_of(host); });
}

void DashboardApp::browse_with(FileBrowser& files) {
  files_ = &files;
  model_.show_files([&files](HostId leader) { return files.seen_from(leader); },
                    [&files](const std::string& name) { return files.variants(name); });
}

void DashboardApp::notify(std::string text) {
  dashboard_.notify(std::move(text));
  frames_.mark();
}

void DashboardApp::copy(const tui::Copy& copied) {
  const auto rows = static_cast<std::size_t>(std::count(copied.text.begin(), copied.text.end(), '\n')) + 1;
  const std::string what = std::to_string(rows) + (rows == 1 ? " row" : " rows");
  if (copied.to == tui::Copy::To::clipboard) {
    seats_.set_clipboard(copied.text);
    return notify(what + " copied to the clipboard of your terminal (OSC 52)");
  }
  if (copied.to == tui::Copy::To::file) {
    const Status saved = run::write_user_file(home_path(copied.path), copied.text + "\n", run::Existing::kept);
    return notify(saved ? what + " written to " + sanitised(copied.path)
                        : "not written: " + saved.error().message);
  }
  if (options_.copy_command.empty()) return notify("no copy_command is configured: see bdsh-tui(1)");
  notify(what + " given to " + options_.copy_command.front());
  const Status started = start_with_input(loop_, options_.copy_command, copied.text, [this](Status ended) {
    if (!ended.ok()) notify(ended.error().message);
  });
  if (!started.ok()) notify(started.error().message);
}

// $SSH_ASKPASS and whether it is wanted may be another terminal's by now.
void DashboardApp::choose_prompter() {
  const std::string program = source_.watching() ? "" : askpass_program(options_.askpass, true);
  if (program == askpass_) return;
  askpass_ = program;
  if (prompter_) prompter_->cancel();
  asker_.reset();
  prompter_.reset();
  model_.set_asks_user(program.empty());
  if (program.empty()) return;
  prompter_ = std::make_unique<Askpass>(loop_, program, [this](const std::string& line) {
    notify(sanitised(line));
  });
  asker_ = std::make_unique<Asker>(state_, *prompter_);
  look_for_questions();
}

void DashboardApp::run() {
  wait_for_signal();
  seats_.start({[this](const Key& key) { on_key(key); }, [this] { frames_.mark(); },
                [this] { follow_terminal_size(); }, [this] { arrive(); }, [this] { lose_terminal(); },
                [this] { quit(); }});
  open_desk();
  if (serving_.detached()) begin();
  loop_.run();
}

void DashboardApp::open_desk() {
  const auto later = [this](auto what) { boost::asio::post(loop_, what); };
  ControlDesk::Services services;
  services.quit = [this, later] { later([this] { quit(); }); };
  services.detach = [this, later] { later([this] { detach(); }); };
  services.terminals = [this] { return seats_.count(); };
  services.report = [this] { return report::json_report(result_of(state_, {}, {})); };
  desk_ = std::make_unique<ControlDesk>(state_, source_, model_, dashboard_, executor_, std::move(services));
  serving_.server().start({[this] {
                             hung_up_ = true;
                             quit();
                           },
                           [this](const control::Request& request) {
                             auto result = desk_->handle(request);
                             frames_.mark_urgent();
                             settle();
                             continue_paste(kPasteTurn);
                             return result;
                           },
                           [this] {
                             auto feed = std::make_shared<EventFeed>(state_, events_);
                             return [feed] { return feed->news(); };
                           }});
}

// Listeners hear what is new ten times a second, not with every byte.
void DashboardApp::tell_soon() {
  constexpr std::chrono::milliseconds kPause{100};
  if (telling_ || !serving_.server().heard()) return;
  telling_ = true;
  tell_timer_.expires_after(kPause);
  tell_timer_.async_wait([this](const boost::system::error_code& error) {
    telling_ = false;
    if (!error) serving_.server().tell();
  });
}

// Not before there is a terminal to see it on, unless none is wanted.
void DashboardApp::begin() {
  if (std::exchange(begun_, true)) return;
  choose_prompter();
  source_.start();
  if (options_.diff_of) {
    dashboard_.select(*options_.diff_of, model_.model());
    (void)dashboard_.act(tui::Action::view_diff, model_.model());
  }
  if (serving_.detached()) serving_.say_detached(options_.run);
}

void DashboardApp::arrive() {
  idle_timer_.cancel();
  if (begun_) {
    dashboard_.leave_input();  // nobody types on where he did not see that others are typed to
    choose_prompter();
  }
  dashboard_.set_utf8(is_utf8_locale());
  follow_terminal_size();
  begin();
}

void DashboardApp::detach() {
  if (options_.run.empty()) return notify("cannot detach: " + options_.bound);
  events_.add(std::chrono::system_clock::now(), "", "detached");
  dashboard_.leave_input();
  seats_.detach("detached: bdsh-tui attach " + options_.run + "\n");
}

// See docs/detach.md for the rule.
void DashboardApp::lose_terminal() {
  if (quitting_) return;
  if (options_.run.empty() || options_.on_hangup.quit) {
    hung_up_ = true;
    return quit();
  }
  events_.add(std::chrono::system_clock::now(), "", "the terminal was lost; the run goes on");
  dashboard_.leave_input();
  seats_.detach("the run goes on: bdsh-tui attach " + options_.run + "\n");
  busy_at_ = Clock::now();
  watch_idle();
}

bool DashboardApp::idle() const {
  for (const HostStatus& status : state_.statuses())
    if (status.state == HostState::running || status.state == HostState::connecting) return false;
  return true;
}

// Nobody chose to leave this run behind: it ends by itself, its logs kept, once nothing has run on it
// for a while.
void DashboardApp::watch_idle() {
  if (!options_.on_hangup.idle) return;
  const auto now = Clock::now();
  if (!idle()) busy_at_ = now;
  if (now - busy_at_ >= *options_.on_hangup.idle) {
    (void)source_.set_keep(true);
    return quit();
  }
  idle_timer_.expires_after(std::min<Clock::duration>(std::chrono::minutes(1), *options_.on_hangup.idle / 4));
  idle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) watch_idle();
  });
}

void DashboardApp::on_key(const Key& key) {
  if (quitting_) return;
  for (tui::Command& command : dashboard_.handle(key, model_.model()))
    executor_.execute(std::move(command));
  typed_at_ = Clock::now();
  frames_.mark_urgent();
  settle();
  continue_paste(kPasteTurn);
}

// Slow hosts take a large paste bit by bit; what they take in a turn is little.
void DashboardApp::continue_paste(std::chrono::milliseconds pause) {
  if (paste_waits_ || !executor_.pasting() || quitting_) return;
  paste_waits_ = true;
  paste_timer_.expires_after(pause);
  paste_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    paste_waits_ = false;
    const bool moved = executor_.pump();
    if (moved) frames_.mark();
    continue_paste(moved ? kPasteTurn : kStuckPasteTurn);
  });
}

void DashboardApp::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
    if (!quitting_) wait_for_signal();
  });
}

void DashboardApp::on_signal(int number) {
  if (number == SIGHUP) return seats_.led() ? lose_terminal() : void();
  quit();
}

// The hosts' terminals have the size of the focus view; a terminal too small to show anything
// leaves them as they are.
void DashboardApp::follow_terminal_size() {
  const Size size = seats_.size();
  surface_.resize(size);
  const Size hosts = tui::uniform_host_size(size);
  if (seats_.led() && !source_.watching() && hosts != state_.options().size) {
    source_.resize(hosts);
    state_.resize(hosts);
  }
  frames_.mark();
}

void DashboardApp::changed() {
  if (quitting_) return;
  for (const RunState::Clipboard& wanted : state_.take_clipboards()) set_clipboard(wanted);
  if (echo_came())
    frames_.mark_urgent();
  else if (picture_changed())
    frames_.mark();
  settle();
  tell_soon();
  if (asker_ && !std::exchange(look_posted_, true)) look_for_questions();
}

// Not from within the source's report: the answer may come at once.
void DashboardApp::look_for_questions() {
  boost::asio::post(loop_, [this] {
    look_posted_ = false;
    if (!quitting_) asker_->look(source_);
  });
}

// A terminal that is on the screen changed soon after a key.
bool DashboardApp::echo_came() const {
  constexpr std::chrono::milliseconds kSoon{250};
  if (Clock::now() - typed_at_ > kSoon) return false;
  return !(state_.damaged() & dashboard_.shown_hosts()).empty();
}

// Output of hosts that are not shown costs no frame unless the comparison says something new.
bool DashboardApp::picture_changed() const {
  if (state_.generation() != drawn_generation_ || events_.lines().size() != drawn_events_ ||
      source_.pictures() != drawn_pictures_)
    return true;
  bool visible = false;
  state_.damaged().for_each([&](HostId host) {
    visible |= dashboard_.shown_hosts().contains(host) || state_.terminal(host).alternate();
  });
  return visible;
}

// Wakes when a quiet shell may have settled; sleeps while nothing can.
void DashboardApp::settle() {
  if (source_.replay_view()) return;
  const auto next = state_.next_tick(Clock::now());
  if (!next || (settle_at_ && *settle_at_ <= *next)) return;
  settle_at_ = next;
  settle_timer_.expires_at(*next + std::chrono::milliseconds(1));
  settle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    settle_at_.reset();
    state_.tick(Clock::now());
    changed();
  });
}

Frame DashboardApp::draw() {
  if (seats_.empty()) return Frame::unchanged;
  const tui::Model& model = model_.model();
  drawn_generation_ = state_.generation();
  drawn_events_ = events_.lines().size();
  drawn_pictures_ = source_.pictures();
  state_.clear_damaged();
  dashboard_.draw(model, surface_);
  alignments_.run();
  if (const auto host = dashboard_.focused_host(); host && state_.bell(*host)) seats_.ring();
  dashboard_.shown_hosts().for_each([&](HostId host) { state_.clear_bell(host); });
  return seats_.present(surface_);
}

// Of the host that the user works on now, and of no other.
void DashboardApp::set_clipboard(const RunState::Clipboard& wanted) {
  if (!seats_.led() || wanted.host != dashboard_.focused_host()) return;
  const auto text = hosts_clipboard(wanted.base64);
  if (!text) return;
  seats_.set_clipboard(*text);
  notify(state_.info(wanted.host).name + " put " + std::to_string(text->size()) +
         " bytes on the clipboard of your terminal");
}

// Stop input, stop the sessions (bounded); the logs, the terminal and the summary follow in
// main's order once the loop has run dry.
void DashboardApp::quit() {
  if (std::exchange(quitting_, true)) return;
  if (prompter_) prompter_->cancel();
  end_ = {state_.statuses(), state_.comparison().outcome()};
  serving_.server().tell();
  serving_.server().stop();
  tell_timer_.cancel();
  seats_.stop();
  idle_timer_.cancel();
  frames_.stop();
  settle_timer_.cancel();
  paste_timer_.cancel();
  alignments_.stop();
  if (transfers_ != nullptr && transfers_->running()) transfers_->stop();
  if (files_ != nullptr) files_->leave();
  source_.stop([this] { signals_.cancel(); });
}

}  // namespace bdsh::app
