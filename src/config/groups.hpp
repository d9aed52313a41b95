// The groups of all sources: the configuration's own, those under its `sources:`, and what
// ClusterShell, dsh and genders keep in their usual places.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/environment.hpp"
#include "config/group_source.hpp"
#include "config/host_expression.hpp"
#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

// A host that was asked for. Pointers live as long as the ConfigFile and the Groups; null for hosts
// of no group.
struct ChosenHost {
  Target target;
  std::string name;  // what it is to be called; the target's host when nothing else is said
  const Cluster* cluster = nullptr;
  const Node* node = nullptr;
  bool typed = false;  // user and port of `target` are of the command line
};

class Groups {
 public:
  // Both outlive the object. Nothing is read before it is asked for.
  Groups(const ConfigFile& file, const Environment& environment);

  // The hosts of "web", "dsh:web", "we*" (groups of that source) or "*", "dsh:*" (all its hosts), in
  // order, with duplicates. A name without a source is looked for in the configuration, in
  // `default_source`, then in the sources that are files. Errors: ErrorKind::usage for a name that is
  // nowhere, else config.
  Result<std::vector<ChosenHost>> hosts(const std::string& name);
  bool known(const std::string& name);  // whether hosts() finds it
  // Every host of the default source: `default_source`, else the configuration, else the first
  // source found.
  Result<std::vector<ChosenHost>> all();

  struct Listed {
    std::string source;  // empty: the configuration
    std::string name;
    bool needs_source;  // it has to be named as "SOURCE:NAME"
  };
  // Every group of the configuration, of `default_source`, and of the sources that are files; or of
  // one source alone.
  Result<std::vector<Listed>> list(const std::string& source = {});

  // For host expressions that a user types; "^FILE" and "@FILE" may name groups too.
  HostLookup lookup();
  // A host of an expression, with what is said of it: by its name there, or as it is written there.
  Result<ChosenHost> choose(const Target& typed);

 private:
  struct Source {
    std::string name;
    std::unique_ptr<GroupSource> groups;
    bool implicit;  // its groups need not be called by the source's name too
  };
  struct Found {
    const Cluster* cluster = nullptr;  // null: nowhere
    Source* source = nullptr;          // null: the configuration
  };
  using Hosts = Result<std::vector<ChosenHost>>;

  Status add_configured();
  Status add_usual();
  Status add_clustershell(const std::string& path, bool implicit);
  void add(const std::string& name, std::unique_ptr<GroupSource> groups, bool implicit);
  Result<Source*> source(const std::string& name);  // null: there is none
  Result<Source*> default_source();                 // null: the configuration
  Result<Found> find(const std::string& name);
  Result<Found> find_plain(const std::string& name);
  Hosts matching(const std::string& source, const std::string& pattern);
  Hosts all_of(Source& source);
  Hosts expand(const Found& found);
  Hosts expand_node(const Cluster& cluster, std::size_t index, Source* source);
  HostLookup lookup_in(Source* source);
  Result<std::vector<Target>> targets(Hosts hosts);
  Result<std::vector<Target>> of_file(const std::string& path);
  Status learn_written();
  Status learn_configured();
  void learn(const ChosenHost& host);
  const ChosenHost* learnt(const Target& target) const;
  Error unknown(const std::string& name);

  const ConfigFile& file_;
  const Environment& environment_;
  std::vector<std::unique_ptr<Source>> sources_;
  bool configured_added_ = false;
  bool usual_added_ = false;
  bool written_learnt_ = false;
  bool configured_learnt_ = false;
  std::vector<const Cluster*> open_;  // being expanded: one of them again is a circle
  std::vector<ChosenHost> hosts_;     // what is known by name
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace bdsh::config
