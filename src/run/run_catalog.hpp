// The runs below a directory, as their files tell; and the run that a user means by a word.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "run/run_yaml.hpp"

namespace bdsh::run {

struct CatalogRun {
  std::filesystem::path directory;
  RunRecord record;
  std::vector<HostMeta> hosts;  // by HostId; the default where there is no meta.yaml
  bool live = false;            // a program writes it
  bool kept = false;            // it stays when that program ends
  std::uint64_t bytes = 0;      // of all logs
  bool whole = true;            // no log is known to lack anything

  std::string name() const { return directory.filename().string(); }
};

// Nothing when it is no run directory.
std::optional<CatalogRun> read_catalog_run(const std::filesystem::path& directory);
// Newest first. `runs` need not exist.
std::vector<CatalogRun> list_runs(const std::filesystem::path& runs);
// A run directory's path; `last`; the name of a directory below `runs`; or a run's own name or a
// part of a directory's name, when one run alone has it or else the newest that has the name.
Result<std::filesystem::path> find_run(const std::string& word, const std::filesystem::path& runs);

}  // namespace bdsh::run
