#include "tui/numbers.hpp"

#include "core/text.hpp"
#include "tui/merged_rows.hpp"

namespace bdsh::tui {
namespace {

using consensus::Distribution;
using consensus::HostValue;

constexpr int kPanelRows = 5;
constexpr int kLeastPane = kPanelRows + 4;  // below, the pane keeps its rows
constexpr int kLookAhead = 200;             // rows searched for the first numbers
constexpr int kBars = 32;

int row_count(const Model& model, const State& state) {
  return model.merged ? MergedRows(*model.merged(), state, wrap_cols(state)).total() : 0;
}

const LineNumbers& numbers_at(const Model& model, const State& state, int row) {
  static const LineNumbers none;
  const auto line = view_line(model, state, row);
  return line && model.numbers ? *model.numbers(*line) : none;
}

// The selected column, or the nearest one behind it, or the last.
const Distribution* column_at(const LineNumbers& numbers, std::size_t column) {
  const auto& columns = numbers.columns;
  if (columns.empty()) return nullptr;
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const Distribution& d) { return d.column >= column; });
  return found != columns.end() ? &*found : &columns.back();
}

// Where there is something to see: a column on which hosts differ.
std::size_t first_column(const LineNumbers& numbers) {
  for (const Distribution& column : numbers.columns)
    if (column.min < column.max) return column.column;
  return numbers.columns.empty() ? 0 : numbers.columns.front().column;
}

void show_row(State& state, int row) {
  state.consensus.follow = false;
  state.consensus.show(row);
}

std::string value_words(const Model& model, const HostValue& value) {
  const HostView* host = host_view(model, value.host);
  return sanitised(value.text) + " " + (host != nullptr ? sanitised(host->name) : "?");
}

// As printed by the host in the middle; of an even number by the two.
std::string median_words(const Distribution& column) {
  const std::size_t count = column.values.size();
  const std::string& low = column.values[(count - 1) / 2].text;
  const std::string& high = column.values[count / 2].text;
  return sanitised(low == high ? low : low + " … " + high);
}

// The farthest from the median first.
std::string outlier_words(const Model& model, const Distribution& column) {
  std::vector<const HostValue*> values;
  for (const HostValue& value : column.values)
    if (column.outliers.contains(value.host)) values.push_back(&value);
  std::stable_sort(values.begin(), values.end(), [&](const HostValue* a, const HostValue* b) {
    return std::abs(a->value - column.median) > std::abs(b->value - column.median);
  });
  std::string words;
  for (const HostValue* value : values)
    words += (words.empty() ? "" : ", ") + value_words(model, *value);
  return words;
}

// The first host's line as it printed it, its selected word in front.
void draw_sample(Scene& scene, const LineNumbers& numbers, std::size_t column, Pen pen) {
  const Look& look = scene.look;
  const HostView* host = host_view(scene.model, numbers.host);
  pen.put(host != nullptr ? sanitised(host->name) + ": " : "", look(Paint::dim));
  const std::string& text = numbers.sample;
  std::size_t begin = text.find_first_not_of(" \t");
  for (std::size_t word = 0; word < column && begin != std::string::npos; ++word)
    begin = text.find_first_not_of(" \t", text.find_first_of(" \t", begin));
  if (begin == std::string::npos) begin = text.size();
  const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
  pen.put(sanitised(text.substr(0, begin)), look(Paint::text));
  pen.put(sanitised(text.substr(begin, end - begin)), look(Paint::match));
  pen.put(sanitised(text.substr(end)), look(Paint::text));
}

std::string bars(const Scene& scene, const Distribution& column) {
  const auto counts = column.histogram(static_cast<std::size_t>(kBars));
  if (scene.look.glyphs().utf8) return consensus::sparkline(counts);
  const std::size_t most = *std::max_element(counts.begin(), counts.end());
  std::string text;
  for (const std::size_t count : counts)  // a digit for each share of the fullest: 1 … 9
    text += count == 0 ? ' ' : static_cast<char>('0' + (count * 9 + most - 1) / most);
  return text;
}

void draw_column(Scene& scene, const Distribution& column, Rect area) {
  const Look& look = scene.look;
  const int end = area.col + area.width;
  const auto pen_at = [&](int row) {
    return Pen(scene.surface, {area.row + row, area.col + 1}, end);
  };
  const auto pair = [&](Pen& pen, std::string_view name, const std::string& value) {
    pen.put(name, look(Paint::dim)).put(value, look(Paint::strong)).put("   ", 0);
  };
  Pen pen = pen_at(0);
  if (column.min < column.max) {
    pair(pen, "min ", value_words(scene.model, column.values.front()));
    pair(pen, "median ", median_words(column));
    pair(pen, "max ", value_words(scene.model, column.values.back()));
  } else {
    pair(pen, "all ", sanitised(column.values.front().text));
  }
  pen.put(plural(column.values.size(), "host"), look(Paint::dim));
  pen_at(1)
      .put(sanitised(column.values.front().text) + " ", look(Paint::dim))
      .put(bars(scene, column), look(Paint::accent))
      .put(" " + sanitised(column.values.back().text), look(Paint::dim));
  const std::string outliers = outlier_words(scene.model, column);
  Pen last = pen_at(2);
  if (outliers.empty())
    last.put("no outliers", look(Paint::dim));
  else
    last.put("outliers ", look(Paint::dim))
        .put(fitted(outliers, last.room(), look.glyphs()), look(Paint::divergent));
}

}  // namespace

