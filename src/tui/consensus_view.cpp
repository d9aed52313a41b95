// What most hosts show, and where they differ: lines, or cells while full-screen programs run.
#include <array>
#include <map>

#include "core/text.hpp"
#include "tui/merged_rows.hpp"
#include "tui/numbers.hpp"
#include "tui/spread_view.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

using consensus::MergedView;
using consensus::Side;
using consensus::Span;
using consensus::TextLine;

constexpr int kBarWidth = 24;  // of the progress bar while hosts connect

int digits(std::size_t number) { return static_cast<int>(std::to_string(number).size()); }

// " ▾ 12 ≠ ": as wide as the largest number needs; nothing to say, no room taken.
int gutter_width(const Scene& scene, const MergedView& merged) {
  const auto& blocks = merged.blocks;
  const bool differs = std::any_of(blocks.begin(), blocks.end(), [](const auto& block) {
    return block.kind == consensus::MergedBlock::Kind::difference;
  });
  if (!differs) return 1;
  return 6 + digits(hosts_of(scene.model).size()) + text_width(scene.look.glyphs().differs);
}

std::string letters_of(const Side& side) {
  std::string text;
  for (const std::size_t variant : side.variants) {
    if (text.size() > 8) return text + "+";
    if (!text.empty()) text += ' ';
    text += consensus::variant_letter(variant);
  }
  return text;
}

Paint side_paint(const Scene& scene, const Side& side) {
  const auto& reference = outcome_of(scene.model).reference;
  if (side.variants.empty()) return Paint::text;
  if (reference && side.variants.front() == *reference) return Paint::text;
  return variant_paint(side.variants.front());
}

bool is_reference_side(const Scene& scene, const MergedRow& row) {
  return outcome_of(scene.model).reference.has_value() && row.side == &row.block->sides.front();
}

void draw_gutter(Scene& scene, const MergedRow& row, bool open, Point at, int width) {
  if (row.difference < 0) return;
  const Look& look = scene.look;
  const Glyphs& g = look.glyphs();
  const bool current = row.difference == scene.state.difference;
  Pen pen(scene.surface, at, at.col + width);
  if (row.head) {
    const std::string number = std::to_string(row.block->hosts.size());
    pen.put(" ", 0).put(open ? g.unfolded : g.folded, look(current ? Paint::current : Paint::divergent));
    pen.to(at.col + width - 3 - text_width(g.differs) - static_cast<int>(number.size()));
    pen.put(number, look(Paint::divergent)).put(" ", 0).put(g.differs, look(Paint::divergent));
    return;
  }
  if (current) pen.put(" ", 0).put(g.vertical, look(Paint::current));
  if (!row.side_head || is_reference_side(scene, row)) return;
  const std::string letters = cut_to_width(letters_of(*row.side), width - 4);
  pen.to(at.col + width - 2 - text_width(letters)).put(letters, look(side_paint(scene, *row.side)));
}

// The hosts of a variant's side, at the right edge of its first row; returns the columns taken.
int draw_side_hosts(Scene& scene, const MergedRow& row, Point at, int cols) {
  if (!row.side_head || is_reference_side(scene, row)) return 0;
  const Look& look = scene.look;
  std::string hosts =
      fitted(fold_hosts(scene.model, row.side->hosts), std::max(8, cols * 2 / 5), look.glyphs());
  const bool tie = !outcome_of(scene.model).reference.has_value();
  if (tie && row.head) hosts = letters_of(*row.side) + " " + hosts;
  const int width = text_width(hosts);
  if (width + 10 > cols) return 0;
  Pen(scene.surface, {at.row, at.col + cols - width - 1}, at.col + cols)
      .put(hosts, look(side_paint(scene, *row.side)));
  return width + 3;
}

// What stands in place of lines that these hosts do not have.
std::string lacking_words(const Scene& scene, const MergedRow& row, bool open) {
  if (!is_reference_side(scene, row)) return "missing here";
  if (open) return "not in the reference";
  std::size_t lines = 0;
  for (const Side& side : row.block->sides) lines = std::max(lines, side.lines.size());
  return plural(lines, "line") + " only on " + fold_hosts(scene.model, row.block->hosts);
}

