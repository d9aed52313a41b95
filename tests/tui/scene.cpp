#include "tui/scene.hpp"

#include <cstdlib>
#include <ctime>
#include <set>
#include <sstream>
#include <stdexcept>

#include "core/text.hpp"
#include "tui/keymap.hpp"

namespace bdsh::tui {
namespace {

using consensus::MergedBlock;
using consensus::Place;
using consensus::Side;
using consensus::Span;
using consensus::TextLine;
using consensus::Variant;

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, at);)
    if (!word.empty()) words.push_back(word);
  return words;
}

std::string rest_of(const std::string& line) {
  const std::size_t space = line.find(' ');
  return space == std::string::npos ? std::string() : line.substr(space + 1);
}

// "one\\ntwo" → two lines.
std::string lines_of(std::string text) {
  for (std::size_t at; (at = text.find("\\n")) != std::string::npos;) text.replace(at, 2, "\n");
  return text;
}

// "{changed}" marks a changed part; "‹pid›" is a masked one.
TextLine text_line(const std::string& marked) {
  TextLine line;
  std::size_t open = 0;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (marked[i] == '{') {
      open = line.text.size();
    } else if (marked[i] == '}') {
      line.spans.push_back({Span::Kind::changed, open, line.text.size()});
    } else if (marked.compare(i, 3, "‹") == 0) {
      const std::size_t end = marked.find("›", i) + 3;
      line.spans.push_back({Span::Kind::masked, line.text.size(), line.text.size() + end - i});
      line.text += marked.substr(i, end - i);
      i = end - 1;
    } else {
      line.text += marked[i];
    }
  }
  return line;
}

HostState state_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(HostState::disconnected); ++i)
    if (to_string(static_cast<HostState>(i)) == name) return static_cast<HostState>(i);
  throw std::runtime_error("unknown state " + name);
}

ErrorKind kind_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(ErrorKind::internal); ++i)
    if (to_string(static_cast<ErrorKind>(i)) == name) return static_cast<ErrorKind>(i);
  throw std::runtime_error("unknown kind of error " + name);
}

std::string shown(const HostSet& hosts, const std::vector<HostView>& views) {
  std::string text;
  hosts.for_each([&](HostId host) { text += (text.empty() ? "" : ",") + views[host.value].name; });
  return "[" + text + "]";
}

std::string shown(const Key& key) {
  if (key.code == KeyCode::paste) return "paste " + std::to_string(key.text.size()) + " bytes";
  if (key.code == KeyCode::mouse)
    return "mouse " + std::to_string(key.mouse.at.row) + "," + std::to_string(key.mouse.at.col);
  return key_name(key);
}

