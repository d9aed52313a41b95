#include "app/model_builder.hpp"

#include <algorithm>
#include <cctype>

namespace bdsh::app {
namespace {

constexpr std::size_t kMaxHits = 10'000;

// A host whose queue holds more than this does not read what is typed.
constexpr std::size_t kHeldBytes = 64U << 10U;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

ModelBuilder::ModelBuilder(RunState& state, const Source& source, const EventLog& events)
    : state_(state), source_(source), hosts_(state.host_count()) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const RunHost& info = state_.info(HostId{static_cast<std::uint32_t>(i)});
    hosts_[i].name = info.name;
    hosts_[i].group = info.group;
    hosts_[i].confirm = info.confirm;
  }
  model_.run_name = state.options().name;
  model_.excluded = &state.excluded();
  model_.watching = source.watching();
  model_.hosts = &hosts_;
  model_.events = &events.lines();
  set_callbacks();
}

void ModelBuilder::set_callbacks() {
  model_.merged = [this] { return &state_.comparison().merged(); };
  model_.screen = [this](HostId host, int back) { return state_.terminal(host).snapshot(back); };
  model_.scrollback_rows = [this](HostId host) { return state_.terminal(host).scrollback_rows(); };
  model_.rows_scrolled = [this](HostId host) { return state_.terminal(host).rows_scrolled(); };
  model_.wants_mouse = [this](HostId host) { return state_.terminal(host).wants_mouse(); };
  model_.spreads = [this](const consensus::LinePlace& place) {
    return state_.comparison().spreads(place);
  };
  model_.mask_list = [this] {
    std::vector<tui::MaskView> masks;
    for (std::string& name : state_.comparison().mask_names()) {
      const bool on = state_.comparison().mask_enabled(name);
      masks.push_back({std::move(name), on});
    }
    return masks;
  };
  using consensus::TextRef;
  model_.diff = [this](const TextRef& left, const TextRef& right) -> const consensus::Diff& {
    return state_.comparison().diff(left, right);
  };
  model_.lines = [this](const TextRef& ref, std::size_t begin, std::size_t end) {
    return state_.comparison().lines(ref, begin, end);
  };
  model_.search = [this](const std::string& text, int earlier_round) {
    return earlier_round == 0 ? search(text) : search_round(text, earlier_round);
  };
  model_.numbers = [this](const consensus::LinePlace& at) { return &numbers(at); };
}

const tui::Model& ModelBuilder::model() {
  if (generation_ != state_.generation()) refresh_hosts();
  model_.keep = source_.keep();
  model_.ended = source_.ended();
  model_.masks = state_.options().compare.masks;
  model_.host_size = state_.options().size;
  model_.screens = state_.screens();
  return model_;
}

void ModelBuilder::refresh_hosts() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    tui::HostView& view = hosts_[i];
    const pty::HostTerminal& terminal = state_.terminal(id);
    view.status = state_.status(id);
    view.alternate = terminal.alternate();
    view.bell = state_.bell(id);
    view.held = source_.queued_bytes(id) > kHeldBytes;
    if (view.title != terminal.title()) view.title = terminal.title();
  }
  consensus::Comparison& comparison = state_.comparison();
  model_.round = model_.live_round = comparison.round();
  model_.round_times = state_.round_times();
  model_.history = &comparison.history();
  model_.forgotten_rounds = comparison.forgotten_rounds();
  model_.command = state_.round_command();
  model_.pinned = comparison.pinned_reference();
  model_.outcome = &comparison.outcome();
  generation_ = state_.generation();
}

// Over what is kept of an earlier round: every host whose own lines are.
std::vector<tui::SearchHit> ModelBuilder::search_round(const std::string& text, int round) const {
  std::vector<tui::SearchHit> hits;
  const auto& history = state_.comparison().history();
  const auto record = std::find_if(history.begin(), history.end(),
                                   [&](const auto& kept) { return kept.round == round; });
  if (text.empty() || record == history.end()) return hits;
  const bool fold_case = lower(text) == text;
  for (std::uint32_t i = 0; i < state_.host_count(); ++i) {
    if (record->text.stand_in(HostId{i}) != HostId{i}) continue;
    for (std::size_t n = 0; n < record->text.line_count(HostId{i}); ++n) {
      std::string line(record->text.line(HostId{i}, n));
      if ((fold_case ? lower(line) : line).find(text) == std::string::npos) continue;
      hits.push_back({HostId{i}, n, std::move(line)});
      if (hits.size() >= kMaxHits) return hits;
    }
  }
  return hits;
}

const tui::LineNumbers& ModelBuilder::numbers(const consensus::LinePlace& at) {
  consensus::Comparison& comparison = state_.comparison();
  if (numbers_of_ == comparison.generation() && numbers_at_ == at) return numbers_;
  const std::vector<consensus::HostLine> lines = comparison.host_lines(at);
  numbers_ = {};
  if (!lines.empty())
    numbers_ = {lines.front().host, lines.front().text, consensus::distributions(lines)};
  numbers_at_ = at;
  numbers_of_ = comparison.generation();
  return numbers_;
}

// Over every line that is still held; case is ignored unless the pattern has an upper-case letter.
std::vector<tui::SearchHit> ModelBuilder::search(const std::string& text) const {
  std::vector<tui::SearchHit> hits;
  if (text.empty()) return hits;
  const bool fold_case = lower(text) == text;
  for (std::size_t i = 0; i < state_.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    if (state_.excluded().contains(id)) continue;
    const pty::HostTerminal& terminal = state_.terminal(id);
    for (std::uint64_t n = terminal.first_kept_line(); n < terminal.line_end(); ++n) {
      std::string line = terminal.line(n);
      if ((fold_case ? lower(line) : line).find(text) == std::string::npos) continue;
      hits.push_back({id, n, std::move(line)});
      if (hits.size() >= kMaxHits) return hits;
    }
  }
  return hits;
}

}  // namespace bdsh::app
