#include "app/model_builder.hpp"

#include <algorithm>

namespace bdsh::app {
namespace {

// A host whose queue holds more than this does not read what is typed.
constexpr std::size_t kHeldBytes = 64U << 10U;

}  // namespace

ModelBuilder::ModelBuilder(RunState& state, Source& source, const EventLog& events)
    : state_(state), source_(source), hosts_(state.host_count()) {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const RunHost& info = state_.info(HostId{static_cast<std::uint32_t>(i)});
    hosts_[i].name = info.name;
    hosts_[i].group = info.group;
    hosts_[i].confirm = info.confirm;
    hosts_[i].color = info.color;
  }
  model_.run_name = state.options().name;
  model_.excluded = &state.excluded();
  model_.watching = source.watching();
  model_.compared = source.compared_runs();
  model_.hosts = &hosts_;
  model_.events = &events.lines();
  set_callbacks();
}

void ModelBuilder::set_callbacks() {
  model_.merged = [this] {
    consensus::Comparison* const overview = source_.overview();
    return overview != nullptr ? &overview->merged() : &state_.comparison().merged();
  };
  model_.screen = [this](HostId host, int back, Rect part) {
    return state_.terminal(host).snapshot(back, part);
  };
  model_.screen_place = [this](HostId host) { return state_.terminal(host).place(); };
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
    source_.want_whole(left.host);
    source_.want_whole(right.host);
    return state_.comparison().diff(left, right);
  };
  model_.lines = [this](const TextRef& ref, std::size_t begin, std::size_t end) {
    return state_.comparison().lines(ref, begin, end);
  };
  model_.search = [this](const tui::SearchAsk& ask) -> const tui::SearchFound& { return search(ask); };
  model_.numbers = [this](const consensus::LinePlace& at) { return &numbers(at); };
}

const tui::Model& ModelBuilder::model() {
  if (generation_ != state_.generation()) refresh_hosts();
  if (progress_)
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) hosts_[i].progress = progress_(HostId{i});
  model_.keep = source_.keep();
  model_.parallel = source_.parallel();
  model_.ended = source_.ended();
  model_.masks = state_.options().compare.masks;
  model_.host_size = state_.options().size;
  model_.screens = state_.screens();
  model_.replay = source_.replay_view();
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
  consensus::Comparison* const overview = source_.overview();
  model_.outcome = overview != nullptr ? &overview->outcome() : &comparison.outcome();
  generation_ = state_.generation();
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

const tui::SearchFound& ModelBuilder::search(const tui::SearchAsk& ask) {
  constexpr std::size_t kKept = 2;
  const HostSet printed = state_.take_printed();
  if (std::exchange(epoch_, state_.epoch()) != state_.epoch()) searches_.clear();
  for (Search& each : searches_) each.printed |= printed;
  const auto known = std::find_if(searches_.begin(), searches_.end(),
                                  [&](const Search& each) { return each.search.ask() == ask; });
  if (known == searches_.end()) {
    searches_.push_front({OutputSearch(state_, ask), {}});
    if (searches_.size() > kKept) searches_.pop_back();
  } else if (known != searches_.begin()) {
    std::swap(*known, searches_.front());
  }
  Search& first = searches_.front();
  first.search.update(std::exchange(first.printed, HostSet()));
  return first.search.found();
}

}  // namespace bdsh::app
