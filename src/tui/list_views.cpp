// The views that are lists: log, search.
#include "core/text.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

std::string lower(std::string text) {  // ASCII only, as the search itself
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// All matches shown; case counts only when the pattern has a capital.
void put_matches(Pen& pen, const std::string& text, const std::string& pattern, StyleId plain,
                 StyleId match) {
  const std::string searched = lower(pattern) == pattern ? lower(text) : text;
  std::size_t at = 0;
  while (!pattern.empty()) {
    const std::size_t found = searched.find(pattern, at);
    if (found == std::string::npos) break;
    pen.put(std::string_view(text).substr(at, found - at), plain);
    pen.put(std::string_view(text).substr(found, pattern.size()), match);
    at = found + pattern.size();
  }
  pen.put(std::string_view(text).substr(at), plain);
}

void draw_hit(Scene& scene, std::size_t index, const SearchHit& hit, Point at) {
  const Look& look = scene.look;
  const Rect area = scene.layout.main;
  const bool selected = static_cast<int>(index) == scene.state.hit;
  if (selected) scene.surface.fill({at.row, area.col, 1, area.width}, look(Paint::selected_unfocused));
  const auto style = [&](Paint paint) {
    return selected ? look.on(paint, Paint::selected_unfocused) : look(paint);
  };
  const HostView* host = host_view(scene.model, hit.host);
  Pen pen(scene.surface, at, area.col + area.width);
  pen.put(selected ? look.glyphs().selected : " ", style(Paint::current));
  pen.put(padded(fitted(host != nullptr ? host->name : "?", 16, look.glyphs()), 17), style(Paint::accent));
  pen.put(padded(std::to_string(hit.line + 1), 7), style(Paint::dim));
  put_matches(pen, sanitised(hit.text), scene.state.search, style(Paint::text), look(Paint::match));
}

}  // namespace

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

void draw_search(Scene& scene) {
  Rect area = scene.layout.main;
  const auto& hits = scene.state.hits_found;
  HostSet hosts;
  for (const SearchHit& hit : hits) hosts.add(hit.host);
  if (hits.empty())
    return draw_message(scene, area, {{"no host has \"" + scene.state.search + "\"", Paint::dim}});
  scene.surface.put({area.row, area.col + 1},
                    plural(hosts.size(), "host") + ", " + plural(hits.size(), "line"),
                    scene.look(Paint::strong), area.width - 2);
  ++area.row;
  --area.height;
  Scroll& scroll = scene.state.hits;
  const int count = static_cast<int>(hits.size());
  scene.state.hit = std::clamp(scene.state.hit, 0, count - 1);
  scroll.fit(count, area.height);
  scroll.show(scene.state.hit);
  for (int r = 0; r < area.height && scroll.top + r < count; ++r) {
    const auto index = static_cast<std::size_t>(scroll.top + r);
    draw_hit(scene, index, hits[index], {area.row + r, area.col});
  }
}

}  // namespace bdsh::tui
