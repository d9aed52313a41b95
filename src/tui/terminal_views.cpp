// The hosts' own terminals: focus (one, full size) and split (tiles).
#include "core/text.hpp"
#include "tui/tiles.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

std::string host_title(const Scene& scene, HostId id, const HostView& host) {
  const Glyphs& g = scene.look.glyphs();
  const std::string dot = " " + std::string(g.separator) + " ";
  std::string title = std::string(g.state(host.status.state)) + " " + sanitised(host.name);
  if (is_divergent(scene.model, id)) {
    title += " " + std::string(g.differs);
    if (const int variant = variant_of(scene.model, id); variant >= 0)
      title += " " + consensus::variant_letter(static_cast<std::size_t>(variant));
  }
  if (host.status.state != HostState::done || host.status.ended()) title += dot + state_words(host);
  if (!host.title.empty()) title += dot + sanitised(host.title, 256);
  if (host.bell) title += " " + std::string(g.bell);
  return title;
}

bool shows_terminal(const Scene& scene, const HostView& host) {
  const HostStatus& status = host.status;
  const bool lost = status.error && status.error->kind == ErrorKind::lost;
  return scene.model.screen && (status.step == ConnectStep::live || status.exit || lost);
}

// Instead of a terminal that has never been live.
void draw_no_terminal(Scene& scene, Rect area, const HostView& host) {
  std::vector<Message> lines{
      {std::string(scene.look.glyphs().state(host.status.state)) + " " + to_string(host.status.state),
       state_paint(host.status.state)}};
  if (host.status.error) lines.push_back({host.status.error->message, Paint::text});
  else if (host.status.asking) lines.push_back({host.status.asking->text, Paint::ask});
  else if (host.status.step != ConnectStep::none) lines.push_back({to_string(host.status.step), Paint::dim});
  draw_message(scene, area, lines);
}

void draw_ended(Scene& scene, Rect area, const HostView& host) {
  if (!host.status.ended() || host.status.state == HostState::done) return;
  const std::string words = host.status.error ? host.status.error->message : state_words(host);
  const std::string text = " " + fitted(words, area.width - 3, scene.look.glyphs()) + " ";
  scene.surface.put({area.row + area.height - 1, area.col + std::max(0, area.width - text_width(text))},
                    text, scene.look(state_paint(host.status.state)));
}

void draw_terminal(Scene& scene, HostId id, Rect area, bool cursor) {
  const HostView& host = *host_view(scene.model, id);
  if (area.width < 1 || area.height < 1) return;
  if (!shows_terminal(scene, host)) return draw_no_terminal(scene, area, host);
  scene.shown.add(id);
  const bool scrolled = id == scene.state.selected && scene.state.scroll_back > 0;
  const Point from = crop_origin(scene.model.screen_place(id), area);
  const ScreenSnapshot screen = scene.model.screen(id, scrolled ? scene.state.scroll_back : 0,
                                                   {from.row, from.col, area.height, area.width});
  if (scrolled) scene.state.scroll_back = screen.scrolled_back;
  scene.surface.blit(screen, {}, area);
  if (screen.reverse)
    scene.surface.restyle(area, [&](StyleId under) { return scene.look.over(under, Paint::cursor); });
  if (cursor) place_cursor(scene, screen, {}, area);
  draw_ended(scene, area, host);
}

void draw_scrolled_mark(Scene& scene, Rect frame) {
  if (scene.state.scroll_back <= 0) return;
  const std::string text = " " + std::to_string(scene.state.scroll_back) + " rows back " +
                           std::string(scene.look.glyphs().separator) + " f follows ";
  const int col = frame.col + frame.width - text_width(text) - 1;
  scene.surface.put({frame.row, std::max(frame.col + 1, col)}, text, scene.look(Paint::notice));
}

bool typed_to(const Scene& scene, HostId id) {
  return scene.state.input && scene.state.target.hosts.contains(id);
}

