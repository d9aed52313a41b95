// The event log.
#include "core/text.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
std::string exit_words(const std::optional<ExitResult>& exit) {
  if (!exit) return "-";
  if (!exit->signal.empty()) return "SIG" + exit->signal;
  return exit->status ? std::to_string(*exit->status) : "?";
}

void draw_log(Scene& scene) {
  const Rect area = scene.layout.main;
  const auto* events = scene.model.events;
  if (events == nullptr || events->empty())
    return draw_message(scene, area, {{"nothing has happened yet", Paint::dim}});
  Scroll& scroll = scene.state.log;
  scroll.fit(static_cast<int>(events->size()), area.height);
  for (int r = 0; r < area.height && scroll.top + r < scroll.total; ++r) {
    const EventLine& event = (*events)[static_cast<std::size_t>(scroll.top + r)];
    Pen pen(scene.surface, {area.row + r, area.col + 1}, area.col + area.width);
    pen.put(padded(event.time, 10), scene.look(Paint::dim));
    if (!event.host.empty())
      pen.put(fitted(sanitised(event.host), 24, scene.look.glyphs()) + "  ", scene.look(Paint::accent));
    pen.put(fitted(sanitised(event.text), pen.room(), scene.look.glyphs()), scene.look(Paint::text));
  }
  draw_scroll_thumb(scene.surface, scene.look, area, scroll.top, scroll.total);
}

}  // namespace bdsh::tui