void draw_row(Scene& scene, const MergedRow& row, const TextLine& line, bool open, Point at,
              int gutter, int cols) {
  const Look& look = scene.look;
  draw_gutter(scene, row, open, at, gutter);
  at.col += gutter;
  cols -= gutter;
  const int taken = row.side != nullptr ? draw_side_hosts(scene, row, at, cols) : 0;
  Pen pen(scene.surface, at, at.col + cols - taken);
  if (row.kind == MergedRow::Kind::lacking) {
    const std::string dashes = std::string(look.glyphs().missing) + std::string(look.glyphs().missing);
    pen.put(dashes + " " + lacking_words(scene, row, open) + " " + dashes, look(Paint::missing));
    return;
  }
  const StyleId base = look(row.side != nullptr ? side_paint(scene, *row.side) : Paint::text);
  if (draw_text_line(pen, look, line, row.begin, row.end, base))
    scene.surface.put({at.row, at.col + cols - taken - 1}, look.glyphs().more, look(Paint::dim));
}

const TextLine& line_of(const MergedRow& row) {
  static const TextLine none;
  if (row.kind == MergedRow::Kind::lacking) return none;
  return row.side != nullptr ? row.side->lines[row.line] : row.block->lines[row.line];
}

// ---- when there is nothing to compare yet -----------------------------------------------------

struct Tally {
  std::size_t total = 0, entered = 0, ended = 0, failed = 0, asking = 0;
  std::map<std::string, HostSet> reasons;
};

Tally tally_of(const Model& model) {
  Tally tally;
  const auto& hosts = hosts_of(model);
  tally.total = hosts.size();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const HostStatus& status = hosts[i].status;
    if (status.step == ConnectStep::live || status.exit) ++tally.entered;
    if (status.ended()) ++tally.ended;
    if (status.asking) ++tally.asking;
    if (!status.error) continue;
    ++tally.failed;
    tally.reasons[status.error->message].add(HostId{static_cast<std::uint32_t>(i)});
  }
  return tally;
}

std::string progress_bar(const Glyphs& g, std::size_t part, std::size_t whole) {
  const std::size_t full = whole == 0 ? 0 : part * kBarWidth / whole;
  std::string bar;
  for (std::size_t i = 0; i < kBarWidth; ++i) bar += i < full ? g.bar_full : g.bar_empty;
  return bar;
}

// Each reason once with its hosts; padded to one width, so that they stand as one block.
void add_reasons(const Scene& scene, const Tally& tally, int room, std::vector<Message>& lines) {
  const std::string failed(scene.look.glyphs().failed);
  std::vector<std::string> texts;
  int width = 0;
  for (const auto& [reason, hosts] : tally.reasons) {
    if (room-- <= 0) break;
    texts.push_back(failed + " " + fold_hosts(scene.model, hosts) + ": " + reason);
    width = std::max(width, text_width(texts.back()));
  }
  for (std::string& text : texts) lines.push_back({padded(std::move(text), width), Paint::failed});
  if (texts.size() < tally.reasons.size())
    lines.push_back({"and more: see the log (e)", Paint::dim});
}

void draw_nothing_yet(Scene& scene) {
  if (shows_earlier_round(scene.state))
    return draw_message(scene, scene.layout.main, {{"no output in this round", Paint::dim}});
  const Tally tally = tally_of(scene.model);
  const Glyphs& g = scene.look.glyphs();
  std::vector<Message> lines;
  if (tally.total == 0) {
    lines.push_back({"this run has no hosts", Paint::dim});
  } else if (tally.failed == tally.total) {
    lines.push_back({tally.total == 1 ? "the host could not be entered" : "no host could be entered",
                     Paint::strong});
    lines.push_back({"", Paint::text});
    add_reasons(scene, tally, scene.layout.main.height - 6, lines);
    if (!scene.model.watching) {
      lines.push_back({"", Paint::text});
      lines.push_back({"r reconnects the selected host", Paint::dim});
    }
  } else if (tally.entered + tally.failed < tally.total) {
    const std::size_t settled = tally.entered + tally.failed;
    lines.push_back({"connecting to " + plural(tally.total, "host"), Paint::strong});
    lines.push_back({"", Paint::text});
    lines.push_back({progress_bar(g, settled, tally.total), Paint::accent});
    lines.push_back({std::to_string(tally.entered) + " of " + std::to_string(tally.total) + " connected" +
                         (tally.failed > 0 ? ", " + std::to_string(tally.failed) + " failed" : ""),
                     Paint::dim});
    if (tally.asking > 0)
      lines.push_back({plural(tally.asking, "host") + " waiting for your answer (a)", Paint::ask});
  } else if (tally.ended == tally.total) {
    lines.push_back({"no output", Paint::dim});
  } else {
    lines.push_back({"no output yet", Paint::dim});
    if (scene.model.command.empty() && !scene.model.watching) {
      lines.push_back({"", Paint::text});
      lines.push_back({"b types to all hosts, Enter to the selected one", Paint::dim});
    }
  }
  draw_message(scene, scene.layout.main, lines);
}