void draw_tile(Scene& scene, HostId id, Rect tile) {
  const HostView& host = *host_view(scene.model, id);
  const bool selected = id == scene.state.selected;
  const Paint divergent = is_divergent(scene.model, id) ? Paint::frame_divergent : Paint::frame;
  const Paint frame = selected ? Paint::frame_focus : divergent;
  draw_frame(scene.surface, scene.look, tile, frame);
  std::string mark = scene.state.marked.contains(id) ? std::string(scene.look.glyphs().marked) : "";
  if (scene.state.pinned.contains(id)) mark += scene.look.glyphs().pinned;
  const std::string pointer = selected ? std::string(scene.look.glyphs().selected) : "";
  draw_frame_title(scene.surface, scene.look, tile, pointer + mark + host_title(scene, id, host),
                   selected ? Paint::current
                            : divergent == Paint::frame ? Paint::title : Paint::divergent);
  const Rect inner{tile.row + 1, tile.col + 1, tile.height - 2, tile.width - 2};
  const bool cursor = typed_to(scene, id) && (selected || scene.state.target.hosts.size() == 1);
  draw_terminal(scene, id, inner, cursor);
  if (selected) draw_scrolled_mark(scene, tile);
}

}  // namespace

Point crop_origin(const ScreenPlace& screen, Rect window) {
  const int rows_over = screen.size.rows.value - window.height;
  const int cols_over = screen.size.cols.value - window.width;
  Point from;
  if (rows_over > 0) from.row = std::clamp(screen.cursor.row - window.height + 1, 0, rows_over);
  if (cols_over > 0 && screen.cursor.col >= window.width)
    from.col = std::clamp(screen.cursor.col - window.width * 3 / 4, 0, cols_over);
  return from;
}

void place_cursor(Scene& scene, const ScreenSnapshot& screen, Point from, Rect area) {
  if (!screen.cursor_visible || screen.scrolled_back > 0) return;
  const Point at{area.row + screen.cursor.row - from.row, area.col + screen.cursor.col - from.col};
  if (!area.contains(at)) return;
  scene.surface.cursor = at;
  scene.surface.cursor_shape = screen.cursor_shape;
}

void draw_focus(Scene& scene) {
  const HostView* host = host_view(scene.model, scene.state.selected);
  if (host == nullptr) return draw_message(scene, scene.layout.main, {{"this run has no hosts", Paint::dim}});
  const HostId id = scene.state.selected;
  const Rect rule{1, 0, 1, scene.surface.cols()};
  const Paint paint = typed_to(scene, id) ? Paint::frame_focus : Paint::frame;
  for (int c = 0; c < rule.width; ++c)
    scene.surface.put({rule.row, c}, scene.look.glyphs().horizontal, scene.look(paint));
  draw_frame_title(scene.surface, scene.look, rule, host_title(scene, id, *host),
                   is_divergent(scene.model, id) ? Paint::divergent : Paint::title);
  draw_scrolled_mark(scene, rule);
  // A cursor where typing goes nowhere would lie.
  draw_terminal(scene, id, scene.layout.main, typed_to(scene, id));
}

void draw_split(Scene& scene) {
  const Rect area = scene.layout.main;
  const TilePage page = tile_page(scene.state, scene.model, area);
  if (page.tiles.empty()) return draw_message(scene, area, {{"this run has no hosts", Paint::dim}});
  scene.state.tile_inner = page.smallest;
  scene.state.tile_hosts.clear();
  for (const Tile& tile : page.tiles) {
    scene.state.tile_hosts.add(tile.host);
    draw_tile(scene, tile.host, tile.place);
  }
  if (page.pages < 2) return;
  const std::string words =
      " page " + std::to_string(page.number + 1) + " of " + std::to_string(page.pages) + " ";
  scene.surface.put({area.row + area.height - 1, area.col + area.width - text_width(words) - 2}, words,
                    scene.look(Paint::accent));
}

}  // namespace bdsh::tui
