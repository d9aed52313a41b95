#include "stream_check.hpp"

#include <cstdio>
#include <sstream>

#include "core/text.hpp"
#include "pty/host_terminal.hpp"
#include "pty/pen.hpp"

namespace bdsh::pty {
namespace {

constexpr std::size_t kScrollback = 40;

// A reader of logical lines that reads only what take_changed_from() tells it to.
class LineReader {
 public:
  std::string follow(HostTerminal& terminal) {
    const auto from = terminal.take_changed_from();
    if (from && *from < lines_.size()) lines_.resize(*from);
    if (from)
      for (std::uint64_t i = lines_.size(); i < terminal.line_end(); ++i)
        lines_.push_back(terminal.line(i));
    return compare(terminal);
  }

 private:
  std::string compare(const HostTerminal& terminal) const {
    if (lines_.size() != terminal.line_end())
      return "reader has " + std::to_string(lines_.size()) + " lines, not " +
             std::to_string(terminal.line_end());
    for (std::uint64_t i = terminal.first_kept_line(); i < lines_.size(); ++i)
      if (i >= whole_from(terminal) && lines_[i] != terminal.line(i))
        return "line " + std::to_string(i) + " changed unnoticed from '" + lines_[i] + "' to '" +
               terminal.line(i) + "'";
    return {};
  }
  // The oldest line may lose its beginning while it is still being written.
  static std::uint64_t whole_from(const HostTerminal& terminal) {
    return terminal.first_kept_line() + 1;
  }
  std::vector<std::string> lines_;
};

struct Subject {
  Subject(Size size, bool lane)
      : terminal(tables, {size, kScrollback, TerminalOptions::Kind::pty, lane}) {
    complaint = reader.follow(terminal);
  }
  void feed(std::string_view bytes) {
    FeedResult result = terminal.feed(bytes);
    replies += result.replies;
    bells += result.bell ? 1 : 0;
    marks += result.marks.size();
    follow();
  }
  void follow() {
    if (complaint.empty()) complaint = reader.follow(terminal);
  }
  CellTables tables;
  HostTerminal terminal;
  LineReader reader;
  std::string replies;
  int bells = 0;
  std::size_t marks = 0;
  std::string complaint;
};

std::string check_cells(const CellTables& tables, const ScreenSnapshot& shot) {
  for (int r = 0; r < shot.size.rows.value; ++r)
    for (int c = 0; c < shot.size.cols.value; ++c) {
      const GlyphId glyph = shot.row(r)[c].glyph;
      const bool rest_follows =
          c + 1 < shot.size.cols.value && shot.row(r)[c + 1].glyph == kWideRest;
      if (glyph == kWideRest && (c == 0 || char_width(tables.base(shot.row(r)[c - 1].glyph)) != 2))
        return "half a wide glyph at " + std::to_string(r) + "," + std::to_string(c);
      if (glyph != kWideRest && (char_width(tables.base(glyph)) == 2) != rest_follows)
        return "a wide glyph cut off at " + std::to_string(r) + "," + std::to_string(c);
    }
  return {};
}

std::string check_promises(const Subject& subject) {
  const HostTerminal& terminal = subject.terminal;
  const Size size = terminal.size();
  for (int back = 0; back <= terminal.scrollback_rows(); back += 7) {
    const ScreenSnapshot shot = terminal.snapshot(back);
    if (!(shot.size == size) || shot.scrolled_back != back) return "snapshot of another place";
    if (!Rect{0, 0, size.rows.value, size.cols.value}.contains(shot.cursor))
      return "cursor outside";
    if (std::string wrong = check_cells(subject.tables, shot); !wrong.empty()) return wrong;
  }
  if (terminal.open_line() >= terminal.line_end()) return "open line beyond the end";
  if (terminal.first_kept_line() > terminal.open_line()) return "open line not kept";
  if (terminal.title().size() > 256) return "title too long";
  return {};
}

std::string rows_of(const Subject& subject, const ScreenSnapshot& shot) {
  std::string text;
  for (int r = 0; r < shot.size.rows.value; ++r) {
    for (int c = 0; c < shot.size.cols.value; ++c) {
      const Cell cell = shot.row(r)[c];
      subject.tables.append_utf8(cell.glyph, text);
      if (cell.style != 0) text += '{' + sgr_params(subject.tables.style(cell.style)) + '}';
    }
    text += "|\n";
  }
  return text;
}

// What the subject shows, as text that names every difference.
std::string picture(Subject& subject) {
  std::ostringstream out;
  const ScreenSnapshot shot = subject.terminal.snapshot();
  const Size size = shot.size;
  out << "cursor " << shot.cursor.row << ',' << shot.cursor.col
      << (shot.cursor_visible ? "" : " hidden") << (shot.alternate ? " alternate" : "") << " title "
      << shot.title << "\n";
  out << rows_of(subject, shot);
  for (int back = size.rows.value; back <= subject.terminal.scrollback_rows();
       back += size.rows.value)
    out << back << " rows above:\n" << rows_of(subject, subject.terminal.snapshot(back));
  for (std::uint64_t i = subject.terminal.first_kept_line(); i < subject.terminal.line_end(); ++i)
    out << i << ": " << subject.terminal.line(i) << "\n";
  out << "open " << subject.terminal.open_line() << " rows above "
      << subject.terminal.scrollback_rows() << " replies " << to_string(Step{subject.replies})
      << " bells " << (subject.bells > 0) << " marks " << subject.marks;
  return out.str();
}

std::string difference(const char* name, const std::string& expected, const std::string& actual) {
  if (expected == actual) return {};
  return std::string(name) + ":\n" + actual + "\n--- instead of:\n" + expected + "\n";
}

}  // namespace

std::string to_string(const Step& step) {
  if (const Size* size = std::get_if<Size>(&step))
    return "resize(" + std::to_string(size->rows.value) + ", " + std::to_string(size->cols.value) +
           ")";
  std::string out = "feed(\"";
  for (const char c : std::get<std::string>(step)) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\%03o", static_cast<unsigned char>(c));
    out +=
        c >= 0x20 && c < 0x7F && c != '"' && c != '\\' ? std::string(1, c) : std::string(escaped);
  }
  return out + "\")";
}

std::string check_stream(Size size, const std::vector<Step>& steps) {
  Subject whole(size, true);
  Subject bytewise(size, true);
  Subject slow(size, false);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (const Size* to = std::get_if<Size>(&steps[i])) {
      for (Subject* subject : {&whole, &bytewise, &slow}) subject->terminal.resize(*to);
    } else {
      const std::string& bytes = std::get<std::string>(steps[i]);
      whole.feed(bytes);
      slow.feed(bytes);
      for (const char& byte : bytes) bytewise.feed({&byte, 1});
    }
    std::string wrong;
    for (Subject* subject : {&whole, &bytewise, &slow}) {
      subject->feed({});  // drops what exceeds the scrollback, in all of them
      if (wrong.empty()) wrong = check_promises(*subject);
      if (wrong.empty()) wrong = subject->complaint;
    }
    const std::string expected = picture(whole);
    if (wrong.empty()) wrong = difference("byte by byte", expected, picture(bytewise));
    if (wrong.empty()) wrong = difference("without the express lane", expected, picture(slow));
    if (!wrong.empty())
      return "step " + std::to_string(i) + ", " + to_string(steps[i]) + ": " + wrong;
  }
  return {};
}

}  // namespace bdsh::pty