// ---- screens ----------------------------------------------------------------------------------

HostSet divergent_hosts(const Model& model) {
  HostSet divergent;
  for (const HostId host : all_hosts(model).to_vector())
    if (is_divergent(model, host)) divergent.add(host);
  return divergent;
}

// The row above: how many agree, who does not, and — there is no list — which host is selected.
void draw_screens_rule(Scene& scene, const consensus::ScreenConsensus& screens) {
  const Look& look = scene.look;
  const Glyphs& g = look.glyphs();
  const int cols = scene.surface.cols();
  for (int c = 0; c < cols; ++c) scene.surface.put({1, c}, g.horizontal, look(Paint::frame));
  const HostView* host = host_view(scene.model, scene.state.selected);
  std::string selected;
  if (host != nullptr && !scene.state.input)
    selected = " " + std::string(g.selected) + fitted(sanitised(host->name), 24, g) + " ";
  const HostSet divergent = divergent_hosts(scene.model);
  Pen pen(scene.surface, {1, 1}, cols - text_width(selected) - 2);
  pen.put(" screens of " + plural(screens.hosts.size(), "host") + " " + std::string(g.separator) +
              " " + std::to_string(screens.agree) + " agree ",
          look(Paint::title));
  if (!divergent.empty()) {
    const int room = pen.room() - text_width(g.differs) - 4;
    const std::string who = fitted(fold_hosts(scene.model, divergent), room, g);
    pen.put(std::string(g.separator) + " ", look(Paint::title))
        .put(who + " " + std::string(g.differs) + " ", look(Paint::divergent));
  }
  scene.surface.put({1, cols - text_width(selected) - 1}, selected, look(Paint::current));
}

void draw_screens(Scene& scene, const consensus::ScreenConsensus& screens) {
  const Rect area = scene.layout.main;
  if (screens_alone(scene.state, scene.model)) draw_screens_rule(scene, screens);
  scene.shown |= screens.hosts;
  const Point from = crop_origin({screens.screen.size, screens.screen.cursor}, area);
  scene.surface.blit(screens.screen, from, area);
  const Size size = screens.screen.size;
  for (int r = 0; r < area.height && from.row + r < size.rows.value; ++r)
    for (int c = 0; c < area.width && from.col + c < size.cols.value; ++c) {
      const auto index =
          static_cast<std::size_t>((from.row + r) * size.cols.value + from.col + c);
      if (index >= screens.differ.size() || screens.differ[index] == 0) continue;
      scene.surface.restyle({area.row + r, area.col + c, 1, 1}, [&](StyleId under) {
        return scene.look.over(under, Paint::differs);
      });
    }
  const bool typed = scene.state.input && !(scene.state.target.hosts & screens.hosts).empty();
  if (typed) place_cursor(scene, screens.screen, from, area);
}

void draw_behind(Scene& scene, int row) {
  const HostSet& behind = outcome_of(scene.model).behind;
  if (behind.empty()) return;
  const std::string words = std::string(scene.look.glyphs().more) + " " +
                            plural(behind.size(), "host") + " not there yet: " +
                            fold_hosts(scene.model, behind);
  const Rect area = scene.layout.main;
  scene.surface.put({row, area.col + 1}, fitted(words, area.width - 2, scene.look.glyphs()),
                    scene.look(Paint::behind));
}

bool shows_spread(const Scene& scene) { return scene.state.spread && scene.model.masks; }

// The row that the keys are about; with what its masked parts stand for, when that is asked for. A
// wrapped line keeps their names: its rows are cut where those end.
void draw_selected(Scene& scene, const MergedView& merged, const MergedRow& row, bool open, Rect at,
                   int gutter) {
  std::vector<consensus::Spread> spreads;
  if (shows_spread(scene)) {
    spreads = spreads_of(scene.model, merged, row);
    const bool behind = !outcome_of(scene.model).behind.empty();
    const Rect& main = scene.layout.main;
    draw_spread_status(scene, spreads, main.row + main.height - (behind ? 2 : 1));
  }
  const TextLine& line = line_of(row);
  MergedRow shown = row;
  const bool whole = row.begin == 0 && row.end == line.text.size();
  const TextLine text = whole ? with_spreads(line, spreads) : line;
  if (whole) shown.end = text.text.size();
  draw_row(scene, shown, text, open, {at.row, at.col}, gutter, at.width);
  const Paint back =
      scene.state.pane == Pane::main ? Paint::selected : Paint::selected_unfocused;
  scene.surface.restyle({at.row, at.col + gutter - 1, 1, at.width - gutter + 1},
                        [&](StyleId under) { return scene.look.over(under, back); });
}

