// The diff view: two transcripts aligned, side by side or unified.
#include "core/text.hpp"
#include "tui/diff_choice.hpp"
#include "tui/diff_rows.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

using consensus::Diff;
using consensus::DiffRow;
using consensus::TextLine;

constexpr int kMinBeside = 60;  // columns; in fewer the sides stand below each other

Paint diff_paint(DiffRow::Kind kind) {
  switch (kind) {
    case DiffRow::Kind::common:
      return Paint::text;
    case DiffRow::Kind::changed:
      return Paint::diff_changed;
    case DiffRow::Kind::removed:
      return Paint::diff_removed;
    case DiffRow::Kind::added:
      return Paint::diff_added;
  }
  return Paint::text;
}

char diff_sign(DiffRow::Kind kind) {
  switch (kind) {
    case DiffRow::Kind::common:
      return ' ';
    case DiffRow::Kind::changed:
      return '~';
    case DiffRow::Kind::removed:
      return '-';
    case DiffRow::Kind::added:
      return '+';
  }
  return ' ';
}

void put_diff_text(Scene& scene, Point at, int end, const std::optional<TextLine>& line, char sign,
                   Paint paint) {
  const Look& look = scene.look;
  Pen pen(scene.surface, at, end);
  pen.put(std::string(1, sign) + " ", look(paint));
  if (!line) return;
  if (draw_text_line(pen, look, *line, 0, line->text.size(), look(paint)) && end > at.col)
    scene.surface.put({at.row, end - 1}, look.glyphs().more, look(Paint::dim));
}

// One row of both columns, or of the one that all have unified.
struct Columns {
  bool beside;
  Rect area;
  int middle() const { return area.col + area.width / 2; }
  int end() const { return area.col + area.width; }
};

void draw_beside(Scene& scene, const DiffRow& row, const Columns& columns, int at) {
  const Paint paint = diff_paint(row.kind);
  const bool changed = row.kind == DiffRow::Kind::changed;
  const char left = row.kind == DiffRow::Kind::added ? ' ' : diff_sign(row.kind);
  const char right = row.kind == DiffRow::Kind::removed ? ' ' : diff_sign(row.kind);
  put_diff_text(scene, {at, columns.area.col + 1}, columns.middle() - 1, row.left, left,
                changed ? Paint::diff_removed : paint);
  put_diff_text(scene, {at, columns.middle() + 2}, columns.end(), row.right, right,
                changed ? Paint::diff_added : paint);
}

void draw_unified(Scene& scene, const DiffViewRow& place, const DiffRow& row,
                  const Columns& columns, int at) {
  const DiffRow::Kind kind = place.left_only    ? DiffRow::Kind::removed
                             : place.right_only ? DiffRow::Kind::added
                                                : row.kind;
  const auto& line = place.right_only || !row.left ? row.right : row.left;
  put_diff_text(scene, {at, columns.area.col + 1}, columns.end(), line, diff_sign(kind),
                diff_paint(kind));
}

void draw_fold(Scene& scene, const DiffViewRow& row, const Columns& columns, int at) {
  const Glyphs& g = scene.look.glyphs();
  const std::string words = std::string(g.folded) + " " + plural(row.count, "equal line");
  scene.surface.put({at, columns.area.col + 1}, words, scene.look(Paint::dim),
                    columns.area.width - 1);
}

// Equal lines differ at most in what masks hide: each side shows its own.
DiffRow common_row(const Scene& scene, const Diff& diff, const DiffViewRow& row) {
  const auto line = [&](const consensus::TextRef& side, std::size_t at) {
    const auto lines = scene.model.lines(side, at, at + 1);
    return lines.empty() ? std::optional<TextLine>() : std::optional(lines.front());
  };
  return {DiffRow::Kind::common, line(diff.left, row.left), line(diff.right, row.right)};
}

void draw_diff_row(Scene& scene, const Diff& diff, const DiffViewRow& row, const Columns& columns,
                   int at) {
  if (row.kind == DiffViewRow::Kind::fold) return draw_fold(scene, row, columns, at);
  const DiffRow shown =
      row.kind == DiffViewRow::Kind::common ? common_row(scene, diff, row) : *row.row;
  if (columns.beside)
    draw_beside(scene, shown, columns, at);
  else
    draw_unified(scene, row, shown, columns, at);
  if (row.hunk >= 0 && row.hunk == scene.state.diff_hunk)
    scene.surface.put({at, columns.area.col}, scene.look.glyphs().vertical,
                      scene.look(Paint::current));
}