struct Shower {
  const std::vector<HostView>& hosts;
  std::string operator()(const SendKey& c) const {
    return "send " + shown(c.key) + " to " + shown(c.targets, hosts) + (c.broadcast ? " broadcast" : "");
  }
  std::string operator()(const Interrupt& c) const { return "interrupt " + shown(c.targets, hosts); }
  std::string operator()(const Reconnect& c) const { return "reconnect " + shown(c.hosts, hosts); }
  std::string operator()(const Rerun& c) const { return "rerun " + shown(c.hosts, hosts); }
  std::string operator()(const Answer& c) const {
    return "answer " + (c.text ? "\"" + std::string(c.text->reveal()) + "\"" : "nothing") + " for " +
           shown(c.hosts, hosts) + (c.later ? " and later ones" : "");
  }
  std::string operator()(const SetParallel& c) const { return "parallel " + std::to_string(c.parallel); }
  std::string operator()(const SetKeep& c) const { return c.keep ? "keep" : "do not keep"; }
  std::string operator()(const SetMasks& c) const { return c.on ? "masks on" : "masks off"; }
  std::string operator()(const SetMask& c) const {
    return "mask " + c.name + (c.on ? " on" : " off");
  }
  std::string operator()(const ResizeHosts& c) const {
    return "resize " + shown(c.hosts, hosts) + " to " +
           (c.size ? std::to_string(c.size->cols.value) + "x" + std::to_string(c.size->rows.value)
                   : "uniform");
  }
  std::string operator()(const Copy& c) const {
    const std::string to = c.to == Copy::To::clipboard ? "clipboard" : c.to == Copy::To::command ? "command" : c.path;
    return "copy to " + to + ":\n" + c.text;
  }
  std::string operator()(const Replay& c) const {
    static constexpr const char* kWhat[] = {"pause", "faster", "slower", "earlier", "later",
                                            "round before", "round after", "first difference", "to"};
    const std::string what = kWhat[static_cast<int>(c.what)];
    return "replay " + what + (c.moment.empty() ? "" : " " + c.moment);
  }
  std::string operator()(const SetMouse& c) const { return c.on ? "mouse on" : "mouse off"; }
  std::string operator()(const SetReference& c) const {
    return "reference " + (c.host ? hosts[c.host->value].name : std::string("by vote"));
  }
  std::string operator()(const Exclude& c) const { return "exclude " + shown(c.hosts, hosts); }
  std::string operator()(const SaveHosts& c) const {
    return "save " + shown(c.hosts, hosts) + " to " + c.path;
  }
  std::string operator()(const Transfer& c) const {
    std::string text = (c.upload ? "upload " : "download ") + shown(c.hosts, hosts) + ": " + c.words;
    for (const std::string& path : c.chosen) text += (c.upload ? " into \"" : " of \"") + path + "\"";
    return text;
  }
  std::string operator()(const ListFiles& c) const {
    return "list " + shown(c.hosts, hosts) + " \"" + c.path + "\"";
  }
  std::string operator()(const LeaveFiles&) const { return "leave files"; }
  std::string operator()(const StopTransfer&) const { return "stop transfer"; }
  std::string operator()(const Suspend&) const { return "suspend"; }
  std::string operator()(const Detach&) const { return "detach"; }
  std::string operator()(const Redraw&) const { return "redraw"; }
  std::string operator()(const Quit&) const { return "quit"; }
};

Size parse_size(const std::string& cols, const std::string& rows) {
  return {Rows{std::stoi(rows)}, Cols{std::stoi(cols)}};
}

Key mouse(MouseEvent::Kind kind, const std::string& row, const std::string& col) {
  Key key;
  key.code = KeyCode::mouse;
  key.mouse = {kind, kind == MouseEvent::Kind::press ? 1 : 0, {std::stoi(row), std::stoi(col)}};
  return key;
}

}  // namespace

SceneScript::SceneScript() {
  ::setenv("TZ", "UTC", 1);  // files' times are shown as they are here
  ::tzset();
  theme_ = std::make_unique<Theme>(Theme::built_in());
  size_ = {Rows{20}, Cols{90}};
  model_.host_size = {Rows{17}, Cols{90}};
  model_.run_name = "web";
  diff_.state = consensus::Diff::State::ready;
}

HostId SceneScript::host_named(const std::string& name) const {
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    if (hosts_[i].name == name) return HostId{static_cast<std::uint32_t>(i)};
  throw std::runtime_error("no host " + name);
}

// "web01,web03", "all", or "web01..web04".
HostSet SceneScript::hosts_named(const std::string& names) const {
  if (names == "all") return HostSet::first(hosts_.size());
  HostSet set;
  for (const std::string& part : split(names, ',')) {
    const std::size_t dots = part.find("..");
    if (dots == std::string::npos) {
      set.add(host_named(part));
      continue;
    }
    const HostId last = host_named(part.substr(dots + 2));
    for (HostId host = host_named(part.substr(0, dots)); host <= last; ++host.value) set.add(host);
  }
  return set;
}

