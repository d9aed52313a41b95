#include "consensus/golden.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace bdsh::consensus::golden {
namespace {

[[noreturn]] void fail(const Case& test, const std::string& why) {
  throw std::runtime_error(test.name + ": " + why);
}

struct HostPart {
  std::vector<std::string> words;
  std::vector<std::string> lines;
  std::string open;
  Progress progress{Progress::Kind::finished, ExitResult{0, ""}};
};

Progress parse_progress(const Case& test, const std::string& word, std::istream& rest) {
  using Kind = Progress::Kind;
  static const std::map<std::string, Kind> kKinds = {{"absent", Kind::absent},
                                                     {"running", Kind::running},
                                                     {"settled", Kind::settled},
                                                     {"lost", Kind::lost}};
  if (const auto kind = kKinds.find(word); kind != kKinds.end())
    return {kind->second, std::nullopt};
  std::string value;
  rest >> value;
  if (word == "exit") return {Kind::finished, ExitResult{std::stoi(value), ""}};
  if (word == "signal") return {Kind::finished, ExitResult{std::nullopt, value}};
  fail(test, "no such progress: " + word);
}

// The script's hosts in order, "host web[01-03]" style repetition being spelled out by hand.
class Script {
 public:
  explicit Script(const Case& test) : test_(test) {
    for (const std::string& line : test.script) read(line);
  }

  std::string run() {
    std::vector<std::vector<std::string>> words;
    for (const HostPart& host : hosts_) words.push_back(host.words);
    if (const Status checked = check_masks(options_.user_masks); !checked)
      fail(test_, checked.error().message);
    Comparison comparison(words, options_);
    if (!participants_.empty()) comparison.begin_round("", hosts_named(participants_));
    for (const std::string& name : pinned_) comparison.set_reference(host_named(name));
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
      comparison.set_lines(HostId{i}, 0, hosts_[i].lines);
      comparison.set_open_line(HostId{i}, hosts_[i].open);
      comparison.set_progress(HostId{i}, hosts_[i].progress);
    }
    std::string out =
        print_outcome(comparison.outcome(), names_) + print_merged(comparison.merged());
    for (std::size_t b = 0; spreads_ && b < comparison.merged().blocks.size(); ++b)
      for (std::size_t l = 0; l < comparison.merged().blocks[b].lines.size(); ++l)
        for (const Spread& spread : comparison.spreads(b, l))
          out += "‹" + spread.mask + "› " + spread.summary() + "\n";
    return out;
  }

 private:
  void read(const std::string& line) {
    if (line.empty()) return;
    if (line.starts_with("| ") || line == "|")
      return add_line(line.size() > 1 ? line.substr(2) : "");
    if (line.starts_with("> "))
      return for_current([&](HostPart& host) { host.open = line.substr(2); });
    std::istringstream in(line);
    std::string word;
    in >> word;
    if (word == "host") return begin_hosts(in);
    if (word == "option") return option(in);
    for_current([&](HostPart& host) {
      std::istringstream again(line.substr(word.size()));
      host.progress = parse_progress(test_, word, again);
    });
  }

  void begin_hosts(std::istringstream& in) {
    current_.clear();
    for (std::string name; in >> name;) {
      current_.push_back(hosts_.size());
      names_.push_back(name.substr(0, name.find('=')));
      HostPart& host = hosts_.emplace_back();
      std::istringstream words(name);
      for (std::string one; std::getline(words, one, '=');) host.words.push_back(one);
    }
  }

  // In a line, {host} is the host's name and {n} its number from 1.
  void add_line(const std::string& text) {
    for_current([&](HostPart& host) {
      std::string line = text;
      const std::size_t index = static_cast<std::size_t>(&host - hosts_.data());
      replace(line, "{host}", names_[index]);
      replace(line, "{n}", std::to_string(index + 1));
      host.lines.push_back(line);
    });
  }

  static void replace(std::string& line, const std::string& what, const std::string& by) {
    for (std::size_t at = line.find(what); at != std::string::npos;
         at = line.find(what, at + by.size()))
      line.replace(at, what.size(), by);
  }

