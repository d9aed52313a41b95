// The directory that is looked at: the entries, what is other on which hosts, and of the selected
// one who has what.
#include <array>
#include <ctime>

#include "core/byte_size.hpp"
#include "core/text.hpp"
#include "tui/files.hpp"

namespace bdsh::tui {
namespace {

constexpr int kSizeCols = 11;
constexpr int kTimeCols = 18;
constexpr int kModeCols = 6;

// Where the columns begin, counted from the pane's; 0: left out.
struct Columns {
  int name = 3;
  int size = 0;
  int time = 0;
  int mode = 0;
  int differs = 0;
};

Columns columns_for(const std::vector<const MergedEntry*>& rows, int width) {
  int name = 12;
  for (const MergedEntry* entry : rows)
    if (static_cast<int>(entry->name.size()) >= name)
      name = std::max(name, text_width(shown_name(entry->name)) + 1);
  Columns at;
  int col = at.name + std::min(name, std::max(12, width * 2 / 5)) + 1;
  at.size = col;
  col += kSizeCols;
  if (width >= 84) at.time = std::exchange(col, col + kTimeCols);
  if (width >= 100) at.mode = std::exchange(col, col + kModeCols);
  at.differs = col;
  return at;
}

std::string time_words(std::uint32_t seconds) {
  const auto at = static_cast<std::time_t>(seconds);
  std::tm parts{};
  localtime_r(&at, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts)};
}

std::string mode_words(std::uint32_t mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3)
    text += static_cast<char>('0' + (mode >> static_cast<unsigned>(shift) & 7U));
  return text;
}

std::string kind_words(FileKind kind) {
  switch (kind) {
    case FileKind::regular:
      return "file";
    case FileKind::directory:
      return "directory";
    case FileKind::link:
      return "link";
    case FileKind::other:
      return "device, pipe or socket";
    case FileKind::unknown:
      break;
  }
  return "not said what it is";
}

std::string size_words(const FileLook& look) {
  switch (look.kind) {
    case FileKind::regular:
      return look.size ? byte_size(*look.size) : "?";
    case FileKind::directory:
      return "dir";
    case FileKind::link:
      return "link";
    case FileKind::other:
      return "special";
    case FileKind::unknown:
      break;
  }
  return "?";
}

std::string look_words(const FileLook& look) {
  std::string text = kind_words(look.kind);
  if (look.kind == FileKind::regular && look.size)
    text += ", " + byte_size(*look.size) +
            (*look.size < 1024 ? "" : " (" + std::to_string(*look.size) + ")");
  if (look.mode) text += ", " + mode_words(*look.mode);
  return text;
}

// "missing on web[03,07], 2 sizes: web05"; of an entry that is not here who has it.
std::string difference_words(const Model& model, const MergedEntry& entry) {
  std::string text;
  const auto add = [&](const HostSet& hosts, const std::string& what) {
    if (!hosts.empty()) text += (text.empty() ? "" : ", ") + what + fold_hosts(model, hosts);
  };
  if (!entry.here)
    add(entry.have, "only on ");
  else
    add(entry.missing, "missing on ");
  add(entry.other_kind, "other kind on ");
  add(entry.other_size, plural(entry.sizes, "size") + ": ");
  add(entry.other_mode, "other mode on ");
  return text;
}

void draw_row(Scene& scene, const MergedEntry& entry, const Columns& at, int row, bool selected) {
  const Look& look = scene.look;
  const Rect area = scene.layout.main;
  const Paint back = scene.state.pane == Pane::main ? Paint::selected : Paint::selected_unfocused;
  const auto style = [&](Paint paint) {
    if (!entry.here && paint != Paint::marked && paint != Paint::current) paint = Paint::dim;
    return selected ? look.on(paint, back) : look(paint);
  };
  if (selected) scene.surface.fill({row, area.col, 1, area.width}, look(back));
  const bool marked = scene.state.files.marked.contains(entry.name);
  Pen pen(scene.surface, {row, area.col}, area.col + area.width);
  pen.put(selected ? look.glyphs().selected : " ", style(Paint::current));
  pen.put(marked ? look.glyphs().marked : " ", style(Paint::marked)).to(area.col + at.name);
  const bool directory = entry.look.kind == FileKind::directory;
  const std::string name = shown_name(entry.name) + (directory ? "/" : "");
  pen.put(fitted(name, at.size - at.name - 1, look.glyphs()),
          style(directory ? Paint::accent : Paint::text));
  const std::string size = size_words(entry.look);
  pen.to(area.col + at.size + kSizeCols - 2 - text_width(size)).put(size, style(Paint::text));
  if (at.time > 0 && entry.modified)
    pen.to(area.col + at.time).put(time_words(*entry.modified), style(Paint::dim));
  if (at.mode > 0 && entry.look.mode)
    pen.to(area.col + at.mode).put(mode_words(*entry.look.mode), style(Paint::dim));
  pen.to(area.col + at.differs)
      .put(fitted(difference_words(scene.model, entry), pen.room() - 1, look.glyphs()),
           style(Paint::divergent));
}

void draw_heading(Scene& scene, const Columns& at) {
  const Rect area = scene.layout.main;
  const auto put = [&](int col, const char* text) {
    scene.surface.put({area.row, area.col + col}, text, scene.look(Paint::dim), area.width - col);
  };
  put(at.name, "name");
  put(at.size + kSizeCols - 6, "size");
  if (at.time > 0) put(at.time, "changed");
  if (at.mode > 0) put(at.mode, "mode");
  put(at.differs, "differs");
}

