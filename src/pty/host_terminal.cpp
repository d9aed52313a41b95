#include "pty/host_terminal.hpp"

#include "pty/byte_lines.hpp"
#include "pty/interpreter.hpp"
#include "pty/key_encoder.hpp"
#include "pty/sequencer.hpp"

namespace bdsh::pty {

class HostTerminal::Impl {
 public:
  Impl(CellTables& tables, const TerminalOptions& options)
      : interpreter(tables, options),
        limits{options.scrollback_lines, options.scrollback_bytes, 0} {
    if (options.kind == TerminalOptions::Kind::plain) lines.emplace(options.first_line);
  }

  FeedResult feed(std::string_view bytes);
  const Screen& screen() const { return interpreter.screen(); }
  ScreenSnapshot snapshot(int scroll_back, Rect part) const;
  void synchronize(FeedResult& result);
  void take_lines(std::string_view& bytes);

  Sequencer sequencer;
  Interpreter interpreter;
  const ScrollbackLimits limits;
  std::optional<ByteLines> lines;      // of kind `plain`
  std::optional<ScreenSnapshot> held;  // while output is synchronized
};

ScreenSnapshot HostTerminal::Impl::snapshot(int scroll_back, Rect part) const {
  ScreenSnapshot out;
  screen().copy_to(out, scroll_back, part);
  const Modes& modes = interpreter.modes();
  out.cursor_visible = modes.cursor_visible;
  out.cursor_shape = modes.cursor_shape;
  out.reverse = modes.reverse_screen;
  out.title = interpreter.title();
  return out;
}

// Called after each unit, so that what was drawn before the mode was set is in the held picture.
void HostTerminal::Impl::synchronize(FeedResult& result) {
  if (interpreter.modes().synchronized == held.has_value()) return;
  if (held) {
    held.reset();
    result.damaged = true;
  } else {
    result.damaged |= interpreter.screen().take_damage();
    held = snapshot(0, kWholeScreen);
  }
}

// A control inside a sequence does not end it: the sequencer may be anywhere.
void HostTerminal::Impl::take_lines(std::string_view& bytes) {
  if (sequencer.at_rest()) bytes.remove_prefix(interpreter.take_lines(bytes));
}

// What is old is dropped first, so that all of what this feed brings can be read after it.
FeedResult HostTerminal::Impl::feed(std::string_view bytes) {
  FeedResult result;
  interpreter.screen().trim();
  if (lines) lines->trim(limits);
  const Point cursor = screen().cursor;
  take_lines(bytes);
  for (;;) {
    const Unit unit = sequencer.next(bytes);
    if (unit.kind == Unit::Kind::none) break;
    interpreter.handle(unit, result);
    synchronize(result);
    if (lines) lines->add(unit);
    if (unit.kind == Unit::Kind::control && unit.code == U'\n') take_lines(bytes);
  }
  if (held) return result;
  const bool drawn = interpreter.screen().take_damage();
  result.damaged = result.damaged || drawn || !(cursor == screen().cursor);
  return result;
}

HostTerminal::HostTerminal(CellTables& tables, const TerminalOptions& options)
    : impl_(std::make_unique<Impl>(tables, options)) {}
HostTerminal::~HostTerminal() = default;
HostTerminal::HostTerminal(HostTerminal&&) noexcept = default;
HostTerminal& HostTerminal::operator=(HostTerminal&&) noexcept = default;

FeedResult HostTerminal::feed(std::string_view bytes) {
  return impl_->feed(bytes);
}
void HostTerminal::resize(Size size) {
  end_synchronized();
  impl_->interpreter.resize(size);
}
Size HostTerminal::size() const {
  return impl_->screen().size();
}

std::string HostTerminal::encode(const Key& key) const {
  return encode_key(key, impl_->interpreter.modes(), size());
}

bool HostTerminal::synchronizing() const {
  return impl_->held.has_value();
}
void HostTerminal::end_synchronized() {
  impl_->interpreter.end_synchronized();
  impl_->held.reset();
}

ScreenSnapshot HostTerminal::snapshot(int scroll_back, Rect part) const {
  return impl_->held && scroll_back == 0 ? part_of(*impl_->held, part)
                                         : impl_->snapshot(scroll_back, part);
}

ScreenPlace HostTerminal::place() const {
  return impl_->held ? ScreenPlace{impl_->held->size, impl_->held->cursor}
                     : ScreenPlace{size(), cursor()};
}

int HostTerminal::scrollback_rows() const {
  return impl_->screen().scrollback_rows();
}
std::uint64_t HostTerminal::rows_scrolled() const {
  return impl_->screen().rows_scrolled();
}
bool HostTerminal::alternate() const {
  return impl_->screen().alternate();
}
bool HostTerminal::wants_mouse() const {
  return impl_->interpreter.modes().mouse != MouseMode::off;
}
Point HostTerminal::cursor() const {
  return impl_->screen().cursor;
}
bool HostTerminal::cursor_visible() const {
  return impl_->interpreter.modes().cursor_visible;
}
const std::string& HostTerminal::title() const {
  return impl_->interpreter.title();
}
const std::string& HostTerminal::url_host() const {
  return impl_->interpreter.url_host();
}
std::uint64_t HostTerminal::row_hash(int row) const {
  if (impl_->held) return hash_of(impl_->held->row(row), impl_->held->size.cols.value);
  return impl_->screen().row_hash(row);
}
bool HostTerminal::at_rest() const {
  return impl_->sequencer.at_rest() && !impl_->held && impl_->interpreter.at_rest();
}
std::size_t HostTerminal::memory_bytes() const {
  const std::size_t held = impl_->held ? impl_->held->cells.size() * sizeof(Cell) : 0;
  const std::size_t plain = impl_->lines ? impl_->lines->bytes() : 0;
  return sizeof(Impl) + impl_->screen().bytes() + held + plain;
}

std::uint64_t HostTerminal::open_line() const {
  return impl_->lines ? impl_->lines->open_line() : impl_->screen().open_line();
}
std::uint64_t HostTerminal::first_kept_line() const {
  return impl_->lines ? impl_->lines->first_kept_line() : impl_->screen().first_kept_line();
}
std::string HostTerminal::line(std::uint64_t index) const {
  return impl_->lines ? impl_->lines->line(index) : impl_->screen().line(index);
}
std::uint64_t HostTerminal::line_end() const {
  return impl_->lines ? impl_->lines->line_end() : impl_->screen().line_end();
}
std::optional<std::uint64_t> HostTerminal::take_changed_from() {
  return impl_->lines ? impl_->lines->take_changed_from()
                      : impl_->interpreter.screen().take_changed_from();
}

}  // namespace bdsh::pty
