// Where groups come from beside the configuration: files of other tools, and commands.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

class GroupSource {
 public:
  virtual ~GroupSource() = default;
  // The group, its hosts as host expressions; null: there is none of that name. What is returned
  // lives as long as the source. Errors name file and line, or the command.
  virtual Result<const Cluster*> find(const std::string& group) = 0;
  virtual Result<std::vector<std::string>> list() = 0;  // the groups' names
  virtual Result<const Cluster*> all() = 0;             // every host of the source
  virtual bool runs_commands() const { return false; }
};

// Groups that are read from files, at the first question.
std::unique_ptr<GroupSource> file_source(std::function<Result<std::vector<Cluster>>()> read);

// `setting` has commands. What they print is kept in `cache_folder` (0700, files 0600) for as long as
// the setting says.
std::unique_ptr<GroupSource> command_source(const SourceSetting& setting,
                                            const Environment& environment);

// A group that lists hosts, of a file.
Cluster make_group(const std::string& name, const std::string& path, int line);
void add_hosts(Cluster& group, const std::string& expression, int line);

}  // namespace bdsh::config
