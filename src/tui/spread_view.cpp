#include "tui/spread_view.hpp"

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

using consensus::MergedView;
using consensus::Span;
using consensus::Spread;
using consensus::TextLine;

// One value says itself.
std::string shown_values(const Spread& spread) {
  return sanitised(spread.distinct == 1 ? spread.low : spread.summary());
}

std::string status_words(const Spread& spread, const Glyphs& glyphs) {
  const std::string name = "‹" + spread.mask + "› ";
  const std::string numbers = spread.numbers();
  if (spread.distinct == 1 || numbers.empty()) return name + sanitised(spread.summary());
  return name + std::to_string(spread.distinct) + " values " + std::string(glyphs.separator) + " " +
         sanitised(numbers);
}

}  // namespace

std::vector<Spread> spreads_of(const Model& model, const MergedView& view, const MergedRow& row) {
  if (!model.spreads || row.kind == MergedRow::Kind::lacking) return {};
  consensus::LinePlace place{model.round, static_cast<std::size_t>(row.block - view.blocks.data()),
                             std::nullopt, row.line};
  if (row.side != nullptr)
    place.side = static_cast<std::size_t>(row.side - row.block->sides.data());
  return model.spreads(place);
}

TextLine with_spreads(const TextLine& line, const std::vector<Spread>& spreads) {
  const auto masked = std::count_if(line.spans.begin(), line.spans.end(), [](const Span& span) {
    return span.kind == Span::Kind::masked;
  });
  // Where masked parts differ in what is masked, they are shown as one changed part.
  if (spreads.empty() || static_cast<std::size_t>(masked) != spreads.size()) return line;
  TextLine shown;
  std::size_t at = 0;
  auto spread = spreads.begin();
  for (const Span& span : line.spans) {
    shown.text += line.text.substr(at, span.begin - at);
    const std::size_t begin = shown.text.size();
    shown.text += span.kind == Span::Kind::masked
                      ? "‹" + shown_values(*spread++) + "›"
                      : line.text.substr(span.begin, span.end - span.begin);
    shown.spans.push_back({span.kind, begin, shown.text.size()});
    at = span.end;
  }
  shown.text += line.text.substr(at);
  return shown;
}

void draw_spread_status(Scene& scene, const std::vector<Spread>& spreads, int row) {
  const Look& look = scene.look;
  const Rect area = scene.layout.main;
  std::string words = spreads.empty() ? "nothing is masked in this line" : "";
  for (const Spread& spread : spreads)
    words += (words.empty() ? "" : "   ") + status_words(spread, look.glyphs());
  scene.surface.put({row, area.col + 1}, fitted(words, area.width - 2, look.glyphs()),
                    look(spreads.empty() ? Paint::dim : Paint::accent));
}

}  // namespace bdsh::tui
