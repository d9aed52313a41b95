#include "run/run_catalog.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/text.hpp"
#include "run/files.hpp"
#include "run/names.hpp"
#include "run/run_record.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMetaBytes = 256U << 10U;

bool is_locked(int directory) {
  if (::flock(directory, LOCK_SH | LOCK_NB) != 0) return true;
  ::flock(directory, LOCK_UN);
  return false;
}

void read_host(int directory, const std::string& folder, CatalogRun& run) {
  HostMeta& meta = run.hosts.emplace_back();
  const Fd at = plain_folder(folder) ? open_directory(directory, folder.c_str()) : Fd();
  struct stat info {};
  if (!at) return;
  std::uint64_t size = 0;
  if (::fstatat(at.get(), "out.log", &info, AT_SYMLINK_NOFOLLOW) == 0)
    size = static_cast<std::uint64_t>(info.st_size);
  run.bytes += size;
  if (const Result<std::string> text = read_file(at.get(), "meta.yaml", kMetaBytes))
    if (Result<HostMeta> read = parse_meta_yaml(*text)) meta = std::move(*read);
  if (meta.missing(size)) run.whole = false;
}

bool is_run(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path / "run.yaml", ignored);
}

// The directories below `runs` that hold a run, newest first by their names' time, then by name.
std::vector<fs::path> run_directories(const fs::path& runs) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(runs, ignored))
    if (entry.is_directory(ignored) && !entry.is_symlink(ignored) && is_run(entry.path()))
      found.push_back(entry.path());
  std::sort(found.rbegin(), found.rend());
  return found;
}

}  // namespace

std::optional<CatalogRun> read_catalog_run(const fs::path& path) {
  const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return std::nullopt;
  std::vector<std::string> warnings;
  Result<RunRecord> record = read_run_record(directory.get(), path.string(), warnings);
  if (!record) return std::nullopt;
  CatalogRun run{path, std::move(*record), {}, false, false, 0};
  struct stat info {};
  run.kept = ::fstatat(directory.get(), ".keep", &info, AT_SYMLINK_NOFOLLOW) == 0;
  run.live = !run.record.finished && is_locked(directory.get());
  for (const std::string& folder : run.record.folders) read_host(directory.get(), folder, run);
  return run;
}

std::vector<CatalogRun> list_runs(const fs::path& runs) {
  std::vector<CatalogRun> list;
  for (const fs::path& path : run_directories(runs))
    if (auto run = read_catalog_run(path)) list.push_back(std::move(*run));
  std::stable_sort(list.begin(), list.end(), [](const CatalogRun& a, const CatalogRun& b) {
    return a.record.description.started > b.record.description.started;
  });
  return list;
}

Result<fs::path> find_run(const std::string& word, const fs::path& runs) {
  if (word.find('/') != std::string::npos || is_run(word)) return fs::path(word);
  const std::vector<fs::path> known = run_directories(runs);
  const std::string shown = sanitised(word, 200);
  if (word == "last") {
    if (!known.empty()) return known.front();
    return Error{ErrorKind::usage, "there are no runs in " + sanitised(runs.string())};
  }
  std::vector<fs::path> parts;
  for (const fs::path& path : known) {
    const std::string name = path.filename().string();
    if (name == word) return path;
    // The time and a dash come before the run's own name.
    const std::size_t own = name.find('-', name.find('-') + 1);
    if (own != std::string::npos && name.substr(own + 1) == safe_name(word)) return path;
    if (name.find(word) != std::string::npos) parts.push_back(path);
  }
  if (parts.size() == 1) return parts.front();
  const std::string many =
      std::to_string(parts.size()) + " runs have '" + shown + "' in their names";
  return Error{ErrorKind::usage,
               parts.empty() ? "there is no run '" + shown + "' (bdsh-tui runs lists them)" : many};
}

}  // namespace bdsh::run
