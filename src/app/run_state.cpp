#include "app/run_state.hpp"

#include <algorithm>

namespace bdsh::app {
namespace {

// Brings a terminal whose connection ended back to a state in which the next session's output is
// readable: soft reset, visible cursor, a fresh line. The primary screen only where it is not shown:
// the sequence also brings back a saved cursor, and that stands above what was printed since.
constexpr std::string_view kPrimaryScreen = "\x1b[?1049l";
constexpr std::string_view kSoftReset = "\x1b[!p\x1b[?25h\x1b[0m";
constexpr std::string_view kToBottom = "\x1b[999B";
// Said in the host's own pane, so that nobody takes what follows for the shell before.
constexpr std::string_view kNewSession = "\r\n\x1b[2m--- a new session begins here ---\x1b[0m\r\n";

// Of all hosts' scrollback, when their width changes: a step of a dragged border holds the loop.
constexpr std::size_t kRewrappedRows = 100'000;

std::vector<std::vector<std::string>> own_words_of(const std::vector<RunHost>& hosts) {
  std::vector<std::vector<std::string>> words;
  for (const RunHost& host : hosts) words.push_back(host.own_words);
  return words;
}

// The prompt is known where it was typed after; on a watched run it is told by its shape.
std::string without_prompt(const std::string& line, const std::string& prompt) {
  std::size_t at = prompt.size();
  if (prompt.empty() || !line.starts_with(prompt)) {
    at = prompt_in(line).size();
    if (at == 0) at = line.size();
  }
  at = line.find_first_not_of(' ', at);
  return at == std::string::npos ? std::string() : line.substr(at);
}

bool entered(const HostStatus& status) {
  return status.step == ConnectStep::live;
}

}  // namespace

RunState::RunState(CellTables& tables, std::vector<RunHost> hosts, RunOptions options)
    : tables_(tables),
      options_(std::move(options)),
      comparison_(own_words_of(hosts), options_.compare),
      round_clock_(options_.started),
      names_(hosts.size()),
      vote_(hosts.size()),
      screen_cache_(hosts.size()) {
  const pty::TerminalOptions terminal = terminal_options(options_, hosts.size());
  hosts_.reserve(hosts.size());
  for (RunHost& info : hosts)
    hosts_.push_back(Host{std::move(info), pty::HostTerminal(tables_, terminal)});
}

pty::TerminalOptions RunState::terminal_options(const RunOptions& options, std::size_t hosts) {
  pty::TerminalOptions terminal;
  terminal.size = options.size;
  terminal.scrollback_lines = options.scrollback_lines;
  terminal.scrollback_bytes = options.scrollback_bytes;
  terminal.rewrapped_rows = kRewrappedRows / std::max<std::size_t>(hosts, 1);
  terminal.kind =
      options.pty ? pty::TerminalOptions::Kind::pty : pty::TerminalOptions::Kind::plain;
  return terminal;
}

std::string RunState::feed(HostId id, std::string_view bytes, Clock::time_point now,
                           std::optional<WallTime> printed_at) {
  Host& host = at(id);
  if (comparison_.participants().contains(id)) round_clock_.heard(printed_at);
  pty::FeedResult result = host.terminal.feed(bytes);
  host.bytes += bytes.size();
  host.printed = true;
  host.watch.on_output(now);
  host.watch.on_marks(result.marks);
  if (result.bell && !host.bell) {
    host.bell = true;
    ++generation_;
  }
  if (!result.clipboard.empty()) keep_clipboard(id, std::move(result.clipboard));
  if (result.title_changed) {
    names_.on_title(id, host.terminal.title());
    ++generation_;
  }
  if (result.url_host_changed) names_.on_url_host(id, host.terminal.url_host());
  printed_.add(id);
  if (result.damaged) show_screen(id, host);
  if (!host.terminal.synchronizing()) host.held_since.reset();
  else if (!host.held_since) host.held_since = now;
  read_lines(id, host);
  update(id, host, now);
  unsettled_.add(id);
  return std::move(result.replies);
}

void RunState::keep_clipboard(HostId id, std::string base64) {
  if (!options_.keep_clipboard) return;
  std::erase_if(clipboards_, [id](const Clipboard& earlier) { return earlier.host == id; });
  clipboards_.push_back({id, std::move(base64)});
}

void RunState::show_screen(HostId id, Host& host) {
  host.screen_dirty = true;
  damaged_.add(id);
}

// A program that never ends its synchronized output must not look dead.
void RunState::release_held(HostId id, Host& host, Clock::time_point now) {
  if (!host.held_since || now - *host.held_since < pty::HostTerminal::kSynchronizedPatience) return;
  host.held_since.reset();
  host.terminal.end_synchronized();
  show_screen(id, host);
}

std::string RunState::open_text(const Host& host) const {
  return host.terminal.line(host.terminal.open_line());
}

// After Enter the round's first line is the one below the cursor; once it is reached, only a
// cleared screen takes the cursor above it again.
void RunState::place_round_line(Host& host) const {
  const std::uint64_t open = host.terminal.open_line();
  if (host.round_line_ahead && open >= host.round_line) host.round_line_ahead = false;
  if (!host.round_line_ahead && open < host.round_line) host.round_line = open;
  if (host.round_line_ahead && open + 1 < host.round_line) host.round_line = open + 1;
}

void RunState::read_lines(HostId id, Host& host) {
  const std::optional<std::uint64_t> changed = host.terminal.take_changed_from();
  if (!changed) return;
  host.lowest_change = std::min(*changed, host.lowest_change.value_or(*changed));
  place_round_line(host);
  find_late_round(id, host, false);
  if (!host.late) read_lines_from(id, host, *changed);
}

void RunState::read_lines_from(HostId id, Host& host, std::uint64_t changed) {
  const std::uint64_t open = host.terminal.open_line();
  // The comparison may hold fewer lines than expected when the round line moved: start no later.
  const std::uint64_t held = host.round_line + comparison_.line_count(id);
  const std::uint64_t from = std::max(host.round_line, std::min(changed, held));
  lines_.clear();
  for (std::uint64_t i = from; i < open; ++i) lines_.push_back(host.terminal.line(i));
  comparison_.set_lines(id, static_cast<std::size_t>(from - host.round_line), lines_);
}

// What a busy host prints of its earlier command is no part of the round. Its part begins below the
// prompt that shows the new command; a shell that does not show it again (it was typed ahead) is
// taken from its last prompt on once it is at rest.
void RunState::find_late_round(HostId id, Host& host, bool at_rest) {
  if (!host.late) return;
  const std::string command = round_command();
  const std::uint64_t open = host.terminal.open_line();
  const std::uint64_t begin = std::min(*host.late, open);
  std::optional<std::uint64_t> last_prompt;
  for (std::uint64_t i = at_rest ? std::min(host.round_line, open) : begin; i < open; ++i) {
    const std::string line = host.terminal.line(i);
    if (prompt_in(line).empty()) continue;
    last_prompt = i;
    if (without_prompt(line, {}) != command) continue;
    host.round_line = i + 1;
    host.late.reset();
    return;
  }
  host.late = open;
  if (!at_rest) return;
  host.late.reset();
  host.round_line = last_prompt.value_or(std::min(host.round_line, open));
  // All hosts were busy: nobody else tells the command, this line does.
  const bool tells = last_prompt && command.empty() &&
                     !without_prompt(host.terminal.line(*last_prompt), {}).empty();
  if (tells) ++host.round_line;
  read_lines_from(id, host, host.round_line);
}

void RunState::set_status(HostId id, const HostStatus& status, Clock::time_point now) {
  Host& host = at(id);
  if (status == host.reported) return;
  host.reported = status;
  if (status.state == HostState::connecting && !host.started) host.started = now;
  if (status.ended()) {
    host.ended = now;
    vote_.leave(id);
  }
  ++generation_;
  update(id, host, now);
}

// What hosts call themselves is masked in their output like the names they were addressed by.
void RunState::learn_names() {
  names_.take_changed().for_each([&](HostId id) {
    std::vector<std::string> words = at(id).info.own_words;
    for (std::string& name : names_.names(id)) words.push_back(std::move(name));
    comparison_.set_own_words(id, words);
  });
}

HostStatus RunState::shown_status(const Host& host, ShellState shell) const {
  HostStatus shown = host.reported;
  if (!shown.live() || shown.asking) return shown;
  const bool is_shell = !options_.command;
  if (shell == ShellState::asking)
    shown.state = HostState::waiting;
  else if (is_shell && shell == ShellState::prompt)
    shown.state = HostState::done;
  else
    shown.state = HostState::running;
  return shown;
}

consensus::Progress RunState::progress_of(const Host& host, ShellState shell) const {
  using Kind = consensus::Progress::Kind;
  const HostStatus& status = host.reported;
  if (status.exit) return {Kind::finished, status.exit};
  // A watched host's bytes are read before its status.
  if (!entered(status) && !host.printed) return {Kind::absent, {}};
  // Left by the user: it was in order until then, and what it showed still counts.
  if (status.error && status.error->kind == ErrorKind::cancelled) return {Kind::settled, {}};
  if (status.error) return {Kind::lost, {}};
  const bool settled =
      shell == ShellState::asking || (!options_.command && shell == ShellState::prompt);
  if (!settled) return {Kind::running, {}};
  const std::optional<int> exit = host.watch.last_exit_status();
  return {Kind::settled, exit ? std::optional(ExitResult{exit, {}}) : std::nullopt};
}

bool RunState::update(HostId id, Host& host, Clock::time_point now) {
  const std::string open = open_text(host);
  const bool full_screen = host.terminal.alternate();
  const ShellState shell = options_.pty && host.reported.live()
                               ? host.watch.state(open, full_screen, now)
                               : ShellState::busy;
  if (shell != ShellState::busy || host.reported.ended()) find_late_round(id, host, true);
  consensus::Progress progress = progress_of(host, shell);
  if (shell == ShellState::prompt && !options_.command)
    names_.on_prompt(id, host.terminal.open_line(), host.watch.without_typed(open));
  learn_names();
  const bool in_round =
      host.terminal.open_line() >= host.round_line && !host.round_line_ahead && !host.late;
  comparison_.set_open_line(id, in_round ? host.watch.without_typed(open) : std::string_view());
  if (progress != host.progress) {
    host.progress = progress;
    comparison_.set_progress(id, std::move(progress));
  }
  HostStatus shown = shown_status(host, shell);
  if (shown == host.shown) return false;
  host.shown = std::move(shown);
  ++generation_;
  return true;
}

std::string RunState::encode(HostId id, const Key& key) {
  Host& host = at(id);
  std::string bytes = host.terminal.encode(key);
  const bool typed = key.code != KeyCode::mouse && key.code != KeyCode::focus_in &&
                     key.code != KeyCode::focus_out && !bytes.empty();
  if (typed && !host.terminal.alternate()) {
    const bool hands_over = key.code == KeyCode::enter ||
                            (key.mods.ctrl && (key.ch == U'c' || key.ch == U'd' || key.ch == U'j'));
    host.watch.on_input(open_text(host), hands_over);
  }
  return bytes;
}

void RunState::begin_round(const HostSet& targets, std::optional<WallTime> began) {
  settle_at_prompts(targets);
  comparison_.set_command(round_command());
  round_clock_.rest();
  comparison_.set_times(round_clock_.times());
  round_clock_.begin(began);
  comparison_.begin_round({}, participants_of(targets));
  begin_round_lines();
}

// A round of all live hosts is the whole run's: the hosts it could not reach do not agree.
HostSet RunState::participants_of(const HostSet& targets) const {
  const HostSet live_hosts = live() - excluded_;
  const bool everyone = !live_hosts.empty() && (live_hosts - targets).empty();
  return everyone ? HostSet::first(hosts_.size()) - excluded_ : targets;
}

// The next line of every host is the round's first.
void RunState::begin_round_lines() {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) place_round_line_ahead(HostId{i});
  ++generation_;
}