// What is not in the table: who has not answered, who cannot, who has more.
std::vector<std::string> remarks(const Scene& scene, const FilesView& view) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& what, const HostSet& hosts) {
    if (!hosts.empty()) lines.push_back(what + ": " + fold_hosts(scene.model, hosts));
  };
  add("not answered yet", view.waiting);
  for (const auto& [what, hosts] : view.found.problems) add(what, hosts);
  add("only a part of it is listed", view.found.cut);
  if (!view.hosts.contains(scene.state.selected))
    lines.push_back("the selected host was not asked: r lists it too");
  return lines;
}

// Of the selected entry, when it is not the same everywhere.
std::vector<std::string> details(const Scene& scene, const MergedEntry& entry) {
  std::vector<std::string> lines;
  if (!entry.differs() || !scene.model.file_variants) return lines;
  for (const EntryVariant& variant : scene.model.file_variants(entry.name))
    lines.push_back(plural(variant.hosts.size(), "host") + "  " +
                    (variant.look ? look_words(*variant.look) : "missing") + "  " +
                    fold_hosts(scene.model, variant.hosts));
  return lines;
}

// At the foot of the area, under a rule; at most a third of it. Returns the rows taken.
int draw_foot(Scene& scene, Rect area, const std::vector<std::string>& lines, Paint paint) {
  const int most = area.height / 3 - 1;
  if (lines.empty() || most < 1) return 0;
  const int count = std::min(most, static_cast<int>(lines.size()));
  const int top = area.row + area.height - count - 1;
  const Glyphs& glyphs = scene.look.glyphs();
  for (int col = 0; col < area.width; ++col)
    scene.surface.put({top, area.col + col}, glyphs.horizontal, scene.look(Paint::frame));
  for (int r = 0; r < count; ++r) {
    const bool more = r + 1 == count && static_cast<int>(lines.size()) > count;
    const std::string text =
        more ? "and " + std::to_string(lines.size() - static_cast<std::size_t>(r)) + " more"
             : lines[static_cast<std::size_t>(r)];
    scene.surface.put({top + 1 + r, area.col + 2}, fitted(text, area.width - 3, glyphs),
                      scene.look(paint));
  }
  return count + 1;
}

std::string nothing_words(const FilePane& pane, const FilesView& view) {
  if (!pane.filter.empty()) return "no name has \"" + sanitised(pane.filter) + "\"";
  if (!view.waiting.empty()) return "listing";
  return view.found.listed.empty() ? "no host has listed it" : "an empty directory";
}

void draw_rows(Scene& scene, const std::vector<const MergedEntry*>& rows, int selected,
               int height) {
  Scroll& scroll = scene.state.files.scroll;
  const Columns at = columns_for(rows, scene.layout.main.width);
  draw_heading(scene, at);
  scroll.fit(static_cast<int>(rows.size()), height - 1);
  scroll.show(selected);
  const int top = scene.layout.main.row + 1;
  for (int r = 0; r < scroll.page && scroll.top + r < scroll.total; ++r) {
    const int index = scroll.top + r;
    draw_row(scene, *rows[static_cast<std::size_t>(index)], at, top + r, index == selected);
  }
  draw_scroll_thumb(scene.surface, scene.look,
                    {top, scene.layout.main.col, height - 1, scene.layout.main.width}, scroll.top,
                    scroll.total);
}

}  // namespace

void draw_files(Scene& scene) {
  Rect area = scene.layout.main;
  const FilesView* view = files_of(scene.state, scene.model);
  if (view == nullptr) return draw_message(scene, area, {{"nothing has been listed", Paint::dim}});
  const auto rows = file_rows(scene.state.files, *view);
  const int selected = selected_file(scene.state.files, rows);
  area.height -= draw_foot(scene, area, remarks(scene, *view), Paint::notice);
  if (selected < 0)
    return draw_message(scene, area, {{nothing_words(scene.state.files, *view), Paint::dim}});
  const MergedEntry& entry = *rows[static_cast<std::size_t>(selected)];
  area.height -= draw_foot(scene, area, details(scene, entry), Paint::text);
  draw_rows(scene, rows, selected, area.height);
}

std::string files_title(const Scene& scene) {
  static constexpr const char* kOrders[] = {"", "by size", "by time", "by difference"};
  const std::string dot = " " + std::string(scene.look.glyphs().separator) + " ";
  const FilePane& pane = scene.state.files;
  const HostView* host = host_view(scene.model, scene.state.selected);
  std::string title =
      (host != nullptr ? sanitised(host->name) : "files") + ":" + shown_path(pane.path);
  if (const FilesView* view = files_of(scene.state, scene.model)) {
    const auto& entries = view->found.entries;
    const auto differ =
        std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.differs(); });
    title += dot + plural(view->hosts.size(), "host") + dot + std::to_string(differ) + " of " +
             std::to_string(entries.size()) + " differ";
  }
  if (pane.order != FilePane::Order::name) title += dot + kOrders[static_cast<int>(pane.order)];
  if (!pane.filter.empty()) title += dot + "/" + sanitised(pane.filter);
  if (!pane.marked.empty()) title += dot + std::to_string(pane.marked.size()) + " marked";
  return title;
}

}  // namespace bdsh::tui
