#include "config/group_source.hpp"

#include <algorithm>

#include "config/output_cache.hpp"
#include "config/yaml_tree.hpp"

namespace bdsh::config {
namespace {

class FileSource final : public GroupSource {
 public:
  explicit FileSource(std::function<Result<std::vector<Cluster>>()> read) : read_(std::move(read)) {}

  Result<const Cluster*> find(const std::string& group) override {
    if (const auto ok = load(); !ok) return ok.error();
    return named(group);
  }

  Result<std::vector<std::string>> list() override {
    if (const auto ok = load(); !ok) return ok.error();
    std::vector<std::string> names;
    for (const Cluster& group : groups_) names.push_back(group.name);
    return names;
  }

  // A group named "all" says what that is; else every host of every group.
  Result<const Cluster*> all() override {
    if (const auto ok = load(); !ok) return ok.error();
    if (const Cluster* said = named("all")) return said;
    if (all_.name.empty()) {
      all_ = make_group("all", groups_.empty() ? "" : groups_.front().path, 0);
      for (const Cluster& group : groups_)
        all_.nodes.insert(all_.nodes.end(), group.nodes.begin(), group.nodes.end());
    }
    return &all_;
  }

 private:
  Status load() {
    if (!read_) return Done{};
    auto groups = read_();
    if (!groups) return groups.error();
    groups_ = std::move(*groups);
    read_ = nullptr;
    return Done{};
  }
  const Cluster* named(const std::string& group) const {
    const auto found = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const Cluster& one) { return one.name == group; });
    return found == groups_.end() ? nullptr : &*found;
  }

  std::function<Result<std::vector<Cluster>>()> read_;
  std::vector<Cluster> groups_;
  Cluster all_;
};

std::vector<std::string> blank_separated(const std::string& text) {
  std::vector<std::string> out;
  constexpr const char* kBlanks = " \t\r\n";
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string::npos;
       at = text.find_first_not_of(kBlanks, at)) {
    const std::size_t end = std::min(text.size(), text.find_first_of(kBlanks, at));
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

class CommandSource final : public GroupSource {
 public:
  CommandSource(SourceSetting setting, const Environment& environment)
      : setting_(std::move(setting)), environment_(environment) {}

  Result<const Cluster*> find(const std::string& group) override {
    for (const Cluster& known : groups_)
      if (known.name == group) return &known;
    if (setting_.map.empty()) return failure("has no command 'map'");
    auto words = filled(group);
    if (!words) return words.error();
    return keep(group, hosts_printed(*words));
  }

  Result<std::vector<std::string>> list() override {
    if (setting_.list.empty()) return failure("has no command 'list'");
    const auto text = printed(setting_.list);
    return text ? Result(blank_separated(*text)) : text.error();
  }

  Result<const Cluster*> all() override {
    if (!setting_.all.empty()) return keep("all", hosts_printed(setting_.all));
    const auto names = list();
    if (!names) return names.error();
    std::vector<std::string> hosts;
    for (const std::string& name : *names) {
      const auto group = find(name);
      if (!group) return group.error();
      if (*group == nullptr) continue;
      for (const Node& node : (*group)->nodes) hosts.push_back(node.hosts);
    }
    return keep("all", std::move(hosts));
  }

  bool runs_commands() const override { return true; }

 private:
  Error failure(const std::string& what) const {
    return error_in(setting_.path, setting_.line, "source '" + setting_.name + "' " + what);
  }

  // The group is a part of one argument, never of a line that a shell reads, unless the line is one
  // of ClusterShell's: those get plain words only.
  Result<std::vector<std::string>> filled(const std::string& group) const {
    const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c >= 0x80 || std::string_view("._-+:=%@").find(static_cast<char>(c)) != std::string_view::npos; };
    if (group.empty() || group[0] == '-' || !std::all_of(group.begin(), group.end(), plain))
      return failure("cannot be asked for a group of this name");
    std::vector<std::string> words = setting_.map;
    for (std::string& word : words)
      for (const std::string& field : {std::string("{group}"), std::string("$GROUP")}) {
        if (field[0] == '$' && !setting_.upcall) continue;
        for (std::size_t at = word.find(field); at != std::string::npos;
             at = word.find(field, at + group.size()))
          word.replace(at, field.size(), group);
      }
    return words;
  }

  Result<std::string> printed(const std::vector<std::string>& words) const {
    auto text = cached_output({words, setting_.timeout, setting_.directory}, setting_.cache, environment_);
    if (!text) return failure("says: " + text.error().message);
    return text;
  }
  Result<std::vector<std::string>> hosts_printed(const std::vector<std::string>& words) const {
    const auto text = printed(words);
    return text ? Result(blank_separated(*text)) : text.error();
  }

  Result<const Cluster*> keep(const std::string& name, Result<std::vector<std::string>> hosts) {
    if (!hosts) return hosts.error();
    if (hosts->empty()) return nullptr;
    Cluster group = make_group(name, setting_.path, setting_.line);
    for (const std::string& host : *hosts) add_hosts(group, host, setting_.line);
    groups_.push_back(std::move(group));
    return &groups_.back();
  }

  SourceSetting setting_;
  const Environment& environment_;
  std::deque<Cluster> groups_;  // what was asked for, at fixed addresses
};

}  // namespace

std::unique_ptr<GroupSource> file_source(std::function<Result<std::vector<Cluster>>()> read) {
  return std::make_unique<FileSource>(std::move(read));
}

std::unique_ptr<GroupSource> command_source(const SourceSetting& setting,
                                            const Environment& environment) {
  return std::make_unique<CommandSource>(setting, environment);
}

Cluster make_group(const std::string& name, const std::string& path, int line) {
  Cluster group;
  group.name = name;
  group.path = path;
  group.line = line;
  return group;
}

void add_hosts(Cluster& group, const std::string& expression, int line) {
  Node node;
  node.hosts = expression;
  node.line = line;
  group.nodes.push_back(std::move(node));
}

}  // namespace bdsh::config
