#include "tui/painter.hpp"

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "tui/painter_impl.hpp"

// From <term.h>, which makes macros of `lines`, `columns` and 400 other words.
extern "C" {
struct term;
extern struct term* cur_term;
int setupterm(const char* name, int fd, int* problem);
struct term* set_curterm(struct term* entry);
int del_curterm(struct term* entry);
}

namespace bdsh::tui {
namespace {

constexpr int kDirect = 1 << 24;
constexpr int kMaxPairs = 30'000;  // ncurses' table never shrinks, and is slow near its 65,536
// ?2004 bracketed paste, ?1004 focus, = the keypad told apart, ?1002 mouse with drag, ?1006 its SGR
// form.
constexpr std::string_view kModesOn = "\x1b[?2004h\x1b[?1004h\x1b=";
constexpr std::string_view kMouseOn = "\x1b[?1002h\x1b[?1006h";
constexpr std::string_view kMouseOff = "\x1b[?1006l\x1b[?1002l";
constexpr std::string_view kModesOff = "\x1b>\x1b[?1006l\x1b[?1002l\x1b[?1004l\x1b[?2004l";

// ncurses installs its own handlers for these where it finds the default ones; the program has
// its own ideas about them.
class KeptSignals {
 public:
  KeptSignals() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], nullptr, &saved_[i]);
  }
  ~KeptSignals() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &saved_[i], nullptr);
  }
  KeptSignals(const KeptSignals&) = delete;
  KeptSignals& operator=(const KeptSignals&) = delete;

 private:
  static constexpr std::array<int, 4> kSignals{SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
  std::array<struct sigaction, 4> saved_{};
};

// The file that ncurses writes to, as a FILE (what newterm takes) over a memfd.
class MemoryFile {
 public:
  MemoryFile() {
    const int fd = ::memfd_create("bdsh-frame", MFD_CLOEXEC);
    if (fd >= 0 && (file_ = ::fdopen(fd, "w+")) == nullptr) ::close(fd);
  }
  ~MemoryFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  FILE* file() const { return file_; }

  // What was written since the last call.
  std::string take() {
    std::fflush(file_);
    const int fd = ::fileno(file_);
    const off_t size = ::lseek(fd, 0, SEEK_CUR);
    std::string bytes(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    // Rewind: the file stays as large as the largest frame, which is little.
    ::lseek(fd, 0, SEEK_SET);
    return bytes;
  }

 private:
  FILE* file_ = nullptr;
};

std::string capability(const char* name) {
  const char* text = ::tigetstr(name);
  const bool none = text == nullptr || text == reinterpret_cast<const char*>(-1);
  return none ? std::string() : std::string(text);
}

// Without the padding marks of terminfo ($<5>), which only a slow wire needs.
std::string without_delays(std::string text) {
  for (std::size_t at; (at = text.find("$<")) != std::string::npos;) {
    const std::size_t end = text.find('>', at);
    if (end == std::string::npos) break;
    text.erase(at, end - at + 1);
  }
  return text;
}

// All rows scroll. newterm said so for the size that it took, and would leave that region behind.
std::string margins(Size size) {
  const std::string format = capability("csr");
  if (format.empty()) return {};
  const char* text = ::tiparm(format.c_str(), 0, std::max(1, size.rows.value) - 1);
  return text == nullptr ? std::string() : without_delays(text);
}

struct Rgb {
  int r, g, b;
};

// xterm's palette: the first sixteen as most terminals have them, then the cube and the greys.
Rgb palette_color(int index) {
  static constexpr std::array<Rgb, 16> kFirst{{{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0},
      {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0},
      {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255}}};
  if (index < 16) return kFirst[static_cast<std::size_t>(index)];
  if (index >= 232) return {8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)};
  const auto level = [](int i) { return i == 0 ? 0 : 55 + 40 * i; };
  index -= 16;
  return {level(index / 36), level(index / 6 % 6), level(index % 6)};
}

int nearest_of_first(Rgb color, int count) {
  int best = 0;
  int best_distance = 1 << 30;
  for (int i = 0; i < count; ++i) {
    const Rgb p = palette_color(i);
    const int dr = p.r - color.r, dg = p.g - color.g, db = p.b - color.b;
    const int distance = dr * dr + dg * dg + db * db;
    if (distance < best_distance) best = i, best_distance = distance;
  }
  return best;
}