void RunState::repeat_round(const HostSet& targets, std::optional<WallTime> began) {
  repeats_ = true;
  begin_round(targets, began);
  comparison_.set_command(round_command());
}

void RunState::begin_round_line(HostId id) {
  settle_at_prompt(id, false);
  comparison_.set_lines(id, 0, {});
  comparison_.set_open_line(id, {});
  place_round_line_ahead(id);
}

void RunState::place_round_line_ahead(HostId id) {
  Host& host = at(id);
  host.round_line = host.terminal.open_line() + 1;
  host.round_line_ahead = true;
  host.late.reset();
  if (host.progress.kind == consensus::Progress::Kind::running && !options_.command)
    host.late = host.round_line;
  host.watch.forget_exit_status();
  host.progress = progress_of(host, ShellState::busy);
  comparison_.set_progress(id, host.progress);
  unsettled_.add(id);
}

// Who types the next command has seen the last one's end, whatever time has passed. On a watched
// run nobody was seen typing: there the line itself tells.
void RunState::settle_at_prompts(const HostSet& targets) {
  for (std::uint32_t i = 0; i < hosts_.size(); ++i)
    settle_at_prompt(HostId{i}, targets.contains(HostId{i}));
}

void RunState::settle_at_prompt(HostId id, bool target) {
  Host& host = at(id);
  const bool running = host.progress.kind == consensus::Progress::Kind::running;
  if (!running || options_.command || host.terminal.alternate()) return;
  if (!target || !host.watch.typed_at_prompt()) {
    const std::string open = open_text(host);
    const std::string_view prompt = prompt_in(open);
    if (prompt.empty()) return;
    comparison_.set_open_line(id, prompt);
  }
  host.progress = progress_of(host, ShellState::prompt);
  comparison_.set_progress(id, host.progress);
}