// Of a round that did not fit whole, another host of the variant stands for it.
std::string side_name(const Scene& scene, const std::string& name, const consensus::TextRef& wanted,
                      const consensus::TextRef& shown) {
  const HostView* host = host_view(scene.model, shown.host);
  return wanted == shown || host == nullptr ? name : name + " as on " + sanitised(host->name);
}

std::string state_note(const Diff& diff) {
  std::string note;
  if (diff.state == Diff::State::comparing) note = "comparing…";
  if (diff.state == Diff::State::coarse) note = "too much differs to align it line by line";
  if (diff.left_out_rows > 0)
    note += (note.empty() ? "" : ", ") + plural(diff.left_out_rows, "line") + " not shown";
  return note;
}

void draw_header(Scene& scene, const DiffSides& sides, const Diff& diff, const Columns& columns) {
  const Look& look = scene.look;
  const int row = columns.area.row;
  const std::string left = side_name(scene, sides.left_name, sides.left, diff.left);
  const std::string right = side_name(scene, sides.right_name, sides.right, diff.right);
  const std::string note = state_note(diff);
  const int end = columns.end() - (note.empty() ? 0 : text_width(note) + 3);
  Pen pen(scene.surface, {row, columns.area.col + 1}, end);
  pen.put("- ", look(Paint::diff_removed));
  pen.put(columns.beside ? fitted(left, columns.middle() - pen.col() - 1, look.glyphs()) : left,
          look(Paint::strong));
  if (columns.beside)
    pen.to(columns.middle() + 2);
  else
    pen.put("  ", look(Paint::text));
  pen.put("+ ", look(Paint::diff_added));
  pen.put(fitted(right, pen.room(), look.glyphs()), look(Paint::strong));
  if (!note.empty())
    scene.surface.put({row, columns.end() - text_width(note) - 1}, note, look(Paint::notice));
}

void draw_rows(Scene& scene, const Diff& diff, const Columns& columns) {
  const Rect area = columns.area;
  const DiffRows rows(diff, scene.state, !columns.beside);
  Scroll& scroll = scene.state.diff;
  scroll.fit(rows.total(), area.height);
  if (columns.beside)
    for (int r = 0; r < area.height; ++r)
      scene.surface.put({area.row + r, columns.middle()}, scene.look.glyphs().vertical,
                        scene.look(Paint::frame));
  int at = area.row;
  for (const DiffViewRow& row : rows.window(scroll.top, area.height))
    draw_diff_row(scene, diff, row, columns, at++);
  draw_scroll_thumb(scene.surface, scene.look, area, scroll.top, scroll.total);
}

void draw_equal(Scene& scene, const DiffSides& sides) {
  draw_message(scene, scene.layout.main,
               {{sides.right_name + " shows what " + sides.left_name + " shows", Paint::done},
                {"n goes to the next divergent host, t chooses what to compare", Paint::dim}});
}

}  // namespace

void draw_diff(Scene& scene) {
  const DiffSides sides = diff_sides(scene.state, scene.model);
  if (!sides.problem.empty() || !scene.model.diff)
    return draw_message(scene, scene.layout.main, {{sides.problem, Paint::dim}});
  const Diff& diff = scene.model.diff(sides.left, sides.right);
  if (diff.state == Diff::State::missing && scene.model.compared)
    return draw_message(scene, scene.layout.main,
                        {{"only one of the runs has this host", Paint::dim}});
  if (diff.state == Diff::State::missing)
    return draw_message(
        scene, scene.layout.main,
        {{"no output of one of them is kept: " + sides.left_name + ", " + sides.right_name,
          Paint::dim}});
  if (diff.equal()) return draw_equal(scene, sides);
  scene.state.diff_beside = scene.state.side_by_side && scene.layout.main.width >= kMinBeside;
  Columns columns{scene.state.diff_beside, scene.layout.main};
  draw_header(scene, sides, diff, columns);
  ++columns.area.row;
  --columns.area.height;
  draw_rows(scene, diff, columns);
}

}  // namespace bdsh::tui