Rgb rgb_of(Color color) {
  return color.kind == Color::Kind::rgb ? Rgb{color.r, color.g, color.b} : palette_color(color.r);
}

// The number that ncurses knows a colour by on a terminal of `colors`; -1 is the default.
int curses_color(Color color, int colors) {
  if (color.kind == Color::Kind::none) return -1;
  const bool indexed = color.kind == Color::Kind::indexed;
  if (colors >= kDirect) {
    if (indexed && color.r < 8) return color.r;
    const Rgb rgb = rgb_of(color);
    // Values 0…7 mean the palette there: the darkest blues are lifted out of it.
    return std::max(8, rgb.r << 16 | rgb.g << 8 | rgb.b);
  }
  if (indexed && color.r < colors) return color.r;
  if (colors >= 256) return nearest_indexed(color.r, color.g, color.b);
  return nearest_of_first(rgb_of(color), colors);
}

attr_t attributes(const Style& style) {
  attr_t attrs = A_NORMAL;
  if (style.bold) attrs |= A_BOLD;
  if (style.faint) attrs |= A_DIM;
  if (style.italic) attrs |= A_ITALIC;
  if (style.blink) attrs |= A_BLINK;
  if (style.reverse) attrs |= A_REVERSE;
  if (style.underline != Underline::none) attrs |= A_UNDERLINE;
  return attrs;
}

// A cell's text as ncurses wants it: at most CCHARW_MAX wide characters, zero-terminated.
std::array<wchar_t, CCHARW_MAX + 1> wide_text(const CellTables& tables, GlyphId glyph) {
  std::array<wchar_t, CCHARW_MAX + 1> text{};
  std::string utf8;
  tables.append_utf8(glyph, utf8);
  std::size_t count = 0;
  for (std::size_t at = 0; at < utf8.size() && count < CCHARW_MAX;)
    text[count++] = static_cast<wchar_t>(decode_utf8(utf8, at));
  if (count == 0 || char_width(static_cast<char32_t>(text[0])) < 1) text = {L' '};
  return text;
}

class CursesPainter final : public Painter::Impl {
 public:
  bool open(const PainterOptions& options, Size size);
  CursesPainter() = default;
  CursesPainter(const CursesPainter&) = delete;
  CursesPainter& operator=(const CursesPainter&) = delete;
  ~CursesPainter() override;

  std::string enter() override;
  std::string leave() override;
  std::string leave_bytes() const override;
  std::string paint(const Surface& surface) override;
  void resize(Size size) override;
  void redraw() override { last_.reset(); }
  std::string set_mouse(bool on) override;
  int colors() const override { return colors_; }
  const std::string& term() const override { return term_; }

 private:
  bool start(const std::string& term);
  void start_colors();
  void forget_pairs();
  void draw_row(const Surface& surface, int r);
  const cchar_t* draw_blank();
  void place_cursor(const Surface& surface);
  std::string shape_bytes(const Surface& surface);
  int pair_of(const Style& style);
  std::pair<attr_t, int> look_of(const CellTables& tables, StyleId id);

  MemoryFile out_;
  FILE* in_ = nullptr;
  SCREEN* screen_ = nullptr;
  std::string term_;
  std::string modes_on_;
  std::string initial_;  // what newterm wrote: the first half of the first enter()
  std::string shape_format_;
  std::string shape_reset_;
  int colors_ = 0;
  bool away_ = false;  // after leave(), before the next paint
  std::optional<Surface> last_;  // nothing: all rows are dirty
  CursorShape shape_ = CursorShape::block;
  bool shape_set_ = false;
  std::unordered_map<std::uint64_t, int> pairs_;
  bool pairs_full_ = false;
  std::vector<std::pair<attr_t, int>> looks_;  // by StyleId; pair -1: not known yet
  std::vector<cchar_t> line_;
};

bool CursesPainter::start(const std::string& term) {
  screen_ = ::newterm(term.c_str(), out_.file(), in_);
  if (screen_ == nullptr) return false;
  ::set_term(screen_);
  term_ = term;
  return true;
}