  void option(std::istringstream& in) {
    std::string name;
    std::string value;
    in >> name >> value;
    if (name == "masks")
      options_.masks = value == "on";
    else if (name == "without")
      options_.disabled_masks.push_back(value);
    else if (name == "spreads")
      spreads_ = value == "on";
    else if (name == "votes")
      options_.success_votes = value == "success";
    else if (name == "reference")
      pinned_.push_back(value);
    else if (name == "only")
      for (participants_.push_back(value); in >> value;) participants_.push_back(value);
    else if (name == "max_lines")
      options_.max_lines = std::stoul(value);
    else if (name == "mask") {
      std::string pattern;
      std::getline(in >> std::ws, pattern);
      options_.user_masks.push_back({value, pattern});
    } else
      fail(test_, "no such option: " + name);
  }

  HostId host_named(const std::string& name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end()) fail(test_, "no such host: " + name);
    return HostId{static_cast<std::uint32_t>(at - names_.begin())};
  }

  HostSet hosts_named(const std::vector<std::string>& names) const {
    HostSet hosts;
    for (const std::string& name : names) hosts.add(host_named(name));
    return hosts;
  }

  template <typename Do>
  void for_current(Do&& act) {
    if (current_.empty()) fail(test_, "a line before the first host");
    for (const std::size_t host : current_) act(hosts_[host]);
  }

  const Case& test_;
  Options options_;
  bool spreads_ = false;
  std::vector<std::string> pinned_;        // one or none
  std::vector<std::string> participants_;  // none: all
  std::vector<HostPart> hosts_;
  std::vector<std::string> names_;
  std::vector<std::size_t> current_;
};

std::string list(const HostSet& hosts, const std::vector<std::string>& names) {
  std::string out;
  hosts.for_each([&](HostId host) { out += " " + names[host.value]; });
  return out;
}

// Changed parts stand in «», masked ones in ‹› already.
std::string marked(const TextLine& line) {
  std::string out;
  std::size_t at = 0;
  for (const Span& span : line.spans) {
    if (span.kind != Span::Kind::changed) continue;
    out += line.text.substr(at, span.begin - at) + "«" +
           line.text.substr(span.begin, span.end - span.begin) + "»";
    at = span.end;
  }
  return out + line.text.substr(at);
}

std::string letters(const Side& side) {
  std::string out;
  for (const std::size_t v : side.variants) out += variant_letter(v);
  return out;
}

std::string exit_text(const std::optional<ExitResult>& exit) {
  if (!exit) return "";
  if (!exit->signal.empty()) return " signal " + exit->signal;
  return exit->status ? " exit " + std::to_string(*exit->status) : " no status";
}

}  // namespace

std::string print_outcome(const Outcome& outcome, const std::vector<std::string>& names) {
  std::string out = std::to_string(outcome.agree) + " of " + std::to_string(outcome.of) + " agree";
  if (!outcome.reference) out += ", no reference";
  out += "\n";
  for (std::size_t v = 0; v < outcome.variants.size(); ++v) {
    const Variant& variant = outcome.variants[v];
    out += variant_letter(v) + (variant.reference ? "*" : "") + " distance " +
           std::to_string(variant.distance) + exit_text(variant.exit) + ":" +
           list(variant.hosts, names) + "\n";
  }
  if (!outcome.behind.empty()) out += "behind:" + list(outcome.behind, names) + "\n";
  HostSet absent;
  for (std::uint32_t i = 0; i < outcome.places.size(); ++i)
    if (outcome.places[i] == Place::absent) absent.add(HostId{i});
  if (!absent.empty()) out += "absent:" + list(absent, names) + "\n";
  return out;
}

std::string print_merged(const MergedView& view) {
  std::string out;
  for (const MergedBlock& block : view.blocks) {
    for (const TextLine& line : block.lines) out += "  | " + marked(line) + "\n";
    for (const Side& side : block.sides) {
      const std::string mark = "≠ " + letters(side) + " | ";
      for (const TextLine& line : side.lines) out += mark + marked(line) + "\n";
      if (side.lines.empty()) out += "≠ " + letters(side) + " -\n";
    }
  }
  if (view.left_out_lines > 0)
    out += "left out: " + std::to_string(view.left_out_lines) + " lines\n";
  return out;
}

std::vector<Case> read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<Case> cases;
  bool expecting = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("== ")) {
      cases.push_back({line.substr(3), number, {}, ""});
      expecting = false;
    } else if (line == "--") {
      expecting = true;
    } else if (!cases.empty() && !line.starts_with("# ")) {
      if (expecting && !line.empty()) cases.back().expected += line + "\n";
      if (!expecting) cases.back().script.push_back(line);
    }
  }
  return cases;
}

std::string run(const Case& test) {
  return Script(test).run();
}

}  // namespace bdsh::consensus::golden
