// Ansible inventories as text: INI and YAML.
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "config/ansible.hpp"
#include "config/environment.hpp"
#include "config/group_files.hpp"
#include "config/yaml_tree.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The words of a host's line: blanks separate, quotes hold together, "#" begins a comment.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : line) {
    if (quote == 0 && (c == ' ' || c == '\t')) {
      if (any) words.push_back(std::exchange(word, {}));
      any = false;
    } else if (quote == 0 && c == '#' && !any) {
      return words;
    } else if (c == quote || (quote == 0 && (c == '"' || c == '\''))) {
      quote = quote == 0 ? c : '\0';
      any = true;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

class IniReader {
 public:
  explicit IniReader(Inventory& into) : into_(into) {}

  Status line(const std::string& text, int number) {
    const std::string line = trimmed(text);
    if (line.empty() || line[0] == '#' || line[0] == ';') return Done{};
    if (line[0] == '[' && line.find(']') != std::string::npos && section(line, number)) return Done{};
    if (kind_ == "children") {
      into_.add_child(group_, words_of(line).front(), number);
      return Done{};
    }
    return kind_ == "vars" ? variable(line, number) : host(line, number);
  }

 private:
  // "[group]", "[group:children]", "[group:vars]"; a host may begin with a range in brackets.
  bool section(const std::string& line, int number) {
    const std::size_t close = line.find(']');
    const std::string rest = trimmed(line.substr(close + 1));
    if (!rest.empty() && rest[0] != '#' && rest[0] != ';') return false;
    const std::string inside = line.substr(1, close - 1);
    const std::size_t colon = inside.rfind(':');
    group_ = trimmed(inside.substr(0, colon));
    kind_ = colon == std::string::npos ? "" : trimmed(inside.substr(colon + 1));
    if (kind_ != "vars") into_.add_group(group_, number);
    return true;
  }

  Status variable(const std::string& line, int number) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos)
      return error_in(into_.path(), number, "NAME=VALUE is expected here");
    std::string value;
    for (const std::string& word : words_of(line.substr(equals + 1)))
      value += (value.empty() ? "" : " ") + word;
    into_.set_variable(group_, trimmed(line.substr(0, equals)), value);
    return Done{};
  }

  Status host(const std::string& line, int number) {
    if (!kind_.empty())
      return error_in(into_.path(), number, "a section ':" + kind_ + "' is neither children nor vars");
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) return Done{};
    AnsibleVariables variables;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (equals == std::string::npos)
        return error_in(into_.path(), number, "'" + words[i] + "' is not NAME=VALUE");
      variables[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
    return into_.add_host(group_, words[0], variables, number);
  }

  Inventory& into_;
  std::string group_ = "ungrouped";
  std::string kind_;
};

Status read_ini(const std::string& text, Inventory& into) {
  IniReader reader(into);
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', at));
    if (const auto ok = reader.line(text.substr(at, end - at), ++number); !ok) return ok;
    at = end + 1;
  }
  return Done{};
}

class TreeReader {
 public:
  explicit TreeReader(Inventory& into) : into_(into) {}

  Status groups(const YamlTree& tree, const std::string& parent) {
    if (const auto ok = map(tree, "groups"); !ok) return ok;
    for (const auto& [name, value] : tree.entries) {
      if (parent.empty())
        into_.add_group(name, value.line);
      else
        into_.add_child(parent, name, value.line);
      if (const auto ok = group(name, value); !ok) return ok;
    }
    return Done{};
  }

 private:
  Status map(const YamlTree& tree, const char* what) const {
    if (tree.kind == YamlTree::Kind::map || tree.kind == YamlTree::Kind::null) return Done{};
    return error_in(into_.path(), tree.line, std::string("a map of ") + what + " is expected here");
  }

  Status group(const std::string& name, const YamlTree& tree) {
    if (const auto ok = map(tree, "hosts, children and vars"); !ok) return ok;
    if (const YamlTree* vars = tree.find("vars"))
      for (const auto& [key, value] : vars->entries) into_.set_variable(name, key, value.text);
    if (const YamlTree* hosts = tree.find("hosts")) {
      if (const auto ok = map(*hosts, "hosts"); !ok) return ok;
      for (const auto& [host, value] : hosts->entries) {
        AnsibleVariables variables;
        for (const auto& [key, text] : value.entries) variables[key] = text.text;
        if (const auto ok = into_.add_host(name, host, variables, value.line); !ok) return ok;
      }
    }
    const YamlTree* children = tree.find("children");
    return children == nullptr ? Status(Done{}) : groups(*children, name);
  }

  Inventory& into_;
};

bool is_yaml(const std::string& path, const std::string& text) {
  if (path.ends_with(".yml") || path.ends_with(".yaml")) return true;
  return text.starts_with("---") || text.starts_with("all:");
}

Result<std::vector<Cluster>> read_file(const std::string& path, const std::string& home) {
  const auto text = read_text_file(path);
  if (!text) return Error{ErrorKind::config, text.error().message};
  Inventory inventory(path, home);
  if (is_yaml(path, *text)) {
    const auto tree = read_yaml_tree(path);
    if (!tree) return tree.error();
    if (const auto ok = TreeReader(inventory).groups(*tree, ""); !ok) return ok.error();
  } else if (const auto ok = read_ini(*text, inventory); !ok) {
    return ok.error();
  }
  return inventory.clusters();
}

}  // namespace

Result<std::vector<Cluster>> read_ansible(const std::string& path, const std::string& home) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && (info.st_mode & S_IXUSR) != 0 && S_ISREG(info.st_mode))
    return error_in(path, 0, "is a program: name it as a source with the commands map, all and list");
  return read_file(path, home);
}

}  // namespace bdsh::config
