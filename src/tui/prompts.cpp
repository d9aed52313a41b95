// What connections ask the user: unknown host keys in one table, secrets in one entry for all
// hosts that want the same.
#include <algorithm>

#include "core/text.hpp"
#include "tui/overlays.hpp"

namespace bdsh::tui {
namespace {

bool asks(const Model& model, HostId host, const Prompt& prompt) {
  const HostView* view = host_view(model, host);
  return view != nullptr && view->status.asking == prompt;
}

bool asks_host_key(const Model& model, HostId host) {
  const HostView* view = host_view(model, host);
  return view != nullptr && view->status.asking &&
         view->status.asking->kind == Prompt::Kind::host_key;
}

// ---- host keys --------------------------------------------------------------------------------

class HostKeys : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override {
    refresh(context.model);
    if (hosts_.empty()) return true;
    const auto action = find_action(Mode::host_keys, key, context.leave_key);
    if (!action) return false;
    switch (*action) {
      case Action::down: move(1); return false;
      case Action::up: move(-1); return false;
      case Action::mark: marked_.toggle(hosts_[static_cast<std::size_t>(row_)]); move(1); return false;
      case Action::accept_all: answer(context, all(), {}); return true;
      case Action::accept_marked: answer(context, marked_, all() - marked_); return true;
      case Action::refuse_all: answer(context, {}, all()); return true;
      case Action::set_aside: context.state.set_aside |= all(); return true;
      default: return false;
    }
  }

  void draw(Scene& scene) override {
    refresh(scene.model);
    const int count = static_cast<int>(hosts_.size());
    const std::string title =
        plural(hosts_.size(), "unknown host key") + ": accept and remember?";
    const Rect box = draw_box(scene, title, count + 4, 96, Paint::dialog_frame);
    Scroll window;
    window.fit(count, box.height - 4);
    window.show(row_);
    for (int r = 0; r < window.page && window.top + r < count; ++r)
      draw_host(scene, window.top + r, {box.row + 1 + r, box.col + 1}, box.col + box.width - 1);
    draw_keys(scene, {box.row + box.height - 2, box.col + 2}, box.col + box.width);
  }

 private:
  void refresh(const Model& model) {
    hosts_.clear();
    for (const HostId host : all_hosts(model).to_vector())
      if (asks_host_key(model, host)) hosts_.push_back(host);
    marked_ &= all();
    row_ = std::clamp(row_, 0, std::max(0, static_cast<int>(hosts_.size()) - 1));
  }
  HostSet all() const {
    HostSet set;
    for (const HostId host : hosts_) set.add(host);
    return set;
  }
  void move(int rows) {
    row_ = std::clamp(row_ + rows, 0, std::max(0, static_cast<int>(hosts_.size()) - 1));
  }
  static void answer(Context& context, const HostSet& yes, const HostSet& no) {
    if (!yes.empty()) context.out.push_back(Answer{yes, Secret("yes")});
    if (!no.empty()) context.out.push_back(Answer{no, Secret("no")});
  }
  void draw_host(Scene& scene, int index, Point at, int end) const {
    const HostId id = hosts_[static_cast<std::size_t>(index)];
    const HostView& host = *host_view(scene.model, id);
    const bool selected = index == row_;
    const Paint back = selected ? Paint::selected : Paint::dialog;
    const Glyphs& g = scene.look.glyphs();
    scene.surface.fill({at.row, at.col, 1, end - at.col}, scene.look(back));
    Pen pen(scene.surface, at, end);
    pen.put(selected ? g.selected : " ", scene.look(back));
    pen.put(marked_.contains(id) ? "[x] " : "[ ] ", scene.look(back));
    pen.put(padded(fitted(sanitised(host.name), 20, g), 21), scene.look(back));
    pen.put(fitted(host.status.asking->subject, pen.room(), g),
            selected ? scene.look(back) : scene.look.on(Paint::accent, Paint::dialog));
  }
  void draw_keys(Scene& scene, Point at, int end) const {
    Pen pen(scene.surface, at, end);
    const auto put = [&](std::string_view key, const std::string& words) {
      pen.put(key, scene.look(Paint::dialog_key)).put(" " + words + "  ", scene.look(Paint::dialog));
    };
    put("a", "accept all");
    put("Space", "mark");
    put("s", "accept " + std::to_string(marked_.size()) + " marked, refuse the rest");
    put("n", "refuse all");
    put("Esc", "later");
  }
  std::vector<HostId> hosts_;
  HostSet marked_;
  int row_ = 0;
};

// ---- secrets ----------------------------------------------------------------------------------

// One question, of all the hosts that ask the same; of one host when its answer is its own (a
// one-time code), or when the user goes host by host.
class SecretEntry : public Overlay {
 public:
  SecretEntry(Prompt prompt, HostId first) : prompt_(std::move(prompt)), at_(first) {}