void SceneScript::set_status(HostView& host, const Words& words, std::size_t from) {
  host.status = {};
  host.status.state = state_named(words.at(from));
  const bool shell = host.status.state == HostState::running || host.status.state == HostState::done ||
                     host.status.state == HostState::waiting;
  const bool entered = shell || host.status.state == HostState::disconnected;
  host.status.step = entered ? ConnectStep::live : ConnectStep::none;
  if (entered && !shell) host.status.error = Error{ErrorKind::lost, "connection lost"};
  if (host.status.state == HostState::connecting) host.status.step = ConnectStep::auth;
  for (std::size_t i = from + 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string value = word.substr(word.find('=') + 1);
    if (word.rfind("exit=", 0) == 0) host.status.exit = ExitResult{std::stoi(value), ""};
    else if (word.rfind("signal=", 0) == 0) host.status.exit = ExitResult{std::nullopt, value};
    else if (word.rfind("group=", 0) == 0) host.group = value;
    else if (word.rfind("title=", 0) == 0) host.title = value;
    else if (word == "bell") host.bell = true;
    else if (word == "held") host.held = true;
    else if (word == "confirm") host.confirm = true;
    else throw std::runtime_error("unknown word " + word);
  }
}

void SceneScript::add_hosts(const Words& words) {
  for (const std::string& name : split(words.at(1), ',')) {
    HostView host;
    host.name = name;
    set_status(host, words, 2);
    hosts_.push_back(host);
  }
  outcome_.of = hosts_.size();
  outcome_.places.resize(hosts_.size(), Place::absent);
  outcome_.variant_of.resize(hosts_.size(), -1);
}

// variant reference|other HOSTS [distance] [exit=N]
void SceneScript::add_variant(const Words& words) {
  Variant variant;
  variant.reference = words.at(1) == "reference";
  variant.hosts = hosts_named(words.at(2));
  variant.representative = variant.hosts.to_vector().front();
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i].rfind("exit=", 0) == 0) variant.exit = ExitResult{std::stoi(words[i].substr(5)), ""};
    else variant.distance = std::stoul(words[i]);
  }
  const int index = static_cast<int>(outcome_.variants.size());
  if (variant.reference) {
    outcome_.reference = 0;
    outcome_.agree = variant.hosts.size();
  } else {
    outcome_.divergent |= variant.hosts;
  }
  variant.hosts.for_each([&](HostId host) { outcome_.variant_of[host.value] = index; });
  outcome_.variants.push_back(std::move(variant));
}

// "side A HOSTS" within a difference; "difference HOSTS" opens one; "common" ends it.
void SceneScript::add_block(const Words& words) {
  if (words[0] == "side") {
    Side side;
    for (const std::string& letter : split(words.at(1), ','))
      side.variants.push_back(static_cast<std::size_t>(letter[0] - 'A'));
    side.hosts = hosts_named(words.at(2));
    merged_.blocks.back().sides.push_back(std::move(side));
    return;
  }
  MergedBlock block;
  if (words[0] == "difference") {
    block.kind = MergedBlock::Kind::difference;
    block.hosts = hosts_named(words.at(1));
  }
  merged_.blocks.push_back(std::move(block));
}

// diff= common lines; diff< diff> a changed one's two sides; diff- diff+ lines of one side.
void SceneScript::add_diff(const std::string& verb, const std::string& text) {
  using consensus::DiffRow;
  diff_.state = consensus::Diff::State::ready;
  if (verb == "diff-comparing") diff_.state = consensus::Diff::State::comparing;
  if (verb == "diff-comparing") return;
  if (verb == "diff-clear") {
    diff_ = {};
    diff_.state = consensus::Diff::State::ready;
    diff_left_.clear();
    diff_right_.clear();
    return;
  }
  const TextLine line = text_line(text);
  if (verb == "diff=" || verb == "diff<" || verb == "diff-") diff_left_.push_back(line);
  if (verb == "diff=" || verb == "diff>" || verb == "diff+") diff_right_.push_back(line);
  const std::size_t left = diff_.left_lines;
  const std::size_t right = diff_.right_lines;
  diff_.left_lines = diff_left_.size();
  diff_.right_lines = diff_right_.size();
  if (verb == "diff=") return;
  const bool goes_on = !diff_.hunks.empty() && diff_.hunks.back().lines.a_end == left &&
                       diff_.hunks.back().lines.b_end == right;
  if (!goes_on) diff_.hunks.push_back({{left, left, right, right}, {}});
  consensus::DiffHunk& hunk = diff_.hunks.back();
  hunk.lines.a_end = diff_.left_lines;
  hunk.lines.b_end = diff_.right_lines;
  if (verb == "diff>") hunk.rows.back() = {DiffRow::Kind::changed, hunk.rows.back().left, line};
  else if (verb == "diff+") hunk.rows.push_back({DiffRow::Kind::added, std::nullopt, line});
  else hunk.rows.push_back({DiffRow::Kind::removed, line, std::nullopt});
}

