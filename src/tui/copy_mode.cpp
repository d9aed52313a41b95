// Copy mode: a caret in the pane, a selection from it, and where its text goes.
#include "core/text.hpp"
#include "tui/overlays.hpp"
#include "tui/pane_rows.hpp"

namespace bdsh::tui {
namespace {

// Beyond this terminals cut or ignore OSC 52: xterm takes 100,000 bytes of base64.
constexpr std::size_t kClipboardBytes = 74'994;

enum class Extent { none, characters, rows };

class CopyMode : public Overlay {
 public:
  explicit CopyMode(PanePoint at) : caret_(at), anchor_(at) {}
  // By the mouse: from where the button went down; its release copies.
  static std::unique_ptr<Overlay> dragged(PanePoint from, PanePoint to) {
    auto mode = std::make_unique<CopyMode>(from);
    mode->caret_ = to;
    mode->extent_ = Extent::characters;
    return mode;
  }

  bool handle(const Key& key, Context& context) override;
  void draw(Scene& scene) override;

 private:
  bool handle_mouse(const Key& key, Context& context);
  void move(Action action, const PaneRows& rows);
  void put_caret(PanePoint at, const PaneRows& rows);
  void select(Extent extent);
  std::string selection(const Context& context) const;
  bool copy(Context& context, Copy::To to);
  bool ask_path(const Context& context);
  bool edit_path(const Key& key, Context& context);
  bool leave(Context& context);
  std::string words() const;

