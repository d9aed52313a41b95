#include "run/run_record.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "run/files.hpp"

namespace bdsh::run {
namespace {

std::vector<std::string> folders_in(int directory) {
  std::vector<std::string> found;
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
  if (stream == nullptr) return found;
  while (const dirent* entry = ::readdir(stream))
    if (entry->d_name[0] != '.' && open_directory(directory, entry->d_name))
      found.emplace_back(entry->d_name);
  ::closedir(stream);
  std::sort(found.begin(), found.end());
  return found;
}

// A file that was cut short still has whole lines, and each host has one.
Result<RunRecord> parse_what_is_there(std::string text) {
  Result<RunRecord> run = parse_run_yaml(text);
  for (int tries = 0; !run && tries < 2; ++tries) {
    const std::size_t end = text.find_last_of('\n', text.empty() ? 0 : text.size() - 2);
    if (end == std::string::npos) break;
    text.resize(end + 1);
    if (Result<RunRecord> less = parse_run_yaml(text); less) run = std::move(less);
  }
  return run;
}

// Hosts whose line is lost, but whose folder is there, go by their folder's name.
void add_unlisted(int directory, RunRecord& run) {
  const std::set<std::string> listed(run.folders.begin(), run.folders.end());
  for (const std::string& folder : folders_in(directory)) {
    if (listed.contains(folder)) continue;
    HostSpec host;
    host.name = host.original = host.address = sanitised(folder, 256);
    run.description.hosts.push_back(std::move(host));
    run.folders.push_back(folder);
  }
}

}  // namespace

Result<RunRecord> read_run_record(int directory, const std::string& where,
                                  std::vector<std::string>& warnings) {
  const Result<std::string> text = read_file(directory, "run.yaml", kRunYamlBytes);
  if (!text) return Error{ErrorKind::io, "not a run directory"}.about(where);
  Result<RunRecord> run = parse_what_is_there(*text);
  if (!run || !text->ends_with(kEndMark)) {
    warnings.push_back("run.yaml is damaged: " + (run ? "cut short" : run.error().message));
    if (!run) run = RunRecord{};
    add_unlisted(directory, *run);
    run->folders.resize(run->description.hosts.size());
  }
  return run;
}

}  // namespace bdsh::run