bool CursesPainter::open(const PainterOptions& options, Size size) {
  in_ = std::fopen("/dev/null", "re");
  if (out_.file() == nullptr || in_ == nullptr || options.term.empty()) return false;
  const KeptSignals kept;
  if (!(options.truecolor && start(options.term + "-direct")) && !start(options.term)) return false;
  if (capability("cup").empty()) return false;
  ::nonl();
  ::leaveok(::stdscr, FALSE);
  ::idlok(::stdscr, TRUE);
  start_colors();
  if (capability("cup").rfind("\x1b[", 0) == 0) {
    modes_on_ = kModesOn;
    if (options.mouse) modes_on_ += kMouseOn;
  }
  shape_format_ = capability("Ss");
  shape_reset_ = without_delays(capability("Se"));
  ::curs_set(0);
  resize(size);  // over what newterm took from LINES, COLUMNS or the entry
  initial_ = out_.take() + margins(size);
  return true;
}

CursesPainter::~CursesPainter() {
  if (screen_ != nullptr) {
    const KeptSignals kept;
      if (::isendwin() == FALSE) ::endwin();
    ::delscreen(screen_);
  }
  if (in_ != nullptr) std::fclose(in_);
}

void CursesPainter::start_colors() {
  if (::has_colors() == FALSE || ::start_color() == ERR) return;
  ::use_default_colors();
  colors_ = std::min(COLORS, kDirect);
  if (colors_ > 256 && colors_ < kDirect) colors_ = 256;
}

std::string CursesPainter::enter() {
  away_ = false;
  redraw();
  return std::exchange(initial_, {}) + modes_on_;
}

std::string CursesPainter::set_mouse(bool on) {
  const std::size_t at = modes_on_.find(kMouseOn);
  if (on == (at != std::string::npos)) return {};
  if (on) modes_on_ += kMouseOn;
  else modes_on_.erase(at, kMouseOn.size());
  return std::string(on ? kMouseOn : kMouseOff);
}

std::string CursesPainter::leave() {
  away_ = true;
  shape_set_ = false;
  ::endwin();
  return std::string(modes_on_.empty() ? std::string_view() : kModesOff) + shape_reset_ + out_.take();
}

std::string CursesPainter::leave_bytes() const {
  return std::string(modes_on_.empty() ? std::string_view() : kModesOff) + shape_reset_ +
         without_delays(capability("sgr0") + capability("cnorm") + capability("rmcup"));
}

void CursesPainter::resize(Size size) {
  ::resize_term(std::max(1, size.rows.value), std::max(1, size.cols.value));
  redraw();
}

void CursesPainter::forget_pairs() {
  pairs_.clear();
  looks_.clear();
  pairs_full_ = false;
  redraw();
}

int CursesPainter::pair_of(const Style& style) {
  const int fg = curses_color(style.fg, colors_);
  const int bg = curses_color(style.bg, colors_);
  if (fg < 0 && bg < 0) return 0;
  const auto key = static_cast<std::uint64_t>(static_cast<std::uint32_t>(fg)) << 32U |
                   static_cast<std::uint32_t>(bg);
  if (const auto found = pairs_.find(key); found != pairs_.end()) return found->second;
  const int pair = static_cast<int>(pairs_.size()) + 1;
  if (pair >= std::min(kMaxPairs, COLOR_PAIRS) || ::init_extended_pair(pair, fg, bg) == ERR) {
    pairs_full_ = true;  // this frame goes without; the next starts a new table
    return 0;
  }
  pairs_.emplace(key, pair);
  return pair;
}

std::pair<attr_t, int> CursesPainter::look_of(const CellTables& tables, StyleId id) {
  if (id >= looks_.size()) looks_.resize(id + 1, {A_NORMAL, -1});
  if (looks_[id].second < 0) {
    const Style& style = tables.style(id);
    const int pair = colors_ > 0 ? pair_of(style) : 0;
    if (pairs_full_) return {attributes(style), 0};
    looks_[id] = {attributes(style), pair};
  }
  return looks_[id];
}