  PanePoint caret_;
  PanePoint anchor_;  // the selection's other end
  Extent extent_ = Extent::none;
  std::optional<std::string> path_;  // while it is typed
};

Layout layout_in(const Context& context) {
  return layout_of(context.state, context.model, context.screen);
}

void CopyMode::put_caret(PanePoint at, const PaneRows& rows) {
  caret_.row = std::clamp(at.row, rows.first, std::max(rows.first, rows.end - 1));
  caret_.col = std::clamp(at.col, rows.col, rows.col + std::max(0, rows.area.width - 1));
}

void CopyMode::move(Action action, const PaneRows& rows) {
  PanePoint at = caret_;
  const int page = std::max(1, rows.area.height - 1);
  switch (action) {
    case Action::down: ++at.row; break;
    case Action::up: --at.row; break;
    case Action::left: --at.col; break;
    case Action::right: ++at.col; break;
    case Action::line_begin: at.col = rows.col; break;
    case Action::line_end: at.col = rows.col + rows.area.width; break;
    case Action::first: at.row = rows.first; break;
    case Action::last: at.row = rows.end; break;
    case Action::page_down: at.row += page; break;
    case Action::page_up: at.row -= page; break;
    case Action::half_down: at.row += page / 2; break;
    case Action::half_up: at.row -= page / 2; break;
    default: break;
  }
  put_caret(at, rows);
}

void CopyMode::select(Extent extent) {
  if (extent_ == Extent::none) anchor_ = caret_;
  extent_ = extent_ == extent ? Extent::none : extent;
}

bool CopyMode::leave(Context& context) {
  context.state.copying = false;
  context.state.scroll_back = 0;
  return true;
}

// Without a selection the caret's row is what is meant.
std::string CopyMode::selection(const Context& context) const {
  const PanePoint from = extent_ == Extent::none ? caret_ : std::min(anchor_, caret_);
  const PanePoint until = extent_ == Extent::none ? caret_ : std::max(anchor_, caret_);
  return pane_text(context, from, until, extent_ != Extent::characters);
}

// The name that is offered says whose text it is.
bool CopyMode::ask_path(const Context& context) {
  const HostView* host = host_view(context.model, context.state.selected);
  const bool one = shows_terminals(context.state) && host != nullptr;
  path_ = plain_file_name(one ? host->name : context.model.run_name) + ".txt";
  return false;
}

bool CopyMode::edit_path(const Key& key, Context& context) {
  if (edit_text(*path_, key)) return false;
  const auto action = find_action(Mode::entry, key, context.leave_key);
  if (action == Action::collapse_all) path_->clear();
  if (action == Action::set_aside) path_.reset();
  if (action != Action::submit || path_->empty()) return false;
  context.out.push_back(Copy{Copy::To::file, selection(context), *path_});
  return leave(context);
}

bool CopyMode::copy(Context& context, Copy::To to) {
  std::string text = selection(context);
  if (text.size() > kClipboardBytes && to == Copy::To::clipboard) {
    context.state.notice = std::to_string(text.size() / 1024) +
                           " KiB are too much for the clipboard: w writes them to a file";
    return false;
  }
  context.out.push_back(Copy{to, std::move(text)});
  return leave(context);
}

bool CopyMode::handle_mouse(const Key& key, Context& context) {
  const PaneRows rows = pane_rows(context.state, context.model, layout_in(context));
  const MouseEvent& mouse = key.mouse;
  switch (mouse.kind) {
    case MouseEvent::Kind::wheel_up: move(Action::half_up, rows); return false;
    case MouseEvent::Kind::wheel_down: move(Action::half_down, rows); return false;
    case MouseEvent::Kind::press:
      extent_ = Extent::characters;
      put_caret({rows.top + mouse.at.row - rows.area.row, rows.col + mouse.at.col - rows.area.col}, rows);
      anchor_ = caret_;
      return false;
    case MouseEvent::Kind::move:
      put_caret({rows.top + mouse.at.row - rows.area.row, rows.col + mouse.at.col - rows.area.col}, rows);
      return false;
    case MouseEvent::Kind::release:
      return anchor_ != caret_ && extent_ != Extent::none && copy(context, Copy::To::clipboard);
  }
  return false;
}

bool CopyMode::handle(const Key& key, Context& context) {
  context.state.copying = true;
  if (path_) return edit_path(key, context);
  if (key.code == KeyCode::mouse) {
    if (handle_mouse(key, context)) return true;
  } else if (const auto action = find_action(Mode::copy, key, context.leave_key)) {
    switch (*action) {
      case Action::back: return leave(context);
      case Action::mark: select(Extent::characters); break;
      case Action::select_rows: select(Extent::rows); break;
      case Action::other_end: std::swap(anchor_, caret_); break;
      case Action::copy: return copy(context, Copy::To::clipboard);
      case Action::copy_to_command: return copy(context, Copy::To::command);
      case Action::copy_to_file: return ask_path(context);
      default: move(*action, pane_rows(context.state, context.model, layout_in(context)));
    }
  }
  show_pane_row(context.state, context.model, layout_in(context), caret_.row);
  return false;
}

std::string CopyMode::words() const {
  std::string text = " COPY   ";
  if (extent_ == Extent::none) return text + "Space selects   V rows   y copies the row   Esc leaves ";
  const auto rows = static_cast<std::size_t>(std::abs(caret_.row - anchor_.row) + 1);
  return text + plural(rows, "row") + " selected   y copies   w to file   | to command   Esc leaves ";
}

void CopyMode::draw(Scene& scene) {
  const PaneRows rows = pane_rows(scene.state, scene.model, scene.layout);
  const PanePoint from = std::min(anchor_, caret_);
  const PanePoint until = std::max(anchor_, caret_);
  for (int r = 0; r < rows.area.height && extent_ != Extent::none; ++r) {
    const std::int64_t row = rows.top + r;
    if (row < from.row || row > until.row) continue;
    const bool whole = extent_ == Extent::rows;
    const int left = whole || row > from.row ? 0 : from.col - rows.col;
    const int right = whole || row < until.row ? rows.area.width - 1 : until.col - rows.col;
    scene.surface.restyle({rows.area.row + r, rows.area.col + left, 1, right - left + 1},
                          [&](StyleId under) { return scene.look.over(under, Paint::selected); });
  }
  const Point caret{rows.area.row + static_cast<int>(caret_.row - rows.top),
                    rows.area.col + caret_.col - rows.col};
  scene.surface.cursor.reset();
  if (rows.area.contains(caret)) scene.surface.cursor = caret;
  scene.surface.cursor_shape = CursorShape::block;
  const Rect bottom{scene.surface.rows() - 1, 0, 1, scene.surface.cols()};
  scene.surface.fill(bottom, scene.look(Paint::bar));
  scene.surface.put({bottom.row, 0}, words(), scene.look(Paint::mode_navigate), bottom.width);
  if (path_) draw_entry_line(scene, "write to: ", *path_);
}

}  // namespace

std::unique_ptr<Overlay> copy_overlay(Context& context) {
  const PaneRows rows = pane_rows(context.state, context.model, layout_in(context));
  context.state.copying = true;
  const std::int64_t bottom = std::min(rows.end, rows.top + rows.area.height) - 1;
  return std::make_unique<CopyMode>(PanePoint{std::max(rows.first, bottom), rows.col});
}

std::unique_ptr<Overlay> copy_overlay(Context& context, Point pressed, Point now) {
  const PaneRows rows = pane_rows(context.state, context.model, layout_in(context));
  if (!rows.area.contains(pressed)) return nullptr;
  context.state.copying = true;
  const auto point = [&](Point at) {
    return PanePoint{rows.top + at.row - rows.area.row, rows.col + at.col - rows.area.col};
  };
  return CopyMode::dragged(point(pressed), point(now));
}

}  // namespace bdsh::tui
