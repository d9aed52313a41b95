#include "config/clustershell.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "config/group_source.hpp"
#include "config/words.hpp"
#include "config/yaml_tree.hpp"

namespace bdsh::config {
namespace {

namespace fs = std::filesystem;

struct Section {
  std::string name;
  std::string path;
  int line = 0;
  std::map<std::string, std::string> values;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// "[name]" and "key: value" or "key = value"; a line that begins with a blank goes on the one before.
class ConfReader {
 public:
  explicit ConfReader(const std::string& path) : path_(path) {}

  Result<std::vector<Section>> read() {
    const auto text = read_text_file(path_);
    if (!text) return Error{ErrorKind::config, text.error().message};
    int number = 0;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->size(), text->find('\n', at));
      if (const auto ok = line(text->substr(at, end - at), ++number); !ok) return ok.error();
      at = end + 1;
    }
    return std::move(sections_);
  }

 private:
  Status line(const std::string& raw, int number) {
    const std::string text = trimmed(raw);
    if (text.empty() || text[0] == '#' || text[0] == ';') return Done{};
    if (text.front() == '[' && text.back() == ']') {
      sections_.push_back({trimmed(text.substr(1, text.size() - 2)), path_, number, {}});
      key_.clear();
      return Done{};
    }
    if (sections_.empty()) return error_in(path_, number, "a section such as [Main] is expected here");
    auto& values = sections_.back().values;
    if ((raw[0] == ' ' || raw[0] == '\t') && !key_.empty()) {
      values[key_] += "\n" + text;
      return Done{};
    }
    const std::size_t sign = text.find_first_of(":=");
    if (sign == std::string::npos || sign == 0)
      return error_in(path_, number, "'KEY: VALUE' is expected here");
    key_ = trimmed(text.substr(0, sign));
    values[key_] = trimmed(text.substr(sign + 1));
    return Done{};
  }

  std::string path_;
  std::vector<Section> sections_;
  std::string key_;
};

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// Files of a folder that end in `ending`, by name.
std::vector<std::string> files_in(const std::string& folder, const std::string& ending) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    // As ClusterShell: what this user may not read does not count.
    if (path.ends_with(ending) && access(path.c_str(), R_OK) == 0) files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

Status add_nodes(const YamlTree& tree, const std::string& path, Cluster& group) {
  if (tree.kind == YamlTree::Kind::text) add_hosts(group, tree.text, tree.line);
  for (const YamlTree& item : tree.items)
    if (const auto ok = add_nodes(item, path, group); !ok) return ok;
  if (tree.kind == YamlTree::Kind::map)
    return error_in(path, tree.line, "hosts, or a list of them, are expected here");
  return Done{};
}

class Loader {
 public:
  explicit Loader(const std::string& path)
      : path_(path), folder_(fs::path(path).parent_path().string()) {}

  Result<ClusterShellGroups> load() {
    auto sections = ConfReader(path_).read();
    if (!sections) return sections.error();
    Section main;
    for (Section& section : *sections)
      if (section.name == "Main")
        main = std::move(section);
      else if (const auto ok = add_commands(section); !ok)
        return ok.error();
    if (const auto found = main.values.find("default"); found != main.values.end())
      out_.default_source = found->second;
    for (const std::string& folder : folders(main, "confdir"))
      for (const std::string& file : files_in(folder, ".conf"))
        if (const auto ok = add_conf(file); !ok) return ok.error();
    for (const std::string& folder : folders(main, "autodir"))
      for (const std::string& file : files_in(folder, ".yaml"))
        if (const auto ok = add_yaml(file); !ok) return ok.error();
    return std::move(out_);
  }

