// The list of hosts: state, name, variant, difference, reason.
#include "core/text.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

// What stands behind the name: the variant's letter, or why there is none.
Message standing(const Scene& scene, HostId id, const HostView& host) {
  const Glyphs& g = scene.look.glyphs();
  const HostStatus& status = host.status;
  if (status.asking) return {"?", Paint::ask};
  const std::string failure = failure_note(status);
  if (!failure.empty()) return {failure, Paint::failed};
  if (!host.progress.empty()) return {host.progress, Paint::running};
  if (status.state == HostState::waiting) return {"?", Paint::waiting};
  if (status.state == HostState::connecting || status.state == HostState::queued)
    return {std::string(g.more), Paint::dim};
  const int variant = variant_of(scene.model, id);
  if (variant < 0) return {std::string(g.more), Paint::dim};
  const auto index = static_cast<std::size_t>(variant);
  if (scene.model.screens != nullptr) return {screen_note(scene.model, id), variant_paint(index)};
  return {consensus::variant_letter(index), variant_paint(index)};
}

// A shell's command failed: its status, in front of the letter.
std::string failed_command(const Scene& scene, HostId id) {
  const int variant = variant_of(scene.model, id);
  if (variant < 0 || scene.model.screens != nullptr || !is_live(scene.model, id)) return {};
  const auto& exit = outcome_of(scene.model).variants[static_cast<std::size_t>(variant)].exit;
  return exit && !exit->success() ? exit_words(exit) + " " : std::string();
}

struct RowStyle {
  bool selected;
  Paint back;
};

StyleId styled(const Scene& scene, Paint paint, const RowStyle& row) {
  return row.selected ? scene.look.on(paint, row.back) : scene.look(paint);
}

void draw_badges(const Scene& scene, const HostView& host, Pen& pen, const RowStyle& row) {
  const Glyphs& g = scene.look.glyphs();
  if (host.bell) pen.put(" ", styled(scene, Paint::text, row)).put(g.bell, styled(scene, Paint::notice, row));
  if (host.held) pen.put(" ", styled(scene, Paint::text, row)).put(g.held, styled(scene, Paint::notice, row));
}

void draw_host(Scene& scene, HostId id, Point at) {
  const HostView& host = *host_view(scene.model, id);
  const Look& look = scene.look;
  const Glyphs& g = look.glyphs();
  const int end = at.col + scene.layout.list.width;
  const bool focused = scene.state.pane == Pane::hosts;
  const RowStyle row{id == scene.state.selected,
                     focused ? Paint::selected : Paint::selected_unfocused};
  if (row.selected) scene.surface.fill({at.row, at.col, 1, scene.layout.list.width}, look(row.back));

  Message note = standing(scene, id, host);
  const bool divergent = is_divergent(scene.model, id);
  // A letter has a column of its own; a reason may use the room of the short names.
  const int tail = divergent ? 3 + text_width(g.differs) : 1;
  const int note_width = text_width(note.text);
  const int wanted = std::max(1, std::min(note_width, scene.layout.list.width / 2));
  const bool marked = scene.state.marked.contains(id);

  Pen pen(scene.surface, at, end);
  pen.put(row.selected ? g.selected : " ", styled(scene, Paint::text, row));
  pen.put(g.state(host.status.state), styled(scene, state_paint(host.status.state), row));
  pen.put(marked ? g.marked : " ", styled(scene, Paint::marked, row));
  const int values = order_values_width(scene.state);
  // Letters stand in one column, whatever the names' lengths.
  const int letter_col = end - 3 - text_width(g.differs) - 1;
  const int note_col = std::min(letter_col, end - note_width - tail);
  const int name_room = std::max(4, end - pen.col() - wanted - tail - 1 - values);
  const StyleId name = styled(scene, marked ? Paint::marked : Paint::text, row);
  pen.put(fitted(sanitised(host.name), name_room, g),
          marked || row.selected ? name : look.colored(name, host.color));
  draw_badges(scene, host, pen, row);
  const std::string status = failed_command(scene, id);
  if (const auto value = scene.state.order_values.find(id); value != scene.state.order_values.end())
    Pen(scene.surface, {at.row, note_col - 1 - text_width(status) - text_width(value->second)}, end)
        .put(value->second, styled(scene, Paint::strong, row));
  pen.to(std::max(pen.col() + 1, note_col - text_width(status)));
  pen.put(status, styled(scene, Paint::failed, row));
  pen.put(fitted(note.text, pen.room() - (divergent ? tail - 1 : 0), g), styled(scene, note.paint, row));
  if (divergent)
    Pen(scene.surface, {at.row, end - 1 - text_width(g.differs)}, end)
        .put(g.differs, styled(scene, Paint::divergent, row));
}

}  // namespace

std::string state_words(const HostView& host) {
  std::string reason = short_reason(host.status);
  if (!reason.empty()) return reason;
  if (host.status.state == HostState::connecting && host.status.step != ConnectStep::none)
    return to_string(host.status.step);
  return to_string(host.status.state);
}

void draw_host_list(Scene& scene) {
  const Rect area = scene.layout.list;
  if (area.width == 0) return;
  const std::vector<HostId> hosts = listed_hosts(scene.state, scene.model);
  const int count = static_cast<int>(hosts.size());
  Scroll& scroll = scene.state.list;
  scene.state.list_cols_shown = area.width;
  scroll.fit(count, area.height);
  for (int r = 0; r < area.height && scroll.top + r < count; ++r)
    draw_host(scene, hosts[static_cast<std::size_t>(scroll.top + r)], {area.row + r, area.col});
  draw_scroll_thumb(scene.surface, scene.look, area, scroll.top, count);
}

}  // namespace bdsh::tui