void draw_merged(Scene& scene, const MergedView& merged) {
  Rect area = scene.layout.main;
  const bool behind = !outcome_of(scene.model).behind.empty();
  if (behind) --area.height;
  if (shows_spread(scene)) --area.height;
  const int panel = numbers_height(scene.state, area.height);
  area.height -= panel;
  const int gutter = gutter_width(scene, merged);
  scene.state.consensus_cols = area.width - gutter;
  const MergedRows rows(merged, scene.state, scene.state.wrap ? area.width - gutter : 0);
  scene.state.differences = rows.differences();
  scene.state.difference = std::min(scene.state.difference, rows.differences() - 1);
  Scroll& scroll = scene.state.consensus;
  scroll.fit(rows.total(), area.height);
  if (panel > 0) {
    scroll.show(std::min(scene.state.number_row, rows.total() - 1));
    scene.state.line = scene.state.number_row;
  }
  // Where the window goes the selected line goes too.
  const int last = std::min(rows.total(), scroll.top + scroll.page) - 1;
  scene.state.line = std::clamp(scene.state.line, scroll.top, std::max(scroll.top, last));
  int at = area.row;
  for (const MergedRow& row : rows.window(scroll.top, area.height)) {
    const bool open = row.difference >= 0 && rows.unfolded(row.difference);
    const bool selected = selects_line(scene.state) && scroll.top + at - area.row == scene.state.line;
    if (selected) draw_selected(scene, merged, row, open, {at, area.col, 1, area.width}, gutter);
    else draw_row(scene, row, line_of(row), open, {at, area.col}, gutter, area.width);
    ++at;
  }
  if (panel > 0) draw_numbers(scene, {area.row + area.height, area.col, panel, area.width});
  if (behind) draw_behind(scene, area.row + area.height + panel + (shows_spread(scene) ? 1 : 0));
  draw_scroll_thumb(scene.surface, scene.look, area, scroll.top, rows.total());
}

}  // namespace

bool draw_text_line(Pen& pen, const Look& look, const TextLine& line, std::size_t begin,
                    std::size_t end, StyleId base) {
  std::size_t at = begin;
  bool cut = false;
  const auto put = [&](std::size_t to, StyleId style) {
    if (to <= at) return;
    const std::string_view piece = std::string_view(line.text).substr(at, to - at);
    const int before = pen.room();
    pen.put(piece, style);
    cut = cut || text_width(piece) > before;
    at = to;
  };
  for (const Span& span : line.spans) {
    if (span.end <= at || span.begin >= end) continue;
    put(std::min(span.begin, end), base);
    if (span.kind == Span::Kind::plain) continue;
    put(std::min(span.end, end),
        span.kind == Span::Kind::masked ? look(Paint::masked) : look.over(base, Paint::changed));
  }
  put(end, base);
  return cut;
}

void draw_message(Scene& scene, Rect area, const std::vector<Message>& lines) {
  int row = area.row + std::max(0, (area.height - static_cast<int>(lines.size())) / 2);
  for (const Message& line : lines) {
    if (row >= area.row + area.height) return;
    std::string_view words = line.text;
    while (!words.empty() && words.back() == ' ' && text_width(words) > area.width - 2)
      words.remove_suffix(1);
    const std::string text = fitted(words, area.width - 2, scene.look.glyphs());
    const int left = std::max(1, (area.width - text_width(text)) / 2);
    scene.surface.put({row++, area.col + left}, text, scene.look(line.paint));
  }
}

void draw_consensus(Scene& scene) {
  if (scene.model.screens != nullptr) return draw_screens(scene, *scene.model.screens);
  const MergedView* merged = scene.model.merged ? scene.model.merged() : nullptr;
  const bool empty = merged == nullptr || merged->blocks.empty();
  if (empty) draw_nothing_yet(scene);
  else draw_merged(scene, *merged);
}

}  // namespace bdsh::tui
