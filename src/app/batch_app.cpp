#include "app/batch_app.hpp"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>

#include "app/batch_report.hpp"
#include "app/host_lists.hpp"
#include "app/kept_run.hpp"
#include "app/runs_app.hpp"
#include "core/text.hpp"
#include "report/progress.hpp"
#include "report/host_verdict.hpp"
#include "run/names.hpp"

namespace bdsh::app {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr Size kBatchSize{Rows{24}, Cols{80}};  // of a PTY asked for with -t

int report_cached(const std::filesystem::path& kept, const config::Settings& settings) {
  std::fprintf(stderr, "bdsh-tui: nothing was connected to: the answer of the run kept in %s\n",
               sanitised(kept.string()).c_str());
  return report_watched(kept.string(), settings);
}

Status save_lists(const config::Settings& settings, RunState& state) {
  if (settings.save_hosts.empty()) return Done{};
  return write_lists(settings.save_hosts, state, {state.statuses(), state.comparison().outcome()});
}

// What a host without a terminal has printed is in the comparison, and nobody scrolls back.
std::size_t kept_lines(const config::Settings& settings) { return settings.tty ? settings.scrollback : 0; }

RunLogs logs_of(const RunState& state, const run::RunWriter& log) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < state.host_count(); ++i) names.push_back(state.info(HostId{i}).name);
  return {log.directory(), run::folder_names(names)};
}

// A terminal as stdin is not fanned out: the hosts get an empty input, as with `ssh -n`; so do they
// from another device (/dev/null) and when stdin is closed.
int batch_input() {
  struct stat info {};
  const bool device = fstat(STDIN_FILENO, &info) != 0 || S_ISCHR(info.st_mode);
  return device ? -1 : STDIN_FILENO;
}

}  // namespace

BatchApp::BatchApp(boost::asio::io_context& loop, const Invocation& invocation, RunState& state)
    : loop_(loop),
      state_(state),
      signals_(loop, SIGINT, SIGTERM, SIGHUP),
      progress_timer_(loop),
      prompt_(prompter(invocation.settings)),
      asker_(state, *prompt_,
             [this] { clear_progress(); }),
      progress_tty_(isatty(STDERR_FILENO) != 0 && !invocation.settings.json) {}

std::unique_ptr<Prompter> BatchApp::prompter(const config::Settings& settings) {
  auto tty = std::make_unique<TtyPrompt>(loop_);
  // With a password given beforehand the run is to go through by itself.
  const bool terminal = tty->available() && !settings.password_file;
  const std::string program = askpass_program(settings.askpass, terminal);
  may_ask_ = terminal || !program.empty();
  if (program.empty()) return tty;
  return std::make_unique<Askpass>(loop_, program, [](const std::string& line) {
    std::fprintf(stderr, "bdsh-tui: %s\n", sanitised(line).c_str());
  });
}

void BatchApp::run(Source& source, StdinFan* input) {
  source_ = &source;
  input_ = input;
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) on_signal();
  });
  source_->start();
  loop_.run();
  clear_progress();
}

// One look at all hosts for whatever happens in one turn of the loop.
void BatchApp::changed() {
  if (source_ == nullptr || std::exchange(look_posted_, true)) return;
  boost::asio::post(loop_, [this] {
    look_posted_ = false;
    look();
  });
}

void BatchApp::look() {
  if (finishing_) return;
  started_and_ended();
  if (failed_) return finish();
  if (round_done_) look_at_round();
  if (state_.all_ended() && !round_done_) return finish();
  asker_.look(*source_);
  if (progress_tty_ && !progress_armed_) show_progress();
}

// A round that has ended is told once; the source begins the next one.
void BatchApp::look_at_round() {
  const int round = state_.comparison().round();
  if (!state_.all_ended() || told_round_ == round) return;
  told_round_ = round;
  clear_progress();
  round_done_();
}

// Hands input to hosts that came up, and says on stderr which hosts failed, as it happens.
void BatchApp::started_and_ended() {
  if (const int round = state_.comparison().round(); std::exchange(seen_round_, round) != round) {
    seen_live_.clear();
    seen_ended_.clear();
  }
  for (std::size_t i = 0; i < state_.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    const HostStatus& status = state_.status(id);
    if (status.live() && !seen_live_.contains(id)) {
      seen_live_.add(id);
      if (input_ != nullptr) input_->host_live(id);
    }
    if (!status.ended() || seen_ended_.contains(id)) continue;
    seen_ended_.add(id);
    if (input_ != nullptr) input_->host_ended(id);
    if (fail_fast_ && !(status.exit && status.exit->success())) failed_ = true;
    if (!told_anew(id, status.error)) continue;
    clear_progress();
    std::fprintf(stderr, "%s: %s\n", state_.info(id).name.c_str(),
                 sanitised(status.error->message).c_str());
  }
}

// Round after round the same failure is told once, until the host has been well again.
bool BatchApp::told_anew(HostId id, const std::optional<Error>& error) {
  const std::string now = error ? error->message : "";
  return std::exchange(told_[id], now) != now && error;
}

// Without one the run goes on: what is not found is asked for.
std::shared_ptr<net::SecretStore> BatchApp::keyring(const config::Settings& settings) {
  auto store = open_keyring(settings);
  if (store) return *store;
  say(store.error());
  return nullptr;
}

void BatchApp::say(const Error& error) {
  clear_progress();
  (void)report_error(error);
}

void BatchApp::show_progress() {
  progress_armed_ = true;
  progress_timer_.expires_after(kProgressInterval);
  progress_timer_.async_wait([this](const boost::system::error_code& error) {
    progress_armed_ = false;
    if (error || finishing_ || prompt_->busy()) return;
    draw_progress();
    if (lines_) show_progress();
  });
}

