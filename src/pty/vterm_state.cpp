#include "pty/vterm_state.hpp"

#include <vterm.h>

#include <cassert>
#include <cstdio>
#include <string>
#include <utility>

namespace bdsh::pty {

struct VtermState::Impl {
  explicit Impl(Screen& target);
  ~Impl() { vterm_free(vterm); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  static int put_glyph(VTermGlyphInfo* info, VTermPos pos, void* user);
  static int scroll_rect(VTermRect rect, int downward, int rightward, void* user);
  static int erase(VTermRect rect, int selective, void* user);
  static const VTermStateCallbacks kCallbacks;

  void write(std::string_view bytes) {
    assert(bytes.size() <= kMaxWrite);
    vterm_input_write(vterm, bytes.data(), bytes.size());
  }
  Point position() const {
    VTermPos pos{};
    vterm_state_get_cursorpos(state, &pos);
    return {pos.row, pos.col};
  }
  void move_to(Point to) {
    char sequence[32];
    const int length =
        std::snprintf(sequence, sizeof sequence, "\x1b[%d;%dH", to.row + 1, to.col + 1);
    write({sequence, static_cast<std::size_t>(length)});
  }

  Screen* screen;
  VTerm* vterm;
  ::VTermState* state;
  bool muted = false;  // the callbacks leave the screen alone
  bool keep = true;
  bool autowrap = true;
  bool wraps_next = false;  // libvterm may hold a pending wrap of its own
  char32_t glyph = 0;       // what the stand-in stands for
  int width = 1;
};

namespace {

// Of width 1 and 2 in libvterm's own table.
std::string_view stand_in(int width) {
  return width == 2 ? "\xE4\xB8\x80" : "x";
}

Rect rect_of(VTermRect r) {
  return {r.start_row, r.start_col, r.end_row - r.start_row, r.end_col - r.start_col};
}

}  // namespace

int VtermState::Impl::put_glyph(VTermGlyphInfo*, VTermPos pos, void* user) {
  auto& self = *static_cast<Impl*>(user);
  if (self.muted) return 1;
  Screen& screen = *self.screen;
  const Point at{pos.row, pos.col};
  // Text goes elsewhere than to the cursor only by wrapping.
  if (!(at == screen.cursor) && at.col == 0) screen.wrapped_to(at.row, screen.reached());
  screen.put(at, self.glyph, self.width);
  screen.pending_wrap = self.autowrap && at.col + self.width >= screen.size().cols.value;
  return 1;
}

int VtermState::Impl::scroll_rect(VTermRect rect, int downward, int rightward, void* user) {
  const auto& self = *static_cast<Impl*>(user);
  if (!self.muted) self.screen->scroll(rect_of(rect), downward, rightward, self.keep);
  return 1;
}

int VtermState::Impl::erase(VTermRect rect, int, void* user) {
  const auto& self = *static_cast<Impl*>(user);
  if (!self.muted) self.screen->erase(rect_of(rect));
  return 1;
}

const VTermStateCallbacks VtermState::Impl::kCallbacks = [] {
  VTermStateCallbacks callbacks{};
  callbacks.putglyph = put_glyph;
  callbacks.scrollrect = scroll_rect;
  callbacks.erase = erase;
  return callbacks;
}();

VtermState::Impl::Impl(Screen& target)
    : screen(&target), vterm(vterm_new(target.size().rows.value, target.size().cols.value)) {
  vterm_set_utf8(vterm, 1);
  // What libvterm would answer is answered by Interpreter.
  vterm_output_set_callback(
      vterm, [](const char*, std::size_t, void*) {}, nullptr);
  state = vterm_obtain_state(vterm);
  vterm_state_set_callbacks(state, &kCallbacks, this);
}

VtermState::VtermState(Screen& screen) : impl_(std::make_unique<Impl>(screen)) {
  reset();
}
VtermState::~VtermState() = default;

void VtermState::run(std::string_view sequence) {
  const Point before = impl_->position();
  impl_->write(sequence);
  const Point after = impl_->position();
  if (after == before) return;
  // A pending wrap outlives whatever does not move the cursor; so it is in libvterm.
  impl_->wraps_next = false;
  impl_->screen->cursor = after;
  impl_->screen->pending_wrap = false;
}

void VtermState::print(char32_t code, int width) {
  impl_->glyph = code;
  impl_->width = width;
  const bool keep = std::exchange(impl_->keep, true);
  impl_->write(stand_in(width));
  impl_->keep = keep;
  impl_->screen->cursor = impl_->position();
  impl_->wraps_next = impl_->screen->pending_wrap;
}

void VtermState::catch_up() {
  const Screen& screen = *impl_->screen;
  // Moving to where it is already would leave libvterm's own pending wrap standing.
  if (impl_->wraps_next) impl_->write("\r");
  if (!(impl_->position() == screen.cursor)) impl_->move_to(screen.cursor);
  // At a right margin libvterm knows of no wrap.
  impl_->wraps_next = screen.pending_wrap && screen.cursor.col + 1 == screen.size().cols.value;
  if (!impl_->wraps_next) return;
  impl_->muted = true;
  impl_->write(stand_in(1));
  impl_->muted = false;
}

void VtermState::set_autowrap(bool on) {
  impl_->autowrap = on;
}
void VtermState::set_keep(bool keep) {
  impl_->keep = keep;
}

void VtermState::resize(Size size) {
  impl_->muted = true;
  // libvterm keeps margins that no longer fit, and then writes beyond its arrays.
  impl_->write("\x1b[?69h\x1b[s\x1b[?69l\x1b[r");
  vterm_set_size(impl_->vterm, size.rows.value, size.cols.value);
  impl_->write("\x1b[r\r");
  impl_->muted = false;
  impl_->wraps_next = true;
}

void VtermState::reset() {
  impl_->muted = true;
  vterm_state_reset(impl_->state, 1);
  impl_->muted = false;
  impl_->autowrap = true;
  impl_->wraps_next = false;
}

}  // namespace bdsh::pty