// What was said of the round is history; the next one begins with nothing.
void SceneScript::finish_round() {
  history_.push_back({model_.round, model_.command, model_.round_times, outcome_, merged_, {}, {}, {}});
  merged_ = {};
  outcome_ = {};
  outcome_.of = hosts_.size();
  outcome_.places.resize(hosts_.size(), Place::absent);
  outcome_.variant_of.resize(hosts_.size(), -1);
  model_.command.clear();
  model_.round_times = {};
  ++model_.round;
}

void SceneScript::add_text(const std::string& text) {
  if (merged_.blocks.empty()) merged_.blocks.emplace_back();
  MergedBlock& block = merged_.blocks.back();
  auto& lines = block.kind == MergedBlock::Kind::common ? block.lines : block.sides.back().lines;
  lines.push_back(text_line(text));
}

ScreenSnapshot SceneScript::screen_of(HostId host, int back) {
  Surface surface(tables_, model_.host_size);
  const auto& lines = terminals_[host.value];
  const int rows = surface.rows();
  const int live = std::max(0, static_cast<int>(lines.size()) - rows);
  const int first = std::max(0, live - back);
  for (int r = 0; r < rows && first + r < static_cast<int>(lines.size()); ++r)
    surface.put({r, 0}, lines[static_cast<std::size_t>(first + r)], 0);
  ScreenSnapshot screen;
  screen.size = model_.host_size;
  screen.cells.assign(surface.row(0), surface.row(0) + rows * surface.cols());
  const int last = std::min(rows, static_cast<int>(lines.size())) - 1;
  screen.cursor = {std::max(0, last), lines.empty() ? 0 : text_width(lines.back())};
  if (cursors_.count(host.value) > 0) screen.cursor = cursors_[host.value];
  screen.scrolled_back = live - first;
  return screen;
}

// screens HOST HOSTS DIVERGENT: HOST's terminal is the majority's, of HOSTS.
void SceneScript::set_screens(const Words& words) {
  screens_ = {};
  screens_.screen = model().screen(host_named(words.at(1)), 0, kWholeScreen);
  screens_.differ.assign(screens_.screen.cells.size(), 0);
  screens_.hosts = hosts_named(words.at(2));
  if (words.size() > 3) screens_.divergent = hosts_named(words[3]);
  screens_.agree = screens_.hosts.size() - screens_.divergent.size();
  screens_.variant_of.assign(hosts_.size(), -1);
  add_screen_variant(consensus::ScreenVariant::Kind::majority, screens_.hosts - screens_.divergent, 0);
  model_.screens = &screens_;
}

void SceneScript::add_screen_variant(consensus::ScreenVariant::Kind kind, const HostSet& hosts,
                                     std::uint32_t cells) {
  if (hosts.empty()) return;
  hosts.for_each([&](HostId host) {
    screens_.variant_of[host.value] = static_cast<int>(screens_.variants.size());
  });
  screens_.variants.push_back({kind, hosts, hosts.to_vector().front(), cells});
}