  bool handle(const Key& key, Context& context) override {
    const HostSet all = askers(context.model);
    if (all.empty()) return true;
    const HostSet hosts = addressed(all, context.state);
    if (take(key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all) text_.wipe();
    if (action == Action::down || action == Action::up) step(action == Action::down, all, context.state);
    if (action == Action::submit) submit(context, hosts, hosts.size() == all.size());
    if (action == Action::set_aside) context.state.set_aside |= hosts;
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override {
    const HostSet all = askers(scene.model);
    const HostSet hosts = addressed(all, scene.state);
    const std::vector<std::string> says = said(hosts, scene.model);
    const int more = static_cast<int>(says.size());
    const Rect box = draw_box(scene, title(hosts, all, scene.model), 6 + more, 72, Paint::dialog_frame);
    const Glyphs& g = scene.look.glyphs();
    const int room = box.width - 4;
    const int shown = std::max(0, std::min(more, box.height - 6));
    scene.surface.put({box.row + 1, box.col + 2}, fitted(sanitised(prompt_.text), room, g),
                      scene.look(Paint::dialog));
    scene.surface.put({box.row + 2, box.col + 2},
                      fitted("for " + fold_hosts(scene.model, hosts), room, g),
                      scene.look.on(Paint::dim, Paint::dialog));
    for (int i = 0; i < shown; ++i)  // the last lines: the question itself is there
      scene.surface.put({box.row + 3 + i, box.col + 2},
                        fitted(says[static_cast<std::size_t>(i == 0 ? 0 : more - shown + i)], room, g),
                        scene.look.on(Paint::ask, Paint::dialog));
    draw_line(scene, box, box.row + 3 + shown);
    draw_keys(scene, box, all.size() > 1 && may_split());
  }

 private:
  bool may_split() const { return prompt_.shared && prompt_.kind != Prompt::Kind::passphrase; }
  HostSet askers(const Model& model) const {
    HostSet hosts;
    if (!prompt_.shared) {
      if (asks(model, at_, prompt_)) hosts.add(at_);
      return hosts;
    }
    for (const HostId host : all_hosts(model).to_vector())
      if (asks(model, host, prompt_)) hosts.add(host);
    return hosts;
  }
  HostSet addressed(const HostSet& all, const State& state) {
    if (!state.one_by_one || !may_split() || all.empty()) return all;
    if (!all.contains(at_)) at_ = all.to_vector().front();
    return HostSet::of(at_);
  }
  // All, then each alone, then all again. What was typed was meant for others.
  void step(bool down, const HostSet& all, State& state) {
    if (!may_split() || all.size() < 2) return;
    text_.wipe();
    const std::vector<HostId> hosts = all.to_vector();
    const auto found = std::find(hosts.begin(), hosts.end(), at_);
    const int count = static_cast<int>(hosts.size());
    const int now = state.one_by_one ? static_cast<int>(found - hosts.begin()) : (down ? -1 : count);
    const int next = now + (down ? 1 : -1);
    state.one_by_one = next >= 0 && next < count;
    if (state.one_by_one) at_ = hosts[static_cast<std::size_t>(next)];
  }
  // Nothing typed: no answer is given.
  void submit(Context& context, const HostSet& hosts, bool all) {
    Answer answer{hosts, std::nullopt, all && may_split()};
    if (!text_.empty()) answer.text = std::move(text_);
    context.out.push_back(std::move(answer));
  }
  bool take(const Key& key) {
    if (key.code == KeyCode::text && !key.mods.ctrl && !key.mods.alt) {
      std::string character;
      append_utf8(key.ch, character);
      text_.append(character);
      return true;
    }
    if (key.code == KeyCode::paste) {
      text_.append(std::string_view(key.text).substr(0, key.text.find_first_of("\r\n")));
      return true;
    }
    if (key.code == KeyCode::backspace) text_.pop_back_utf8();
    return key.code == KeyCode::backspace;
  }
  std::string title(const HostSet& hosts, const HostSet& all, const Model& model) const {
    const char* what = prompt_.kind == Prompt::Kind::passphrase ? "passphrase"
                       : prompt_.shared                         ? "password"
                                                                : "answer";
    const std::string head = std::string(what) + " for " + sanitised(prompt_.subject);
    if (hosts.size() == all.size() && prompt_.shared) return head + ": " + plural(all.size(), "host");
    std::string text = head + ": " + fold_hosts(model, hosts);
    if (prompt_.shared) text += " alone, 1 of " + std::to_string(all.size());
    return text;
  }
  // What the host itself wants to have shown, in its own lines and marked as its own.
  std::vector<std::string> said(const HostSet& hosts, const Model& model) const {
    if (prompt_.says.empty() || hosts.empty()) return {};
    const HostView* host = host_view(model, hosts.to_vector().front());
    const std::string name = host == nullptr ? "" : sanitised(host->name);
    std::vector<std::string> lines{(hosts.size() > 1 ? "they say:" : name + " says:")};
    for (std::size_t at = 0; at <= prompt_.says.size();) {
      const std::size_t end = std::min(prompt_.says.find('\n', at), prompt_.says.size());
      lines.push_back("| " + sanitised(prompt_.says.substr(at, end - at)));
      at = end + 1;
    }
    return lines;
  }
  void draw_line(Scene& scene, Rect box, int row) const {
    Pen pen(scene.surface, {row, box.col + 2}, box.col + box.width - 2);
    pen.put("> ", scene.look(Paint::dialog_key)).put(shown(), scene.look(Paint::dialog));
    scene.surface.cursor = pen.at();
    scene.surface.cursor_shape = CursorShape::bar;
  }
  void draw_keys(Scene& scene, Rect box, bool split) const {
    Pen keys(scene.surface, {box.row + box.height - 1, box.col + 2}, box.col + box.width);
    const auto put = [&](std::string_view key, const char* words) {
      keys.put(key, scene.look(Paint::dialog_key)).put(words, scene.look(Paint::dialog));
    };
    put("Enter", " answers   ");
    if (split) put("Tab", " host by host   ");
    put("Esc", " later   ");
    if (!prompt_.echo)
      keys.put(split ? "nothing is shown" : "what you type is not shown",
               scene.look.on(Paint::dim, Paint::dialog));
  }
  std::string shown() const {
    return prompt_.echo ? sanitised(text_.reveal()) : std::string();
  }
  Prompt prompt_;
  HostId at_;
  Secret text_;
};

}  // namespace

std::unique_ptr<Overlay> prompt_overlay(const Model& model, const HostSet& set_aside) {
  const auto& hosts = hosts_of(model);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto& asking = hosts[i].status.asking;
    if (!asking || set_aside.contains(HostId{static_cast<std::uint32_t>(i)})) continue;
    if (asking->kind == Prompt::Kind::host_key) return std::make_unique<HostKeys>();
    return std::make_unique<SecretEntry>(*asking, HostId{static_cast<std::uint32_t>(i)});
  }
  return nullptr;
}

}  // namespace bdsh::tui