void CursesPainter::draw_row(const Surface& surface, int r) {
  const CellTables& tables = surface.tables();
  line_.clear();
  for (int c = 0; c < surface.cols(); ++c) {
    const Cell cell = surface.at({r, c});
    if (cell.glyph == kWideRest && c > 0) continue;  // ncurses draws it with the left half
    const auto [attrs, pair] = look_of(tables, cell.style);
    const GlyphId glyph = tables.style(cell.style).conceal ? kBlank : cell.glyph;
    cchar_t out{};
    ::setcchar(&out, wide_text(tables, glyph).data(), attrs, 0, &pair);
    line_.push_back(out);
  }
  ::mvwadd_wchnstr(::stdscr, r, 0, line_.data(), static_cast<int>(line_.size()));
}

void CursesPainter::place_cursor(const Surface& surface) {
  const bool visible = surface.cursor && surface.area().contains(*surface.cursor);
  ::curs_set(visible ? 1 : 0);
  if (visible) ::wmove(::stdscr, surface.cursor->row, surface.cursor->col);
}

std::string CursesPainter::shape_bytes(const Surface& surface) {
  if (shape_format_.empty() || !surface.cursor) return {};
  if (surface.cursor_shape == shape_ && (shape_set_ || shape_ == CursorShape::block)) return {};
  shape_ = surface.cursor_shape;
  shape_set_ = true;
  // DECSCUSR: 2 steady block, 4 underline, 6 bar.
  const int number = 2 + 2 * static_cast<int>(shape_);
  const char* text = ::tiparm(shape_format_.c_str(), number);
  return text == nullptr ? std::string() : std::string(text);
}

std::string CursesPainter::paint(const Surface& surface) {
  if (pairs_full_) forget_pairs();
  const bool all = !last_ || last_->size() != surface.size();
  if (all) {
    ::werase(::stdscr);
    ::clearok(::curscr, TRUE);
  }
  for (int r = 0; r < surface.rows(); ++r)
    if (all || !surface.same_row(*last_, r)) draw_row(surface, r);
  place_cursor(surface);
  ::wnoutrefresh(::stdscr);
  ::doupdate();
  std::string bytes = std::exchange(initial_, {}) + out_.take() + shape_bytes(surface);
  last_ = surface;
  return bytes;
}

Error unfit(const PainterOptions& options) {
  const std::string name = options.term.empty() ? "(TERM is not set)" : sanitised(options.term);
  return {ErrorKind::io, "terminal " + name + ": unknown, or it cannot move its cursor"};
}

}  // namespace

Status check_terminal(const PainterOptions& options) {
  struct term* current = ::cur_term;
  int problem = 0;
  if (options.term.empty() || ::setupterm(options.term.c_str(), STDOUT_FILENO, &problem) == ERR)
    return unfit(options);
  const bool moves = !capability("cup").empty();
  struct term* probed = ::set_curterm(current);
  ::del_curterm(probed);
  return moves ? Status(Done{}) : unfit(options);
}

Painter::Painter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Painter::~Painter() = default;

Result<std::unique_ptr<Painter>> Painter::open(const PainterOptions& options, Size size) {
  // ncurses does not clean up after terminals that it does not know.
  if (const Status fit = check_terminal(options); !fit) return fit.error();
  if (options.plain) return std::unique_ptr<Painter>(new Painter(plain_painter(options)));
  auto impl = std::make_unique<CursesPainter>();
  if (!impl->open(options, size)) return unfit(options);
  return std::unique_ptr<Painter>(new Painter(std::move(impl)));
}

std::string Painter::enter() { return impl_->enter(); }
std::string Painter::leave() { return impl_->leave(); }
std::string Painter::leave_bytes() const { return impl_->leave_bytes(); }
std::string Painter::paint(const Surface& surface) { return impl_->paint(surface); }
void Painter::resize(Size size) { impl_->resize(size); }
std::string Painter::set_mouse(bool on) { return impl_->set_mouse(on); }
void Painter::redraw() { impl_->redraw(); }
int Painter::colors() const { return impl_->colors(); }
const std::string& Painter::term() const { return impl_->term(); }

}  // namespace bdsh::tui