void RunState::restart(const HostSet& hosts) {
  hosts.for_each([&](HostId id) {
    Host& host = at(id);
    if (host.terminal.alternate()) host.terminal.feed(kPrimaryScreen);
    host.terminal.feed(kSoftReset);
    const bool text_below = host.terminal.line_end() > host.terminal.open_line() + 1;
    if (text_below) host.terminal.feed(kToBottom);
    host.terminal.feed(kNewSession);
    (void)host.terminal.take_changed_from();
    host.session_start = host.bytes;
    host.round_line = host.terminal.open_line();
    host.round_line_ahead = false;
    host.late.reset();
    host.watch = ShellWatch();
    host.printed = false;
    host.started.reset();
    host.ended.reset();
    comparison_.set_lines(id, 0, {});
    comparison_.set_open_line(id, {});
    comparison_.join_round(id);
  });
  ++generation_;
}

void RunState::begin_again(HostId id, const pty::TerminalOptions& options) {
  Host& host = at(id);
  host = Host{std::move(host.info), pty::HostTerminal(tables_, options)};
  comparison_.set_progress(id, {});
  vote_.leave(id);
  screen_cache_[id.value].reset();
  show_screen(id, host);
  printed_.add(id);
}

void RunState::start_over() {
  comparison_.jump_to_round(1, HostSet::first(hosts_.size()));
  for (std::uint32_t i = 0; i < hosts_.size(); ++i)
    begin_again(HostId{i}, terminal_options(options_, hosts_.size()));
  round_clock_ = RoundClock(options_.started);
  unsettled_.clear();
  ++epoch_;
  ++generation_;
}

