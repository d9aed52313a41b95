#include "tui/overlays.hpp"

#include <array>
#include <functional>

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

constexpr std::size_t kMaxPaste = 64U << 20U;  // waiting for an answer; beyond it is refused

// ---- help -------------------------------------------------------------------------------------

struct HelpLine {
  std::string keys;  // empty: a heading
  std::string text;
};

void add_bindings(std::vector<HelpLine>& lines, const Key& leave_key, bool utf8,
                  const std::function<bool(Mode)>& shown) {
  std::string_view section;
  for (const Binding& binding : bindings()) {
    if (!shown(binding.mode)) continue;
    if (binding.section != section) {
      if (!lines.empty()) lines.push_back({"", ""});
      lines.push_back({"", std::string(binding.section)});
    }
    section = binding.section;
    lines.push_back({keys_shown(binding, leave_key, utf8), std::string(binding.help)});
  }
}

// `special`: the mode whose keys come before those of NAVIGATE now, if any.
std::vector<HelpLine> help_lines(const Key& leave_key, bool utf8, std::optional<Mode> special) {
  std::vector<HelpLine> lines;
  if (special) add_bindings(lines, leave_key, utf8, [&](Mode mode) { return mode == *special; });
  add_bindings(lines, leave_key, utf8,
               [](Mode mode) { return mode == Mode::navigate || mode == Mode::input; });
  return lines;
}

class Help : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override {
    const auto action = find_action(Mode::navigate, key, context.leave_key);
    if (key.code == KeyCode::mouse) {
      if (key.mouse.kind == MouseEvent::Kind::wheel_down) scroll_.move(3);
      if (key.mouse.kind == MouseEvent::Kind::wheel_up) scroll_.move(-3);
      return false;
    }
    if (!action) return true;
    switch (*action) {
      case Action::down: scroll_.move(1); return false;
      case Action::up: scroll_.move(-1); return false;
      case Action::page_down: case Action::half_down: scroll_.move(scroll_.page); return false;
      case Action::page_up: case Action::half_up: scroll_.move(-scroll_.page); return false;
      case Action::first: scroll_.move(-scroll_.total); return false;
      case Action::last: scroll_.move(scroll_.total); return false;
      default: return true;
    }
  }

  void draw(Scene& scene) override {
    std::optional<Mode> special;
    if (scene.model.replay) special = Mode::replay;
    if (scene.state.view == View::files) special = Mode::files;
    const auto lines = help_lines(scene.leave_key, scene.look.glyphs().utf8, special);
    const Rect box = draw_box(scene, "help", static_cast<int>(lines.size()), 76, Paint::dialog_frame);
    const bool two = box.width >= 110;
    const int columns = two ? 2 : 1;
    const int column_width = box.width / columns;
    const int count = static_cast<int>(lines.size());
    scroll_.fit((count + columns - 1) / columns, box.height);
    for (int r = 0; r < box.height; ++r)
      for (int c = 0; c < columns; ++c) {
        const int index = scroll_.top + r + c * scroll_.total;
        if (scroll_.top + r < scroll_.total && index < count)
          draw_line(scene, lines[static_cast<std::size_t>(index)],
                    {box.row + r, box.col + c * column_width}, column_width);
      }
    draw_scroll_thumb(scene.surface, scene.look, box, scroll_.top, scroll_.total);
  }

 private:
  static void draw_line(Scene& scene, const HelpLine& line, Point at, int width) {
    Pen pen(scene.surface, at, at.col + width);
    if (line.keys.empty()) {
      pen.put(" " + line.text, scene.look.on(Paint::strong, Paint::dialog));
      return;
    }
    pen.put("   " + padded(line.keys, 10) + "  ", scene.look(Paint::dialog_key));
    pen.put(fitted(line.text, pen.room(), scene.look.glyphs()), scene.look(Paint::dialog));
  }
  Scroll scroll_;
};

// ---- questions --------------------------------------------------------------------------------

class Ask : public Overlay {
 public:
  Ask(Question question, std::function<void(Context&)> on_yes)
      : question_(std::move(question)), on_yes_(std::move(on_yes)) {}

  bool handle(const Key& key, Context& context) override {
    const auto action = find_action(Mode::question, key, context.leave_key);
    if (action == Action::yes) on_yes_(context);
    return action.has_value();
  }