Model SceneScript::model() {
  Model model = model_;
  model.hosts = &hosts_;
  model.excluded = &excluded_;
  model.outcome = &outcome_;
  model.merged = [this] { return &merged_; };
  model.events = &events_;
  model.live_round = model_.round;
  model.history = &history_;
  model.screen = [this](HostId host, int back, Rect part) { return part_of(screen_of(host, back), part); };
  model.screen_place = [this](HostId host) {
    const ScreenSnapshot screen = screen_of(host, 0);
    return ScreenPlace{screen.size, screen.cursor};
  };
  model.scrollback_rows = [this](HostId host) {
    return std::max(0, static_cast<int>(terminals_[host.value].size()) - model_.host_size.rows.value);
  };
  model.rows_scrolled = [this](HostId host) {
    const auto lines = terminals_[host.value].size();
    return lines - std::min(lines, static_cast<std::size_t>(model_.host_size.rows.value));
  };
  model.wants_mouse = [this](HostId host) { return hosts_[host.value].title == "mouse"; };
  model.numbers = [this](const consensus::LinePlace& at) {
    const auto found = numbers_.find({at.block, at.side.value_or(0), at.line});
    line_numbers_ = {};
    if (found == numbers_.end()) return &line_numbers_;
    line_numbers_ = {found->second.front().host, found->second.front().text,
                     consensus::distributions(found->second)};
    return &line_numbers_;
  };
  model.diff = [this](const consensus::TextRef& left, const consensus::TextRef& right)
      -> const consensus::Diff& {
    diff_.left = left;
    diff_.right = right;
    return diff_;
  };
  model.spreads = [this](const consensus::LinePlace& place) {
    const auto found = spreads_.find(place.line);
    return found == spreads_.end() ? std::vector<consensus::Spread>() : found->second;
  };
  model.mask_list = [] {
    return std::vector<MaskView>{{"host", true}, {"time", true}, {"pid", false}};
  };
  model.lines = [this](const consensus::TextRef& ref, std::size_t begin, std::size_t end) {
    const auto& lines = ref == diff_.left ? diff_left_ : diff_right_;
    return std::vector<TextLine>(lines.begin() + static_cast<std::ptrdiff_t>(begin),
                                 lines.begin() + static_cast<std::ptrdiff_t>(end));
  };
  model.search = [this](const SearchAsk& ask) -> const SearchFound& {
    found_ = {};
    for (const SearchHit& hit : hits_) {
      if (hit.text.find(ask.text) == std::string::npos || (ask.host && *ask.host != hit.host)) continue;
      found_.hits.push_back(hit);
      found_.hosts.add(hit.host);
    }
    found_.matches = found_.hits.size();
    return found_;
  };
  model.files = [this](HostId leader) -> const FilesView* {
    if (files_view_.hosts.empty()) return nullptr;
    files_view_.found = files_.seen_from(leader);
    return &files_view_;
  };
  model.file_variants = [this](const std::string& name) { return files_.variants(name); };
  return model;
}

// files HOSTS PATH [cut] [NAME:KIND:SIZE:MODE:TIME …]; in NAME %XX is a byte
void SceneScript::list_files(const Words& words) {
  DirectoryListing listing{words.at(2), {}, false, {}};
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "cut") listing.cut = true;
    if (words[i] == "cut") continue;
    Words parts = split(words[i], ':');
    std::string& name = parts.at(0);
    for (std::size_t at = 0; (at = name.find('%', at)) != std::string::npos; ++at)
      name.replace(at, 3, 1, static_cast<char>(std::stoi(name.substr(at + 1, 2), nullptr, 16)));
    DirectoryEntry entry{name, {}, {}};
    static const std::map<std::string, FileKind> kinds{{"f", FileKind::regular}, {"d", FileKind::directory},
                                                       {"l", FileKind::link}, {"o", FileKind::other}};
    entry.look.kind = kinds.at(parts.at(1));
    if (entry.look.kind == FileKind::regular) entry.look.size = std::stoull(parts.at(2));
    entry.look.mode = static_cast<std::uint32_t>(std::stoul(parts.at(3), nullptr, 8));
    entry.modified = static_cast<std::uint32_t>(std::stoul(parts.at(4)));
    listing.entries.push_back(entry);
  }
  hosts_named(words.at(1)).for_each([&](HostId host) {
    files_.add(host, listing);
    files_view_.waiting.remove(host);
  });
}