void RunState::jump_to_round(int round, const HostSet& targets, std::optional<WallTime> began) {
  settle_at_prompts(targets);
  round_clock_.begin(began);
  comparison_.jump_to_round(round, participants_of(targets));
  begin_round_lines();
}

void RunState::resume(HostId id, const Resume& from) {
  pty::TerminalOptions options = terminal_options(options_, hosts_.size());
  options.size = from.size;
  options.first_line = from.line;
  const HostStatus reported = at(id).reported;
  const auto started = at(id).started;
  begin_again(id, options);
  Host& host = at(id);
  host.reported = reported;
  host.started = started;
  host.round_line = from.round_line;
  host.printed = from.line > 0;
  comparison_.resume(id, static_cast<std::size_t>(from.line - from.round_line), from.chain);
  ++epoch_;
  ++generation_;
}

void RunState::know_names(HostId id, const std::vector<std::string>& names) {
  std::vector<std::string>& words = at(id).info.own_words;
  for (const std::string& name : names)
    if (std::find(words.begin(), words.end(), name) == words.end()) words.push_back(name);
  comparison_.set_own_words(id, words);
}

std::optional<std::uint64_t> RunState::take_lowest_change(HostId id) {
  return std::exchange(at(id).lowest_change, std::nullopt);
}

void RunState::resize(Size size) {
  options_.size = size;
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    resize(HostId{static_cast<std::uint32_t>(i)}, size);
}

void RunState::resize(HostId id, Size size) {
  Host& host = at(id);
  host.terminal.resize(size);
  host.held_since.reset();
  show_screen(id, host);
  read_lines(id, host);
  ++generation_;
}

void RunState::set_masks(bool on) {
  options_.compare.masks = on;
  comparison_.set_masks(on);
  ++generation_;
}

void RunState::set_mask(const std::string& name, bool on) {
  comparison_.set_mask_enabled(name, on);
  ++generation_;
}

void RunState::set_reference(std::optional<HostId> host) {
  comparison_.set_reference(host);
}

