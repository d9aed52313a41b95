#include "tui/files.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/text.hpp"
#include "tui/transfer_entry.hpp"

namespace bdsh::tui {
namespace {

using Rows = std::vector<const MergedEntry*>;

bool is_directory(const MergedEntry& entry) {
  return entry.look.kind == FileKind::directory;
}

std::size_t hosts_that_differ(const MergedEntry& entry) {
  return (entry.missing | entry.other_kind | entry.other_size | entry.other_mode).size();
}

// Case counts only when the filter has a capital, as in a search.
bool passes(const std::string& name, const std::string& filter) {
  return (lower(filter) == filter ? lower(name) : name).find(filter) != std::string::npos;
}

void sort_rows(Rows& rows, FilePane::Order order) {
  using Order = FilePane::Order;
  const auto by = [&](auto key) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const auto* a, const auto* b) { return key(*a) > key(*b); });
  };
  switch (order) {
    case Order::name:
      return by([](const MergedEntry& e) { return is_directory(e); });
    case Order::size:
      return by([](const MergedEntry& e) { return e.look.size; });
    case Order::time:
      return by([](const MergedEntry& e) { return e.modified; });
    case Order::difference:
      return by([](const MergedEntry& e) { return hosts_that_differ(e); });
  }
}

const MergedEntry* selected_entry(const Context& context) {
  const FilesView* view = files_of(context.state, context.model);
  if (view == nullptr) return nullptr;
  const Rows rows = file_rows(context.state.files, *view);
  const int row = selected_file(context.state.files, rows);
  return row < 0 ? nullptr : rows[static_cast<std::size_t>(row)];
}

// ---- going

// Those that are marked, or else all; the selected one is always among them.
HostSet hosts_to_list(const Context& context) {
  const HostSet all = all_hosts(context.model);
  const HostSet marked = context.state.marked & all;
  return (marked.empty() ? all : marked) | (HostSet::of(context.state.selected) & all);
}

void list(Context& context, std::string path) {
  FilePane& pane = context.state.files;
  pane.path = std::move(path);
  context.out.push_back(ListFiles{pane.hosts, pane.path});
}

void go_to(Context& context, std::string path, std::string select) {
  FilePane& pane = context.state.files;
  pane.filter.clear();
  pane.marked.clear();
  pane.selected = std::move(select);
  pane.row = 0;
  pane.scroll = Scroll{};
  list(context, std::move(path));
}

void open_files(Context& context) {
  State& state = context.state;
  if (context.model.watching) {
    state.notice = "watching a run: no host can be asked for its files";
    return;
  }
  if (!all_hosts(context.model).contains(state.selected)) return;
  if (state.view != View::files) state.before_files = state.view;
  state.view = View::files;
  state.pane = Pane::main;
  state.files.hosts = hosts_to_list(context);
  list(context, state.files.path);
}

void enter(Context& context) {
  const MergedEntry* entry = selected_entry(context);
  if (entry == nullptr) return;
  if (entry->look.kind == FileKind::regular || entry->look.kind == FileKind::other)
    context.state.notice = "not a directory: d downloads it";
  else
    go_to(context, path_in(context.state.files.path, entry->name), "");
}

void go_up(Context& context) {
  const FilesView* view = files_of(context.state, context.model);
  const std::string& path = context.state.files.path;
  const auto above = path_above(path, view == nullptr ? "" : view->found.path);
  if (!above) {
    context.state.notice = path == "/" ? "this is the top" : "the host has not said where this is";
    return;
  }
  const std::string real = path.empty() && view != nullptr ? view->found.path : path;
  go_to(context, *above, real.substr(real.rfind('/') + 1));
}

void leave(State& state) {
  if (!state.files.filter.empty()) return state.files.filter.clear();
  state.view = state.before_files;
  state.pane = Pane::hosts;
}

// ---- dialogs

class PathEntry : public Overlay {
 public:
  explicit PathEntry(std::string path) : text_(std::move(path)) {}
  bool handle(const Key& key, Context& context) override {
    if (edit_text(text_, key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all) text_.clear();
    if (action == Action::submit) go_to(context, typed_path(), "");
    return action == Action::submit || action == Action::set_aside;
  }
  void draw(Scene& scene) override { draw_entry_line(scene, "directory: ", text_); }

 private:
  std::string typed_path() const {
    std::string path = text_;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    if (path == "~" || path == ".") return "";
    return path.starts_with("~/") ? path.substr(2) : path;
  }
  std::string text_;
};

class FilterEntry : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override {
    std::string& filter = context.state.files.filter;
    if (edit_text(filter, key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all || action == Action::set_aside) filter.clear();
    if (action == Action::up) move_file(context, -1);
    if (action == Action::down) move_file(context, 1);
    return action == Action::submit || action == Action::set_aside;
  }
  void draw(Scene& scene) override {
    draw_entry_line(scene, "names with: ", scene.state.files.filter);
  }
};

// Of what is marked, or else of what is selected; each host for what it has.
std::unique_ptr<Overlay> download(Context& context) {
  const FilesView* view = files_of(context.state, context.model);
  const FilePane& pane = context.state.files;
  const MergedEntry* selected = selected_entry(context);
  if (selected == nullptr) return nullptr;
  Transfer chosen{false, {}, ""};
  for (const MergedEntry& entry : view->found.entries) {
    const bool wanted = pane.marked.empty() ? &entry == selected : pane.marked.contains(entry.name);
    if (!wanted) continue;
    chosen.hosts |= entry.have;
    chosen.chosen.push_back(path_in(pane.path, entry.name));
    if (is_directory(entry)) chosen.words = "-r ";
  }
  if (chosen.chosen.empty()) return nullptr;
  const std::size_t count = chosen.chosen.size();
  return chosen_transfer_overlay(chosen, count == 1 ? cut_to_width(shown_path(chosen.chosen[0]), 30)
                                                    : std::to_string(count) + " entries");
}

std::unique_ptr<Overlay> upload(Context& context) {
  const FilePane& pane = context.state.files;
  const FilesView* view = files_of(context.state, context.model);
  if (view == nullptr) return nullptr;
  // Not where it could not be listed: it would be made there.
  const HostSet hosts = view->found.listed & all_hosts(context.model);
  if (hosts.empty()) {
    context.state.notice = "no host has listed the directory";
    return nullptr;
  }
  return chosen_transfer_overlay({true, hosts, "", {pane.path}},
                                 cut_to_width(shown_path(pane.path), 30));
}

void sort(Context& context) {
  static constexpr const char* kNames[] = {"name", "size", "time", "difference"};
  FilePane& pane = context.state.files;
  const int next = (static_cast<int>(pane.order) + 1) % static_cast<int>(std::size(kNames));
  pane.order = static_cast<FilePane::Order>(next);
  context.state.notice = std::string("sorted by ") + kNames[next];
}

void refresh(Context& context) {
  context.state.files.hosts = hosts_to_list(context);
  list(context, context.state.files.path);
}

}  // namespace

