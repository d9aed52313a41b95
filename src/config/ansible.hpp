// What both forms of an Ansible inventory are read into.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

using AnsibleVariables = std::map<std::string, std::string>;

class Inventory {
 public:
  // `home`: what "~/" in the paths of keys means.
  Inventory(std::string path, std::string home) : path_(std::move(path)), home_(std::move(home)) {}
  const std::string& path() const { return path_; }

  // `pattern`: a name with ranges such as "www[01:50:2]" or "db-[a:f]". `group`: "all" for none.
  Status add_host(const std::string& group, const std::string& pattern,
                  const AnsibleVariables& variables, int line);
  void add_child(const std::string& parent, const std::string& child, int line);
  void add_group(const std::string& group, int line) { (void)group_of(group, line); }
  void set_variable(const std::string& group, const std::string& name, const std::string& value) {
    group_of(group, 0).variables[name] = value;
  }

  // Each group with the hosts of its children; a host's variables are its own, then those of its
  // innermost groups, then of the groups around them, then of "all". An error: groups in a circle.
  Result<std::vector<Cluster>> clusters();

 private:
  struct Host {
    AnsibleVariables variables;
    int line = 0;
  };
  struct Group {
    std::vector<std::string> hosts;
    std::set<std::string> members;  // the same
    std::vector<std::string> children;
    AnsibleVariables variables;
    int line = 0;
  };

  Group& group_of(const std::string& name, int line);
  // How many levels of groups are below it.
  Result<int> depth_of(const std::string& group);
  std::vector<std::string> members_of(const std::string& group) const;
  void collect(const std::string& group, std::vector<std::string>& hosts,
               std::set<std::string>& seen, std::set<std::string>& visited) const;
  void inherit();
  Node node_of(const std::string& name) const;

  std::string path_;
  std::string home_;
  std::map<std::string, Host> hosts_;
  std::map<std::string, Group> groups_;
  std::vector<std::string> order_;      // of the groups
  std::map<std::string, int> depths_;  // what depth_of found; -1: being looked at
};

}  // namespace bdsh::config
