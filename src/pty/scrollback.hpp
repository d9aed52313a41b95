// Rows that left the top of the screen, in a compact form: UTF-8 text and style runs, packed in
// blocks, about 10 bytes a row beside its text. Rows and logical lines are numbered from the
// start of the terminal; the oldest are dropped by trim().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pty/grid.hpp"

namespace bdsh::pty {

struct ScrollbackLimits {
  std::size_t lines;
  std::size_t bytes;          // of their text and styles
  std::size_t rewrapped = 0;  // of the newest rows, when the width changes
};

// A row that was not made of cells, since none would have been looked at.
struct TextRow {
  std::string_view text;
  std::uint16_t part = 0;  // as Row's
  bool goes_on = false;    // the next row is a part of the same line; the text fills this one
};

class Scrollback {
 public:
  explicit Scrollback(std::uint64_t first_line = 0) : end_line_(first_line) {}
  // `keep`: columns to keep although they are blank (the row goes on in the next one).
  void push(const CellTables& tables, const Row& row, int keep);
  // A row that is `text` in one style: printable ASCII from its first column on, blank behind it.
  // As push() would, had it been cells.
  void push_text(const TextRow& row, StyleId style);
  // To that many rows, and then by blocks of them to that many bytes.
  void trim(const ScrollbackLimits& limits);
  void clear();  // the numbering goes on

  std::size_t rows() const { return static_cast<std::size_t>(end_row_ - first_row_); }
  std::uint64_t first_row() const { return first_row_; }
  std::uint64_t end_row() const { return end_row_; }
  // One past the number of the newest logical line that has a row here or had one.
  std::uint64_t end_line() const { return end_line_; }
  // The oldest line whose beginning is still here; end_line() when there is none.
  std::uint64_t first_line() const;
  std::uint64_t line_of(std::uint64_t row) const;  // first_row() ≤ row < end_row()
  // The first kept row of a line that has one.
  std::uint64_t row_of(std::uint64_t line) const;

  bool continues(std::uint64_t row) const;
  void append_text(std::uint64_t row, std::string& out) const;
  // Writes at most `cols` cells, and returns how many; the rest is left as it is.
  int decode(CellTables& tables, std::uint64_t row, Cell* out, int cols) const;
  // Takes the newest rows out again, about `count` of them: back to where a line begins. Row::full
  // of one that goes on in the next is its length, for the last one if it `goes_on` elsewhere.
  std::vector<Row> take_last(CellTables& tables, std::size_t count, bool goes_on);
  std::size_t bytes() const;  // memory in use, about

 private:
  static constexpr std::size_t kBlockRows = 128;
  struct Block {
    std::uint64_t first_line = 0;     // line of its first row
    std::vector<std::uint32_t> ends;  // of each row's record in `bytes`
    std::string bytes;
  };
  void drop_block();
  Row row_at(CellTables& tables, std::uint64_t row, std::vector<Cell>& scratch) const;
  void drop_last(std::uint64_t from);
  // The block that takes the next row, which is a new line or a `part` of the last one.
  Block& block_for(bool continues);
  void end_record(Block& block, std::size_t begin);
  bool joins(std::uint16_t part) const { return part != 0 && end_line_ != 0; }
  struct Place {
    const Block* block;
    std::size_t index;
  };
  Place place(std::uint64_t row) const;
  std::string_view record(std::uint64_t row) const;

  struct LineStart {
    std::uint64_t row = UINT64_MAX;
    std::uint64_t line = 0;
  };
  // first_line() is asked for with every line read; it changes only with first_row_.
  mutable LineStart first_;
  mutable LineStart found_;  // what row_of() last found

  std::vector<Block> blocks_;
  std::size_t payload_ = 0;      // bytes in blocks_
  std::uint64_t base_row_ = 0;   // number of the first row in blocks_.front()
  std::uint64_t first_row_ = 0;  // rows before it are dropped
  std::uint64_t end_row_ = 0;
  std::uint64_t end_line_ = 0;
};

// The row's text: UTF-8, without trailing blanks beyond column `keep`.
void append_row_text(const CellTables& tables, const Row& row, int keep, std::string& out);

}  // namespace bdsh::pty
