#include "tui/replay.hpp"

#include <array>
#include <cstdio>
#include <optional>

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

using What = Replay::What;

class Moment : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override {
    if (edit_text(text_, key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all) text_.clear();
    if (action == Action::submit && !text_.empty())
      context.out.push_back(Replay{What::to, text_});
    return action == Action::submit || action == Action::set_aside;
  }
  void draw(Scene& scene) override {
    draw_entry_line(scene, "@", text_);
    const std::string words = "a moment: 90, 1:30, 50%, +10, -10 ";
    const int col = scene.surface.cols() - text_width(words) - 1;
    scene.surface.put({scene.surface.rows() - 1, std::max(0, col)}, words,
                      scene.look(Paint::notice));
  }

 private:
  std::string text_;
};

std::optional<What> what_of(Action action) {
  switch (action) {
    case Action::play: return What::pause;
    case Action::faster: return What::faster;
    case Action::slower: return What::slower;
    case Action::leap_back: return What::earlier;
    case Action::leap_on: return What::later;
    case Action::round_before: return What::round_before;
    case Action::round_after: return What::round_after;
    case Action::to_difference: return What::first_difference;
    default: return std::nullopt;
  }
}

}  // namespace

bool perform_replay(Action action, Context& context, std::unique_ptr<Overlay>& dialog) {
  const auto what = what_of(action);
  if (!what && action != Action::to_moment) return false;
  if (!context.model.replay)
    context.state.notice = "only a run that is played again can do that: watch --replay";
  else if (what)
    context.out.push_back(Replay{*what, {}});
  else
    dialog = std::make_unique<Moment>();
  return true;
}

std::string moment_text(std::chrono::microseconds at) {
  const long long tenths = at.count() / 100'000;
  const long long seconds = tenths / 10;
  std::array<char, 48> text{};
  if (seconds >= 3600)
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld.%lld", seconds / 3600,
                  seconds / 60 % 60, seconds % 60, tenths % 10);
  else
    std::snprintf(text.data(), text.size(), "%lld:%02lld.%lld", seconds / 60, seconds % 60,
                  tenths % 10);
  return text.data();
}

std::string replay_text(const ReplayView& replay, bool utf8) {
  std::string text = replay.playing ? (utf8 ? "▶" : ">") : (utf8 ? "⏸" : "paused");
  text += " " + moment_text(replay.at) + "/" + moment_text(replay.end);
  std::array<char, 16> speed{};
  std::snprintf(speed.data(), speed.size(), "%g", replay.speed);
  if (replay.speed != 1) text += std::string(utf8 ? " ×" : " x") + speed.data();
  if (!replay.busy.empty()) text += " " + replay.busy;
  return text;
}

}  // namespace bdsh::tui