  void draw(Scene& scene) override {
    int cols = std::max(text_width(question_.title), text_width(question_.yes) + 16);
    for (const std::string& line : question_.lines) cols = std::max(cols, text_width(line));
    const int count = static_cast<int>(question_.lines.size());
    const Rect box = draw_box(scene, question_.title, count + 4, std::min(cols, 96) + 4,
                              question_.danger ? Paint::danger : Paint::dialog_frame);
    const int room = box.height - 4;
    for (int i = 0; i < std::min(count, room); ++i) {
      const bool more = i + 1 == room && count > room;
      const std::string text = more ? "… " + std::to_string(count - i) + " more"
                                    : question_.lines[static_cast<std::size_t>(i)];
      scene.surface.put({box.row + 1 + i, box.col + 2},
                        fitted(text, box.width - 4, scene.look.glyphs()), scene.look(Paint::dialog));
    }
    Pen pen(scene.surface, {box.row + box.height - 2, box.col + 2}, box.col + box.width);
    pen.put("y", scene.look(Paint::dialog_key)).put(" " + question_.yes + "   ", scene.look(Paint::dialog));
    pen.put("n", scene.look(Paint::dialog_key)).put(" no", scene.look(Paint::dialog));
  }

 protected:
  Question& question() { return question_; }

 private:
  Question question_;
  std::function<void(Context&)> on_yes_;
};

std::vector<std::string> paste_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(sanitised(text.substr(0, end)));
    const bool crlf = text.substr(end, 2) == "\r\n";
    text.remove_prefix(std::min(text.size(), end + (crlf ? 2 : 1)));
  }
  return lines;
}

class Paste : public Overlay {
 public:
  explicit Paste(Key paste) : size_(paste.text.size()) { pieces_.push_back(std::move(paste)); }

  bool handle(const Key& key, Context& context) override {
    if (key.code == KeyCode::paste) {
      size_ += key.text.size();
      if (size_ <= kMaxPaste) pieces_.push_back(key);
      return false;
    }
    const auto action = find_action(Mode::question, key, context.leave_key);
    if (!action) return false;
    if (*action == Action::yes) send(context);
    else context.state.notice = "paste dropped";
    return true;
  }

  void draw(Scene& scene) override {
    std::vector<std::string> lines = paste_lines(pieces_.front().text.substr(0, 1U << 16U));
    Question question{"paste " + std::to_string(line_count()) + " lines to " +
                          who(scene.model, scene.state.target) + "?",
                      std::move(lines), "pastes", true};
    Ask(std::move(question), [](Context&) {}).draw(scene);
  }

 private:
  std::size_t line_count() const {
    std::size_t count = 0;
    for (const Key& piece : pieces_) count += paste_lines(piece.text).size();
    return count;
  }
  void send(Context& context) {
    const Target& target = context.state.target;
    if (size_ > kMaxPaste) {
      context.state.notice = "paste dropped: too large";
      return;
    }
    if (!context.state.input || target.hosts.empty()) return;
    for (Key& piece : pieces_)
      context.out.push_back(SendKey{target.hosts, std::move(piece), target.broadcast});
  }
  std::vector<Key> pieces_;
  std::size_t size_;
};

// ---- entering text ----------------------------------------------------------------------------

void pop_character(std::string& text) {
  while (!text.empty()) {
    const auto last = static_cast<unsigned char>(text.back());
    text.pop_back();
    if ((last & 0xC0U) != 0x80U) return;
  }
}

bool in_palette(const Binding& binding, bool replay) {
  if (binding.mode == Mode::replay) return replay && binding.action != Action::mark;
  return binding.mode == Mode::navigate && binding.action != Action::leave &&
         binding.action != Action::palette && binding.action != Action::back;
}

class Palette : public Overlay {
 public:
  explicit Palette(bool replay) : replay_(replay) {}