void RunState::set_excluded(HostSet hosts) {
  if (hosts == excluded_) return;
  // Whose screens count changes: they are looked at again.
  const HostSet changed = (hosts - excluded_) | (excluded_ - hosts);
  changed.for_each([&](HostId id) { at(id).screen_dirty = true; });
  excluded_ = hosts;
  comparison_.set_excluded(std::move(hosts));
  ++generation_;
}

bool RunState::tick(Clock::time_point now) {
  bool changed = false;
  for (const HostId id : unsettled_.to_vector()) {
    Host& host = at(id);
    release_held(id, host, now);
    changed |= update(id, host, now);
    const bool waits = host.held_since || (host.reported.live() && host.watch.next_check(now));
    if (!waits) unsettled_.remove(id);
  }
  return changed;
}

std::optional<Clock::time_point> RunState::next_tick(Clock::time_point now) const {
  std::optional<Clock::time_point> next;
  unsettled_.for_each([&](HostId id) {
    const Host& host = at(id);
    auto check = host.watch.next_check(now);
    if (host.held_since) {
      const auto release = *host.held_since + pty::HostTerminal::kSynchronizedPatience;
      check = std::min(check.value_or(release), release);
    }
    if (check && (!next || *check < *next)) next = check;
  });
  return next;
}

double RunState::seconds(HostId id, Clock::time_point now) const {
  const Host& host = at(id);
  if (!host.started) return 0;
  return std::chrono::duration<double>(host.ended.value_or(now) - *host.started).count();
}

void RunState::clear_bell(HostId id) {
  if (std::exchange(at(id).bell, false)) ++generation_;
}

std::vector<HostStatus> RunState::statuses() const {
  std::vector<HostStatus> statuses;
  for (const Host& host : hosts_) statuses.push_back(host.shown);
  return statuses;
}

HostSet RunState::live() const {
  HostSet set;
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (hosts_[i].reported.live()) set.add(HostId{static_cast<std::uint32_t>(i)});
  return set;
}

bool RunState::all_ended() const {
  return std::all_of(hosts_.begin(), hosts_.end(),
                     [](const Host& host) { return host.reported.ended(); });
}

// What was typed, as the first host of the round shows it: the line above the round's first
// without that host's prompt.
std::string RunState::round_command() const {
  if (comparison_.round() == 1 || repeats_) return options_.command.value_or("");
  std::string command;
  for (const HostId id : comparison_.participants().to_vector()) {
    const Host& host = at(id);
    if (host.round_line == 0 || host.round_line_ahead || host.late) continue;
    command = without_prompt(host.terminal.line(host.round_line - 1), host.watch.prompt());
    if (!command.empty()) break;
  }
  return command;
}

bool RunState::round_at_rest() const {
  bool rest = true;
  comparison_.participants().for_each([&](HostId id) {
    const HostStatus& status = at(id).shown;
    const bool at_prompt = status.live() && status.state == HostState::done &&
                           !at(id).round_line_ahead && !at(id).late;
    rest = rest && (status.ended() || at_prompt);
  });
  return rest;
}

consensus::RoundTimes RunState::round_times() {
  if (round_at_rest()) round_clock_.rest();
  return round_clock_.times();
}

const Cell* RunState::row_cells(HostId id, int row) {
  auto& cached = screen_cache_[id.value];
  if (!cached) cached = at(id).terminal.snapshot();
  return cached->row(row);
}

void RunState::vote_screens() {
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    Host& host = hosts_[i];
    if (!std::exchange(host.screen_dirty, false)) continue;
    screen_cache_[i].reset();
    const HostId id{static_cast<std::uint32_t>(i)};
    if (!host.terminal.alternate() || !host.reported.live() || excluded_.contains(id)) {
      vote_.leave(id);
      continue;
    }
    const Size size = host.terminal.size();
    hashes.resize(static_cast<std::size_t>(size.rows.value));
    for (int row = 0; row < size.rows.value; ++row)
      hashes[static_cast<std::size_t>(row)] = host.terminal.row_hash(row);
    vote_.set_rows(id, size, hashes);
    vote_.set_cursor(id, host.terminal.cursor(), host.terminal.cursor_visible());
  }
}

const consensus::ScreenConsensus* RunState::screens() {
  vote_screens();
  if (vote_.hosts().empty() || vote_.hosts().size() * 2 <= (live() - excluded_).size()) return nullptr;
  screens_ = vote_.result([this](HostId host, int row) { return row_cells(host, row); });
  add_shell_variant(screens_, live() - excluded_ - vote_.hosts());
  return &screens_;
}

}  // namespace bdsh::app