std::optional<consensus::LinePlace> view_line(const Model& model, const State& state, int row) {
  if (!model.merged || row < 0) return std::nullopt;
  const consensus::MergedView& view = *model.merged();
  const auto rows = MergedRows(view, state, wrap_cols(state)).window(row, 1);
  if (rows.empty() || rows.front().kind != MergedRow::Kind::line) return std::nullopt;
  const MergedRow& at = rows.front();
  const auto& blocks = view.blocks;
  consensus::LinePlace line;
  line.round = model.round;
  line.block = static_cast<std::size_t>(at.block - blocks.data());
  if (at.side != nullptr) line.side = static_cast<std::size_t>(at.side - at.block->sides.data());
  line.line = at.line;
  return line;
}

int numbers_height(const State& state, int pane_height) {
  return state.numbers && pane_height >= kLeastPane ? kPanelRows : 0;
}

void close_numbers(State& state) {
  state.numbers = false;
}

void toggle_numbers(Context& context) {
  State& state = context.state;
  const Model& model = context.model;
  if (std::exchange(state.numbers, false)) return;
  if (shows_earlier_round(state)) {
    state.notice = "numbers are of the live round: Esc goes there";
    return;
  }
  const int total = model.screens == nullptr ? row_count(model, state) : 0;
  int row = std::max(state.consensus.top, state.line);
  if (state.difference >= 0 && total > 0) {
    const MergedRows rows(*model.merged(), state, wrap_cols(state));
    if (state.difference < rows.differences()) row = rows.head_of(state.difference);
  }
  for (const int end = std::min(total, row + kLookAhead); row < end; ++row) {
    const LineNumbers& numbers = numbers_at(model, state, row);
    if (numbers.columns.empty()) continue;
    state.view = View::consensus;
    state.pane = Pane::main;
    state.numbers = true;
    state.number_row = row;
    state.number_column = first_column(numbers);
    return show_row(state, row);
  }
  state.notice = "no numbers that several hosts show, from here on";
}

void move_number_line(Context& context, int rows) {
  State& state = context.state;
  const int last = row_count(context.model, state) - 1;
  state.number_row = std::clamp(state.number_row + rows, 0, std::max(0, last));
  show_row(state, state.number_row);
}

void move_number_column(Context& context, int step) {
  State& state = context.state;
  const LineNumbers& numbers = numbers_at(context.model, state, state.number_row);
  const Distribution* at = column_at(numbers, state.number_column);
  if (at == nullptr) return;
  const auto& columns = numbers.columns;
  const auto last = static_cast<std::ptrdiff_t>(columns.size()) - 1;
  const std::ptrdiff_t to = std::clamp<std::ptrdiff_t>((at - columns.data()) + step, 0, last);
  state.number_column = columns[static_cast<std::size_t>(to)].column;
}

void sort_by_number(Context& context) {
  State& state = context.state;
  const Distribution* column =
      state.numbers
          ? column_at(numbers_at(context.model, state, state.number_row), state.number_column)
          : nullptr;
  const auto by = std::pair(state.number_row, state.number_column);
  const bool same = !state.order.empty() && (column == nullptr || state.ordered_by == by);
  if (column == nullptr && !same) {
    state.notice = "no column to sort by: # opens the numbers";
    return;
  }
  state.order.clear();
  state.order_values.clear();
  if (same) {
    state.notice = "hosts as they were";
    return;
  }
  for (auto value = column->values.rbegin(); value != column->values.rend(); ++value) {
    state.order.push_back(value->host);
    state.order_values[value->host] = sanitised(value->text);
  }
  state.ordered_by = by;
  state.list.top = 0;
  state.notice = "hosts by this column, the largest first; o: as they were";
}

void draw_numbers(Scene& scene, Rect area) {
  const Look& look = scene.look;
  const State& state = scene.state;
  const LineNumbers& numbers = numbers_at(scene.model, state, state.number_row);
  const Distribution* column = column_at(numbers, state.number_column);
  for (int c = 0; c < area.width; ++c)
    scene.surface.put({area.row, area.col + c}, look.glyphs().horizontal, look(Paint::frame));
  std::string title = " numbers ";
  if (column != nullptr) {
    const auto place = column - numbers.columns.data() + 1;
    title += std::string(look.glyphs().separator) + " column " + std::to_string(place) + " of " +
             std::to_string(numbers.columns.size()) + " ";
  }
  scene.surface.put({area.row, area.col + 1}, title, look(Paint::title), area.width - 2);
  Pen pen(scene.surface, {area.row + 1, area.col + 1}, area.col + area.width);
  if (column == nullptr) {
    pen.put("no number here that several hosts show", look(Paint::dim));
    return;
  }
  draw_sample(scene, numbers, column->column, pen);
  draw_column(scene, *column, {area.row + 2, area.col, area.height - 2, area.width});
}

}  // namespace bdsh::tui