  bool handle(const Key& key, Context& context) override {
    if (edit_text(text_, key)) {
      chosen_ = 0;
      return false;
    }
    const auto action = find_action(Mode::entry, key, context.leave_key);
    const auto found = matches();
    const int last = static_cast<int>(found.size()) - 1;
    if (action == Action::down) chosen_ = std::min(chosen_ + 1, last);
    if (action == Action::up) chosen_ = std::max(chosen_ - 1, 0);
    if (action == Action::collapse_all) text_.clear();
    if (action == Action::submit && last >= 0)
      context.chosen = found[static_cast<std::size_t>(std::clamp(chosen_, 0, last))]->action;
    if (action == Action::submit && last < 0) context.state.notice = "no command \"" + text_ + "\"";
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override {
    const auto found = matches();
    const int room = std::min<int>(static_cast<int>(found.size()), scene.surface.rows() / 2);
    const int first = std::max(0, chosen_ - room + 1);
    for (int i = 0; i < room; ++i)
      draw_match(scene, *found[static_cast<std::size_t>(first + i)],
                 scene.surface.rows() - 1 - room + i, first + i == chosen_);
    draw_entry_line(scene, ":", text_);
  }

 private:
  std::vector<const Binding*> matches() const {
    std::vector<const Binding*> found;
    for (const bool prefix : {true, false})
      for (const Binding& binding : bindings()) {
        const std::size_t at = binding.name.find(text_);
        if (in_palette(binding, replay_) && at != std::string_view::npos && (at == 0) == prefix)
          found.push_back(&binding);
      }
    return found;
  }
  static void draw_match(Scene& scene, const Binding& binding, int row, bool chosen) {
    const Paint back = chosen ? Paint::selected : Paint::dialog;
    const Look& look = scene.look;
    scene.surface.fill({row, 0, 1, scene.surface.cols()}, look(back));
    Pen pen(scene.surface, {row, 0}, scene.surface.cols());
    pen.put(chosen ? look.glyphs().selected : " ", look(back));
    pen.put(padded(std::string(binding.name), 22), look(back));
    pen.put(padded(keys_shown(binding, scene.leave_key, look.glyphs().utf8), 10),
            chosen ? look(back) : look(Paint::dialog_key));
    pen.put(binding.help, look(back));
  }
  bool replay_;
  std::string text_;
  int chosen_ = 0;
};

}  // namespace

bool edit_text(std::string& text, const Key& key) {
  if (key.code == KeyCode::text && !key.mods.ctrl && !key.mods.alt) {
    append_utf8(key.ch, text);
    return true;
  }
  if (key.code == KeyCode::paste) {
    text += sanitised(key.text.substr(0, 1024));
    return true;
  }
  if (key.code == KeyCode::backspace || same_key(key, Key::ctrl('h'))) {
    pop_character(text);
    return true;
  }
  return false;
}

void draw_entry_line(Scene& scene, std::string_view prompt, const std::string& text) {
  const int row = scene.surface.rows() - 1;
  scene.surface.fill({row, 0, 1, scene.surface.cols()}, scene.look(Paint::text));
  Pen pen(scene.surface, {row, 0}, scene.surface.cols() - 1);
  pen.put(" ", 0).put(prompt, scene.look(Paint::hint_key)).put(text, scene.look(Paint::strong));
  scene.surface.cursor = pen.at();
  scene.surface.cursor_shape = CursorShape::bar;
}

Rect draw_box(Scene& scene, std::string_view title, int rows, int cols, Paint frame) {
  const int height = std::min(rows + 2, scene.surface.rows() - 2);
  const int width = std::min(cols + 2, scene.surface.cols() - 4);
  const Rect box{std::max(0, (scene.surface.rows() - height) / 2),
                 std::max(0, (scene.surface.cols() - width) / 2), height, width};
  scene.surface.fill(box, scene.look(Paint::dialog));
  draw_frame(scene.surface, scene.look, box, frame);
  draw_frame_title(scene.surface, scene.look, box, title, frame);
  scene.surface.cursor.reset();
  return {box.row + 1, box.col + 1, box.height - 2, box.width - 2};
}

std::unique_ptr<Overlay> help_overlay() { return std::make_unique<Help>(); }

std::unique_ptr<Overlay> question_overlay(Question question, std::function<void(Context&)> on_yes) {
  return std::make_unique<Ask>(std::move(question), std::move(on_yes));
}

std::unique_ptr<Overlay> paste_overlay(Key paste) { return std::make_unique<Paste>(std::move(paste)); }

std::unique_ptr<Overlay> palette_overlay(bool replay) {
  return std::make_unique<Palette>(replay);
}


}  // namespace bdsh::tui
