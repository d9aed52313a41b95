#include "pty/scrollback.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include "core/text.hpp"

namespace bdsh::pty {
namespace {

// A record: one byte of flags, the style runs if there are any, then the text up to its end.
constexpr char kContinues = 1;
constexpr char kStyled = 2;

void put_varint(std::uint32_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
  out.push_back(static_cast<char>(value));
}

std::uint32_t get_varint(std::string_view& in) {
  std::uint32_t value = 0;
  for (unsigned shift = 0; !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= (byte & 0x7FU) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

struct Run {
  StyleId style;
  std::uint32_t length;
};

int visible_end(const Row& row) {
  int end = row.used;
  while (end > 0 && row.cells[static_cast<std::size_t>(end - 1)] == Cell{}) --end;
  return end;
}

int text_end(const Row& row) {
  int end = row.used;
  while (end > 0 && row.cells[static_cast<std::size_t>(end - 1)].glyph == kBlank) --end;
  return end;
}

void append_runs(const Row& row, int end, std::string& out) {
  std::vector<Run> runs;
  for (int i = 0; i < end; ++i) {
    const StyleId style = row.cells[static_cast<std::size_t>(i)].style;
    if (runs.empty() || runs.back().style != style) runs.push_back({style, 0});
    ++runs.back().length;
  }
  put_varint(static_cast<std::uint32_t>(runs.size()), out);
  for (const Run& run : runs) {
    put_varint(run.style, out);
    put_varint(run.length, out);
  }
}

// What most rows are: ASCII in one style. One pass, so that the compiler can use wide registers.
struct Kind {
  bool ascii = true;
  bool styled = false;
};

Kind kind_of(const Row& row, int end) {
  const Cell* cells = row.cells.get();
  GlyphId glyphs = 0;
  StyleId styles = 0;
  for (int i = 0; i < end; ++i) {
    glyphs |= cells[i].glyph;
    styles |= cells[i].style;
  }
  // Glyph 1 (kWideRest) comes only after a wide one, which is no ASCII.
  return {glyphs < 0x80, styles != 0};
}

void append_ascii(const Row& row, int end, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + static_cast<std::size_t>(end));
  char* to = out.data() + start;
  const Cell* from = row.cells.get();  // else read anew after each char, which may alias anything
  for (int i = 0; i < end; ++i)
    to[i] = static_cast<char>(from[i].glyph | (from[i].glyph == kBlank ? 0x20U : 0U));
}

void append_cells(const CellTables& tables, const Row& row, int end, bool ascii, std::string& out) {
  if (ascii) return append_ascii(row, end, out);
  for (int i = 0; i < end; ++i) {
    const GlyphId glyph = row.cells[static_cast<std::size_t>(i)].glyph;
    if (glyph >= 0x20 && glyph < 0x7F)
      out.push_back(static_cast<char>(glyph));
    else
      tables.append_utf8(glyph, out);
  }
}

std::string_view skip_runs(std::string_view record) {
  const bool styled = (record.front() & kStyled) != 0;
  record.remove_prefix(1);
  if (!styled) return record;
  for (std::uint32_t runs = get_varint(record); runs > 0; --runs) {
    get_varint(record);
    get_varint(record);
  }
  return record;
}

void decode_styles(std::string_view record, Cell* out, int cols) {
  if ((record.front() & kStyled) == 0) return;
  record.remove_prefix(1);
  int at = 0;
  for (std::uint32_t runs = get_varint(record); runs > 0; --runs) {
    const StyleId style = get_varint(record);
    for (std::uint32_t n = get_varint(record); n > 0 && at < cols; --n) out[at++].style = style;
  }
}

// The code point at `at` with the combining ones after it.
GlyphId next_glyph(CellTables& tables, std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  const char32_t base = decode_utf8(text, at);
  std::size_t end = at;
  for (std::size_t look = at; look < text.size() && char_width(decode_utf8(text, look)) == 0;)
    end = look;
  if (end == at) return base == U' ' ? kBlank : base;
  at = end;
  return tables.intern_cluster(text.substr(start, end - start));
}

}  // namespace

void append_row_text(const CellTables& tables, const Row& row, int keep, std::string& out) {
  const int end = text_end(row);
  append_cells(tables, row, end, kind_of(row, end).ascii, out);
  if (keep > end) out.append(static_cast<std::size_t>(keep - end), ' ');
}

// Blocks are about as large as the one before: room for one is made at once, and the little that
// it turns out to be too much is not worth a copy.
Scrollback::Block& Scrollback::block_for(bool continues) {
  if (!continues) ++end_line_;
  if (!blocks_.empty() && blocks_.back().ends.size() < kBlockRows) return blocks_.back();
  Block next;
  next.first_line = end_line_ - 1;
  if (!blocks_.empty()) {
    std::string& full = blocks_.back().bytes;
    if (full.capacity() - full.size() > full.size() / 16) full.shrink_to_fit();
    next.bytes.reserve(full.size() + full.size() / 32);
    next.ends.reserve(kBlockRows);
  }
  return blocks_.emplace_back(std::move(next));
}

void Scrollback::end_record(Block& block, std::size_t begin) {
  block.ends.push_back(static_cast<std::uint32_t>(block.bytes.size()));
  payload_ += block.bytes.size() - begin;
  ++end_row_;
}

void Scrollback::push(const CellTables& tables, const Row& row, int keep) {
  const bool continues = joins(row.part);
  Block& block = block_for(continues);
  const std::size_t begin = block.bytes.size();
  // Of a row that goes on, coloured blanks behind the joint are no text; append_row_text() agrees.
  const int end =
      keep == 0 ? visible_end(row) : std::max(text_end(row), std::min<int>(keep, row.used));
  const auto [ascii, styled] = kind_of(row, end);
  block.bytes.push_back(static_cast<char>((continues ? kContinues : 0) | (styled ? kStyled : 0)));
  if (styled) append_runs(row, end, block.bytes);
  append_cells(tables, row, end, ascii, block.bytes);
  if (keep > end) block.bytes.append(static_cast<std::size_t>(keep - end), ' ');
  end_record(block, begin);
}

void Scrollback::push_text(const TextRow& row, StyleId style) {
  const bool continues = joins(row.part);
  Block& block = block_for(continues);
  const std::size_t begin = block.bytes.size();
  std::string_view text = row.text;
  if (!row.goes_on && style == 0) text = text.substr(0, text.find_last_not_of(' ') + 1);
  const bool styled = style != 0 && !text.empty();
  block.bytes.push_back(static_cast<char>((continues ? kContinues : 0) | (styled ? kStyled : 0)));
  if (styled) {
    put_varint(1, block.bytes);  // one run
    put_varint(style, block.bytes);
    put_varint(static_cast<std::uint32_t>(text.size()), block.bytes);
  }
  block.bytes.append(text);
  end_record(block, begin);
}

void Scrollback::drop_block() {
  base_row_ += blocks_.front().ends.size();
  payload_ -= blocks_.front().bytes.size();
  blocks_.erase(blocks_.begin());
}

void Scrollback::trim(const ScrollbackLimits& limits) {
  if (rows() > limits.lines) first_row_ = end_row_ - limits.lines;
  while (!blocks_.empty() && base_row_ + blocks_.front().ends.size() <= first_row_) drop_block();
  while (payload_ > limits.bytes && blocks_.size() > 1) drop_block();
  first_row_ = std::max(first_row_, base_row_);
}

void Scrollback::clear() {
  blocks_.clear();
  payload_ = 0;
  blocks_.shrink_to_fit();
  base_row_ = first_row_ = end_row_;
}

// All blocks but the last are full.
Scrollback::Place Scrollback::place(std::uint64_t row) const {
  const auto offset = static_cast<std::size_t>(row - base_row_);
  return {&blocks_[offset / kBlockRows], offset % kBlockRows};
}

std::string_view Scrollback::record(std::uint64_t row) const {
  const auto [block, index] = place(row);
  const std::size_t begin = index == 0 ? 0 : block->ends[index - 1];
  return std::string_view(block->bytes).substr(begin, block->ends[index] - begin);
}

bool Scrollback::continues(std::uint64_t row) const {
  return (record(row).front() & kContinues) != 0;
}

std::uint64_t Scrollback::line_of(std::uint64_t row) const {
  if (row == found_.row) return found_.line;
  const auto [block, index] = place(row);
  std::uint64_t line = block->first_line;
  for (std::uint64_t r = row - index + 1; r <= row; ++r)
    if (!continues(r)) ++line;
  return line;
}

std::uint64_t Scrollback::first_line() const {
  if (rows() == 0) return end_line_;
  if (first_.row != first_row_) {
    const std::uint64_t line = line_of(first_row_);
    first_ = {first_row_, continues(first_row_) ? line + 1 : line};
  }
  return first_.line;
}

// The first row at or behind `line`'s beginning: the last block that begins before the line, then
// its rows one by one. Lines are read in order: the search goes on where the last one ended.
std::uint64_t Scrollback::row_of(std::uint64_t line) const {
  const auto after = std::partition_point(blocks_.begin(), blocks_.end(),
                                          [line](const Block& b) { return b.first_line < line; });
  if (after == blocks_.begin()) return first_row_;
  const auto block = std::prev(after);
  std::uint64_t row = base_row_ + static_cast<std::uint64_t>(block - blocks_.begin()) * kBlockRows;
  const std::uint64_t end = row + block->ends.size();
  std::uint64_t at = block->first_line;
  if (found_.line < line && found_.row >= row && found_.row < end) {
    row = found_.row;
    at = found_.line;
  }
  for (++row; row < end; ++row)
    if (!continues(row) && ++at == line) break;
  if (row < end) found_ = {row, line};
  return std::max(row, first_row_);
}

void Scrollback::append_text(std::uint64_t row, std::string& out) const {
  out += skip_runs(record(row));
}

int Scrollback::decode(CellTables& tables, std::uint64_t row, Cell* out, int cols) const {
  const std::string_view bytes = record(row);
  const std::string_view text = skip_runs(bytes);
  int col = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t look = at;
    const int width = std::max(1, char_width(decode_utf8(text, look)));
    const GlyphId glyph = next_glyph(tables, text, at);
    if (col + width > cols) break;
    out[col].glyph = glyph;
    if (width == 2) out[col + 1].glyph = kWideRest;
    col += width;
  }
  decode_styles(bytes, out, cols);
  return col;
}

Row Scrollback::row_at(CellTables& tables, std::uint64_t row, std::vector<Cell>& scratch) const {
  Row out;
  const int length = decode(tables, row, scratch.data(), static_cast<int>(scratch.size()));
  if (length == 0) return out;
  out.capacity = out.used = static_cast<std::uint16_t>(length);
  out.cells = std::make_unique<Cell[]>(static_cast<std::size_t>(length));
  std::copy_n(scratch.begin(), length, out.cells.get());
  std::fill_n(scratch.begin(), length, Cell{});
  return out;
}

std::vector<Row> Scrollback::take_last(CellTables& tables, std::size_t count, bool goes_on) {
  std::uint64_t from = end_row_ - std::min(count, rows());
  while (from > first_row_ && from < end_row_ && continues(from)) --from;
  std::vector<Row> out;
  std::vector<Cell> scratch(Grid::kMaxCols);
  for (std::uint64_t row = from; row < end_row_; ++row) {
    out.push_back(row_at(tables, row, scratch));
    Row& last = out.back();
    const std::uint16_t before = out.size() > 1 ? out[out.size() - 2].part : 0;
    last.part = continues(row) ? static_cast<std::uint16_t>(before + 1) : 0;
    const bool more = row + 1 < end_row_ ? continues(row + 1) : goes_on;
    if (more) last.full = last.used;
  }
  drop_last(from);
  return out;
}

void Scrollback::drop_last(std::uint64_t from) {
  for (; end_row_ > from; --end_row_) {
    if (!continues(end_row_ - 1)) --end_line_;
    Block& block = blocks_.back();
    const std::size_t whole = block.bytes.size();
    block.ends.pop_back();
    block.bytes.resize(block.ends.empty() ? 0 : block.ends.back());
    payload_ -= whole - block.bytes.size();
    if (block.ends.empty()) blocks_.pop_back();
  }
  first_ = found_ = {};
}

std::size_t Scrollback::bytes() const {
  std::size_t sum = 0;
  for (const Block& block : blocks_)
    sum += sizeof block + block.bytes.capacity() + block.ends.capacity() * sizeof(std::uint32_t);
  return sum;
}

}  // namespace bdsh::pty
