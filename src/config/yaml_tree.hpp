// A YAML document as plain values with their lines, for files whose keys are names: groups of
// ClusterShell, inventories of Ansible. The program's own configuration is yaml_file.hpp's.
#pragma once

#include <string>
#include <vector>

#include "core/error.hpp"

namespace bdsh::config {

struct YamlEntry;

struct YamlTree {
  enum class Kind { null, text, list, map } kind = Kind::null;
  std::string text;
  std::vector<YamlTree> items;
  std::vector<YamlEntry> entries;  // in the order of the file
  int line = 0;                    // from 1

  const YamlTree* find(const std::string& key) const;  // null: not in the map
};

struct YamlEntry {
  std::string key;
  YamlTree value;
};

// The only document of a file. Errors: ErrorKind::config, "FILE:LINE: what is wrong".
Result<YamlTree> read_yaml_tree(const std::string& path);
Error error_in(const std::string& path, int line, const std::string& what);

}  // namespace bdsh::config
