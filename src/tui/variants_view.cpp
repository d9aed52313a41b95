// The list of variants: letter, size, exit status, distance to the reference, hosts.
#include "core/text.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

void draw_variant(Scene& scene, std::size_t index, const VariantRow& variant, Point at) {
  const Look& look = scene.look;
  const Rect area = scene.layout.main;
  const bool selected = static_cast<int>(index) == scene.state.variant;
  const Paint back = scene.state.pane == Pane::main ? Paint::selected : Paint::selected_unfocused;
  const auto style = [&](Paint paint) { return selected ? look.on(paint, back) : look(paint); };
  if (selected) scene.surface.fill({at.row, area.col, 1, area.width}, look(back));
  Pen pen(scene.surface, at, area.col + area.width);
  pen.put(selected ? look.glyphs().selected : " ", style(Paint::current))
      .put(" ", style(Paint::text));
  pen.put(padded(variant.letter, 4), style(variant_paint(index)));
  pen.put(padded(std::to_string(variant.hosts.size()), 7), style(Paint::text));
  pen.put(padded(exit_words(variant.exit), 7),
          style(variant.exit && !variant.exit->success() ? Paint::failed : Paint::text));
  pen.put(padded(fitted(variant.differs, 13, look.glyphs()), 14),
          style(variant.reference ? Paint::done : Paint::divergent));
  pen.put(fitted(fold_hosts(scene.model, variant.hosts), pen.room() - 1, look.glyphs()),
          style(Paint::text));
}

}  // namespace

void draw_variants(Scene& scene) {
  const std::vector<VariantRow> variants = variant_rows(scene.model);
  Rect area = scene.layout.main;
  if (variants.empty())
    return draw_message(scene, area, {{"no output to compare yet", Paint::dim}});
  scene.surface.put({area.row, area.col + 2}, "    hosts  exit   differ        who",
                    scene.look(Paint::dim), area.width - 2);
  ++area.row;
  --area.height;
  State& state = scene.state;
  const int count = static_cast<int>(variants.size());
  // Variants come and change places: the row goes with the selected host.
  if (const int of_host = variant_of(scene.model, state.selected); of_host >= 0)
    state.variant = of_host;
  state.variant = std::clamp(state.variant, 0, count - 1);
  state.variants.fit(count, area.height);
  state.variants.show(state.variant);
  for (int r = 0; r < area.height && state.variants.top + r < count; ++r) {
    const auto index = static_cast<std::size_t>(state.variants.top + r);
    draw_variant(scene, index, variants[index], {area.row + r, area.col});
  }
}

}  // namespace bdsh::tui