void BatchApp::draw_progress() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && size.ws_row > 1;
  std::vector<std::string> lines;
  if (lines_) lines = lines_();
  else lines = {report::progress_line(state_.statuses())};
  if (known && lines.size() >= size.ws_row) lines.resize(size.ws_row - 1U);
  clear_progress();
  std::string text;
  for (const std::string& line : lines)
    text += (text.empty() ? "" : "\r\n") + (known ? cut_to_width(line, size.ws_col - 1) : line);
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  progress_rows_ = lines.size();
}

// Line by line from below: tmux takes a screen that is cleared as a whole into its history.
void BatchApp::clear_progress() {
  const std::size_t rows = std::exchange(progress_rows_, 0);
  for (std::size_t row = 0; row < rows; ++row)
    std::fputs(row == 0 ? "\r\x1b[K" : "\x1b[A\x1b[K", stderr);
}

// The first interrupt ends the run and keeps what came; the second one ends the program.
void BatchApp::on_signal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  finish();
}

void BatchApp::finish() {
  if (std::exchange(finishing_, true)) return;
  prompt_->cancel();
  progress_timer_.cancel();
  source_->stop([this] { signals_.cancel(); });
}

int run_batch(const Invocation& invocation) {
  const config::Settings& settings = invocation.settings;
  const bool pty = settings.tty;
  const bool ping = settings.job == config::Job::ping;
  const int stdin_fd = ping || settings.every ? -1 : batch_input();
  const auto filters = filters_of(settings);
  if (!filters) return report_error(filters.error());
  if (!settings.command && stdin_fd < 0 && !ping)
    return report_error({ErrorKind::usage,
                         "no command: give one after --, or shell input on standard input"});
  if (const auto kept = cached_run(settings)) return report_cached(*kept, settings);
  const auto compare = compare_options(settings);
  if (!compare.ok()) return report_error(compare.error());
  if (const Status lists = check_lists(settings.save_hosts); !lists)
    return report_error(lists.error());
  if (const Status fits = net::raise_descriptor_limit(settings.hosts); !fits.ok())
    return report_error(fits.error());
  auto password = read_password(settings);
  if (!password.ok()) return report_error(password.error());
  auto sink = open_audit(settings.audit);
  if (!sink) return report_error(sink.error());
  auto log = open_log(invocation, pty, kBatchSize);
  if (!log.ok()) return report_error(log.error());

  boost::asio::io_context loop(1);
  CellTables tables;
  RunState state(tables, run_hosts(settings),
                 {settings.run_name, settings.command, pty, kBatchSize, kept_lines(settings),
                  *compare, std::nullopt, false, settings.buffer});
  EventLog events;
  note_settings(settings, events, **log);
  BatchApp app(loop, invocation, state);
  net::PoolOptions options = pool_options(settings, pty, kBatchSize);
  options.secrets = app.keyring(settings);
  if (!app.may_ask()) options.mute = settings.password_file ? "--password-file was given" : "no terminal to ask on";
  LiveSource source(loop, settings.hosts, unusable_hosts(settings), options, state, **log, events,
                    [&app] { app.changed(); });
  if (*password) source.preset_password(std::move(**password));
  Audit audit(loop, std::move(*sink), [&app](const Error& error) { app.say(error); });
  AuditTrail trail(audit, audit_job(settings, **log), settings.hosts,
                   std::chrono::system_clock::now());
  source.record(trail);
  auto input = StdinFan::open(loop, stdin_fd, settings.hosts.size(), source);
  if (!input.ok()) return report_error(input.error());
  StepTimes times(settings.hosts.size());
  if (ping) source.time_steps(times);
  source.follow(rollout_rules(settings));
  if (settings.fail_fast) app.end_with_first_failure();
  RoundPrinter rounds(state, settings, *filters);
  if (settings.every) {
    source.repeat(*settings.every);
    app.repeat([&rounds, &app] {
      rounds.print();
      if (!rounds.ok()) app.give_up();  // nobody reads any more
    });
  }
  app.run(source, input->get());

  const auto now = std::chrono::system_clock::now();
  trail.end(now);
  audit.close();
  (*log)->close(now);
  report_log_error(**log);
  const int code = ping           ? print_ping(state, times, settings.json)
                   : rounds.any() ? static_cast<int>(report::exit_code(state.statuses()))
                                  : print_report(state, settings.hosts, logs_of(state, **log), *filters,
                                                settings.json);
  const Status saved = save_lists(settings, state);
  if ((*log)->keep()) std::fprintf(stderr, "logs kept in %s\n", (*log)->directory().c_str());
  const Status removed = (*log)->remove_unless_kept();
  if (!saved) return report_error(saved.error());
  return removed.ok() ? code : report_error(removed.error());
}

int report_watched(const std::string& directory, const config::Settings& settings) {
  const auto compare = compare_options(settings);
  if (!compare.ok()) return report_error(compare.error());
  const auto filters = filters_of(settings);
  if (!filters) return report_error(filters.error());
  const auto run = KeptRun::open(directory, *compare, settings.scrollback);
  if (!run) return report_error(run.error());
  RunState& state = (*run)->state();
  for (const std::string& warning : (*run)->warnings())
    std::fprintf(stderr, "bdsh-tui: %s\n", sanitised(warning).c_str());
  const int code =
      print_report(state, (*run)->description().hosts, (*run)->logs(), *filters, settings.json);
  const Status saved = save_lists(settings, state);
  return saved ? code : report_error(saved.error());
}

}  // namespace bdsh::app
