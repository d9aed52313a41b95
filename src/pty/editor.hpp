// Where the cursor goes and what is edited within margins: cursor movement in all modes, and
// printing, scrolling, inserting and deleting while there are margins at the sides (DECLRMM),
// which libvterm 0.1.4 knows only in part.
//
// Sources: VT510 manual (cursor movement, DECLRMM, DECOM), xterm's ctlseqs.
#pragma once

#include "pty/modes.hpp"
#include "pty/screen.hpp"

namespace bdsh::pty {

// Counts are at least 1; every position is clamped.
class Editor {
 public:
  // Both outlive the editor.
  Editor(Screen& screen, const Modes& modes) : screen_(screen), modes_(modes) {}

  // Movement. Each ends a pending wrap.
  void up(int count);  // to the top margin, or to the first row from above it; as its likes
  void down(int count);
  void right(int count);
  void left(int count);            // with reverse wraparound also to the row above
  void carriage_return();          // to the left margin
  void to(Point at);               // zero-based from the origin: the margins' with DECOM
  void to_row(int row);            // as to()
  void to_col(int col);            // as to()
  void right_anywhere(int count);  // HPR and VPR know no margins but those of DECOM
  void down_anywhere(int count);
  void cap_col(int col);      // not beyond the right margin, when the cursor came from before it
  Point from_origin() const;  // the cursor as to() counts it

  bool inside_rows() const;  // the cursor is within the top and bottom margins
  bool inside_cols() const;  // within those at the sides
  Rect origin_area() const;  // what to() can reach

  // With margins at the sides.
  void print(char32_t code, int width);
  void index();          // down, scrolling at the bottom margin
  void reverse_index();  // up, scrolling at the top margin
  void scroll_up(int count);
  void scroll_down(int count) { scroll_up(-count); }
  void insert_lines(int count);
  void delete_lines(int count) { insert_lines(-count); }
  void insert_cells(int count);
  void delete_cells(int count) { insert_cells(-count); }

  // With and without them.
  void insert_columns(int count);
  void delete_columns(int count) { insert_columns(-count); }
  void forward_index();  // DECFI: right, scrolling at the right margin
  void back_index();     // DECBI: left, scrolling at the left margin

 private:
  Rect region() const;
  void place(Point at);
  int right_edge() const;
  void wrap();
  void back_over_edge();

  Screen& screen_;
  const Modes& modes_;
};

}  // namespace bdsh::pty
