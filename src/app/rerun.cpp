#include "app/rerun.hpp"

#include <algorithm>
#include <filesystem>

#include "app/host_lists.hpp"
#include "app/kept_run.hpp"
#include "app/setup.hpp"
#include "core/text.hpp"

namespace bdsh::app {
namespace {

namespace fs = std::filesystem;

Error usage(const std::string& what) {
  return {ErrorKind::usage, "--rerun: " + sanitised(what, 1000)};
}

// Directories are named by the time they were made.
Result<fs::path> newest_kept() {
  const fs::path runs = runs_directory();
  std::vector<fs::path> kept;
  std::error_code error;
  for (fs::directory_iterator it(runs, error), end; !error && it != end; it.increment(error))
    if (std::error_code unknown; fs::exists(it->path() / ".keep", unknown)) kept.push_back(it->path());
  if (kept.empty()) return usage("there is no kept run in " + runs.string());
  return *std::max_element(kept.begin(), kept.end());
}

// A path, or the name of a directory among the runs.
Result<fs::path> directory_of(const std::string& run) {
  if (run.empty()) return newest_kept();
  std::error_code unknown;
  const bool name = run.find('/') == std::string::npos && !fs::exists(run, unknown);
  return name ? runs_directory() / run : fs::path(run);
}

// A template or a script is known by its name alone.
void take_command(const run::RunDescription& run, config::Again& again) {
  const auto dashes = std::find(run.arguments.begin(), run.arguments.end(), "--");
  const bool plain = dashes != run.arguments.end() &&
                     std::none_of(run.arguments.begin(), dashes, [](const std::string& word) {
                       return word.starts_with("--script") || word.starts_with(":");
                     });
  if (plain || !run.command)
    again.command = run.command;
  else
    again.missing = "that run's command was '" + sanitised(*run.command, 200) + "': give it again";
}

}  // namespace

Result<config::Again> hosts_again(const config::Rerun& rerun, const config::Settings& settings) {
  const auto compare = compare_options(settings);
  if (!compare.ok()) return compare.error();
  const auto directory = directory_of(rerun.run);
  if (!directory) return directory.error();
  const auto run = KeptRun::open(*directory, *compare, settings.scrollback);
  if (!run) return usage(run.error().message);
  RunState& state = (*run)->state();
  config::Again again;
  const RunEnd end{state.statuses(), state.comparison().outcome()};
  hosts_to_save(state, end, rerun.which).for_each([&](HostId host) {
    again.hosts.push_back(state.info(host).expression);
  });
  if (again.hosts.empty())
    return usage(std::string("no host of that run ") +
                 (rerun.which == config::SaveHosts::Which::failed ? "failed" : "differs") + " (" +
                 directory->string() + ")");
  take_command((*run)->description(), again);
  return again;
}

}  // namespace bdsh::app
