#include "config/yaml_tree.hpp"

#include <yaml-cpp/yaml.h>

#include "config/environment.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

constexpr std::size_t kMostNodes = 1'000'000;  // aliases multiply
constexpr int kDeepest = 64;

struct Bad {
  int line;
  const char* what;
};

class Builder {
 public:
  YamlTree build(const YAML::Node& node, int depth) {
    YamlTree tree;
    tree.line = node.Mark().is_null() ? 0 : node.Mark().line + 1;
    if (++count_ > kMostNodes) throw Bad{tree.line, "more than a million values"};
    if (depth > kDeepest) throw Bad{tree.line, "nested too deeply"};
    if (node.IsScalar()) {
      tree.kind = YamlTree::Kind::text;
      tree.text = node.Scalar();
    } else if (node.IsSequence()) {
      tree.kind = YamlTree::Kind::list;
      for (const auto& item : node) tree.items.push_back(build(item, depth + 1));
    } else if (node.IsMap()) {
      tree.kind = YamlTree::Kind::map;
      for (const auto& entry : node) {
        if (!entry.first.IsScalar()) throw Bad{tree.line, "a key is not a plain word"};
        tree.entries.push_back({entry.first.Scalar(), build(entry.second, depth + 1)});
        // An empty value has no place of its own.
        if (tree.entries.back().value.line == 0)
          tree.entries.back().value.line = entry.first.Mark().line + 1;
      }
    }
    return tree;
  }

 private:
  std::size_t count_ = 0;
};

}  // namespace

const YamlTree* YamlTree::find(const std::string& key) const {
  for (const auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

Error error_in(const std::string& path, int line, const std::string& what) {
  const std::string place = line > 0 ? path + ":" + std::to_string(line) : path;
  return {ErrorKind::config, sanitised(place + ": " + what, 1000)};
}

Result<YamlTree> read_yaml_tree(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return Error{ErrorKind::config, text.error().message};
  try {
    return Builder().build(YAML::Load(*text), 0);
  } catch (const Bad& bad) {
    return error_in(path, bad.line, bad.what);
  } catch (const YAML::Exception& broken) {
    return error_in(path, broken.mark.is_null() ? 0 : broken.mark.line + 1,
                    "broken YAML: " + broken.msg);
  }
}

}  // namespace bdsh::config