 private:
  std::vector<std::string> folders(const Section& main, const std::string& key) const {
    std::string list;
    if (const auto found = main.values.find(key); found != main.values.end()) list = found->second;
    replace_all(list, "$CFGDIR", folder_);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = std::min(list.size(), list.find_first_of(" \t\n", at));
      std::string folder = list.substr(at, end - at);
      std::erase_if(folder, [](char c) { return c == '"' || c == '\''; });
      const bool fresh = std::find(out.begin(), out.end(), folder) == out.end();
      if (!folder.empty() && fresh) out.push_back(std::move(folder));
      at = end + 1;
    }
    return out;
  }

  Status add_conf(const std::string& file) {
    const auto sections = ConfReader(file).read();
    if (!sections) return sections.error();
    for (const Section& section : *sections)
      if (const auto ok = add_commands(section); !ok) return ok;
    return Done{};
  }

  // "[slurmpart,sp]": two names for one source.
  Status add_commands(const Section& section) {
    SourceSetting source;
    source.path = section.path;
    source.line = section.line;
    source.upcall = true;
    source.directory = fs::path(section.path).parent_path().string();
    for (std::size_t at = 0; at <= section.name.size();) {
      const std::size_t end = std::min(section.name.size(), section.name.find(',', at));
      source.name = trimmed(section.name.substr(at, end - at));
      at = end + 1;
      if (source.name.empty() || !names_.insert(source.name).second)
        return error_in(section.path, section.line, "the source '" + source.name + "' is there twice");
      source.map = upcall(section, source.name, "map");
      source.all = upcall(section, source.name, "all");
      source.list = upcall(section, source.name, "list");
      out_.commands.push_back(source);
    }
    return Done{};
  }

  std::vector<std::string> upcall(const Section& section, const std::string& source,
                                  const std::string& key) const {
    const auto found = section.values.find(key);
    if (found == section.values.end() || found->second.empty()) return {};
    std::string line = found->second;
    replace_all(line, "$CFGDIR", folder_);
    replace_all(line, "$SOURCE", source);
    return {"/bin/sh", "-c", line};
  }

  Status add_yaml(const std::string& file) {
    const auto tree = read_yaml_tree(file);
    if (!tree) return tree.error();
    if (tree->kind != YamlTree::Kind::map && tree->kind != YamlTree::Kind::null)
      return error_in(file, tree->line, "a map from sources to groups is expected here");
    for (const auto& [source, groups] : tree->entries) {
      if (groups.kind != YamlTree::Kind::map)
        return error_in(file, groups.line, "a map from groups to hosts is expected here");
      if (!names_.insert(source).second)
        return error_in(file, groups.line, "the source '" + source + "' is there twice");
      auto& into = out_.files.emplace_back(source, std::vector<Cluster>()).second;
      for (const auto& [name, nodes] : groups.entries) {
        into.push_back(make_group(name, file, nodes.line));
        if (const auto ok = add_nodes(nodes, file, into.back()); !ok) return ok;
      }
    }
    return Done{};
  }

  std::string path_;
  std::string folder_;
  ClusterShellGroups out_;
  std::set<std::string> names_;
};

}  // namespace

Result<ClusterShellGroups> read_clustershell(const std::string& path) {
  return Loader(path).load();
}

std::optional<std::string> clustershell_file(const Environment& environment) {
  std::vector<std::string> places;
  const auto add = [&](const char* variable, const std::string& otherwise, const std::string& below) {
    const std::string* value = environment.find(variable);
    places.push_back((value != nullptr && !value->empty() ? *value : otherwise) + below);
  };
  if (environment.find("CLUSTERSHELL_CFGDIR") != nullptr) add("CLUSTERSHELL_CFGDIR", "", "");
  add("XDG_CONFIG_HOME", environment.home() + "/.config", "/clustershell");
  places.push_back(environment.home() + "/.local/etc/clustershell");
  places.push_back(environment.system_directory + "/clustershell");
  for (const std::string& place : places)
    if (access((place + "/groups.conf").c_str(), R_OK) == 0) return place + "/groups.conf";
  return std::nullopt;
}

}  // namespace bdsh::config