void SceneScript::press(const std::string& name, std::string& output) {
  const auto key = parse_key(name);
  if (!key) throw std::runtime_error(key.error().message);
  for (const Command& command : dashboard_->handle(*key, model()))
    output += "  => " + std::visit(Shower{hosts_}, command) + "\n";
}

// The row and the column are words[at] and the next.
void SceneScript::move_mouse(MouseEvent::Kind kind, const Words& words, std::size_t at,
                             std::string& output) {
  for (const Command& command : dashboard_->handle(mouse(kind, words.at(at), words.at(at + 1)), model()))
    output += "  => " + std::visit(Shower{hosts_}, command) + "\n";
}

void SceneScript::show(std::string& output, bool styles) {
  Surface surface(tables_, size_);
  dashboard_->draw(model(), surface);
  output += surface.to_text();
  if (surface.cursor)
    output += "cursor " + std::to_string(surface.cursor->row) + "," +
              std::to_string(surface.cursor->col) + "\n";
  if (!styles) return;
  std::map<StyleId, char> letters{{0, '.'}};
  for (int i = static_cast<int>(Paint::count_) - 1; i >= 0; --i)
    letters.emplace(tables_.intern(theme_->style(static_cast<Paint>(i))), '#');
  letters[tables_.intern(theme_->style(Paint::danger))] = 'D';
  letters[tables_.intern(theme_->style(Paint::match))] = 'M';
  letters[tables_.intern(theme_->style(Paint::masked))] = 'm';
  letters[tables_.intern(theme_->style(Paint::divergent))] = 'd';
  output += surface.to_style_text([&](StyleId id) { return letters.count(id) > 0 ? letters[id] : '+'; });
}

