// What a terminal shows and has shown: the primary and the alternate grid, the cursor, the pen,
// the scrollback, and the logical lines of the primary screen.
//
// Two writers share it: libvterm's callbacks, and the express lane, which prints straight into it
// while the terminal is in its plain state. `cursor` is always the true position.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/cell.hpp"
#include "core/geometry.hpp"
#include "core/screen.hpp"
#include "pty/grid.hpp"
#include "pty/scrollback.hpp"

namespace bdsh::pty {

class LastRows;  // of lines that pass through; passing_lines.cpp

class Screen {
 public:
  // A logical line is broken once it is this long, so that reading one stays cheap.
  static constexpr int kMaxLineColumns = 65'536;

  Screen(CellTables& tables, Size size, const ScrollbackLimits& limits,
         std::uint64_t first_line = 0);

  Size size() const { return grid().size(); }
  bool alternate() const { return alternate_.has_value(); }
  Point primary_cursor() const { return alternate_ ? saved_primary_cursor_ : cursor; }

  // The cursor, and whether the next character wraps first (it stands in the last column then).
  Point cursor;
  bool pending_wrap = false;
  Style pen;
  int region_top = 0;  // the scrolling region: rows region_top … region_bottom - 1
  int region_bottom;
  int region_left = 0;  // columns region_left … region_right - 1: all, but for DECLRMM
  int region_right;

  // Printing at the cursor with automatic wrapping, without margins at the sides.
  void print_ascii(std::string_view text);
  void print(char32_t code, int width);
  void line_feed();
  // Takes printable ASCII in lines that end in CR LF from the front of `text`, as print_ascii() and
  // line_feed() would, but makes cells only of the rows that are left on the screen. How many bytes
  // it took: none unless the cursor stands on a blank last row and there is much to come.
  std::size_t print_lines(std::string_view text);
  // A combining character: joins the glyph before the cursor; nothing happens without one.
  void combine(char32_t code);

  // For libvterm's callbacks, which have their own idea of where things go.
  void put(Point at, char32_t code, int width);
  // The text goes on in column 0 of `row`; it had filled the row above up to column `reached`.
  void wrapped_to(int row, int reached);
  // As wrapped_to wants it, before the wrap.
  int reached() const { return pending_wrap ? size().cols.value : cursor.col; }
  void erase(const Rect& rect);
  void erase_unprotected(const Rect& rect);  // the attributes stay, and cells with Style::guarded
  void restyle(const Rect& rect, const std::function<void(Style&)>& change);
  void copy(const Rect& from, Point to);  // both inside the screen
  void reset_region();                    // the whole screen
  // `keep`: rows leaving the top of the primary screen go to the scrollback.
  void scroll(const Rect& rect, int down, int right, bool keep);

  void enter_alternate();  // a blank one; no-op when in it
  void leave_alternate();
  void clear_scrollback() { scrollback_.clear(); }
  void clear();            // the active grid
  void fill(char ascii);   // all of it, in the default style
  void resize(Size size);  // the primary screen is wrapped anew, the alternate one is cut
  void trim() { scrollback_.trim(scrollback_limits_); }

  void copy_to(ScreenSnapshot& out, int scroll_back, Rect wanted) const;
  int scrollback_rows() const { return alternate() ? 0 : static_cast<int>(scrollback_.rows()); }
  std::uint64_t rows_scrolled() const { return scrollback_.end_row(); }
  bool at_fresh_line() const;  // see HostTerminal::at_rest
  std::uint64_t row_hash(int row) const { return hash_of(grid().row(row), size().cols.value); }
  bool take_damage();
  std::size_t bytes() const;

  // Logical lines; see host_terminal.hpp.
  std::uint64_t open_line() const { return line_of(primary_cursor().row); }
  std::uint64_t line_end() const;
  std::uint64_t first_kept_line() const;
  std::string line(std::uint64_t index) const;
  std::optional<std::uint64_t> take_changed_from();

 private:
  static constexpr std::uint64_t kNothing = ~std::uint64_t{0};

  const Grid& grid() const { return alternate_ ? *alternate_ : primary_; }
  Grid& grid() { return alternate_ ? *alternate_ : primary_; }
  Cell cell(Point at) const;  // inside the screen
  void copy_row(int number, int from, int count, Cell* out) const;
  StyleId pen_id();
  StyleId blank_id();  // the pen's background alone: what erased cells look like
  void wrap();
  void advance(int width);
  void touch(int row);
  void touch_above(int row);
  void touch_row_number(std::uint64_t row);
  void set_part(int row, int part);
  std::uint16_t next_part(int part) const;  // of the row that goes on behind it; 0: a line's start
  void push_row(int row);
  void push_rows(const std::vector<Row>& rows, bool goes_on);
  void rewrap_scrollback(int cols);
  bool at_blank_bottom() const;
  void add_line(std::string_view text, LastRows& rows);
  void add_row(const TextRow& row, LastRows& rows);
  void show(const LastRows& rows);
  std::uint64_t top_line() const;        // of the primary grid's first row
  std::uint64_t line_of(int row) const;  // of a row of the primary grid
  int kept_columns(int row) const;       // 0, or how far the row reaches when it goes on below
  std::uint64_t line_of_row_number(std::uint64_t row) const;
  void append_screen_part(std::uint64_t index, std::string& out) const;

  CellTables* tables_;
  ScrollbackLimits scrollback_limits_;
  Grid primary_;
  std::optional<Grid> alternate_;
  Point saved_primary_cursor_;
  Scrollback scrollback_;
  Style id_pen_;  // the pen that pen_id_ stands for
  StyleId pen_id_ = 0;
  Style blank_style_;
  StyleId blank_id_ = 0;
  bool damaged_ = false;

  // What take_changed_from() last saw. Rows are numbered from the start of the terminal: those of
  // the scrollback first, then the screen's.
  std::uint64_t touched_row_ = kNothing;
  std::uint64_t seen_open_ = 0;
  std::uint64_t seen_end_ = 0;
};

}  // namespace bdsh::pty