bool on_files(const State& state) {
  return state.view == View::files && state.pane == Pane::main;
}

const FilesView* files_of(const State& state, const Model& model) {
  return model.files ? model.files(state.selected) : nullptr;
}

Rows file_rows(const FilePane& pane, const FilesView& view) {
  Rows rows;
  for (const MergedEntry& entry : view.found.entries)
    if (passes(entry.name, pane.filter)) rows.push_back(&entry);
  sort_rows(rows, pane.order);
  return rows;
}

int selected_file(const FilePane& pane, const Rows& rows) {
  if (rows.empty()) return -1;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const MergedEntry* entry) {
    return entry->name == pane.selected;
  });
  if (found != rows.end()) return static_cast<int>(found - rows.begin());
  return std::clamp(pane.row, 0, static_cast<int>(rows.size()) - 1);
}

void select_file(Context& context, int row) {
  const FilesView* view = files_of(context.state, context.model);
  if (view == nullptr) return;
  FilePane& pane = context.state.files;
  const Rows rows = file_rows(pane, *view);
  if (rows.empty()) return;
  pane.row = std::clamp(row, 0, static_cast<int>(rows.size()) - 1);
  pane.selected = rows[static_cast<std::size_t>(pane.row)]->name;
}

void move_file(Context& context, int rows) {
  const FilesView* view = files_of(context.state, context.model);
  if (view == nullptr) return;
  select_file(context,
              selected_file(context.state.files, file_rows(context.state.files, *view)) + rows);
}

void next_differing_file(Context& context, int step) {
  const FilesView* view = files_of(context.state, context.model);
  if (view == nullptr) return;
  const Rows rows = file_rows(context.state.files, *view);
  const int count = static_cast<int>(rows.size());
  const int from = selected_file(context.state.files, rows);
  for (int i = 1; i <= count; ++i) {
    const int row = (from + step * i + count * 2) % count;
    if (rows[static_cast<std::size_t>(row)]->differs()) return select_file(context, row);
  }
  context.state.notice = "no entry differs";
}

void mark_file(Context& context) {
  const MergedEntry* entry = selected_entry(context);
  if (entry == nullptr) return;
  auto& marked = context.state.files.marked;
  if (marked.erase(entry->name) == 0) marked.insert(entry->name);
  move_file(context, 1);
}

bool perform_files(Action action, Context& context, std::unique_ptr<Overlay>& dialog) {
  switch (action) {
    case Action::files:
      open_files(context);
      return true;
    case Action::enter_directory:
      enter(context);
      return true;
    case Action::parent_directory:
      go_up(context);
      return true;
    case Action::sort_files:
      sort(context);
      return true;
    case Action::refresh_files:
      refresh(context);
      return true;
    case Action::leave_files:
      leave(context.state);
      return true;
    case Action::path_of_files:
      dialog = std::make_unique<PathEntry>(shown_path(context.state.files.path));
      return true;
    case Action::filter_files:
      dialog = std::make_unique<FilterEntry>();
      return true;
    case Action::get_files:
      dialog = download(context);
      return true;
    case Action::put_files:
      dialog = upload(context);
      return true;
    default:
      return false;
  }
}

std::string shown_name(std::string_view name) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const char32_t code = decode_utf8(name, at);
    // Without a width: besides marks that combine with a letter, which are names' own, the signs
    // that turn the direction of text or cannot be seen at all.
    const bool hidden = code == 0x00AD || code == 0x061C || code == 0x180E ||
                        (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
                        (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
    append_utf8(hidden || char_width(code) < 0 ? kReplacement : code, out);
  }
  return out;
}

std::string shown_path(const std::string& path) {
  if (path.empty()) return "~";
  return shown_name(path.starts_with('/') ? path : "~/" + path);
}

std::string path_in(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;
  return directory + (directory.ends_with('/') ? "" : "/") + name;
}

std::optional<std::string> path_above(const std::string& path, const std::string& real) {
  // What ".." leads to only the host knows.
  const std::string framed = "/" + path + "/";
  const bool dots =
      framed.find("/../") != std::string::npos || framed.find("/./") != std::string::npos;
  const std::string& from = path.empty() || dots ? real : path;
  if (from.empty() || from == "/") return std::nullopt;
  const std::size_t slash = from.rfind('/');
  if (slash == std::string::npos) return "";
  return slash == 0 ? "/" : from.substr(0, slash);
}

}  // namespace bdsh::tui
