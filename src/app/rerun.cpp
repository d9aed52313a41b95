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

bool has_word(const run::RunDescription& run, std::string_view beginning) {
  const auto dashes = std::find(run.arguments.begin(), run.arguments.end(), "--");
  return std::any_of(run.arguments.begin(), dashes,
                     [&](const std::string& word) { return word.starts_with(beginning); });
}

// What a template or a script was on each host is told by the `command` files.
void take_command(const KeptRun& kept, const HostSet& hosts, config::Again& again) {
  const run::RunDescription& run = kept.description();
  again.command = run.command;
  again.script = has_word(run, "--script");
  if (!run.command) return;
  const std::string missing =
      "that run's command was '" + sanitised(*run.command, 200) + "': give it again";
  const bool filled_in = again.script || has_word(run, ":");
  const bool behind_dashes =
      std::find(run.arguments.begin(), run.arguments.end(), "--") != run.arguments.end();
  if (!filled_in && !behind_dashes) again.missing = missing;  // a transfer
  if (!filled_in) return;
  hosts.for_each([&](HostId host) {
    if (auto command = kept.command_of(host))
      again.commands[kept.expression_of(host)] = std::move(*command);
    else
      again.missing = missing;
  });
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
  const HostSet hosts = hosts_to_save(state, end, rerun.which);
  hosts.for_each([&](HostId host) { again.hosts.push_back(state.info(host).expression); });
  if (again.hosts.empty())
    return usage(std::string("no host of that run ") +
                 (rerun.which == config::SaveHosts::Which::failed ? "failed" : "differs") + " (" +
                 directory->string() + ")");
  take_command(**run, hosts, again);
  return again;
}

}  // namespace bdsh::app
