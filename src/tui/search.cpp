#include "tui/search.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

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

void draw_hit(Scene& scene, bool selected, const SearchHit& hit, Point at) {
  const Look& look = scene.look;
  const Rect area = scene.layout.main;
  if (selected) scene.surface.fill({at.row, area.col, 1, area.width}, look(Paint::selected_unfocused));
  const auto style = [&](Paint paint) {
    return selected ? look.on(paint, Paint::selected_unfocused) : look(paint);
  };
  const HostView* host = host_view(scene.model, hit.host);
  Pen pen(scene.surface, at, area.col + area.width);
  pen.put(selected ? look.glyphs().selected : " ", style(Paint::current));
  pen.put(padded(fitted(host != nullptr ? host->name : "?", 16, look.glyphs()), 17), style(Paint::accent));
  pen.put(padded(std::to_string(hit.line + 1), 7), style(Paint::dim));
  put_matches(pen, sanitised(hit.text), scene.state.sought.text, style(Paint::text), look(Paint::match));
}

std::string count_words(const SearchFound& found) {
  return plural(found.hosts.size(), "host") + ", " + plural(found.matches, "line");
}

class Search : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override;
  void draw(Scene& scene) override;

 private:
  // An earlier round that is shown is what is searched.
  SearchAsk ask(const State& state, const Model& model) const {
    return {text_, model.round == model.live_round ? 0 : model.round,
            one_host_ ? std::optional(state.selected) : std::nullopt};
  }
  void submit(Context& context) const;

  std::string text_;
  bool one_host_ = false;
};

bool Search::handle(const Key& key, Context& context) {
  if (edit_text(text_, key)) return false;
  const auto action = find_action(Mode::entry, key, context.leave_key);
  if (action == Action::collapse_all) text_.clear();
  if (action == Action::down || action == Action::up) one_host_ = !one_host_;
  if (action == Action::submit) submit(context);
  return action == Action::submit || action == Action::set_aside;
}

void Search::submit(Context& context) const {
  State& state = context.state;
  if (text_.empty() || !context.model.search) return;
  state.sought = ask(state, context.model);
  if (state.view != View::search) state.before_search = state.view;
  state.view = View::search;
  state.pane = Pane::main;
  select_hit(state, found_of(state, context.model), 0);
}

void Search::draw(Scene& scene) {
  const HostView* host = host_view(scene.model, scene.state.selected);
  const std::string where = one_host_ && host != nullptr ? sanitised(host->name) : std::string("all hosts");
  draw_entry_line(scene, "/", text_);
  std::string words = where + "   Tab " + (one_host_ ? "all hosts" : "one host") + " ";
  if (!text_.empty() && scene.model.search)
    words = count_words(scene.model.search(ask(scene.state, scene.model))) + "   " + words;
  const Point at{scene.surface.rows() - 1, std::max(0, scene.surface.cols() - text_width(words) - 1)};
  scene.surface.put(at, words, scene.look(Paint::notice));
}

}  // namespace

std::unique_ptr<Overlay> search_overlay() { return std::make_unique<Search>(); }

const SearchFound& found_of(const State& state, const Model& model) {
  static const SearchFound none;
  return model.search && !state.sought.text.empty() ? model.search(state.sought) : none;
}

int selected_hit(const State& state, const SearchFound& found) {
  if (found.hits.empty()) return -1;
  const auto at = std::lower_bound(found.hits.begin(), found.hits.end(), state.hit,
                                   [](const SearchHit& hit, const auto& place) {
                                     return std::pair(hit.host, hit.line) < place;
                                   });
  return std::min(static_cast<int>(at - found.hits.begin()), static_cast<int>(found.hits.size()) - 1);
}

void select_hit(State& state, const SearchFound& found, int index) {
  if (found.hits.empty()) return;
  const int last = static_cast<int>(found.hits.size()) - 1;
  const SearchHit& hit = found.hits[static_cast<std::size_t>(std::clamp(index, 0, last))];
  state.hit = {hit.host, hit.line};
  if (state.selected != hit.host) state.scroll_back = 0;
  state.selected = hit.host;
}

void toggle_filter(Context& context) {
  State& state = context.state;
  if (!state.only_matching && state.sought.text.empty()) {
    state.notice = "search first (/): then F lists only the hosts that match";
    return;
  }
  state.only_matching = !state.only_matching;
  state.list.top = 0;
  state.notice = state.only_matching ? "only hosts that match \"" + state.sought.text + "\"; F lists all"
                                     : "all hosts";
}

void draw_search(Scene& scene) {
  Rect area = scene.layout.main;
  const SearchFound& found = found_of(scene.state, scene.model);
  if (found.hits.empty())
    return draw_message(scene, area, {{"no host has \"" + scene.state.sought.text + "\"", Paint::dim}});
  std::string words = count_words(found);
  if (found.matches > found.hits.size()) words += ", the first " + std::to_string(found.hits.size()) + " listed";
  scene.surface.put({area.row, area.col + 1}, words, scene.look(Paint::strong), area.width - 2);
  ++area.row;
  --area.height;
  Scroll& scroll = scene.state.hits;
  const int selected = selected_hit(scene.state, found);
  scroll.fit(static_cast<int>(found.hits.size()), area.height);
  scroll.show(selected);
  for (int r = 0; r < area.height && scroll.top + r < scroll.total; ++r) {
    const int index = scroll.top + r;
    draw_hit(scene, index == selected, found.hits[static_cast<std::size_t>(index)], {area.row + r, area.col});
  }
}

}  // namespace bdsh::tui