void SceneScript::run(const std::string& line, std::string& output) {
  const Words words = split(line, ' ');
  if (words.empty() || words[0][0] == '#') return;
  const std::string& verb = words[0];
  if (!dashboard_ && (verb == "keys" || verb == "show" || verb == "styles" || verb == "type" ||
                      verb == "paste" || verb == "click" || verb == "press" || verb == "wheel" || verb == "notify"))
    dashboard_ = std::make_unique<Dashboard>(tables_, *theme_, options_);
  if (verb == "size") size_ = parse_size(words.at(1), words.at(2));
  else if (verb == "host-size") model_.host_size = parse_size(words.at(1), words.at(2));
  else if (verb == "ascii") options_.utf8 = false;
  else if (verb == "leave-key") options_.leave_key = *parse_key(words.at(1));
  else if (verb == "run-name") model_.run_name = rest_of(line);
  else if (verb == "command") model_.command = rest_of(line);
  else if (verb == "round") model_.round = std::stoi(words.at(1));
  else if (verb == "spread") {
    consensus::Spread spread{words.at(2), 4, std::stoul(words.at(3)), words.at(4), words.at(5), {}};
    if (words.size() > 6) spread.median = std::stod(words[6]);
    spreads_[std::stoul(words.at(1))].push_back(spread);
  } else if (verb == "masks-off") model_.masks = false;
  else if (verb == "took") {
    const std::chrono::system_clock::time_point start{};
    model_.round_times = {start, start + std::chrono::milliseconds(std::stoi(words.at(1)))};
  } else if (verb == "finish-round") finish_round();
  else if (verb == "forgotten") model_.forgotten_rounds = std::stoul(words.at(1));
  else if (verb == "kept") model_.keep = true;
  else if (verb == "watching") model_.watching = true;
  else if (verb == "ended") model_.ended = true;
  else if (verb == "replay") {
    using Ms = std::chrono::milliseconds;
    model_.watching = true;
    model_.replay = ReplayView{Ms(std::stoi(words.at(1))), Ms(std::stoi(words.at(2))),
                               std::stod(words.at(3)), words.at(4) == "playing",
                               words.size() > 5 ? rest_of(rest_of(rest_of(rest_of(rest_of(line))))) : ""};
  }
  else if (verb == "hosts") add_hosts(words);
  else if (verb == "asked-files") {
    files_.clear();
    files_view_ = {words.size() > 2 ? words[2] : "", hosts_named(words.at(1)), hosts_named(words.at(1)), {}};
  } else if (verb == "files") list_files(words);
  else if (verb == "files-fail")
    hosts_named(words.at(1)).for_each([&](HostId host) {
      files_.add(host, {"", {}, false, Error{ErrorKind::channel, rest_of(rest_of(line))}});
      files_view_.waiting.remove(host);
    });
  else if (verb == "many") {
    for (int i = 1; i <= std::stoi(words.at(2)); ++i) {
      std::string number = std::to_string(i);
      while (number.size() < 4) number.insert(0, "0");
      add_hosts({"hosts", words.at(1) + number, words.at(3)});
    }
  } else if (verb == "status") {
    hosts_named(words.at(1)).for_each([&](HostId host) { set_status(hosts_[host.value], words, 2); });
  } else if (verb == "error") {
    hosts_named(words.at(1)).for_each([&](HostId host) {
      auto& error = hosts_[host.value].status.error;
      error = Error{error ? error->kind : ErrorKind::connect, rest_of(rest_of(line))};
    });
  } else if (verb == "error-kind") {
    hosts_named(words.at(1)).for_each([&](HostId host) {
      hosts_[host.value].status.error->kind = kind_named(rest_of(rest_of(line)));
    });
  } else if (verb == "asks-key") {
    hosts_[host_named(words.at(1)).value].status.asking =
        Prompt{Prompt::Kind::host_key, rest_of(rest_of(line)), "unknown host key", "", false};
  } else if (verb == "asks-passphrase") {
    hosts_named(words.at(1)).for_each([&](HostId host) {
      hosts_[host.value].status.asking =
          Prompt{Prompt::Kind::passphrase, words.at(2), "Passphrase of the key " + words.at(2), "", false};
    });
  } else if (verb == "asks-password") {
    const std::string text = rest_of(rest_of(line));
    hosts_named(words.at(1)).for_each([&](HostId host) {
      hosts_[host.value].status.asking = Prompt{Prompt::Kind::password, "deploy", text, "", false};
    });
  } else if (verb == "asks-code") {
    hosts_[host_named(words.at(1)).value].status.asking =
        Prompt{Prompt::Kind::challenge, "deploy", "answer for deploy", lines_of(rest_of(rest_of(line))), true, false};
  } else if (verb == "forwards") {
    hosts_named(words.at(1)).for_each([&](HostId host) { hosts_[host.value].status.forwards_agent = true; });
  } else if (verb == "parallel") {
    model_.parallel = std::stoi(words.at(1));
  } else if (verb == "answered") {
    hosts_named(words.at(1)).for_each([&](HostId host) { hosts_[host.value].status.asking.reset(); });
  } else if (verb == "variant") add_variant(words);
  else if (verb == "behind") outcome_.behind = hosts_named(words.at(1));
  else if (verb == "screen-differs")
    add_screen_variant(consensus::ScreenVariant::Kind::differs, hosts_named(words.at(1)),
                       static_cast<std::uint32_t>(std::stoul(words.at(2))));
  else if (verb == "screen-elsewhere")
    add_screen_variant(consensus::ScreenVariant::Kind::elsewhere, hosts_named(words.at(1)), 500);
  else if (verb == "screen-shell") add_shell_variant(screens_, hosts_named(words.at(1)));
  else if (verb == "prints")
    numbers_[{std::stoul(words.at(1)), std::stoul(words.at(2)), std::stoul(words.at(3))}].push_back(
        {host_named(words.at(4)), rest_of(rest_of(rest_of(rest_of(rest_of(line)))))});
  else if (verb == "excluded") excluded_ = words.size() > 1 ? hosts_named(words[1]) : HostSet();
  else if (verb == "pinned") {
    model_.pinned.reset();
    if (words.size() > 1) model_.pinned = host_named(words[1]);
  } else if (verb == "forget") {
    outcome_ = {};
    merged_ = {};
    outcome_.of = (HostSet::first(hosts_.size()) - excluded_).size();
    outcome_.places.resize(hosts_.size(), Place::absent);
    outcome_.variant_of.resize(hosts_.size(), -1);
  } else if (verb == "common" || verb == "difference" || verb == "side") add_block(words);
  else if (verb == "|") add_text(line.size() > 2 ? line.substr(2) : "");
  else if (verb == "many-lines")
    for (int i = 1; i <= std::stoi(words.at(1)); ++i) add_text("line " + std::to_string(i));
  else if (verb == "terminal")
    hosts_named(words.at(1)).for_each([&](HostId host) {
      terminals_[host.value].push_back(rest_of(rest_of(line)));
    });
  else if (verb == "cursor") cursors_[host_named(words.at(1)).value] = {std::stoi(words.at(2)), std::stoi(words.at(3))};
  else if (verb == "screens") set_screens(words);
  else if (verb == "differ")
    for (int c = std::stoi(words.at(2)); c < std::stoi(words.at(3)); ++c)
      screens_.differ[static_cast<std::size_t>(std::stoi(words.at(1)) * model_.host_size.cols.value + c)] = 1;
  else if (verb == "event") events_.push_back({words.at(1), words.at(2) == "-" ? "" : words.at(2), rest_of(rest_of(rest_of(line)))});
  else if (verb == "hit") hits_.push_back({host_named(words.at(1)), std::stoul(words.at(2)), rest_of(rest_of(rest_of(line)))});
  else if (verb.rfind("diff", 0) == 0) { add_diff(verb, rest_of(line));
  } else if (verb == "notify") dashboard_->notify(rest_of(line));
  else if (verb == "keys")
    for (std::size_t i = 1; i < words.size(); ++i) press(words[i], output);
  else if (verb == "type")
    for (const char c : rest_of(line)) press(c == ' ' ? "Space" : std::string(1, c), output);
  else if (verb == "paste") {
    Key key;
    key.code = KeyCode::paste;
    std::string text = rest_of(line);
    for (std::size_t at; (at = text.find("\\n")) != std::string::npos;) text.replace(at, 2, "\n");
    key.text = text;
    key.bytes = "\x1b[200~" + text + "\x1b[201~";
    for (const Command& command : dashboard_->handle(key, model()))
      output += "  => " + std::visit(Shower{hosts_}, command) + "\n";
  } else if (verb == "click") {
    move_mouse(MouseEvent::Kind::press, words, 1, output);
    move_mouse(MouseEvent::Kind::release, words, 1, output);
  } else if (verb == "press") {
    move_mouse(MouseEvent::Kind::press, words, 1, output);
  } else if (verb == "drag") {
    move_mouse(MouseEvent::Kind::move, words, 1, output);
  } else if (verb == "release") {
    move_mouse(MouseEvent::Kind::release, words, 1, output);
  } else if (verb == "wheel") {
    const bool up = words.at(1) == "up";
    move_mouse(up ? MouseEvent::Kind::wheel_up : MouseEvent::Kind::wheel_down, words, 2, output);
  } else if (verb == "show") show(output, false);
  else if (verb == "styles") show(output, true);
  else if (verb == "theme") {
    auto theme = Theme::named(words.at(1));
    if (!theme) throw std::runtime_error(theme.error().message);
    *theme_ = *theme;
  } else throw std::runtime_error("unknown line: " + line);
}

}  // namespace bdsh::tui
